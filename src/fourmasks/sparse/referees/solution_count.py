"""How many decompositions of a product there are on fixed supports, by a Gröbner basis: for tiny sizes."""

import numpy as np

from fourmasks.sparse.referees.polynomial import unique_decomposition
from fourmasks.sparse.supports.pair import SupportPair
from fourmasks.sparse.supports.pairs import only
from fourmasks.sparse.supports.random_instances import random_factors

BOUND = 10_000  # of the integers: small ones are too often collinear by accident


def solutions_at_random(supports: SupportPair, seed: int) -> int | None:
    """Return the number of tuples in Γ_S, over the complex numbers, with the sum of random contributions.

    Parameters
    ----------
    supports : SupportPair
        With few shared entries, see `unique_decomposition`.
    seed : int
        Of integer factors, without zeros, up to `BOUND`.

    Returns
    -------
    int or None
        With multiplicity, and permutations of the given tuple counted as it; None if there are infinitely
        many.
    """
    X, Y = random_factors(np.random.default_rng(seed), supports, BOUND, zeros=False)
    decision = unique_decomposition(X, Y, only(supports))
    if decision.holds:
        return 1
    others = count_zeros([polynomial.LM for polynomial in decision.witness.basis])
    return None if others is None else 1 + others


def count_zeros(leading: list[tuple[int, ...]]) -> int | None:
    """Return the number of zeros of an ideal, with multiplicity, from the leading monomials of its Gröbner
    basis: the number of monomials that none of them divides. None if there are infinitely many.

    Parameters
    ----------
    leading : list of tuple of int
        Exponents, one for each unknown.
    """
    size = len(leading[0])
    powers = {monomial.index(sum(monomial)) for monomial in leading if sum(monomial) == max(monomial)}
    if len(powers) < size:
        return None
    found, waiting = set(), {(0,) * size}
    while waiting:
        monomial = waiting.pop()
        if any(all(a <= b for a, b in zip(each, monomial, strict=True)) for each in leading):
            continue
        found.add(monomial)
        steps = (monomial[:v] + (monomial[v] + 1,) + monomial[v + 1 :] for v in range(size))
        waiting.update(set(steps) - found)
    return len(found)
