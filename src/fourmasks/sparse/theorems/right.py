"""Right identifiability by its definition: the solutions Y' of X Y'ᵀ = X Yᵀ (paper, Section 3).

With the left factor fixed, the problem is linear on each support: a system for each row of Y. The theorems
of `right_theorems` say the same without solving it.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from fourmasks.sparse.supports.arithmetic import Approximate, Exact
from fourmasks.sparse.supports.decisions import Decision
from fourmasks.sparse.supports.equivalence import matched_columns
from fourmasks.sparse.supports.families import Family, check_family
from fourmasks.sparse.supports.lifting import prepared

Arithmetic = Exact | Approximate


@dataclass(frozen=True, eq=False)
class SecondFactor:
    """A witness against right identifiability.

    Parameters
    ----------
    factor : ndarray (n, r)
        Another Y' with X Y'ᵀ = X Yᵀ.
    support : ndarray of bool (n, r) or None
        The member of the family that allows it.
    row, columns : int and ndarray of int, or None
        Where it comes from a dependence: the row of Y, and the linearly dependent columns of X.
    """

    factor: np.ndarray
    support: np.ndarray | None = None
    row: int | None = None
    columns: np.ndarray | None = None


def unique_right_factor(X, Y, family: Family, tolerance: float | None = None) -> Decision:
    """Decide right identifiability, (X, Y) ∈ U({X} × Σ_Θ), by solving the linear systems of every support.

    Parameters
    ----------
    X : array-like (m, r)
    Y : array-like (n, r)
    family : Family
        Of supports (n, r), one of which allows Y.
    tolerance : float or None, default None
        Required for floats, see `arithmetic`.

    Returns
    -------
    Decision
        Witness if not: a `SecondFactor` such that (X, Y') is not PS-equivalent to (X, Y).

    Raises
    ------
    ValueError
        If no support of the family allows Y, or shapes do not fit.
    """
    field, X, Y = allowed_factor(X, Y, family, tolerance)
    Z = field.product(X, Y.T)
    for support in family.maximal():
        for candidate in solutions(field, X, Z, support):
            if len(matched_columns(field, (X, Y), (X, candidate))[2]):
                second = SecondFactor(field.give(candidate), support)
                return Decision(False, "a second right factor gives the same product", second)
    return Decision(True, "the systems of all supports have no other solution, up to equivalence")


def allowed_factor(X, Y, family: Family, tolerance) -> tuple[Arithmetic, np.ndarray, np.ndarray]:
    """Return arithmetic and factors in it; raise `ValueError` if the family does not allow Y."""
    check_family(family)
    field, X, Y = prepared(X, Y, tolerance)
    if not family.allows(~field.is_zero(Y)):
        raise ValueError(
            f"Y has {int((~field.is_zero(Y)).sum())} entries: no support of the family allows them"
        )
    return field, X, Y


def solutions(field: Arithmetic, X, Z, support) -> Iterator[np.ndarray]:
    """Yield solutions Y' in Σ_S of X Y'ᵀ = Z: the one there is, or so many that one of them is not equivalent
    to a given one.

    There are more where columns of X are dependent: 0, 1, 2, … times a vector of the kernel is added to a
    row. A permutation of a given Y has one of r values in an entry that moves. An entry that moves under a
    zero column of X is zero in the first solution and then is not.
    """
    start = particular(field, X, Z, support)
    if start is None:
        return
    yield start
    for j, columns in enumerate(map(np.flatnonzero, support)):
        kernel = field.kernel(X[:, columns])
        if kernel.shape[1]:
            for step in range(1, X.shape[1] + 1):
                moved = start.copy()
                moved[j, columns] = moved[j, columns] + kernel[:, 0] * step
                yield moved


def particular(field: Arithmetic, X, Z, support) -> np.ndarray | None:
    """Return one Y' in Σ_S with X Y'ᵀ = Z, or None."""
    solution = field.zeros((Z.shape[1], X.shape[1]), X)
    for j, columns in enumerate(map(np.flatnonzero, support)):
        row = field.solve(X[:, columns], Z[:, j])
        if row is None:
            return None
        solution[j, columns] = row
    return solution
