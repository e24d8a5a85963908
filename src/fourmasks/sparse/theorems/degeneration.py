"""Non-degeneration: identical (IC) and maximal (MC) column supports (paper, Eq. 8–9, Proposition 2.15)."""

import numpy as np

from fourmasks.sparse.supports.decisions import Decision
from fourmasks.sparse.supports.lifting import prepared
from fourmasks.sparse.supports.pair import nonzero
from fourmasks.sparse.supports.pairs import Pairs, allowing, column_support


def identical_columns(X, Y, omega: Pairs, tolerance: float | None = None) -> Decision:
    """Decide whether (X, Y) is in IC_Ω: whether the same columns of X and Y are non-zero (Eq. 8).

    Parameters
    ----------
    X : array-like (m, r)
    Y : array-like (n, r)
    omega : GivenPairs or ProductPairs
    tolerance : float or None, default None
        Required for floats, see `arithmetic`.

    Returns
    -------
    Decision
        Witness if not: a second solution (X', Y') in Σ_Ω, not equivalent: the column that stands alone is
        set to zero (Lemma 2.12).

    Raises
    ------
    ValueError
        If (X, Y) is not in Σ_Ω.
    """
    X, Y, _, floor = _member(X, Y, omega, tolerance)
    left, right = column_support(X, floor), column_support(Y, floor)
    alone = np.flatnonzero(left != right)
    if not len(alone):
        return Decision(True, "X and Y have the same non-zero columns")
    i = alone[0]
    second = [X.copy(), Y.copy()]
    second[0 if left[i] else 1][:, i] = 0
    return Decision(False, f"column {i} is non-zero in one factor only (Lemma 2.12)", tuple(second))


def maximal_columns(X, Y, omega: Pairs, tolerance: float | None = None) -> Decision:
    """Decide whether (X, Y) is in MC_Ω (Eq. 9): whether every pair of supports in Ω that allows the factors
    has their non-zero columns and no others.

    Parameters, errors: as for `identical_columns`.

    Returns
    -------
    Decision
        Witness if not: a second solution (X', Y') in Σ_Ω, not equivalent: ones are put on an allowed column
        that is zero (Lemma 2.14), unless the pair is not in IC_Ω either; then see `identical_columns`.
    """
    given = X, Y
    X, Y, pairs, floor = _member(X, Y, omega, tolerance)
    for pair in pairs:
        for side, factor, support in ((0, X, pair.left), (1, Y, pair.right)):
            free = np.flatnonzero(support.any(axis=0) & ~column_support(factor, floor))
            if not len(free):
                continue
            i = free[0]
            why = f"column {i} of the {('left', 'right')[side]} factor is zero but allowed (Lemma 2.14)"
            if not identical_columns(*given, omega, tolerance).holds:
                return Decision(False, why, identical_columns(*given, omega, tolerance).witness)
            second = [X.copy(), Y.copy()]
            second[side][support[:, i], i] = 1
            return Decision(False, why, tuple(second))
    return Decision(True, "every pair of supports that allows the factors has their non-zero columns only")


def non_degeneration(X, Y, omega: Pairs, tolerance: float | None = None) -> Decision:
    """Decide whether (X, Y) is in IC_Ω and MC_Ω, without which it is not identifiable (Proposition 2.15).

    Parameters, errors: as for `identical_columns`.

    Returns
    -------
    Decision
        Witness if not: a second solution (X', Y') in Σ_Ω that is not PS-equivalent.
    """
    for condition in (identical_columns, maximal_columns):
        decision = condition(X, Y, omega, tolerance)
        if not decision.holds:
            return decision
    return Decision(True, "identical, maximal column supports: necessary for identifiability (Prop. 2.15)")


def _member(X, Y, omega, tolerance):
    field, X, Y = prepared(X, Y, tolerance)
    X, Y = field.give(X), field.give(Y)
    floor = 0.0 if field.exact else tolerance
    pairs = allowing(omega, X, Y, floor)
    if not pairs:
        size = int(nonzero(X, floor).sum()), int(nonzero(Y, floor).sum())
        raise ValueError(f"factors with {size[0]} and {size[1]} entries: no pair of supports allows them")
    return X, Y, pairs, floor
