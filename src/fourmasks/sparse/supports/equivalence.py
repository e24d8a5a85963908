"""When two pairs of factors are the same up to permutation and scaling of their columns.

The paper's three relations: up to both (PS, Definition 2.5), up to a permutation (P, Definition 3.7), up to
scaling (S, Definition 5.2).
"""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import maximum_bipartite_matching

from fourmasks.sparse.supports.arithmetic import Approximate, Exact, arithmetic
from fourmasks.sparse.supports.decisions import Decision

KINDS = ("PS", "P", "S")


@dataclass(frozen=True, eq=False)
class Transformation:
    """A permutation and a scaling of columns.

    Parameters
    ----------
    permutation : ndarray of int (r,)
    scaling : ndarray (r,)
        Non-zero, of the columns before they are permuted.

    It takes X to ``(X * scaling)[:, permutation]`` and Y to ``(Y / scaling)[:, permutation]``.
    """

    permutation: np.ndarray
    scaling: np.ndarray

    def apply(self, X, Y) -> tuple[np.ndarray, np.ndarray]:
        """Return the transformed pair."""
        X, Y = np.asarray(X), np.asarray(Y)
        return (X * self.scaling)[:, self.permutation], (Y / self.scaling)[:, self.permutation]


def equivalence(first, second, kind: str = "PS", tolerance: float | None = None) -> Decision:
    """Decide whether two pairs of factors are equivalent.

    Parameters
    ----------
    first, second : (X, Y)
        Pairs of array-likes (m, r) and (n, r).
    kind : {"PS", "P", "S"}, default "PS"
        Up to permutation and scaling, permutation, or scaling.
    tolerance : float or None, default None
        Required for floats, see `arithmetic`; columns are compared relative to their largest entry.

    Returns
    -------
    Decision
        Witness: the `Transformation` that takes the first pair to the second; if there is none, the
        columns of the second pair that a largest matching of columns leaves alone (for "S", that differ).
    """
    if kind not in KINDS:
        raise ValueError(f"kind = {kind!r}: expected one of {', '.join(KINDS)}")
    field = arithmetic(*first, *second, tolerance=tolerance)
    (X, Y), (A, B) = ([field.matrix(factor) for factor in pair] for pair in (first, second))
    if (X.shape, Y.shape) != (A.shape, B.shape) or X.shape[1] != Y.shape[1]:
        shapes = [factor.shape for factor in (X, Y, A, B)]
        raise ValueError(f"factors of shapes {shapes}: expected (m, r) and (n, r), twice")
    permutation, scaling, alone = matched_columns(field, (X, Y), (A, B), kind)
    if len(alone):
        return Decision(False, f"{len(alone)} columns of the second pair match none of the first", alone)
    return Decision(
        True, f"the pairs are {kind}-equivalent", Transformation(permutation, field.give(scaling))
    )


def matched_columns(field: Exact | Approximate, first, second, kind: str = "PS"):
    """Match the columns of two pairs in one arithmetic; return permutation, scaling and the columns of the
    second pair that are left alone (then the other two mean nothing)."""
    (X, Y), (A, B) = first, second
    rank = X.shape[1]
    scalings = np.full((rank, rank), None, dtype=object)  # [i, j]: takes column i to the second's column j
    for i in range(rank):
        for j in range(rank) if kind != "S" else [i]:
            scalings[i, j] = _scaling(field, (X[:, i], Y[:, i]), (A[:, j], B[:, j]), free=kind != "P")
    possible = np.not_equal(scalings, None)
    permutation = maximum_bipartite_matching(csr_array(possible.T), perm_type="column")
    alone = np.flatnonzero(permutation < 0)
    scaling = np.empty(rank, dtype=X.dtype)
    if not len(alone):
        scaling[permutation] = scalings[permutation, np.arange(rank)]
    return permutation, scaling, alone


def _scaling(field: Exact | Approximate, atom, other, free: bool):
    """Return the d ≠ 0 with other = (d x, y / d) (if not `free`, 1 or nothing), or None."""
    x, y = atom
    a, b = other
    gone = [field.is_zero(vector).all() for vector in (x, y, a, b)]
    if gone[:2] != gone[2:]:
        return None
    scale = field.one
    if free and not all(gone[:2]):
        ratio = _ratio(field, y, b) if gone[0] else _ratio(field, x, a)
        if field.is_zero(np.array([ratio])).all():
            return None
        scale = field.one / ratio if gone[0] else ratio
    return scale if _same(field, x * scale, a) and _same(field, y / scale, b) else None


def _ratio(field, vector, target):
    place = np.flatnonzero(~field.is_zero(vector))[0] if field.exact else np.abs(vector).argmax()
    return target[place] / vector[place]


def _same(field, vector, target):
    if field.exact or not len(target):
        return bool(np.all(vector == target))
    return bool(np.abs(vector - target).max() <= field.tolerance * max(np.abs(target).max(), 1.0))
