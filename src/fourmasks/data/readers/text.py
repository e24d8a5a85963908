"""Text files of several gigabytes, read block by block: what is in memory does not grow with the file."""

import re
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import BinaryIO, NoReturn

import numpy as np

from fourmasks.data.readers.archives import whole
from fourmasks.system.extras import required

BLOCK = 2**24  # bytes
LONGEST = 1000  # bytes; no line of the formats here is nearly as long


@contextmanager
def open_text(files: Mapping[str, Path], name: str) -> Iterator[tuple[BinaryIO, Path]]:
    """Open a file of a data set, or the one of that name in a zip archive, without unpacking it.

    Parameters
    ----------
    files : mapping of str to Path
        The file, or one archive, by name.
    name : str

    Yields
    ------
    stream : binary file
    path : Path
        For messages.

    Raises
    ------
    ValueError
        If the archive is broken, or does not hold exactly one file of that name.
    """
    if name in files:
        with files[name].open("rb") as stream:
            yield stream, files[name]
        return
    (path,) = files.values()
    with whole(path), zipfile.ZipFile(path) as archive:
        members = [m for m in archive.namelist() if PurePosixPath(m).name == name]
        if len(members) != 1:
            raise ValueError(f"{path}: holds {name} {len(members)} times, expected once; get it again")
        with archive.open(members[0]) as stream:
            yield stream, path / name


def skip_header(stream: BinaryIO, path: Path, expected: bytes) -> None:
    """Read the first line; ValueError if it is another, whether it ends as Unix or as Windows has it."""
    header = stream.readline(len(expected) + 1).replace(b"\r\n", b"\n")
    if header.removesuffix(b"\n") != expected.strip():
        refuse(path, 1, header, re.compile(re.escape(expected.strip())), repr(expected.decode().strip()))


def blocks(stream: BinaryIO, size: int = BLOCK) -> Iterator[tuple[int, bytes]]:
    r"""Yield a file's lines in blocks of about `size` bytes, each with the number of its first line.

    All lines of a block, also the last of the file, end in "\n", which takes the place of "\r\n".
    """
    first = 1
    while block := stream.read(size):
        block += stream.readline(LONGEST)
        block = block.replace(b"\r\n", b"\n")
        if not block.endswith(b"\n"):
            block += b"\n"
        yield first, block
        first += block.count(b"\n")


def parse_columns(block: bytes, separator: str, kinds: Mapping[str, str | None]) -> dict[str, object] | None:
    """Parse lines with one separator into columns.

    Parameters
    ----------
    block : bytes
        Whole lines.
    separator : str
        One character.
    kinds : mapping of str to str or None
        Name and Arrow type of every column; None for one to leave out.

    Returns
    -------
    dict of str to pyarrow.Array, or None
        None if a line has another number of columns or something else than a value of that type; nothing is
        taken for a missing value.
    """
    pyarrow, csv = required("pyarrow"), required("pyarrow.csv")
    wanted = {name: pyarrow.type_for_alias(kind) for name, kind in kinds.items() if kind}
    try:
        table = csv.read_csv(
            pyarrow.BufferReader(block),
            csv.ReadOptions(column_names=[*kinds], block_size=len(block) + 1, use_threads=False),
            csv.ParseOptions(delimiter=separator, quote_char=False, ignore_empty_lines=False),
            csv.ConvertOptions(column_types=wanted, include_columns=[*wanted], null_values=[]),
        )
    except pyarrow.ArrowInvalid:
        return None
    return {name: table[name].combine_chunks() for name in wanted}


def refuse(path: Path, first: int, block: bytes, line: re.Pattern, expected: str) -> NoReturn:
    """Raise ValueError for the first line of a block that does not match in full.

    Parameters
    ----------
    path : Path
    first : int
        Number of the block's first line.
    block : bytes
    line : re.Pattern
        What all its lines should match; one at least does not.
    expected : str
        The same in words.
    """
    number, broken = next(
        (number, text) for number, text in enumerate(block.split(b"\n"), first) if not line.fullmatch(text)
    )
    shown = broken[:80].decode(errors="replace")
    raise ValueError(f"{path}, line {number}: {shown!r}, expected {expected}")


def joined(parts: list[np.ndarray], path: Path, expected: str) -> np.ndarray:
    """Return the parts of one column as one array; none at all is an error."""
    if not parts:
        raise ValueError(f"{path}, line 1: '', expected {expected}")
    return np.concatenate(parts)
