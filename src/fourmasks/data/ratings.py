"""Ratings of items by users, by name."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from fourmasks.data import own_table
from fourmasks.data.files import FILE, entry, parse, unknown_data
from fourmasks.data.locate import locate
from fourmasks.data.readers import lastfm, monti, movielens, simulated
from fourmasks.system.arrays import plain_array
from fourmasks.system.numbers import is_finite, is_whole

LEAST_OF_A_USER = 3  # a user with fewer has nothing to spare for a test


@dataclass(frozen=True, eq=False)
class Ratings:
    """Ratings of items by users, or a part of them.

    Attributes
    ----------
    name : str
    users, items : ndarray of int64, shape (n,)
        Who rated what, numbered from 0.
    values : ndarray of float32, shape (n,)
        The ratings, in stars; of "lastfm-2k" plays.
    shape : tuple of int
        Number of users and of items, those without a rating here included.
    scale : tuple of float
        Lowest and highest rating that can be given; of plays, 1 and the most that a user has.
    sha256 : str
        Digest of all the data (see `digest`); a part has that of the whole.
    kind : str
        "real" or "synthetic".
    description : str
    source : str
        Where the ratings were found: a file's name or a seed.
    parts : mapping of str to ndarray of int64
        Test sets that were published with the data: positions in the arrays, by the protocol's name.
    user_ids, item_ids : ndarray or None
        What the source calls users and items, by number; None where it numbers them so.
    """

    name: str
    users: np.ndarray
    items: np.ndarray
    values: np.ndarray
    shape: tuple[int, int]
    scale: tuple[float, float]
    sha256: str
    kind: str
    description: str
    source: str
    parts: Mapping[str, np.ndarray] = field(default_factory=dict)
    user_ids: np.ndarray | None = None
    item_ids: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.values)

    def take(self, index) -> "Ratings":
        """Return the ratings at these positions, an array of integers or one boolean each.

        Shape, scale, name and digest are those of the whole. A part has no published test sets.
        """
        arrays = {name: getattr(self, name)[index] for name in ("users", "items", "values")}
        return replace(self, **arrays, parts={})


def rating_names() -> list[str]:
    """Return the names that `load_ratings` takes."""
    return [name for name in LOADERS if name != FILE]


def load_ratings(name: str) -> Ratings:
    """Read or generate ratings.

    Parameters
    ----------
    name : str
        One of `rating_names()`: "ml-100k", "ml-1m" and "ml-10m", MovieLens, whose users and items are
        numbered from 0 in the order of their numbers in the files, without gaps; "flixster" and
        "douban", 3000 users and 3000 items as in their files; "lastfm-2k", how often users played
        artists, numbered as MovieLens; "simulated" and "simulated-small", synthetic (see
        `fourmasks.data.readers.simulated`). Or a file of one's own, as "mine.csv" or
        "mine.csv?duplicates=last", see `fourmasks.data.files`.

    Raises
    ------
    ValueError
        If there is no such name, or a file is not what it should be.
    DataNotFound
        If the data are neither on this machine nor to be downloaded.
    """
    name, key = entry(name)
    if key not in LOADERS:
        raise ValueError(unknown_data("ratings", name, LOADERS))
    return LOADERS[key](name)


def make_ratings(
    name: str,
    users: np.ndarray,
    items: np.ndarray,
    values: np.ndarray,
    shape: tuple[int, int],
    scale: tuple[float, float],
    *,
    kind: str = "synthetic",
    description: str = "",
    source: str = "",
    parts: Mapping[str, np.ndarray] | None = None,
    user_ids: np.ndarray | None = None,
    item_ids: np.ndarray | None = None,
) -> Ratings:
    """Check ratings, bring them to the types of `Ratings`, and add their digest.

    Raises
    ------
    ValueError
        If the three arrays are not one-dimensional and of one length, a user or an item is no whole number, a
        user, an item or a rating is out of range, or a pair of user and item occurs twice; if an array is
        masked; if shape or scale are no two numbers that they can be, a part holds no positions of ratings,
        or there are fewer identifiers than users or items.
    """
    users, items, values = (
        plain_array(f"{name}: {what}", array)
        for what, array in (("users", users), ("items", items), ("ratings", values))
    )
    check_whole(f"{name}: users", users), check_whole(f"{name}: items", items)
    if values.dtype.kind not in "biufO":
        raise ValueError(f"{name}: ratings of type {values.dtype}: expected real numbers")
    users, items = np.ascontiguousarray(users, np.int64), np.ascontiguousarray(items, np.int64)
    with np.errstate(over="ignore"):  # what becomes infinite is out of range
        values = np.ascontiguousarray(values, np.float32)
    if not (users.ndim == 1 and users.shape == items.shape == values.shape):
        raise ValueError(
            f"{name}: users {users.shape}, items {items.shape} and ratings {values.shape}: expected three"
            " one-dimensional arrays of one length"
        )
    if not _are_two(shape, lambda size: is_whole(size) and size >= 0):
        raise ValueError(f"{name}: shape = {shape!r}: expected the numbers of users and of items")
    if not _are_two(scale, lambda end: is_finite(end) and abs(end) <= own_table.LARGEST):
        raise ValueError(f"{name}: scale = {scale!r}: expected the lowest and the highest rating")
    shape, scale = (int(shape[0]), int(shape[1])), (float(scale[0]), float(scale[1]))
    _check_range(f"{name}: user", users, 0, shape[0] - 1)
    _check_range(f"{name}: item", items, 0, shape[1] - 1)
    _check_range(f"{name}: rating", values, *scale)
    _check_pairs(name, users, items, shape)
    parts = {
        part: _positions(f"{name}: part {part}", index, len(users)) for part, index in (parts or {}).items()
    }
    user_ids, item_ids = (
        None if ids is None else identifiers(f"{name}: {what}", ids, size)
        for what, ids, size in (("user_ids", user_ids, shape[0]), ("item_ids", item_ids, shape[1]))
    )
    sha256 = digest(users, items, values, shape, scale, parts)
    return Ratings(
        name, users, items, values, shape, scale, sha256, kind, description, source, parts, user_ids, item_ids
    )


def check_ratings(ratings: object) -> None:
    """Raise ValueError, naming the type, unless these are `Ratings`."""
    if not isinstance(ratings, Ratings):
        raise ValueError(
            f"ratings of type {type(ratings).__name__}: expected Ratings, as load_ratings or make_ratings"
            " gives them"
        )


def check_whole(what: str, array) -> None:
    """Raise ValueError if a value of an array is no integer of 64 bits, so that none is cut down to one."""
    array = np.asarray(array)
    if array.dtype.kind == "f":
        wrong = (array != np.rint(array)) | ~(np.abs(array) < 2.0**63)  # as of inf and nan
    elif array.dtype.kind == "u":
        wrong = array > np.uint64(2**63 - 1)
    else:
        wrong = np.full(array.shape, array.dtype.kind != "i")
    if wrong.any():
        raise ValueError(f"{what}: {array[wrong].flat[0]!s}, expected whole numbers, below 2**63")


def identifiers(what: str, ids, size: int) -> np.ndarray:
    """Return what users or items are called as an array; ValueError if some of `size` have no name."""
    ids = plain_array(what, ids)
    if ids.ndim != 1 or len(ids) < size:
        raise ValueError(f"{what}: {ids.shape}, expected one for each of {size}")
    return ids


def _are_two(values: object, fits: Callable[[object], bool]) -> bool:
    return isinstance(values, Sequence | np.ndarray) and len(values) == 2 and all(map(fits, values))


def _positions(what: str, index, n: int) -> np.ndarray:
    index = plain_array(what, index)
    check_whole(what, index)
    index = index.astype(np.int64)
    if index.ndim != 1:
        raise ValueError(f"{what}: {index.shape}, expected a one-dimensional array of positions")
    _check_range(what, index, 0, n - 1)
    return index


def _check_pairs(name: str, users: np.ndarray, items: np.ndarray, shape: tuple[int, int]) -> None:
    """Raise ValueError if a user rated an item twice: one could be in training, the other in the test."""
    rows, columns, n_columns = users, items, shape[1]
    if shape[0] * shape[1] > 2**63:  # more pairs than integers
        (rows, _), (columns, found) = renumbered(users), renumbered(items)
        n_columns = len(found)
    pairs, firsts = np.unique(rows * n_columns + columns, return_index=True)
    if len(pairs) < len(users):
        again = np.ones(len(users), bool)
        again[firsts] = False
        place = int(again.argmax())
        raise ValueError(
            f"{name}: user {users[place]} and item {items[place]} at position {place} occur before: expected"
            " every pair once"
        )


def digest(users, items, values, shape, scale, parts) -> str:
    """Return the SHA-256, in hexadecimal, of shape, scale, the little-endian arrays and published parts."""
    sha256 = hashlib.sha256(repr((shape, scale)).encode())
    for array, kind in ((users, "<i8"), (items, "<i8"), (values, "<f4")):
        sha256.update(np.ascontiguousarray(array, kind))
    for part in sorted(parts):
        sha256.update(part.encode())
        sha256.update(np.ascontiguousarray(parts[part], "<i8"))
    return sha256.hexdigest()


def _check_range(what: str, array: np.ndarray, lowest: float, highest: float) -> None:
    wrong = ~((array >= lowest) & (array <= highest))  # nan is in no range
    if wrong.any():
        place = int(wrong.argmax())
        raise ValueError(f"{what} {array[place]} at position {place}: expected {lowest} to {highest}")


def _ml_100k(name: str) -> Ratings:
    columns, tests, source = movielens.read_100k(locate(name))
    return _movielens(name, columns, (1, 5), source, tests)


def _ml_1m(name: str) -> Ratings:
    files = locate(name)
    if "ratings.parquet" in files:
        columns = movielens.read_parquet(files["ratings.parquet"])
        return _movielens(name, columns, (1, 5), "ratings.parquet (prepared)")
    columns, source = movielens.read_dat(files)
    return _movielens(name, columns, (1, 5), source)


def _ml_10m(name: str) -> Ratings:
    columns, source = movielens.read_dat(locate(name))
    return _movielens(name, columns, (0.5, 5), source)


def _movielens(name, columns, scale, source, parts=None) -> Ratings:
    (users, user_ids), (items, item_ids) = map(renumbered, columns[:2])
    description = f"films, rated from {scale[0]} to {scale[1]} stars"
    return make_ratings(
        name, users, items, columns[2], (len(user_ids), len(item_ids)), scale, kind="real",
        description=description, source=source, parts=parts, user_ids=user_ids, item_ids=item_ids,
    )  # fmt: skip


def renumbered(numbers: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the numbers' places among those that occur, and these, ascending."""
    found, places = np.unique(numbers, return_inverse=True)
    return places, found


def _monti(name: str) -> Ratings:
    ((source, path),) = locate(name).items()
    users, items, values, is_test, shape = monti.read_mat(path)
    scale = (0.5, 5) if name == "flixster" else (1, 5)
    return make_ratings(
        name, users, items, values, shape, scale, kind="real",
        description=f"films, rated from {scale[0]} to {scale[1]} stars",
        source=source, parts={"official": np.flatnonzero(is_test)},
    )  # fmt: skip


def _lastfm(name: str) -> Ratings:
    users, artists, plays, source = lastfm.read(locate(name))
    (users, user_ids), (artists, artist_ids) = renumbered(users), renumbered(artists)
    return make_ratings(
        name, users, artists, plays, (len(user_ids), len(artist_ids)), (1, plays.max()), kind="real",
        description="artists, with how often each was played: plays, not stars", source=source,
        user_ids=user_ids, item_ids=artist_ids,
    )  # fmt: skip


def _simulated(name: str) -> Ratings:
    law = simulated.LAWS[name]
    users, items, values = simulated.draw(law)
    return make_ratings(
        name, users, items, values, (law.n_users, law.n_items), (1, 5),
        description="simulated: biases, low rank and noise, rounded to whole stars from 1 to 5",
        source=f"seed {law.seed}",
    )  # fmt: skip


def _own(name: str) -> Ratings:
    """Read a table; who rated what is numbered in the order in which it first occurs."""
    source = parse(name, ("columns", "duplicates", "scale"))
    table = own_table.read(source)
    if table.values is None:
        usual = ", ".join(own_table.USUAL["rating"].split())
        raise ValueError(f"{source.path}: no column of ratings named {usual}: name it so, or give columns")
    scale = source.scale or (table.values.min(), table.values.max())
    if (outside := (table.values < scale[0]) | (table.values > scale[1])).any():
        raise ValueError(
            f"{source.path}: a rating is {table.values[outside][0]:g}, expected {scale[0]:g} to {scale[1]:g}"
        )
    if scale[0] == scale[1]:
        raise ValueError(f"{source.path}: all ratings are {scale[0]:g}: expected different ones")
    if np.bincount(table.users).max() < LEAST_OF_A_USER:
        raise ValueError(
            f"{source.path}: no user has {LEAST_OF_A_USER} ratings, of which one could be held out for a test"
        )
    return make_ratings(
        name, table.users, table.items, table.values, table.shape, scale, kind="real",
        description=f"ratings from {scale[0]:g} to {scale[1]:g}", source=source.path.name,
        user_ids=table.user_ids, item_ids=table.item_ids,
    )  # fmt: skip


LOADERS = {
    "own file": _own,
    "ml-100k": _ml_100k,
    "ml-1m": _ml_1m,
    "ml-10m": _ml_10m,
    "flixster": _monti,
    "douban": _monti,
    "lastfm-2k": _lastfm,
    "simulated": _simulated,
    "simulated-small": _simulated,
}
