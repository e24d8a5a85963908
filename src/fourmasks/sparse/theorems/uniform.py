"""Uniform identifiability: of all factors at once (paper, Section 5).

The witnesses are two members of the model with the same product or sum that are not equivalent. Families are
enumerated, so that sizes have to be small.
"""

from itertools import combinations, product
from math import prod

import numpy as np

from fourmasks.sparse.supports.arithmetic import arithmetic
from fourmasks.sparse.supports.decisions import Decision
from fourmasks.sparse.supports.families import Family, GivenFamily, check_family, merged
from fourmasks.sparse.supports.pair import SupportPair, check_supports
from fourmasks.sparse.supports.pairs import Pairs, ProductPairs, as_pairs, only
from fourmasks.sparse.theorems.degeneration import non_degeneration
from fourmasks.sparse.theorems.right_theorems import collinear_groups, distributed, normalisation

MAX_TUPLES = 500_000


def disjoint(supports: SupportPair) -> Decision:
    """Decide uniform P-uniqueness in Γ_S: whether the rank-one supports are pairwise disjoint (Lemma 5.1).

    Returns
    -------
    Decision
        Witness if not: two tuples C, C' (r, m, n) in Γ_S with the same sum, not permutations of each other.
    """
    check_supports(supports)
    masks = supports.masks()
    shared = np.argwhere(masks.sum(axis=0) > 1)
    if not len(shared):
        return Decision(True, "the rank-one supports are pairwise disjoint (Lemma 5.1)")
    row, column = shared[0]
    more, less = np.flatnonzero(masks[:, row, column])[:2]
    first = np.zeros(masks.shape, dtype=np.int64)
    first[more, row, column], first[less, row, column] = 1, -1
    why = f"rank-one supports {more} and {less} share entry ({row}, {column}) (Lemma 5.1)"
    return Decision(False, why, (first, 2 * first))


def scaling_uniqueness(X, Y, supports: SupportPair, tolerance: float | None = None) -> Decision:
    """Decide S-uniqueness of (X, Y) in Σ_S for disjoint rank-one supports: IC and MC (Proposition 5.3).

    Parameters
    ----------
    X, Y, tolerance
        As for `non_degeneration`.
    supports : SupportPair
        Allows the factors.

    Returns
    -------
    Decision
        Open (None) if rank-one supports meet. Witness if not: a second solution, not equivalent.
    """
    if not disjoint(supports).holds:
        return Decision(None, "rank-one supports meet: Proposition 5.3 does not apply")
    decision = non_degeneration(X, Y, only(supports), tolerance)
    if not decision.holds:
        return decision
    return Decision(True, "disjoint rank-one supports, IC and MC (Proposition 5.3)")


def uniform_decomposition(omega: Pairs) -> Decision:
    """Decide uniform P-uniqueness of exact matrix decomposition in Γ_Ω (Proposition 5.5).

    Parameters
    ----------
    omega : GivenPairs, ProductPairs or SupportPair
        One pair of supports is a family, too.

    Returns
    -------
    Decision
        Witness if not: two tuples (r, m, n) in Γ_Ω with the same sum, not permutations of each other.

    Raises
    ------
    ValueError
        If more than `MAX_TUPLES` tuples of rank-one supports would have to be compared, or `omega` is no
        family.
    """
    omega = as_pairs(omega)
    pairs = list(omega.maximal())
    for pair in pairs:
        decision = disjoint(pair)
        if not decision.holds:
            return Decision(False, f"{decision.why}; Proposition 5.5 (i)", decision.witness)
    count = sum(_tuples(pair) for pair in pairs)
    if count > MAX_TUPLES:
        raise ValueError(f"{count} tuples of rank-one supports: expected at most {MAX_TUPLES}")
    options = [[_rectangles(*pair.rectangle(i)) for i in range(pair.rank)] for pair in pairs]
    seen = {}
    for choice in options:
        for cells in product(*choice):
            union, parts = frozenset().union(*cells), sorted(map(sorted, cells))
            other, known = seen.setdefault(union, (cells, parts))
            if known != parts:
                witness = tuple(_tuple(each, omega.shape) for each in (other, cells))
                return Decision(False, "two tuples with one union (Proposition 5.5 (ii))", witness)
    return Decision(True, "disjoint supports, told apart by their union (Proposition 5.5)")


def uniform_ones(family: Family) -> Decision:
    """Decide uniform P-uniqueness with a left factor of ones (Proposition 5.10).

    It is Proposition 5.5 for the family {1ᵀ} × Θ.

    Returns
    -------
    Decision
        Witness if not: two Y (n, r) in Σ_Θ with the same sum of columns, not permutations of each other.
    """
    check_family(family)
    row = GivenFamily([np.ones((1, family.shape[1]), dtype=bool)])
    decision = uniform_decomposition(ProductPairs(row, family))
    why = decision.why.replace("Proposition 5.5", "Proposition 5.10")
    witness = decision.witness and tuple(each[:, 0].T for each in decision.witness)
    return Decision(decision.holds, why, witness)


def injective(X, family: Family, tolerance: float | None = None) -> Decision:
    """Decide whether Y ↦ X Yᵀ is injective on Σ_Θ (Proposition 5.8).

    Parameters
    ----------
    X : array-like (m, r)
    family : Family
        Of supports (n, r).
    tolerance : float or None, default None
        Required for floats, see `arithmetic`.

    Returns
    -------
    Decision
        Witness if not: two different Y in Σ_Θ with the same X Yᵀ.
    """
    check_family(family)
    field = arithmetic(X, tolerance=tolerance)
    found = _collision(field, field.matrix(X), family)
    if found is None:
        return Decision(True, "columns that two supports allow in one row are independent (Proposition 5.8)")
    witness = tuple(field.give(factor) for factor in found)
    return Decision(False, "dependent columns that two supports allow (Proposition 5.8)", witness)


def uniform_right(X, family: Family, tolerance: float | None = None) -> Decision:
    """Decide uniform right identifiability: every Y in Σ_Θ is PS-unique with this X (Corollary 5.6).

    Columns in which X is zero must be empty in all supports (Lemma Q.1).

    Parameters
    ----------
    X, family, tolerance
        As for `injective`.

    Returns
    -------
    Decision
        Witness if not: two Y in Σ_Θ with the same X Yᵀ such that (X, Y) and (X, Y') are not equivalent.
    """
    check_family(family)
    field = arithmetic(X, tolerance=tolerance)
    X = field.matrix(X)
    if X.shape[1] != family.shape[1]:
        raise ValueError(f"X of shape {X.shape}: expected {family.shape[1]} columns, as the family has")
    empty = field.is_zero(X).all(axis=0)
    for member in family.maximal():
        loose = np.argwhere(member & empty)
        if len(loose):
            first, second = (field.zeros(family.shape, X) for _ in range(2))
            second[tuple(loose[0])] = field.one
            why = f"column {loose[0][1]} is zero in X but allowed in Y (Lemma Q.1)"
            return Decision(False, why, (field.give(first), field.give(second)))
    kept = np.flatnonzero(~empty)
    found = _uniform_second(field, X[:, kept], family.signature(kept)) if len(kept) else None
    if found is None:
        return Decision(True, "Corollary 5.6 (i) and (ii)")
    why, pair = found
    witness = []
    for factor in pair:
        whole = field.zeros(family.shape, X)
        whole[:, kept] = factor
        witness.append(field.give(whole))
    return Decision(False, why, tuple(witness))


def _uniform_second(field, X, family):
    """Return reason and two right factors for X without zero columns, or None."""
    scaling, groups = normalisation(field, X), collinear_groups(field, X)
    first = [group[0] for group in groups]
    members = list(family.maximal())
    found = _collision(field, (X * scaling)[:, first], family.fingerprint(groups))
    if found is not None:
        pair = []
        for grouped in found:
            filled = ~field.is_zero(grouped)
            member = next(member for member in members if (filled <= merged(member, groups)).all())
            pair.append(distributed(field, grouped, member, groups) * scaling)
        return "dependent columns that two supports allow (Corollary 5.6 (i))", pair
    for group in groups:
        decision = uniform_ones(GivenFamily([member[:, group] for member in members]))
        if not decision.holds:
            pair = []
            for part in decision.witness:
                factor = field.zeros(family.shape, X)
                factor[:, group] = field.matrix(part)
                pair.append(factor * scaling)
            return f"{decision.why}, in the group {group.tolist()} (Corollary 5.6 (ii))", pair
    return None


def _collision(field, X, family):
    """Return two different factors in Σ_Θ with the same product with X, or None."""
    members = list(family.maximal())
    seen = set()
    for one, other in product(members, members):
        for row, union in enumerate(one | other):
            if union.tobytes() in seen:
                continue
            seen.add(union.tobytes())
            columns = np.flatnonzero(union)
            kernel = field.kernel(X[:, columns])
            if kernel.shape[1]:
                pair = [field.zeros(family.shape, X) for _ in range(2)]
                for column, weight in zip(columns, kernel[:, 0], strict=True):
                    in_first = one[row, column]
                    pair[0 if in_first else 1][row, column] = weight if in_first else -weight
                return pair
    return None


def _rectangles(rows, columns):
    """Return all rectangles within rows × columns as sets of cells, the empty one among them."""
    found = [frozenset()]
    for chosen in _subsets(rows):
        for others in _subsets(columns):
            found.append(frozenset(product(chosen, others)))
    return found


def _tuples(pair):
    """Return how many tuples of rectangles there are within the rank-one supports."""
    sides = ([2 ** int(size) - 1 for size in support.sum(axis=0)] for support in (pair.left, pair.right))
    return prod(rows * columns + 1 for rows, columns in zip(*sides, strict=True))


def _subsets(items):
    sizes = range(1, len(items) + 1)
    return [chosen for size in sizes for chosen in combinations(items.tolist(), size)]


def _tuple(cells, shape):
    """Return sets of cells as an integer array (r, m, n) of zeros and ones."""
    array = np.zeros((len(cells), *shape), dtype=np.int64)
    for i, each in enumerate(cells):
        for cell in each:
            array[i][cell] = 1
    return array
