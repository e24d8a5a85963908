"""Training, validation and test parts of ratings."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from fourmasks.data.ratings import Ratings, check_ratings
from fourmasks.system.names import unknown
from fourmasks.system.numbers import check_share, generator, is_finite

TEST_SHARE = 0.1
FEWEST = 3  # a user with fewer ratings has nothing to spare for a test


@dataclass(frozen=True, eq=False)
class Split:
    """Disjoint parts of ratings, each in the order of the whole."""

    train: Ratings
    validation: Ratings
    test: Ratings


def default_protocol(name: str) -> str:
    """Return the protocol of the MMF paper for ratings: "official" for Flixster and Douban, else "per-user".

    The paper says 90 % and 10 %; that these are drawn user by user is what its reference implementation does.
    """
    return "official" if name in ("flixster", "douban") else "per-user"


def protocols(ratings: Ratings) -> list[str]:
    """Return the names of the splits that there are for these ratings."""
    return ["per-user", "random", *ratings.parts]


def split(ratings: Ratings, protocol: str, seed: int, validation: float = 0.05) -> Split:
    """Split ratings for the prediction of ratings.

    Parameters
    ----------
    ratings : Ratings
        All of them, as `load_ratings` gives them.
    protocol : str
        Which ratings are for the test. "per-user": of each user's n, max(1, 0.1 n) drawn at random (rounded,
        halves to even), none of a user with fewer than 3; "random": a tenth of all, drawn at random;
        "official": the test set published with Flixster and Douban; "u1" to "u5": those of ML-100K.
    seed : int
        Of the draws. The test set does not depend on `validation`.
    validation : float, default 0.05
        Share of what the test set leaves, from 0 on and below 1; drawn at random and rounded down.

    Raises
    ------
    ValueError
        If the ratings are no `Ratings`, there is no such protocol for them, the seed is no integer from 0 on,
        or the share out of range.
    """
    check_ratings(ratings)
    if protocol not in protocols(ratings):
        raise ValueError(unknown(f"protocol for {ratings.name}", protocol, protocols(ratings)))
    check_share("validation", validation)
    rng = generator(seed)
    in_test = np.zeros(len(ratings), bool)
    in_test[_test(ratings, protocol, rng)] = True
    rest = rng.permutation(np.flatnonzero(~in_test))
    in_validation = np.zeros(len(ratings), bool)
    in_validation[rest[: int(validation * len(rest))]] = True
    return _split(ratings, in_validation, in_test)


def implicit_split(
    ratings: Ratings, threshold: float = 3.0, shares: Sequence[float] = (0.8, 0.1, 0.1), *, seed: int
) -> Split:
    """Split what users like for a ranking of items.

    Only ratings of at least `threshold` count, as likes. Users and items keep their numbers, those without
    any included. A user with fewer than 3 likes has them all in the training part.

    Parameters
    ----------
    ratings : Ratings
    threshold : float, default 3.0
        In stars.
    shares : three floats, default (0.8, 0.1, 0.1)
        Of each user's n likes, in a random order, for training, validation and test: positive, with sum 1
        and at least one half for training. Validation and test get max(1, share * n), rounded, halves to
        even; training gets the rest, which is at least one.
    seed : int

    Raises
    ------
    ValueError
        If the ratings are no `Ratings`, the threshold is no number, the shares are others than these, or the
        seed is no integer from 0 on.
    """
    check_ratings(ratings)
    if not is_finite(threshold):
        raise ValueError(f"threshold = {threshold!r}: expected a finite number")
    if not _are_shares(shares):
        raise ValueError(
            f"shares = {shares}: expected three positive numbers, for training, validation and test, with sum"
            " 1 and the first at least 0.5"
        )
    rng, likes = generator(seed), ratings.take(ratings.values >= threshold)
    rank, count = _ranks(likes.users, rng)
    n_validation, n_test = (_held_out(count, share) for share in shares[1:])
    in_test = rank < n_test
    return _split(likes, (rank < n_test + n_validation) & ~in_test, in_test)


def _are_shares(shares) -> bool:
    if not isinstance(shares, Sequence | np.ndarray) or len(shares) != 3 or not all(map(is_finite, shares)):
        return False
    training, *held_out = shares
    return min(held_out) > 0 and training >= 0.5 and bool(np.isclose(sum(shares), 1))


def _test(ratings: Ratings, protocol: str, rng: np.random.Generator) -> np.ndarray:
    """Return the positions of the test set, as numbers or as one boolean each."""
    if protocol == "per-user":
        rank, count = _ranks(ratings.users, rng)
        return rank < _held_out(count, TEST_SHARE)
    if protocol == "random":
        return rng.permutation(len(ratings))[: round(TEST_SHARE * len(ratings))]
    return ratings.parts[protocol]


def _ranks(users: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return the place of each rating in a random order of its user's ratings, and how many these are."""
    shuffled = rng.permutation(len(users))
    order = shuffled[np.argsort(users[shuffled], kind="stable")]
    counts = np.bincount(users)
    first = counts.cumsum() - counts
    rank = np.empty(len(users), np.int64)
    rank[order] = np.arange(len(users)) - first[users[order]]
    return rank, counts[users]


def _held_out(count: np.ndarray, share: float) -> np.ndarray:
    """Return how many of a user's ratings are held out, for each number of ratings."""
    return np.where(count < FEWEST, 0, np.maximum(1, np.rint(share * count)))


def _split(ratings: Ratings, in_validation: np.ndarray, in_test: np.ndarray) -> Split:
    train, validation, test = map(ratings.take, (~(in_validation | in_test), in_validation, in_test))
    return Split(train, validation, test)
