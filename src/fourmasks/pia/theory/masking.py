"""The distance of two users after masking: exact law, the bounds of Theorem 2.6, and cosines instead.

Throughout, `n_different` is h, the number of items that exactly one of the two users has, `n_shared` is s,
the number that both have, and `keep` is ρ, the probability that an item is *kept*.
"""

from dataclasses import dataclass
from math import ceil

import numpy as np
from scipy.stats import binom


@dataclass(frozen=True)
class Tail:
    """The probability of an event and the lower bound that Theorem 2.6 gives for it."""

    exact: float
    bound: float


def distance_law(n_different: int, n_shared: int, keep: float) -> np.ndarray:
    """Return the law of D' = ‖x_u ⊙ b_u - x_v ⊙ b_v‖₁, which is Binomial(h, ρ) + Binomial(s, 2ρ(1 - ρ)).

    Returns
    -------
    ndarray of shape (h + s + 1,)
        Probabilities of the distances 0, 1, ..., h + s.

    Raises
    ------
    ValueError
        If a number of items is negative or `keep` is no probability.
    """
    check(n_different, n_shared, keep)
    kept = binom.pmf(np.arange(n_different + 1), n_different, keep)
    split = binom.pmf(np.arange(n_shared + 1), n_shared, _split(keep))
    return np.convolve(kept, split)


def check(n_different: int, n_shared: int, keep: float) -> None:
    """Raise a ValueError that names what is wrong with the numbers of a pair."""
    if min(n_different, n_shared) < 0:
        raise ValueError(f"{n_different} different and {n_shared} shared items: neither may be negative")
    if not 0 <= keep <= 1:
        raise ValueError(f"keep is {keep}: give the probability to keep an item, between 0 and 1")


def contraction(n_different: int, n_shared: int, keep: float, delta: float) -> Tail:
    """Return Pr[D' < δ] for δ > 0, and the bound of Theorem 2.6 (Eq. 24): no shared item is split."""
    below = ceil(delta)
    exact = distance_law(n_different, n_shared, keep)[:below].sum()
    unsplit = (1 - _split(keep)) ** n_shared
    return Tail(float(exact), float(unsplit * binom.cdf(below - 1, n_different, keep)))


def expansion(n_different: int, n_shared: int, keep: float, delta: float) -> Tail:
    """Return Pr[D' ≥ δ] for δ > 0, and the bound of Theorem 2.6 (Eq. 25), which is 0 for δ > s.

    In the bound the shared items alone make the distance.
    """
    least = ceil(delta)
    exact = distance_law(n_different, n_shared, keep)[least:].sum()
    return Tail(float(exact), float(binom.sf(least - 1, n_shared, _split(keep))))


def expected_distance(n_different: int, n_shared: int, keep: float) -> float:
    """Return E D' = ρh + 2ρ(1 - ρ)s. For ρ < 1 it is below h exactly when h > 2ρs."""
    return keep * n_different + _split(keep) * n_shared


def expected_cosine(n_items: tuple[int, int], n_shared: int, keep: float) -> float:
    """Return the expectation of the cosine of two masked users, exactly; at most ρ times their own cosine.

    Given how many items are left, K_u and K_v, these are random subsets, independent of each other, and share
    s K_u K_v / (n_u n_v) items on average. So the cosine is s / (n_u n_v) · E sqrt K_u · E sqrt K_v on
    average. A user with nothing left has cosine 0 with everybody. `n_items` is (n_u, n_v), each at least 1
    and at least s.
    """
    if min(n_items) < max(n_shared, 1):
        raise ValueError(f"users with {n_items[0]} and {n_items[1]} items cannot share {n_shared}")
    roots = [(np.sqrt(np.arange(n + 1)) * binom.pmf(np.arange(n + 1), n, keep)).sum() for n in n_items]
    return float(n_shared * np.prod(roots) / np.prod(np.asarray(n_items, dtype=float)))


def expected_dropout_distance(n_items: tuple[int, int], n_shared: int, keep: float) -> float:
    """Return E‖x'_u - x'_v‖₂² where users are scaled to unit length, then masked, then divided by ρ > 0.

    That is the order in Multi-VAE (Liang et al., 2018). It is 2/ρ - 2 cos(x_u, x_v): every pair of users
    moves apart by the same 2 (1/ρ - 1). `n_items` is (n_u, n_v).
    """
    return 2 / keep - 2 * n_shared / float(np.sqrt(np.prod(np.asarray(n_items, dtype=float))))


def masked_pairs(
    first: np.ndarray, second: np.ndarray, keep: float, n_masks: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Return masked versions of two binary users (J,), bool (n_masks, J) each, with independent masks."""
    masks = rng.random((2, n_masks, len(first))) < keep
    return masks[0] & (first > 0), masks[1] & (second > 0)


def _split(keep: float) -> float:
    """Return the probability that two independent masks disagree on an item."""
    return 2 * keep * (1 - keep)
