"""The Netflix Prize: four files of ratings, film by film, or the archive of the competition.

A film's number and a colon stand on a line; below it come its ratings, "user,rating,date".
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import BinaryIO

import numpy as np

from fourmasks.data.readers.archives import opened, tar_files, whole
from fourmasks.data.readers.text import blocks, refuse

FILM = re.compile(rb"(?:[1-9]\d{0,3}|[12]\d{4}):")  # the highest is 17770
LINE = re.compile(FILM.pattern + rb"|\d{1,7},[1-5],\d{4}-\d\d-\d\d")
EXPECTED = "'user,rating,date' below a line with the film's number and ':'"

# What the archive of the competition holds, and what that holds.
INNER, FILMS = re.compile(r"(?:.*/)?training_set\.tar"), re.compile(r"(?:.*/)?mv_\d{7}\.txt")

# Seen from its end, a line of ratings has one layout: 7 places for the user, at least one of them used.
USER, RATING, WIDTH = 7, 8, 20
POWERS = 10 ** np.arange(USER - 1, -1, -1, dtype=np.int32)
DATE = [10, 11, 12, 13, 15, 16, 18, 19]
MARKS = {7: b",", 9: b",", 14: b"-", 17: b"-"}


def read(files: Mapping[str, Path], threshold: int) -> tuple[np.ndarray, np.ndarray, str]:
    """Read who rated what with at least `threshold` stars.

    In memory are those pairs, 12 bytes each while they are joined, and one block of a file.

    Parameters
    ----------
    files : mapping of str to Path
        `combined_data_1.txt` to `combined_data_4.txt`, or `nf_prize_dataset.tar.gz`, by name.
    threshold : int

    Returns
    -------
    users : ndarray of int32, shape (n,)
    films : ndarray of int16, shape (n,)
        Both as the files number them, in the order of the files.
    source : str
        What was read.

    Raises
    ------
    ValueError
        If the archive is broken, or a line is neither a film nor a rating; the message names it.
    """
    users, films = [], []
    first_file = next(iter(files.values()))
    with whole(first_file):
        for stream, path in _streams(files):
            film = 0  # none yet
            for first, block in blocks(stream):
                user, of_film, rating, film = _parse(block, first, path, film)
                high = rating >= threshold
                users.append(user[high])
                films.append(of_film[high])
    if not users:
        raise ValueError(f"{first_file}: no ratings in it; get it again")
    return np.concatenate(users), np.concatenate(films), _source([*files])


def _source(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{names[0]} to {names[-1]}"


def _streams(files: Mapping[str, Path]) -> Iterator[tuple[BinaryIO, Path]]:
    """Yield the open files with their paths; those of the archive lie in a second one inside it."""
    if len(files) > 1:
        for path in files.values():
            with path.open("rb") as stream:
                yield stream, path
        return
    (archive,) = files.values()
    with opened(archive) as outer:
        for _, inner in tar_files(outer, INNER):
            for name, stream in tar_files(inner, FILMS):
                yield stream, archive / name.rsplit("/", 1)[-1]


def _parse(block: bytes, first: int, path: Path, film: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, int]:
    """Return users, films and ratings of a block, and the film that the next block goes on with.

    Parameters
    ----------
    film : int
        That of the ratings before the first film of the block; 0 if there may be none.
    """
    text = np.frombuffer(b"\n" * WIDTH + block, np.uint8)
    ends = np.flatnonzero(text[WIDTH:] == ord("\n")) + WIDTH
    lengths = np.diff(ends, prepend=WIDTH - 1) - 1
    is_film = text[ends - 1] == ord(":")
    headers = [text[end - n : end].tobytes() for end, n in zip(ends[is_film], lengths[is_film], strict=True)]
    if not film and not is_film[0]:
        refuse(path, first, block, FILM, EXPECTED)
    windows = np.lib.stride_tricks.sliding_window_view(text, WIDTH)
    users, ratings = _ratings(windows[ends[~is_film] - WIDTH], lengths[~is_film])
    if users is None or not all(map(FILM.fullmatch, headers)):
        refuse(path, first, block, LINE, EXPECTED)
    films = [film, *(int(header[:-1]) for header in headers)]
    return users, np.array(films, np.int16)[np.cumsum(is_film)[~is_film]], ratings, films[-1]


def _ratings(lines: np.ndarray, lengths: np.ndarray) -> tuple[np.ndarray, np.ndarray] | tuple[None, None]:
    """Return users and ratings of lines that end where the rows of `lines` do, or None if one is broken."""
    digits = lines - np.uint8(ord("0"))  # what is no digit becomes larger than 9
    unused = (WIDTH - lengths)[:, None]
    users = np.where(np.arange(USER) >= unused, digits[:, :USER], 0)
    good = (
        ((unused >= 0) & (unused < USER)).all()
        and users.max(initial=0) <= 9
        and digits[:, DATE].max(initial=0) <= 9
        and all((lines[:, place] == ord(mark)).all() for place, mark in MARKS.items())
        and ((digits[:, RATING] >= 1) & (digits[:, RATING] <= 5)).all()
    )
    return (users @ POWERS, digits[:, RATING]) if good else (None, None)
