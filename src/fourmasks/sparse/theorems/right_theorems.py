"""Right identifiability by the paper's conditions (Propositions 3.8, 3.16 and 3.17, Theorem 3.14).

Two statements fail as printed; the functions here decide what holds instead.

* Lemma 3.6 drops the columns in which X is zero. But a support that allows a solution and an entry there
  allows any value of it: X = (1 0), Y = (1 0), Θ = {(1 1)} is unique once the column is dropped, and (1 t)
  is another solution. No support that allows a solution may have entries in those columns.
* Theorem 3.14 (ii) asks for uniqueness within each group of collinear columns, among all supports that the
  family has there. That is sufficient, but not necessary: a support may offer a second solution to one group
  and none to another. X = (e₁ e₁ e₂ e₂), Y = (1 0 1 0) is P-unique among the rows with at most two
  entries, while its half (1 0) is not unique among them: (t 1-t). Necessary and sufficient: to ask it of
  the supports whose fingerprint contains the support of the grouped Y.
"""

from dataclasses import replace

import numpy as np

from fourmasks.sparse.supports.decisions import Decision
from fourmasks.sparse.supports.families import Family, GivenFamily, merged
from fourmasks.sparse.theorems.right import Arithmetic, SecondFactor, allowed_factor, particular

OVERLAP = "two columns share a row (Proposition 3.17)"


def linear_uniqueness(X, Y, family: Family, tolerance: float | None = None) -> Decision:
    """Decide whether Y' = Y for all Y' in Σ_Θ with X Y'ᵀ = X Yᵀ, no equivalence allowed (Prop. 3.16).

    Parameters
    ----------
    X, Y, family, tolerance
        As for `right.unique_right_factor`.

    Returns
    -------
    Decision
        Witness if not: a `SecondFactor`, with the dependent columns where condition (i) fails.
    """
    field, X, Y = allowed_factor(X, Y, family, tolerance)
    return _decision(field, _linear_second(field, X, Y, family), "Proposition 3.16 (i) and (ii)")


def ones_uniqueness(Y, family: Family, tolerance: float | None = None) -> Decision:
    """Decide whether (1ᵀ, Y) is the P-unique factorization of the sum of the columns of Y (Prop. 3.17).

    Parameters, witness: as for `linear_uniqueness`, for the left factor (1 … 1).
    """
    field, _, Y = allowed_factor(np.ones((1, np.shape(Y)[1]), dtype=int), Y, family, tolerance)
    return _decision(field, _ones_second(field, Y, family), "Proposition 3.17 (i) and (ii)")


def grouped_uniqueness(
    X, Y, family: Family, tolerance: float | None = None, *, as_printed: bool = False
) -> Decision:
    """Decide right identifiability for X without zero columns, by groups of collinear ones (Thm 3.14).

    Columns are normalised first (Proposition 3.8).

    Parameters
    ----------
    X, Y, family, tolerance
        As for `linear_uniqueness`.
    as_printed : bool, default False
        Ask condition (ii) of all supports, as the paper does: sufficient, but not necessary (see above).

    Returns
    -------
    Decision
        Witness if not: a `SecondFactor` of the whole problem; as printed and by (ii), of the group only.
    """
    field, X, Y = allowed_factor(X, Y, family, tolerance)
    empty = np.flatnonzero(field.is_zero(X).all(axis=0))
    if len(empty):
        raise ValueError(f"column {empty[0]} of X is zero: use right_identifiability")
    found = _grouped_second(field, X, Y, family, as_printed)
    return _decision(field, found, "Theorem 3.14 (i) and (ii)")


def right_identifiability(X, Y, family: Family, tolerance: float | None = None) -> Decision:
    """Decide right identifiability, (X, Y) ∈ U({X} × Σ_Θ), by the paper's conditions, mended.

    Columns in which X is zero must be zero in Y (Lemma 3.3) and in every support that allows a solution. They
    are dropped (Lemma 3.6), and `grouped_uniqueness` decides.

    Parameters
    ----------
    X, Y, family, tolerance
        As for `linear_uniqueness`.

    Returns
    -------
    Decision
        Witness if not: a `SecondFactor` with (X, Y') not PS-equivalent to (X, Y).
    """
    field, X, Y = allowed_factor(X, Y, family, tolerance)
    empty = field.is_zero(X).all(axis=0)
    found = _empty_second(field, X, Y, family, empty)
    if found is None and not empty.all():
        kept = np.flatnonzero(~empty)
        found = _grouped_second(field, X[:, kept], Y[:, kept], family.signature(kept), False)
        if found is not None and empty.any():
            found = found[0], _widened(field, found[1], kept, family)
    return _decision(field, found, "Theorem 3.14 (i) and (ii), mended")


def collinear_groups(field: Arithmetic, X) -> list[np.ndarray]:
    """Return the groups of collinear columns of a matrix without zero columns, as arrays of indices."""
    groups = []
    for column in range(X.shape[1]):
        for group in groups:
            if field.rank(X[:, [group[0], column]]) < 2:
                group.append(column)
                break
        else:
            groups.append([column])
    return [np.array(group) for group in groups]


def normalisation(field: Arithmetic, X) -> np.ndarray:
    """Return the scaling that makes the first non-zero entry of each column of X one (Prop. 3.8)."""
    first = (~field.is_zero(X)).argmax(axis=0)
    return np.array([field.one / X[row, column] for column, row in enumerate(first)], dtype=X.dtype)


def distributed(field, grouped, member, groups):
    """Return a factor in a support whose groups of columns have the given sums."""
    factor = field.zeros(member.shape, grouped)
    for number, group in enumerate(groups):
        for row in np.flatnonzero(~field.is_zero(grouped[:, number])):
            factor[row, group[member[row, group].argmax()]] = grouped[row, number]
    return factor


def _decision(field, found, statement):
    if found is None:
        return Decision(True, statement)
    why, second = found
    return Decision(False, why, replace(second, factor=field.give(second.factor)))


def _linear_second(field, X, Y, family):
    Z = field.product(X, Y.T)
    support = ~field.is_zero(Y)
    for member in family.maximal():
        if not (support <= member).all():
            other = particular(field, X, Z, member)
            if other is not None:
                why = "a support that does not allow Y allows a solution (Proposition 3.16 (ii))"
                return why, SecondFactor(other, member)
            continue
        for j, columns in enumerate(map(np.flatnonzero, member)):
            kernel = field.kernel(X[:, columns])
            if kernel.shape[1]:
                other = Y.copy()
                other[j, columns] = other[j, columns] + kernel[:, 0]
                dependent = columns[~field.is_zero(kernel[:, 0])]
                why = f"columns of X allowed in row {j} are dependent (Proposition 3.16 (i))"
                return why, SecondFactor(other, member, j, dependent)
    return None


def _ones_second(field, Y, family):
    support, sums = ~field.is_zero(Y), merged(Y, [range(Y.shape[1])])[:, 0]
    shared = np.flatnonzero(support.sum(axis=1) > 1)
    if len(shared):
        member = next(member for member in family.maximal() if (support <= member).all())
        other = _shifted(field, Y, shared[0], np.flatnonzero(support[shared[0]]))
        return OVERLAP, SecondFactor(other, member)
    covered = ~field.is_zero(sums)
    for member in family.maximal():
        if not (covered <= member.any(axis=1)).all():
            continue
        loose = np.flatnonzero(~covered & (member.sum(axis=1) > 1))
        if len(loose):
            other = distributed(field, sums[:, None], member, [np.arange(Y.shape[1])])
            other = _shifted(field, other, loose[0], np.flatnonzero(member[loose[0]]))
            return OVERLAP, SecondFactor(other, member)
        if _columns(member[covered]) != _columns(support[covered]):
            why = "a support with other columns has room for the sum (Proposition 3.17 (ii))"
            return why, SecondFactor(_spread(field, sums, member), member)
    return None


def _grouped_second(field, X, Y, family, as_printed):
    scaling = normalisation(field, X)
    groups = collinear_groups(field, X)
    first = [group[0] for group in groups]
    left, right = (X * scaling)[:, first], merged(Y / scaling, groups)
    found = _linear_second(field, left, right, family.fingerprint(groups))
    if found is not None:
        why, second = found
        member = next(S for S in family.maximal() if (merged(S, groups) == second.support).all())
        factor = distributed(field, second.factor, member, groups) * scaling
        columns = None if second.columns is None else np.array(first)[second.columns]
        return why, SecondFactor(factor, member, second.row, columns)
    room = ~field.is_zero(right)
    members = list(family.maximal())
    compatible = [S for S in members if (room <= merged(S, groups)).all()]
    for group in groups:
        among = GivenFamily([S[:, group] for S in (members if as_printed else compatible)])
        found = _ones_second(field, (Y / scaling)[:, group], among)
        if found is None:
            continue
        why, second = found
        if as_printed:
            return f"{why}, in the group {group.tolist()}", second
        member = next(S for S in compatible if (S[:, group] == second.support).all())
        factor = distributed(field, right, member, groups)
        factor[:, group] = second.factor
        return why, SecondFactor(factor * scaling, member)
    return None


def _empty_second(field, X, Y, family, empty):
    """Return a second factor that has other columns than Y where X has none."""
    used = ~field.is_zero(Y).all(axis=0) & empty
    if used.any():
        other = Y.copy()
        other[:, used] = field.zeros((len(Y), used.sum()), Y)
        return f"column {used.argmax()} is zero in X but not in Y (Lemma 3.3)", SecondFactor(other)
    Z = field.product(X, Y.T)
    for member in family.maximal():
        free = member & empty
        if free.any() and (other := particular(field, X, Z, member)) is not None:
            other[free] = field.one
            why = f"column {free.any(axis=0).argmax()} is zero in X but allowed in Y"
            return why, SecondFactor(other, member)
    return None


def _widened(field, second, kept, family):
    """Return the witness of a problem reduced to the columns `kept` as one of the whole problem."""
    factor = field.zeros((len(second.factor), family.shape[1]), second.factor)
    factor[:, kept] = second.factor
    member = next(S for S in family.maximal() if (S[:, kept] == second.support).all())
    columns = None if second.columns is None else kept[second.columns]
    return SecondFactor(factor, member, second.row, columns)


def _columns(support):
    """Return the columns of a support as a sorted list, to compare up to permutation."""
    return sorted(column.tobytes() for column in support.T.copy())


def _shifted(field, Y, row, columns):
    """Return Y with one value less in one entry and more in another of a row, no permutation of Y."""
    more, less = columns[:2]
    step = field.one
    while not (~field.is_zero(Y[row] - (Y[row, more] + step))).all():
        step = step + field.one
    other = Y.copy()
    other[row, more], other[row, less] = Y[row, more] + step, Y[row, less] - step
    return other


def _spread(field, sums, member):
    """Return the factor whose rows have the given sums, evenly over the entries of a support."""
    factor = field.zeros(member.shape, sums)
    for row in np.flatnonzero(~field.is_zero(sums)):
        factor[row, member[row]] = sums[row] / int(member[row].sum())
    return factor
