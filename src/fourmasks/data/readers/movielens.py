"""MovieLens in the formats of GroupLens, `u.data`, `ratings.dat` and their archives, and one prepared file.

Users, items and ratings are returned as the files have them; timestamps are left out.
"""

import io
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from fourmasks.data.readers.archives import read_members
from fourmasks.system.extras import required

# A rating per line: user, item, rating and time. 18 digits fit into 64 bits. The possessive quantifiers
# never go back, so that a file of 10 million lines needs neither memory nor much time.
NUMBER = r"\d{1,18}+"
FILES_100K = ("u.data", "u1.test", "u2.test", "u3.test", "u4.test", "u5.test")

Columns = tuple[np.ndarray, np.ndarray, np.ndarray]


def read_100k(files: Mapping[str, Path]) -> tuple[Columns, dict[str, np.ndarray], str]:
    """Read MovieLens 100K: `u.data`, and which of its ratings are in `u1.test` to `u5.test`.

    The rest of them is `u1.base` to `u5.base`, which are not read.

    Parameters
    ----------
    files : mapping of str to Path
        The files, or `ml-100k.zip`, by name.

    Returns
    -------
    columns : tuple of ndarray
        Users, items (int64) and ratings (float32), see `parse`.
    tests : dict of str to ndarray of int64
        Positions in them, for "u1" to "u5".
    source : str
        What was read.

    Raises
    ------
    ValueError
        If a file or archive is broken, or a rating of a test file is not in `u.data`.
    """
    contents, source = _contents(files, FILES_100K)
    tables = {path: parse(content, "\t", path) for path, content in contents.items()}
    whole, *tests = tables
    return tables[whole], {path.stem: _positions(tables[whole], path, tables[path]) for path in tests}, source


def read_dat(files: Mapping[str, Path]) -> tuple[Columns, str]:
    """Read `ratings.dat`, or the archive with it, of MovieLens 1M or 10M; returns columns and source."""
    contents, source = _contents(files, ("ratings.dat",))
    ((path, content),) = contents.items()
    return parse(content, "::", path), source


def parse(content: bytes, separator: str, path: Path) -> Columns:
    """Parse lines of user, item, rating and time.

    Parameters
    ----------
    content : bytes
    separator : str
        Between the four numbers: a tab in MovieLens 100K, "::" in 1M and 10M.
    path : Path
        Where they are, for messages.

    Returns
    -------
    users, items : ndarray of int64
    ratings : ndarray of float32

    Raises
    ------
    ValueError
        If there is no line, or one is not four numbers; the message names it.
    """
    pandas = required("pandas")
    content = content.replace(b"\r\n", b"\n")
    line = separator.join([NUMBER, NUMBER, rf"{NUMBER}(?:\.\d++)?+", NUMBER])
    good = re.match(rf"(?:{line}(?:\n|\Z))*+".encode(), content).end()
    if good < len(content) or not content:
        number = content.count(b"\n", 0, good) + 1
        broken = content[good : good + 80].split(b"\n")[0].decode(errors="replace")
        raise ValueError(
            f"{path}, line {number}: {broken!r}, expected user, item, rating and time, four numbers with"
            f" {separator!r} between them"
        )
    # The parser is fast with separators of one character only; of "::" every second column is empty.
    step = len(separator)
    kinds = {0: np.int64, step: np.int64, 2 * step: np.float32}
    table = pandas.read_csv(
        io.BytesIO(content), sep=separator[0], header=None, usecols=list(kinds), dtype=kinds
    )
    return tuple(table[column].to_numpy() for column in kinds)


def read_parquet(path: Path) -> Columns:
    """Read a table with the columns user_id, item_id and rating.

    Raises
    ------
    ValueError
        If the file is not Parquet, lacks one of them, or has gaps in them.
    """
    pyarrow, parquet = required("pyarrow"), required("pyarrow.parquet")
    kinds = {"user_id": np.int64, "item_id": np.int64, "rating": np.float32}
    try:
        table = parquet.read_table(path)
    except pyarrow.ArrowInvalid as error:
        raise ValueError(f"{path}: cannot be read as Parquet; get it again") from error
    for name in kinds:
        if name not in table.column_names or table[name].null_count:
            raise ValueError(f"{path}: expected a column {name!r} without gaps; it has {table.column_names}")
        if kinds[name] is np.int64 and not pyarrow.types.is_integer(table[name].type):
            raise ValueError(f"{path}: {name} is {table[name].type}, expected whole numbers")
    return tuple(table[name].to_numpy().astype(kind) for name, kind in kinds.items())


def _contents(files: Mapping[str, Path], names: Sequence[str]) -> tuple[dict[Path, bytes], str]:
    """Return the contents of the named files, out of the archive if there is one, and the source."""
    archive = next((path for name, path in files.items() if name.endswith(".zip")), None)
    if archive is None:
        return {files[name]: files[name].read_bytes() for name in names}, names[0]
    members = read_members(archive, re.compile("|".join(map(re.escape, names))))
    if missing := [name for name in names if name not in members]:
        raise ValueError(f"{archive}: {missing[0]} is not in it; delete it and get it again")
    return {archive / name: members[name] for name in names}, archive.name


def _positions(columns: Columns, path: Path, part: Columns) -> np.ndarray:
    """Return where the ratings of a part are among all, in ascending order."""
    users, items, ratings = columns
    n_items = max(items.max(), part[1].max()) + 1
    keys = users * n_items + items
    wanted = part[0] * n_items + part[1]
    order = np.argsort(keys)
    places = order[np.searchsorted(keys, wanted, sorter=order).clip(max=len(keys) - 1)]
    missing = (keys[places] != wanted) | (ratings[places] != part[2])
    if missing.any():
        line = int(missing.argmax())
        raise ValueError(
            f"{path}, line {line + 1}: user {part[0][line]} and item {part[1][line]} do not have the rating"
            f" {part[2][line]:g} in u.data"
        )
    return np.sort(places)
