"""Whether a variable of a MATLAB file of version 5 or 7 is whole: SciPy trusts its tags, and may crash."""

import struct
import zlib
from collections.abc import Iterator
from math import prod

HEADER = 128  # bytes before the first variable
DIMENSIONS, MATRIX, COMPRESSED = 5, 14, 15  # types of data
NUMBERS = {1, 2, 3, 4, 5, 6, 7, 9, 12, 13}  # types of data that are numbers
TEXTS = NUMBERS | {16, 17, 18}
# Classes of matrices: cells, texts, and numbers, which may be complex.
CELL, TEXT, NUMERIC, COMPLEX = 1, 4, range(6, 16), 0x800
OPAQUE = 17  # class of an object


def check_cells(content: bytes, name: str) -> None:
    """Raise ValueError unless the variable of this name, if it is there, is made of cells, texts and numbers.

    Parameters
    ----------
    content : bytes
        The whole file.
    name : str
        Of the variable.
    """
    order = ">" if content[126:128] == b"MI" else "<"
    for kind, data in _elements(content[HEADER:], order):
        if kind == COMPRESSED:
            ((kind, data),) = _elements(zlib.decompress(data), order)
        if struct.unpack_from(f"{order}I", data, 8)[0] & 0xFF == OPAQUE:  # without dimensions; SciPy skips it
            continue
        if _parts(kind, data, order)[2] == (1, name.encode()):
            _check(kind, data, order)


def _check(kind: int, data: bytes, order: str) -> None:
    if kind == MATRIX and not data:  # an empty cell
        return
    (_, flags), (_, dimensions), _, *contents = _parts(kind, data, order)
    flags = struct.unpack(f"{order}II", flags)[0]
    matrix_class = flags & 0xFF
    if matrix_class == CELL:
        shape = struct.unpack(f"{order}{len(dimensions) // 4}i", dimensions)
        if len(contents) != prod(shape):
            raise ValueError(f"{len(contents)} cells in an array of {shape}")
        for cell in contents:
            _check(*cell, order)
        return
    if matrix_class == TEXT:
        n_parts, known = 1, TEXTS
    elif matrix_class in NUMERIC:
        n_parts, known = 1 + bool(flags & COMPLEX), NUMBERS
    else:
        raise ValueError(f"a matrix of class {matrix_class}")
    if len(contents) != n_parts or any(kind not in known for kind, _ in contents):
        raise ValueError(
            f"a matrix of class {matrix_class} holds data of types {[kind for kind, _ in contents]}"
        )


def _parts(kind: int, data: bytes, order: str) -> list[tuple[int, bytes]]:
    """Return the elements of a matrix: flags, dimensions, name and what it holds."""
    if kind != MATRIX:
        raise ValueError(f"data of type {kind}, expected a matrix")
    parts = list(_elements(data, order))
    if [kind for kind, _ in parts[:3]] != [6, DIMENSIONS, 1]:
        raise ValueError("a matrix without flags, dimensions or a name")
    n_flags, n_dimensions = len(parts[0][1]), len(parts[1][1])
    if n_flags != 8 or n_dimensions < 8 or n_dimensions % 4:
        raise ValueError(f"{n_flags} bytes of flags and {n_dimensions} of dimensions")
    return parts


def _elements(content: bytes, order: str) -> Iterator[tuple[int, bytes]]:
    """Yield type and data of each element; up to four bytes of data may stand in the tag itself."""
    place = 0
    while place < len(content):
        kind, size = struct.unpack_from(f"{order}II", content, place)
        start = place + 8
        if kind >> 16:
            kind, size, start = kind & 0xFFFF, kind >> 16, place + 4
            end = most = place + 8
        else:
            most, end = len(content), start + size + (-size % 8 if kind != COMPRESSED else 0)
        if start + size > most:
            raise ValueError("data that are cut off")
        yield kind, content[start : start + size]
        place = end
