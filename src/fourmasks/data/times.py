"""Each user's latest rating, where it is known: what leave-one-out holds out."""

import io
import re
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from fourmasks.data import own_table
from fourmasks.data.files import FILE, is_file, parse
from fourmasks.data.locate import find, locate
from fourmasks.data.readers.archives import read_members
from fourmasks.data.readers.movielens import read_parquet

TIMED = {"ml-100k": ("u.data", "\t"), "ml-1m": ("ratings.dat", "::")}


# A table, so that records of data sets do not rest on how files of one's own are read.
OWN = {"own file": lambda name: own_table.read(parse(name)).times}


def latest(ratings) -> np.ndarray | None:
    """Return the position of each user's latest rating, users ascending; None where there are no times.

    In MovieLens many ratings have one time; of those the last in the file counts. The prepared ML-1M, which
    is without times, needs the published test set of neural collaborative filtering beside it, "ml-1m-loo" of
    the registry.

    Parameters
    ----------
    ratings : Ratings
        All of a data set, as `load_ratings` gives them.

    Raises
    ------
    ValueError
        If a file is not what it should be.
    DataNotFound
        If a file is neither on this machine nor to be downloaded.
    """
    if is_file(ratings.name):
        times = OWN[FILE](ratings.name)
        return None if times is None else last_by_time(ratings.users, times)
    if ratings.name not in TIMED:
        return None
    files = locate(ratings.name)
    if "ratings.parquet" in files:
        return _published(files["ratings.parquet"], find("ml-1m-loo") or locate("ml-1m-loo"))
    return last_by_time(ratings.users, _times(files, *TIMED[ratings.name]))


def last_by_time(users: np.ndarray, times: np.ndarray) -> np.ndarray:
    """Return the position of each user's latest rating, the last of equal ones, users ascending."""
    order = np.lexsort((times, users))
    is_last = np.append(users[order][1:] != users[order][:-1], True)
    return order[is_last]


def _times(files: Mapping[str, Path], name: str, separator: str) -> np.ndarray:
    """Return the fourth column of a file of ratings, whose other columns the loader has checked."""
    archive = next((path for path in files.values() if path.suffix == ".zip"), None)
    if archive is None:
        content = files[name].read_bytes()
    else:
        content = read_members(archive, re.compile(re.escape(name)))[name]
    return np.loadtxt(io.BytesIO(content.replace(separator.encode(), b" ")), np.int64, usecols=3)


def _published(ratings: Path, files: Mapping[str, Path]) -> np.ndarray:
    if "loo_test.parquet" not in files:
        raise ValueError(
            f"{ratings}: has no times, and the published test set beside it is in consecutive item numbers;"
            " put the ratings.dat of MovieLens 1M in its place"
        )
    users, items, _ = read_parquet(ratings)
    test_users, test_items, _ = read_parquet(files["loo_test.parquet"])
    n = max(items.max(), test_items.max()) + 1
    keys, wanted = users * n + items, np.sort(test_users * n + test_items)
    order = np.argsort(keys, kind="stable")
    places = order[np.searchsorted(keys, wanted, sorter=order).clip(max=len(keys) - 1)]
    if not (np.array_equal(keys[places], wanted) and np.array_equal(np.unique(users), np.sort(test_users))):
        raise ValueError(f"{files['loo_test.parquet']}: expected one pair of {ratings} for each of its users")
    return places
