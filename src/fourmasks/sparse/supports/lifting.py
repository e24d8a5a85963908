"""The lifting φ(X, Y) = (X_i Y_iᵀ)_i to tuples of rank-one matrices, and back (paper, Eq. 13, 15 and 16).

Lemma 4.4: on factors with the same column support (IC), φ loses the scaling of the columns and nothing else.
"""

import numpy as np

from fourmasks.sparse.supports.arithmetic import Approximate, Exact, arithmetic
from fourmasks.sparse.supports.pair import SupportPair
from fourmasks.system.arrays import plain_array


def lift(X, Y, tolerance: float | None = None) -> np.ndarray:
    """Return the tuple of rank-one contributions φ(X, Y) as one array (r, m, n) (Eq. 13).

    Parameters
    ----------
    X : array-like (m, r)
    Y : array-like (n, r)
    tolerance : float or None, default None
        Required for floats, see `arithmetic`.
    """
    field, X, Y = prepared(X, Y, tolerance)
    return field.give(contributions(X, Y))


def unlift(C, tolerance: float | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Return factors X (m, r) and Y (n, r) with φ(X, Y) = C, which is unique up to scaling.

    The first non-zero entry of each column of X is 1 (for floats, the entry in the row of the largest one of
    the matrix). A zero matrix gives two zero columns, so that the pair is in IC.

    Parameters
    ----------
    C : array-like (r, m, n)
        Matrices of rank at most one.
    tolerance : float or None, default None
        Required for floats, see `arithmetic`.

    Raises
    ------
    ValueError
        If a matrix of the tuple has a larger rank.
    """
    field = arithmetic(*C, tolerance=tolerance)
    C = np.array([field.matrix(matrix) for matrix in C])
    X, Y = (field.zeros((size, len(C)), C) for size in C.shape[1:])
    for i, matrix in enumerate(C):
        if field.is_zero(matrix).all():
            continue
        row = pivot_row(field, matrix)
        column = pivot_row(field, matrix[row, :, None])
        X[:, i], Y[:, i] = matrix[:, column] / matrix[row, column], matrix[row]
        if not field.is_zero(matrix - np.outer(X[:, i], Y[:, i])).all():
            raise ValueError(f"matrix {i} has rank {field.rank(matrix)}: expected at most one")
    return field.give(X), field.give(Y)


def within(C, supports: SupportPair, tolerance: float | None = None) -> bool:
    """Return whether C belongs to Γ_S: matrices of rank at most one in the rank-one supports (Eq. 15)."""
    field = arithmetic(*C, tolerance=tolerance)
    matrices = [field.matrix(matrix) for matrix in C]
    if len(matrices) != supports.rank or any(matrix.shape != supports.shape for matrix in matrices):
        raise ValueError(f"tuple of shape {np.shape(C)}: expected {(supports.rank, *supports.shape)}")
    inside = all(
        field.is_zero(matrix[~mask]).all() for matrix, mask in zip(matrices, supports.masks(), strict=True)
    )
    return inside and all(field.rank(matrix) <= 1 for matrix in matrices)


def contributions(X: np.ndarray, Y: np.ndarray) -> np.ndarray:
    """Return φ(X, Y) for matrices of one arithmetic."""
    return X.T[:, :, None] * Y.T[:, None, :]


def prepared(X, Y, tolerance: float | None = None) -> tuple[Exact | Approximate, np.ndarray, np.ndarray]:
    """Return the arithmetic of two factors and the factors in it; `ValueError` if they do not fit."""
    X, Y = plain_array("X", X), plain_array("Y", Y)
    field = arithmetic(X, Y, tolerance=tolerance)
    X, Y = field.matrix(X), field.matrix(Y)
    if X.ndim != 2 or Y.ndim != 2 or X.shape[1] != Y.shape[1]:
        raise ValueError(f"factors of shapes {X.shape} and {Y.shape}: expected (m, r) and (n, r)")
    return field, X, Y


def pivot_row(field: Exact | Approximate, matrix: np.ndarray) -> int:
    """Return the row to scale by: the first non-zero one, for floats that of the largest entry."""
    if field.exact:
        return int(np.flatnonzero(~field.is_zero(matrix).all(axis=1))[0])
    return int(np.abs(matrix).max(axis=1).argmax())
