"""A file of one's own in place of a data set's name: "mine.csv", or with rules "mine.csv?duplicates=last".

The name carries all that there is to know, so that whoever makes a run needs nothing else. Rules follow "?",
have "&" between them, and ":" between several values:

- `columns`: those of user, item, rating and time, as "user:item:rating". Default: guessed from the
  header.
- `duplicates`: what becomes of rows with the same user and item: "error" (default), "last" or "mean".
- `scale`: the lowest and the highest rating that can be given, as "1:5". Default: those in the file.
- `threshold`: ratings of at least so much count as interactions. Default: 4 if the highest is 5, else every
  row counts.
- `least_items`: users with fewer interactions are left out. Default: 5.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from os import PathLike, fspath
from pathlib import Path

from fourmasks.data.errors import DataNotFound
from fourmasks.data.readers.archives import unpacked
from fourmasks.system.names import unknown

FILE = "own file"  # in tables of loaders, the one for all of these
TABLES, MATRICES = (".csv", ".tsv", ".parquet"), (".npy", ".npz", ".mtx")
PACKED = (".gz", ".zip")
RULES = ("columns", "duplicates", "scale", "threshold", "least_items")
DUPLICATES = ("error", "last", "mean")


@dataclass(frozen=True)
class OwnFile:
    """A file of one's own, and how to read it; see the module."""

    path: Path
    columns: tuple[str, ...] = ()
    duplicates: str = "error"
    scale: tuple[float, float] | None = None
    threshold: float | None = None
    least_items: int | None = None


def suffix(path: Path) -> str:
    """Return what a file's name ends in, whatever packs it."""
    return Path(path.stem if path.suffix.lower() in PACKED else path.name).suffix.lower()


def contents(path: Path) -> tuple[bytes, str]:
    """Return what a file holds, unpacked, and what its name ends in, as ".csv" of "mine.csv.gz".

    Raises
    ------
    DataNotFound
        If there is no such file.
    ValueError
        If it is an archive that is damaged, or holds another number of files than one.
    """
    if not path.is_file():
        raise DataNotFound(f"{path}: {'is a folder, expected a file' if path.is_dir() else 'no such file'}")
    content, name = unpacked(path)
    return content, suffix(Path(name))


def divided(name: str) -> tuple[str, str]:
    """Return the path and the rules of a name. A folder may have "?" in its name, too."""
    parts = name.split("?")
    paths = ["?".join(parts[:n]) for n in range(1, len(parts) + 1)]
    path = next(filter(_is_path, paths), name)
    return path, name[len(path) + 1 :]


def _is_path(name: str) -> bool:
    path = Path(name)
    return suffix(path) in TABLES + MATRICES or path.suffix.lower() in PACKED


def is_file(name: str) -> bool:
    """Return whether a name is that of a file of one's own, there or not."""
    return _is_path(divided(name)[0])


def entry(name: str | PathLike) -> tuple[str, str]:
    """Return a name, and what to look up in a table of loaders: the name itself, for a file's `FILE`.

    Raises
    ------
    ValueError
        If it is neither a string nor a path.
    """
    if not isinstance(name, str | PathLike):
        raise ValueError(f"name = {name!r}: expected a string, the name of a data set or of a file")
    name = fspath(name)
    return name, FILE if is_file(name) else name


def unknown_data(kind: str, name: str, known: Iterable[str]) -> str:
    """Return the message for a name that is neither known nor that of a file."""
    message = unknown(kind, name, [one for one in known if one != FILE])
    return f"{message} Or the name of a file that ends in one of {', '.join(TABLES + MATRICES)}."


def check_name(kind: str, name: str, known: Iterable[str]) -> None:
    """Check a name before any work.

    Raises
    ------
    ValueError
        If it is neither known nor that of a file, or a rule is wrong.
    DataNotFound
        If there is no such file.
    """
    if is_file(name):
        if not (path := parse(name).path).is_file():
            raise DataNotFound(f"{kind}: there is no file {path}")
    elif name not in known:
        raise ValueError(unknown_data(kind, name, known))


def check_enough(name: str, what: str, found: int, needed: int) -> None:
    """Check that a file of one's own has enough of something for an experiment.

    Raises
    ------
    ValueError
        If it has fewer; the message names the file and both numbers.
    """
    if found < needed:
        raise ValueError(
            f"{parse(name).path}: too few {what} for this experiment: {found}, expected {needed}"
        )


def with_rules(name: str, rules: Mapping[str, object]) -> str:
    """Return the name of a file with rules added, of which several values may have commas between them.

    Raises
    ------
    ValueError
        If a rule does not exist, has a value that it cannot have, or the name is none of a file.
    """
    if not is_file(name):
        raise ValueError(f"{next(iter(rules))}: is for a file of your own, and {name} is none")
    added = [f"{rule}={str(value).replace(',', ':')}" for rule, value in rules.items()]
    found = "&".join([name, *added]) if divided(name)[1] else f"{name}?{'&'.join(added)}"
    parse(found)
    return found


def parse(name: str, used: Sequence[str] = RULES) -> OwnFile:
    """Return the file that a name stands for.

    Parameters
    ----------
    name : str
    used : sequence of str, optional
        The rules that what is read from the file depends on. Default: all.

    Raises
    ------
    ValueError
        If a rule does not exist, is none of those used, or has a value that it cannot have.
    """
    path, text = divided(name)
    rules = {}
    for part in text.split("&") if text else ():
        rule, _, value = part.partition("=")
        if rule not in RULES:
            raise ValueError(f"{name}: {unknown('rule', rule, RULES)}")
        if rule not in used:
            raise ValueError(
                f"{name}: {rule} has no meaning for what is read here, expected"
                f" {', '.join(used) or 'no rules'}"
            )
        try:
            rules[rule] = CONVERTED[rule](value)
        except ValueError as error:
            raise ValueError(f"{name}: {rule} = {value!r}: expected {EXPECTED[rule]}") from error
    return OwnFile(Path(path).expanduser(), **rules)


def _columns(text: str) -> tuple[str, ...]:
    names = tuple(name.strip() for name in text.split(":"))
    if not 2 <= len(names) <= 4 or not all(names) or len(set(names)) < len(names):
        raise ValueError
    return names


def _duplicates(text: str) -> str:
    if text not in DUPLICATES:
        raise ValueError
    return text


def _scale(text: str) -> tuple[float, float]:
    low, high = map(_number, text.split(":"))
    if low >= high:
        raise ValueError
    return low, high


def _number(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError
    return number


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError
    return number


CONVERTED = {
    "columns": _columns, "duplicates": _duplicates, "scale": _scale, "threshold": _number,
    "least_items": _count,
}  # fmt: skip
EXPECTED = {
    "columns": "the columns of user, item and, where needed, rating and time, as user,item,rating",
    "duplicates": f"one of {', '.join(DUPLICATES)}",
    "scale": "the lowest and the highest rating, as 1,5",
    "threshold": "a number",
    "least_items": "a whole number from 1 on",
}
