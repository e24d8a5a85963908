"""What users liked or played, by name, and users held out for validation and test.

As in the experiments of Multi-VAE (Liang et al., 2018) and of papers that follow it. What counts are ratings
of four stars and more, or any play. Rare items and users with few items are left out. Models are measured on
users whom they have not seen, from a part of these users' items.
"""

import hashlib
from dataclasses import dataclass

import numpy as np
import scipy.sparse

from fourmasks.data import own_table
from fourmasks.data.files import FILE, entry, parse, unknown_data
from fourmasks.data.locate import locate
from fourmasks.data.ratings import check_whole, identifiers, load_ratings, renumbered
from fourmasks.data.readers import lastfm, movielens_csv, msd, netflix
from fourmasks.system.arrays import plain_array
from fourmasks.system.numbers import generator, is_whole

THRESHOLD = 4  # stars
LEAST_ITEMS = 5  # of a user
LEAST_PLAYED, LEAST_LISTENERS = 20, 200  # of a user and of a song
# Of a user and of an artist, our choice: nine in ten artists have fewer than 10 listeners, and most of a
# network's output layer would hardly be trained. With 200, as for songs, 44 artists would remain.
LEAST_ARTISTS, LEAST_FANS = 5, 10
LEAST_USERS = 10  # in a file of one's own
FOLD = 5  # one in five of a held-out user's items is a target

# Held-out users for validation, and as many for the test; of other data a tenth each.
HELD_OUT = {"ml-20m": 10_000, "netflix": 40_000, "msd": 50_000}
HELD_OUT_SHARE = 0.1


@dataclass(frozen=True, eq=False)
class Interactions:
    """Which user has which item.

    Attributes
    ----------
    name : str
    matrix : csr_array of float32, shape (I users, J items)
        1 where a user has an item, the columns of a row in ascending order. No row or column is empty.
    sha256 : str
        Digest of the matrix.
    kind : str
        "real" or "synthetic".
    description : str
    source : str
        Where they were found: a file's name or a seed.
    user_ids : ndarray, shape (I,)
    item_ids : ndarray, shape (J,)
        What the source calls the users of the rows and the items of the columns.
    """

    name: str
    matrix: scipy.sparse.csr_array
    sha256: str
    kind: str
    description: str
    source: str
    user_ids: np.ndarray
    item_ids: np.ndarray


@dataclass(frozen=True, eq=False)
class HeldOutUsers:
    """Training users, and held-out users whose items are in two parts (strong generalisation).

    Attributes
    ----------
    train : csr_array of float32, shape (training users, J)
        All items of the users of the training.
    validation_in, validation_out, test_in, test_out : csr_array of float32, shape (held-out users, J)
        Items from which the others, the targets, are to be found: disjoint, a row being one user. A user with
        fewer than 5 items that training users have is without targets.
    items : ndarray of int64, shape (J,)
        Columns of the whole that a training user has; the rest is dropped from all parts.
    train_users, validation_users, test_users : ndarray of int64
        Rows of the whole, ascending.
    """

    train: scipy.sparse.csr_array
    validation_in: scipy.sparse.csr_array
    validation_out: scipy.sparse.csr_array
    test_in: scipy.sparse.csr_array
    test_out: scipy.sparse.csr_array
    items: np.ndarray
    train_users: np.ndarray
    validation_users: np.ndarray
    test_users: np.ndarray


def interaction_names() -> list[str]:
    """Return the names that `load_interactions` takes."""
    return [name for name in LOADERS if name != FILE]


def load_interactions(name: str) -> Interactions:
    """Read or generate interactions.

    Parameters
    ----------
    name : str
        One of `interaction_names()`. "ml-100k", "ml-1m", "ml-10m", "ml-20m", "netflix", "simulated" and
        "simulated-small": films with at least 4 stars, users with at least 5 of them. "msd": songs
        played, songs with at least 200 listeners, then users with at least 20 of these. "lastfm-2k": artists
        played, artists with at least 10 listeners, then users with at least 5 of these. Or a file of one's
        own, as "mine.csv" or "mine.csv?threshold=3", see `fourmasks.data.files`.

    Raises
    ------
    ValueError
        If there is no such name, or a file is not what it should be.
    DataNotFound
        If the data are neither on this machine nor to be downloaded.
    """
    name, key = entry(name)
    if key not in LOADERS:
        raise ValueError(unknown_data("interactions", name, LOADERS))
    return LOADERS[key](name)


def make_interactions(
    name: str,
    users: np.ndarray,
    items: np.ndarray,
    *,
    least_items: int = 1,
    least_users: int = 1,
    kind: str = "synthetic",
    description: str = "",
    source: str = "",
    user_ids: np.ndarray | None = None,
    item_ids: np.ndarray | None = None,
) -> Interactions:
    """Make interactions of pairs.

    Items with fewer than `least_users` users are left out, then users with fewer than `least_items` of the
    remaining items, each once and in this order, as Liang et al. do it: afterwards an item may have fewer
    users. Then users and items are numbered without gaps in the order of their numbers.

    Parameters
    ----------
    name : str
    users, items : ndarray of int, shape (n,)
        Not negative. A pair that occurs twice counts once. Memory grows with n alone.
    least_items, least_users : int, default 1
    user_ids, item_ids : ndarray, optional
        What the source calls users and items, by number. Default: the numbers.

    Raises
    ------
    ValueError
        If the arrays are not one-dimensional and of one length, a number is negative or not whole, there are
        fewer identifiers than numbers, or nothing is left.
    """
    users, items = plain_array(f"{name}: users", users), plain_array(f"{name}: items", items)
    check_whole(f"{name}: users", users), check_whole(f"{name}: items", items)
    if not (users.ndim == 1 and users.shape == items.shape):
        raise ValueError(
            f"{name}: users {users.shape} and items {items.shape}: expected two one-dimensional arrays of one"
            " length"
        )
    if min(users.min(initial=0), items.min(initial=0)) < 0:
        raise ValueError(f"{name}: a user or an item has a negative number: expected 0 and more")
    for what, least in (("least_items", least_items), ("least_users", least_users)):
        if not is_whole(least):
            raise ValueError(f"{name}: {what} = {least!r}: expected an integer")
    users, items = (
        numbers.astype(np.int64) if numbers.dtype.kind == "f" else numbers for numbers in (users, items)
    )
    user_ids, item_ids = (
        None if ids is None else identifiers(f"{name}: {what}", ids, int(numbers.max(initial=-1)) + 1)
        for what, ids, numbers in (("user_ids", user_ids, users), ("item_ids", item_ids, items))
    )
    (users, rows), (items, columns) = _near(users), _near(items)
    shape = len(rows), len(columns)
    matrix = scipy.sparse.csr_array((np.ones(len(users), np.float32), (users, items)), shape=shape)
    matrix.data[:] = 1
    if least_users > 1:
        kept = _column_counts(matrix) >= least_users
        matrix, columns = matrix[:, kept], columns[kept]
    kept = np.diff(matrix.indptr) >= max(least_items, 1)
    matrix, rows = matrix[kept], rows[kept]
    kept = _column_counts(matrix) > 0
    matrix, columns = matrix[:, kept], columns[kept]
    if not matrix.nnz:
        raise ValueError(
            f"{name}: no user is left: expected items with at least {least_users} users, and users with at"
            f" least {least_items} of them"
        )
    user_ids, item_ids = (
        numbers if ids is None else ids[numbers] for ids, numbers in ((user_ids, rows), (item_ids, columns))
    )
    return Interactions(name, matrix, digest(matrix), kind, description, source, user_ids, item_ids)


def _near(numbers: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return numbers and what each stands for: renumbered if gaps would take more memory than they do."""
    most = int(numbers.max(initial=0)) + 1
    return (numbers, np.arange(most)) if most <= 2 * len(numbers) else renumbered(numbers)


def digest(matrix: scipy.sparse.csr_array) -> str:
    """Return the SHA-256, in hexadecimal, of shape, row starts and columns of a matrix of ones."""
    sha256 = hashlib.sha256(repr(tuple(map(int, matrix.shape))).encode())
    sha256.update(np.ascontiguousarray(matrix.indptr, "<i8"))
    sha256.update(np.ascontiguousarray(matrix.indices, "<i4"))
    return sha256.hexdigest()


def hold_out_users(interactions: Interactions, seed: int, n_held_out: int | None = None) -> HeldOutUsers:
    """Divide users at random into those of training, validation and test (Liang et al., 2018, Section 4).

    Items without a training user are dropped. Of the n items that a held-out user then has, n // 5 drawn at
    random are targets: a fifth, rounded down, and none of fewer than 5.

    Parameters
    ----------
    interactions : Interactions
    seed : int
    n_held_out : int, optional
        Users for validation, and as many for the test. Default: 10,000 for "ml-20m", 40,000 for "netflix",
        50,000 for "msd" (the PIA paper, Table 5), a tenth of the users, rounded, for others.

    Raises
    ------
    ValueError
        If these are no `Interactions`, the seed is no integer from 0 on, or the number leaves no user for
        training, or is not positive.
    """
    if not isinstance(interactions, Interactions):
        raise ValueError(
            f"interactions of type {type(interactions).__name__}: expected Interactions, as"
            " load_interactions or make_interactions gives them"
        )
    rng, matrix = generator(seed), interactions.matrix
    n_users = matrix.shape[0]
    if n_held_out is None:
        n_held_out = HELD_OUT.get(interactions.name, round(HELD_OUT_SHARE * n_users))
    if not is_whole(n_held_out) or not 1 <= n_held_out <= (n_users - 1) // 2:
        raise ValueError(
            f"n_held_out = {n_held_out!r}: expected 1 to {(n_users - 1) // 2}, as {interactions.name} has"
            f" {n_users} users; twice that number is held out"
        )
    drawn = np.split(rng.permutation(n_users), [n_users - 2 * n_held_out, n_users - n_held_out])
    train_users, validation_users, test_users = map(np.sort, drawn)
    train = matrix[train_users]
    items = np.flatnonzero(_column_counts(train))
    return HeldOutUsers(
        train[:, items],
        *_fold(matrix[validation_users][:, items], rng),
        *_fold(matrix[test_users][:, items], rng),
        items, train_users, validation_users, test_users,
    )  # fmt: skip


def _fold(
    matrix: scipy.sparse.csr_array, rng: np.random.Generator
) -> tuple[scipy.sparse.csr_array, scipy.sparse.csr_array]:
    """Return the items that are shown of each user, and the others, n // 5 of n drawn at random."""
    return fold(matrix, np.diff(matrix.indptr) // FOLD, rng)


def fold(
    matrix: scipy.sparse.csr_array, n_targets: np.ndarray, rng: np.random.Generator
) -> tuple[scipy.sparse.csr_array, scipy.sparse.csr_array]:
    """Return the items that are shown of each user, and the others, `n_targets` (n,) drawn at random."""
    counts = np.diff(matrix.indptr)
    row = np.repeat(np.arange(len(counts)), counts)
    order = np.lexsort((rng.random(matrix.nnz), row))
    rank = np.empty(matrix.nnz, np.int64)
    rank[order] = np.arange(matrix.nnz) - matrix.indptr[row]
    is_target = rank < n_targets[row]
    return _entries(matrix, ~is_target), _entries(matrix, is_target)


def _entries(matrix: scipy.sparse.csr_array, chosen: np.ndarray) -> scipy.sparse.csr_array:
    """Return the matrix with only the chosen ones of its stored entries."""
    starts = np.concatenate([[0], np.cumsum(chosen)])[matrix.indptr].astype(matrix.indptr.dtype)
    return scipy.sparse.csr_array((matrix.data[chosen], matrix.indices[chosen], starts), shape=matrix.shape)


def _column_counts(matrix: scipy.sparse.csr_array) -> np.ndarray:
    return np.bincount(matrix.indices, minlength=matrix.shape[1])


def _rated(name: str) -> Interactions:
    ratings = load_ratings(name)
    high = ratings.values >= THRESHOLD
    ids = {"user_ids": ratings.user_ids, "item_ids": ratings.item_ids}
    return _films(name, ratings.users[high], ratings.items[high], ratings.source, ratings.kind, **ids)


def _ml_20m(name: str) -> Interactions:
    return _films(name, *movielens_csv.read(locate(name), THRESHOLD))


def _netflix(name: str) -> Interactions:
    return _films(name, *netflix.read(locate(name), THRESHOLD))


def _films(name, users, items, source, kind="real", **ids) -> Interactions:
    return make_interactions(
        name, users, items, least_items=LEAST_ITEMS, kind=kind, source=source,
        description=f"films with at least {THRESHOLD} stars, of users with at least {LEAST_ITEMS} of them",
        **ids,
    )  # fmt: skip


def _msd(name: str) -> Interactions:
    users, songs, source = msd.read(locate(name))
    return make_interactions(
        name, users, songs, least_items=LEAST_PLAYED, least_users=LEAST_LISTENERS, kind="real", source=source,
        description=f"songs played, with at least {LEAST_LISTENERS} listeners, of users with at least"
        f" {LEAST_PLAYED} of them",
    )  # fmt: skip


def _lastfm(name: str) -> Interactions:
    users, artists, _, source = lastfm.read(locate(name))
    return make_interactions(
        name, users, artists, least_items=LEAST_ARTISTS, least_users=LEAST_FANS, kind="real", source=source,
        description=f"artists played, with at least {LEAST_FANS} listeners, of users with at least"
        f" {LEAST_ARTISTS} of them",
    )  # fmt: skip


def _own(name: str) -> Interactions:
    """Read a table; with ratings up to 5 those of at least 4 count, as of films, otherwise every row."""
    source = parse(name, ("columns", "duplicates", "threshold", "least_items"))
    table = own_table.read(source)
    threshold = source.threshold
    if threshold is not None and table.values is None:
        raise ValueError(f"{source.path}: no column of ratings that threshold = {threshold:g} could be for")
    if threshold is None and table.values is not None and table.values.max() == 5:
        threshold = THRESHOLD
    liked = slice(None) if threshold is None else table.values >= threshold
    least = LEAST_ITEMS if source.least_items is None else source.least_items
    rows = "rows" if threshold is None else f"rows rated {threshold:g} and more"
    found = make_interactions(
        name, table.users[liked], table.items[liked], least_items=least, kind="real", source=source.path.name,
        description=f"{rows}, of users with at least {least} of them",
        user_ids=table.user_ids, item_ids=table.item_ids,
    )  # fmt: skip
    if found.matrix.shape[0] < LEAST_USERS:
        raise ValueError(
            f"{source.path}: {found.matrix.shape[0]} users have {least} {rows}: expected {LEAST_USERS}, of"
            " whom a tenth is held out for validation and a tenth for the test"
        )
    return found


LOADERS = {
    "own file": _own,
    "ml-100k": _rated,
    "ml-1m": _rated,
    "ml-10m": _rated,
    "ml-20m": _ml_20m,
    "netflix": _netflix,
    "msd": _msd,
    "lastfm-2k": _lastfm,
    "simulated": _rated,
    "simulated-small": _rated,
}
