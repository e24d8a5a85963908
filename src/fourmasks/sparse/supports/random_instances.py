"""The laws of the random supports, families and factors that the theorems are refereed on."""

from itertools import islice, permutations

import numpy as np

from fourmasks.sparse.supports.families import Family, GivenFamily, SparseFamily
from fourmasks.sparse.supports.pair import SupportPair
from fourmasks.sparse.supports.pairs import GivenPairs, permuted

MEMBERS = 200  # of a family, from which one is drawn


def random_supports(rng: np.random.Generator, shape, rank: int, density: float) -> SupportPair:
    """Return supports with independent entries, each there with probability `density`; columns that come
    out empty are drawn again.

    Parameters
    ----------
    rng : numpy.random.Generator
    shape : (int, int)
        Of the product, (m, n).
    rank : int
    density : float
        In (0, 1].
    """
    if not 0 < density <= 1:
        raise ValueError(f"density = {density}: expected more than 0, at most 1")
    return SupportPair(*(_columns(rng, size, rank, density) for size in shape))


def random_factors(rng: np.random.Generator, supports: SupportPair, bound: int = 3, zeros: bool = True):
    """Return integer factors with entries uniform in -bound … bound on the supports, zero included or not."""
    factors = []
    for support in (supports.left, supports.right):
        values = rng.integers(-bound, bound + 1, support.shape)
        if not zeros:
            values = rng.integers(1, bound + 1, support.shape) * rng.choice([-1, 1], support.shape)
        factors.append(values * support)
    return tuple(factors)


def random_family(rng: np.random.Generator, shape) -> Family:
    """Return a family of supports (n, r) of a random kind: k-sparse by column, by row, by both, globally (at
    most 4), or one to three given ones of densities uniform in [0.2, 0.9]."""
    n, r = shape
    column, row = int(rng.integers(1, n + 1)), int(rng.integers(1, r + 1))
    kind = rng.integers(5)
    if kind == 4:
        count = rng.integers(1, 4)
        return GivenFamily([rng.random(shape) < rng.uniform(0.2, 0.9) for _ in range(count)])
    total = int(rng.integers(1, min(n * r, 4) + 1))
    both = {"per_column": column, "per_row": row}
    bounds = ({"per_column": column}, {"per_row": row}, both, {"total": total})
    return SparseFamily(shape, **bounds[kind])


def random_left(rng: np.random.Generator, shape) -> np.ndarray:
    """Return a matrix (m, r) with entries uniform in {-1, 0, 1}; in half of the cases its columns are drawn
    from among its own and multiplied by 1, -1 or 2, so that some are collinear."""
    X = rng.integers(-1, 2, shape)
    if rng.random() < 0.5:
        X = X[:, rng.integers(0, shape[1], shape[1])] * rng.choice([1, 1, -1, 2], shape[1])
    return X


def random_right(rng: np.random.Generator, family: Family, bound: int = 2) -> np.ndarray:
    """Return a matrix with entries uniform in -bound … bound on one of the first maximal supports."""
    members = list(islice(family.maximal(), MEMBERS))
    return rng.integers(-bound, bound + 1, family.shape) * members[rng.integers(len(members))]


def random_stable_pairs(rng: np.random.Generator, shape, rank: int, count: int) -> GivenPairs:
    """Return `count` pairs of supports of density 0.6 with all their permutations."""
    found = []
    for _ in range(count):
        pair = SupportPair(*(rng.random((size, rank)) < 0.6 for size in shape))
        found.extend(permuted(pair, list(order)) for order in permutations(range(rank)))
    return GivenPairs(found)


def _columns(rng, size, rank, density):
    support = rng.random((size, rank)) < density
    while not support.any(axis=0).all():
        empty = ~support.any(axis=0)
        support[:, empty] = rng.random((size, empty.sum())) < density
    return support
