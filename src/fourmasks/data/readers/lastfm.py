"""Last.fm of HetRec 2011: `user_artists.dat`, or the archive with it."""

import re
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from fourmasks.data.readers.text import blocks, joined, open_text, parse_columns, refuse, skip_header

NAME, HEADER = "user_artists.dat", b"userID\tartistID\tweight\n"
KINDS = {"user": "int32", "artist": "int32", "plays": "int32"}
LINE = re.compile(rb"\d{1,9}\t\d{1,9}\t0*[1-9]\d{0,8}")
EXPECTED = "user, artist and how often he played it, at least once, three numbers with tabs between them"


def read(files: Mapping[str, Path]) -> tuple[np.ndarray, np.ndarray, np.ndarray, str]:
    """Read who played which artist how often, in the order of the file.

    Parameters
    ----------
    files : mapping of str to Path
        `user_artists.dat` or `hetrec2011-lastfm-2k.zip`, by name.

    Returns
    -------
    users, artists : ndarray of int32, shape (n,)
        As the file numbers them. No pair occurs twice.
    plays : ndarray of int32, shape (n,)
        1 or more.
    source : str
        What was read.

    Raises
    ------
    ValueError
        If the archive is broken, the header is another, a line is not three such numbers, or one repeats a
        pair; the message names it.
    """
    parts = []
    with open_text(files, NAME) as (stream, path):
        skip_header(stream, path, HEADER)
        for first, block in blocks(stream):
            parts.append(_parse(block, first + 1, path))
    users, artists, plays = joined(parts, path, EXPECTED).T
    _check_pairs(users, artists, path)
    return users, artists, plays, [*files][0]


def _parse(block: bytes, first: int, path: Path) -> np.ndarray:
    """Return users, artists and plays of a block, one line a row."""
    columns = parse_columns(block, "\t", KINDS)
    if columns is not None:
        rows = np.column_stack([column.to_numpy() for column in columns.values()])
        if (rows.min(axis=0) >= [0, 0, 1]).all():
            return rows
    refuse(path, first, block, LINE, EXPECTED)


def _check_pairs(users: np.ndarray, artists: np.ndarray, path: Path) -> None:
    """Raise ValueError for the first line whose pair of user and artist an earlier line has."""
    pairs = np.column_stack([users, artists])
    _, firsts, places = np.unique(pairs, axis=0, return_index=True, return_inverse=True)
    again = firsts[places.ravel()] < np.arange(len(pairs))
    if again.any():
        place = int(again.argmax())
        earlier = int(firsts[places.ravel()[place]])
        raise ValueError(
            f"{path}, line {place + 2}: user {users[place]} and artist {artists[place]} are on line"
            f" {earlier + 2} already, expected every pair once"
        )
