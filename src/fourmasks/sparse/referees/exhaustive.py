"""Uniqueness by trying everything, over a small prime field: the definitions themselves, for tiny sizes.

A referee without theory for statements whose proofs hold over any field with enough elements: all factors
that a family allows are listed, those with one product together, to be counted up to equivalence.
"""

from collections import defaultdict
from itertools import product

import numpy as np

from fourmasks.sparse.supports.pair import SupportPair
from fourmasks.sparse.supports.pairs import Pairs, as_pairs

MAX_POINTS = 200_000

Point = tuple[np.ndarray, np.ndarray]


def fibres(omega: Pairs, prime: int = 5) -> list[list[Point]]:
    """Return all pairs of factors in Σ_Ω over the field of `prime` elements, those with one product together.

    Parameters
    ----------
    omega : GivenPairs or ProductPairs
    prime : int, default 5
        With 3, too many factors are permutations of each other for some proofs.

    Raises
    ------
    ValueError
        If there are more than `MAX_POINTS` factors to list.
    """
    pairs = list(as_pairs(omega).maximal())
    size = sum(prime ** int(pair.left.sum() + pair.right.sum()) for pair in pairs)
    if size > MAX_POINTS:
        raise ValueError(f"{size} factors over the field of {prime} elements: expected at most {MAX_POINTS}")
    found = defaultdict(dict)
    for pair in pairs:
        for X, Y in _points(pair, prime):
            found[(X @ Y.T % prime).tobytes()][X.tobytes() + Y.tobytes()] = X, Y
    return [list(points.values()) for points in found.values()]


def orbit(X: np.ndarray, Y: np.ndarray, prime: int = 5) -> tuple:
    """Return the same for pairs of factors that are PS-equivalent, and only for those."""
    atoms = []
    for x, y in zip(X.T, Y.T, strict=True):
        leader = x if x.any() else y
        if leader.any():
            scale = int(leader[np.flatnonzero(leader)[0]])
            inverse = pow(scale, -1, prime)
            x, y = (x * inverse % prime, y * scale % prime) if leader is x else (x, y * inverse % prime)
        atoms.append((*x.tolist(), *y.tolist()))
    return tuple(sorted(atoms))


def lifted_orbit(X: np.ndarray, Y: np.ndarray, prime: int = 5) -> tuple:
    """Return the contributions φ(X, Y) up to permutation."""
    matrices = (np.outer(x, y) % prime for x, y in zip(X.T, Y.T, strict=True))
    return tuple(sorted(tuple(matrix.ravel().tolist()) for matrix in matrices))


def _points(pair: SupportPair, prime: int):
    sizes = [int(pair.left.sum()), int(pair.right.sum())]
    for values in product(range(prime), repeat=sum(sizes)):
        X, Y = (np.zeros(support.shape, dtype=np.int64) for support in (pair.left, pair.right))
        X[pair.left], Y[pair.right] = values[: sizes[0]], values[sizes[0] :]
        yield X, Y
