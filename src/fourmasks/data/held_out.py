"""How ratings are divided: 80 to 20 per user, and leave-one-out (LU-Net, Section 3.1.2)."""

from dataclasses import dataclass

import numpy as np

from fourmasks.data.ratings import check_ratings
from fourmasks.data.splits import Split
from fourmasks.data.times import latest
from fourmasks.system.numbers import check_share, generator, is_whole

TEST_SHARE = 0.2
FEWEST = 3  # a user with fewer ratings has nothing to spare
N_CANDIDATES = 100


def split_per_user(ratings, seed: int, validation: float = 0.0) -> Split:
    """Hold out a fifth of each user's ratings, drawn at random.

    Parameters
    ----------
    ratings : Ratings
    seed : int
        Of the draws. The test set does not depend on `validation`.
    validation : float, default 0.0
        Share of what the test leaves, from 0 on and below 1; drawn from all at random and rounded down.

    Returns
    -------
    Split
        Of a user's n ratings round(0.2 n), halves to even, are in the test; none of a user with fewer than 3.

    Raises
    ------
    ValueError
        If the ratings are no `Ratings`, the seed no integer from 0 on, or the share out of range.
    """
    check_ratings(ratings)
    check_share("validation", validation)
    rng = generator(seed)
    rank, count = ranks_of_users(ratings.users, rng)
    in_test = rank < np.where(count < FEWEST, 0, np.rint(TEST_SHARE * count))
    rest = rng.permutation(np.flatnonzero(~in_test))
    in_validation = np.zeros(len(ratings), bool)
    in_validation[rest[: int(validation * len(rest))]] = True
    return _parts(ratings, in_validation, in_test)


@dataclass(frozen=True, eq=False)
class LeaveOneOut:
    """One rating of each user held out for the test, one for validation, and items to rank them among.

    Attributes
    ----------
    split : Split
        Users with fewer than 3 ratings have them all in the training.
    validation_candidates, test_candidates : ndarray of int64, shape (n, 100)
        For each rating of validation and of test: items that the user has not rated anywhere, all different.
    """

    split: Split
    validation_candidates: np.ndarray
    test_candidates: np.ndarray


def leave_one_out(ratings, seed: int, n_candidates: int = N_CANDIDATES) -> LeaveOneOut:
    """Hold out each user's latest rating, or one at random where there are no times, and one more at random.

    Parameters
    ----------
    ratings : Ratings
        All of a data set.
    seed : int
        Of the draws. Where there are times the test ratings do not depend on it, but the candidates do.
    n_candidates : int, default 100

    Raises
    ------
    ValueError
        If the ratings are no `Ratings`, the seed no integer from 0 on, or a user has rated so many items that
        too few are left to draw.
    """
    check_ratings(ratings)
    if not is_whole(n_candidates) or n_candidates < 1:
        raise ValueError(f"n_candidates = {n_candidates!r}: expected an integer of at least 1")
    rng = generator(seed)
    rank, count = ranks_of_users(ratings.users, rng)
    last = latest(ratings)
    if last is not None:  # the latest comes first, the others stay in their random order
        of_latest = rank[last][np.searchsorted(ratings.users[last], ratings.users)]
        rank = np.where(rank < of_latest, rank + 1, rank)
        rank[last] = 0
    enough = count >= FEWEST
    split = _parts(ratings, enough & (rank == 1), enough & (rank == 0))
    drawn = [_candidates(ratings, part.users, n_candidates, rng) for part in (split.validation, split.test)]
    return LeaveOneOut(split, *drawn)


def ranks_of_users(users: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return each rating's place in a random order of its user's ratings, and how many these are."""
    order = np.lexsort((rng.random(len(users)), users))
    counts = np.bincount(users)
    rank = np.empty(len(users), np.int64)
    rank[order] = np.arange(len(users)) - (counts.cumsum() - counts)[users[order]]
    return rank, counts[users]


def _candidates(ratings, users, n, rng) -> np.ndarray:
    items = ratings.items[np.argsort(ratings.users, kind="stable")]
    ends = np.bincount(ratings.users, minlength=ratings.shape[0]).cumsum()
    rated = np.split(items, ends[:-1])  # by user
    left = np.array([ratings.shape[1] - len(rated[user]) for user in users])
    if len(left) and left.min() < n:
        user = users[left.argmin()]
        raise ValueError(
            f"user {user} has {left.min()} items left: expected {n} to draw; take fewer candidates"
        )
    drawn = [rng.choice(_others(rated[user], ratings.shape[1]), n, replace=False) for user in users]
    return np.array(drawn, np.int64).reshape(len(users), n)


def _others(items: np.ndarray, n_items: int) -> np.ndarray:
    """Return the items that are not among these: one user's at a time, as all of them fill the memory."""
    is_other = np.ones(n_items, bool)
    is_other[items] = False
    return np.flatnonzero(is_other)


def _parts(ratings, in_validation, in_test) -> Split:
    return Split(*map(ratings.take, (~(in_validation | in_test), in_validation, in_test)))
