"""Statements of the paper's Section 3 as printed, each asked of one random instance.

As `decomposition_checks`; the brute force is the linear system of every support (`unique_right_factor`), or
all factors over a finite field.
"""

import numpy as np

from fourmasks.sparse.referees.exhaustive import fibres, orbit
from fourmasks.sparse.supports.arithmetic import Exact
from fourmasks.sparse.supports.families import Family, GivenFamily, SparseFamily, merged
from fourmasks.sparse.supports.pairs import ProductPairs
from fourmasks.sparse.supports.random_instances import random_family, random_left, random_right
from fourmasks.sparse.theorems.right import particular, unique_right_factor
from fourmasks.sparse.theorems.right_theorems import normalisation

PRIME = 5
POINTS = 20_000  # factors to list at most


def proposition_3_1(rng) -> bool:
    """Proposition 3.1: identifiable exactly if X is told up to generalised permutations, and Y given X."""
    omega = _listable_products(rng)
    for fibre in fibres(omega, PRIME):
        X, Y = fibre[rng.integers(len(fibre))]
        unique = len({orbit(A, B, PRIME) for A, B in fibre}) == 1
        alone = np.zeros((0, X.shape[1]), dtype=np.int64)
        left = len({orbit(A, alone, PRIME) for A, _ in fibre}) == 1
        right = len({orbit(A, B, PRIME) for A, B in fibre if (A == X).all()}) == 1
        if unique != (left and right):
            return False
    return True


def lemma_3_3(rng) -> bool | None:
    """Lemma 3.3: a right factor with a column that the left factor lacks is not identifiable."""
    X, Y, family = _instance(rng)
    if not (Y.any(axis=0) & ~X.any(axis=0)).any():
        return None
    return not unique_right_factor(X, Y, family).holds


def lemma_3_6(rng) -> bool | None:
    """Lemma 3.6 as printed: the columns in which X is zero may be dropped."""
    X, Y, family = _instance(rng)
    kept = np.flatnonzero(X.any(axis=0))
    if not len(kept) or len(kept) == X.shape[1] or Y[:, ~X.any(axis=0)].any():
        return None
    return unique_right_factor(X, Y, family).holds == _reduced(X, Y, family, kept)


def lemma_3_6_mended(rng) -> bool | None:
    """Lemma 3.6, mended: and no support that allows a solution has entries in those columns."""
    X, Y, family = _instance(rng)
    kept, empty = np.flatnonzero(X.any(axis=0)), ~X.any(axis=0)
    if not len(kept) or not empty.any() or Y[:, empty].any():
        return None
    field = Exact()
    left, Z = field.matrix(X), field.matrix(X @ Y.T)
    free = any(
        member[:, empty].any() and particular(field, left, Z, member) is not None
        for member in family.maximal()
    )
    return unique_right_factor(X, Y, family).holds == (_reduced(X, Y, family, kept) and not free)


def proposition_3_8(rng) -> bool | None:
    """Proposition 3.8: normalising the columns of X changes nothing."""
    X, Y, family = _instance(rng)
    if not X.any(axis=0).all():
        return None
    field = Exact()
    scaling = field.give(normalisation(field, field.matrix(X)))
    truth = unique_right_factor(X, Y, family).holds
    return truth == unique_right_factor(X * scaling, Y / scaling, family).holds


def lemma_3_10(rng) -> bool:
    """Lemma 3.10: permuting columns of X, of Y and of the supports changes nothing."""
    X, Y, family = _instance(rng)
    order = rng.permutation(X.shape[1])
    other = GivenFamily([member[:, order] for member in family.maximal()])
    truth = unique_right_factor(X, Y, family).holds
    return truth == unique_right_factor(X[:, order], Y[:, order], other).holds


def remark_d_3(rng) -> bool:
    """Remark D.3: grouping equal columns of X and adding those of Y keeps the product."""
    X, Y, _ = _instance(rng)
    groups = [np.flatnonzero((X == column[:, None]).all(axis=0)) for column in np.unique(X, axis=1).T]
    first = [group[0] for group in groups]
    return bool((X[:, first] @ merged(Y, groups).T == X @ Y.T).all())


def _reduced(X, Y, family: Family, kept):
    return unique_right_factor(X[:, kept], Y[:, kept], family.signature(kept)).holds


def _instance(rng):
    m, n, r = rng.integers(1, 4), rng.integers(1, 4), rng.integers(1, 4)
    family = random_family(rng, (n, r))
    return random_left(rng, (m, r)), random_right(rng, family), family


def _listable_products(rng) -> ProductPairs:
    """Return a random product of two families of supports, of rank and sizes up to 2, with few factors."""
    while True:
        m, n, r = rng.integers(1, 3, 3)
        omega = ProductPairs(*(_stable_family(rng, (size, r)) for size in (m, n)))
        pairs = list(omega.maximal())
        if sum(PRIME ** int(pair.left.sum() + pair.right.sum()) for pair in pairs) <= POINTS:
            return omega


def _stable_family(rng, shape):
    bounds = {
        name: int(rng.integers(1, largest + 1))
        for name, largest in (("per_column", shape[0]), ("per_row", shape[1]), ("total", shape[0] * shape[1]))
        if rng.random() < 0.6
    }
    return SparseFamily(tuple(int(size) for size in shape), **bounds)
