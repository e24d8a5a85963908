"""MovieLens 20M: `ratings.csv`, or the archive with it, of which only the high ratings are kept."""

import re
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from fourmasks.data.readers.text import blocks, joined, open_text, parse_columns, refuse, skip_header

NAME, HEADER = "ratings.csv", b"userId,movieId,rating,timestamp\n"
KINDS = {"user": "int32", "item": "int32", "rating": "float32", "time": "int64"}
LINE = re.compile(rb"\d{1,9},\d{1,9},(?:0\.5|[1-4](?:\.[05])?|5(?:\.0)?),\d{1,18}")
EXPECTED = "user, item, rating from 0.5 to 5 and time, four numbers with ',' between them"


def read(files: Mapping[str, Path], threshold: float) -> tuple[np.ndarray, np.ndarray, str]:
    """Read who rated what with at least `threshold` stars, in the order of the file.

    In memory are those pairs and one block of the file.

    Parameters
    ----------
    files : mapping of str to Path
        `ratings.csv` or `ml-20m.zip`, by name.
    threshold : float

    Returns
    -------
    users, items : ndarray of int32, shape (n,)
        As the file numbers them.
    source : str
        What was read.

    Raises
    ------
    ValueError
        If the archive is broken, the header is another, or a line is not four numbers; the message names it.
    """
    users, items = [], []
    with open_text(files, NAME) as (stream, path):
        skip_header(stream, path, HEADER)
        for first, block in blocks(stream):
            user, item, rating = _parse(block, first + 1, path)
            high = rating >= threshold
            users.append(user[high])
            items.append(item[high])
    return joined(users, path, EXPECTED), joined(items, path, EXPECTED), [*files][0]


def _parse(block: bytes, first: int, path: Path) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    columns = parse_columns(block, ",", KINDS)
    if columns is not None:
        user, item, rating, time = (column.to_numpy() for column in columns.values())
        stars = (rating >= 0.5) & (rating <= 5) & (2 * rating % 1 == 0)
        if stars.all() and min(user.min(), item.min(), time.min()) >= 0:
            return user, item, rating
    refuse(path, first, block, LINE, EXPECTED)
