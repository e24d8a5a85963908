"""What identifiability on fixed supports requires (paper, Theorem 4.13): of given factors, of almost all.

Fix the left factor: if the columns of X that may enter column l of the product are dependent, then Y can
change there. For contributions that are not zero this is both conditions of the theorem in one: (i) is a pair
of collinear columns, (ii) any other dependence. A zero contribution may be written with any left column that
its support allows, and the theorem speaks about all ways to write it.

Lemma K.1 and Remark 4.14, on which the paper's proof rests, fail as printed: a unique decomposition may have
zero contributions where supports are not empty. An example is S¹ = {0, 1} × {0, 1}, S² = {0} × {0}, C¹ all
ones and C² = 0: any other C² would leave rank two to C¹. The theorem itself holds, by the argument above.
"""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import maximum_bipartite_matching

from fourmasks.sparse.supports.arithmetic import Approximate, Exact
from fourmasks.sparse.supports.decisions import Decision
from fourmasks.sparse.supports.equivalence import matched_columns
from fourmasks.sparse.supports.lifting import prepared
from fourmasks.sparse.supports.pair import SupportPair, check_supports

SIDES = ("left", "right")


@dataclass(frozen=True, eq=False)
class Dependence:
    """A witness against identifiability on fixed supports.

    Parameters
    ----------
    side : {"left", "right"}
        The factor with the dependent columns.
    index : int
        Where they meet: a row of the other factor.
    atoms : ndarray of int
        The columns, or some that are at most as many as they have rows for.
    second : (X', Y') or None
        Factors of the same product in the same supports, with other rank-one contributions. None where the
        statement is on almost all factors.
    """

    side: str
    index: int
    atoms: np.ndarray
    second: tuple[np.ndarray, np.ndarray] | None = None


def necessary_conditions(X, Y, supports: SupportPair, tolerance: float | None = None) -> Decision:
    """Decide whether φ(X, Y) keeps the conditions of Theorem 4.13, without which it is not unique in Γ_S.

    Parameters
    ----------
    X : array-like (m, r)
    Y : array-like (n, r)
    supports : SupportPair
        They allow the factors.
    tolerance : float or None, default None
        Required for floats, see `arithmetic`.

    Returns
    -------
    Decision
        Witness if not: a `Dependence`, with a second solution.

    Raises
    ------
    ValueError
        If the supports do not allow the factors, or are no SupportPair; if X or Y is sparse or masked.
    """
    check_supports(supports)
    field, X, Y = prepared(X, Y, tolerance)
    for factor, support, name in ((X, supports.left, "X"), (Y, supports.right, "Y")):
        if factor.shape != support.shape or not field.is_zero(factor[~support]).all():
            raise ValueError(f"{name} of shape {factor.shape}: its {support.shape} support does not allow it")
    X, Y = without_halves(field, X, Y)
    for side, (fixed, free), (around, allowed) in (
        (0, (X, Y), (supports.left, supports.right)),
        (1, (Y, X), (supports.right, supports.left)),
    ):
        for index, row in enumerate(allowed):
            found = _dependence(field, fixed, free, around, np.flatnonzero(row), index)
            if found is None:
                continue
            atoms, second = found
            part = "(i)" if len(atoms) == 2 else "(ii)"
            why = f"{SIDES[side]} columns that meet at {index} are dependent (Theorem 4.13 {part})"
            pair = tuple(field.give(factor) for factor in (second if side == 0 else second[::-1]))
            return Decision(False, why, Dependence(SIDES[side], index, atoms, pair))
    return Decision(True, "Theorem 4.13 (i) and (ii): necessary, not sufficient")


def generic_conditions(supports: SupportPair) -> Decision:
    """Decide whether almost all factors on these supports keep the conditions of Theorem 4.13.

    Generic columns with given supports are independent if each of them can be given a row of its own
    (Hall's marriage theorem).

    Returns
    -------
    Decision
        Witness if not: a `Dependence`, whose atoms together have fewer rows than they are.
    """
    check_supports(supports)
    for side, (around, allowed) in enumerate(
        ((supports.left, supports.right), (supports.right, supports.left))
    ):
        rows, first = np.unique(allowed, axis=0, return_index=True)
        for row, index in zip(rows, first, strict=True):
            atoms = np.flatnonzero(row & around.any(axis=0))
            crowded = _crowded(around[:, atoms])
            if crowded is not None:
                why = f"{SIDES[side]} columns that meet at {index} have too few rows (Theorem 4.13, generic)"
                return Decision(False, why, Dependence(SIDES[side], int(index), atoms[crowded]))
    return Decision(True, "Theorem 4.13 for almost all factors: necessary, not sufficient")


def without_halves(field: Exact | Approximate, X, Y) -> tuple[np.ndarray, np.ndarray]:
    """Return the factors with columns set to zero in both where they are zero in one: same product, in IC."""
    gone = field.is_zero(X).all(axis=0) | field.is_zero(Y).all(axis=0)
    X, Y = X.copy(), Y.copy()
    for factor in (X, Y):
        factor[:, gone] = field.zeros((len(factor), gone.sum()), factor)
    return X, Y


def _dependence(field, fixed, free, around, atoms, index):
    """Return dependent columns of the fixed factor among `atoms`, and a second solution; or None."""
    zero = field.is_zero(fixed).all(axis=0)
    vectors, owners = [], []
    for atom in atoms:
        rows = np.flatnonzero(around[:, atom]) if zero[atom] else []
        for row in rows:
            unit = field.zeros(len(fixed), fixed)
            unit[row] = field.one
            vectors.append(unit)
            owners.append(atom)
        if not zero[atom]:
            vectors.append(fixed[:, atom])
            owners.append(atom)
    if not vectors:
        return None
    kernel = field.kernel(np.column_stack(vectors))
    if not kernel.shape[1]:
        return None
    weights = kernel[:, 0]
    involved = np.unique(np.array(owners)[~field.is_zero(weights)])
    step = field.one
    while True:
        second = fixed.copy(), free.copy()
        for weight, vector, atom in zip(weights, vectors, owners, strict=True):
            if zero[atom]:
                second[0][:, atom] = second[0][:, atom] + vector * weight
            else:
                second[1][index, atom] = second[1][index, atom] + weight * step
        for atom in involved[zero[involved]]:
            second[1][index, atom] = step
        if len(matched_columns(field, (fixed, free), without_halves(field, *second))[2]):
            return involved, second
        step = step + field.one


def _crowded(support):
    """Return columns that together have fewer rows than they are, or None if all can have their own."""
    n_columns = support.shape[1]
    if not n_columns:
        return None
    matched = maximum_bipartite_matching(csr_array(support), perm_type="row")  # for each column its row
    alone = np.flatnonzero(matched < 0)
    if not len(alone):
        return None
    columns = {int(alone[0])}
    while True:  # alternating paths: rows that the columns have, and the columns that hold those rows
        rows = support[:, sorted(columns)].any(axis=1)
        more = {column for column in range(n_columns) if matched[column] >= 0 and rows[matched[column]]}
        if more <= columns:
            return np.array(sorted(columns))
        columns |= more
