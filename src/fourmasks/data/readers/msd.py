"""The Taste Profile of the Million Song Dataset: `train_triplets.txt`, or the archive with it."""

import re
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from fourmasks.data.readers.text import blocks, joined, open_text, parse_columns, refuse
from fourmasks.system.extras import required

NAME = "train_triplets.txt"
KINDS = {"user": "string", "song": "string", "count": "int32"}
LENGTHS = {"user": 40, "song": 18}
LINE = re.compile(rb"[!-~]{40}\t[!-~]{18}\t0*[1-9]\d{0,8}")
EXPECTED = "a user of 40 characters, a song of 18 and how often he played it, with tabs between them"


def read(files: Mapping[str, Path]) -> tuple[np.ndarray, np.ndarray, str]:
    """Read who played what.

    In memory are those pairs, the names of users and songs, each once, and one block of the file.

    Parameters
    ----------
    files : mapping of str to Path
        `train_triplets.txt` or `train_triplets.txt.zip`, by name.

    Returns
    -------
    users, songs : ndarray of int32, shape (n,)
        Numbered from 0 in the order in which they first occur.
    source : str
        What was read.

    Raises
    ------
    ValueError
        If the archive is broken, or a line is something else; the message names it.
    """
    numbers = {name: {} for name in LENGTHS}  # of the names seen so far
    parts = {name: [] for name in LENGTHS}
    with open_text(files, NAME) as (stream, path):
        for first, block in blocks(stream):
            encoded = _parse(block, first, path)
            for name, column in encoded.items():
                parts[name].append(_numbered(column, numbers[name]))
    users, songs = (joined(part, path, EXPECTED) for part in parts.values())
    return users, songs, [*files][0]


def _parse(block: bytes, first: int, path: Path) -> dict[str, object]:
    """Return the columns of users and songs, as numbers of names that are kept once."""
    compute = required("pyarrow.compute")
    columns = parse_columns(block, "\t", KINDS)
    if columns is not None and columns["count"].to_numpy().min() > 0:
        encoded = {name: columns[name].dictionary_encode() for name in LENGTHS}
        lengths = {name: compute.binary_length(encoded[name].dictionary).to_numpy() for name in LENGTHS}
        if all((lengths[name] == expected).all() for name, expected in LENGTHS.items()):
            return encoded
    refuse(path, first, block, LINE, EXPECTED)


def _numbered(column, numbers: dict[str, int]) -> np.ndarray:
    """Return the numbers of a block's names, new names getting the next ones."""
    names = column.dictionary.to_numpy(zero_copy_only=False).tolist()
    places = np.array([numbers.setdefault(name, len(numbers)) for name in names], np.int32)
    return places[column.indices.to_numpy()]
