"""Identifying the supports of the contributions from the product (paper, Proposition 4.11)."""

from collections.abc import Iterator

import numpy as np

from fourmasks.sparse.referees.polynomial import disjoint_solutions
from fourmasks.sparse.supports.arithmetic import Approximate, Exact, arithmetic
from fourmasks.sparse.supports.decisions import Decision
from fourmasks.sparse.supports.pair import SupportPair
from fourmasks.sparse.supports.pairs import Pairs, as_pairs


def disjoint_by_counting(Z, omega: Pairs, tolerance: float | None = None) -> Decision:
    """Show (i) of Proposition 4.11 by counting, where that is possible (Remark 4.12).

    Rank-one supports that cover the support of Z with no more entries than it has cannot meet.

    Parameters
    ----------
    Z : array-like (m, n)
    omega : GivenPairs or ProductPairs
    tolerance : float or None, default None
        Required for floats, see `arithmetic`.

    Returns
    -------
    Decision
        `holds` is True or None. Witness if open: a pair of supports that covers Z with more entries.
    """
    omega = as_pairs(omega)
    filled = _filled(*_matrix(Z, tolerance), omega)
    for supports in omega.maximal():
        masks = supports.masks()
        if (filled <= masks.any(axis=0)).all() and masks.sum() > filled.sum():
            why = f"supports with {masks.sum()} entries cover the {filled.sum()} of Z: counting does not tell"
            return Decision(None, why, supports)
    return Decision(True, "supports that cover Z have no entry to spare (Remark 4.12)")


def partitions(Z, omega: Pairs, tolerance: float | None = None) -> Iterator[tuple[np.ndarray, SupportPair]]:
    """Yield the tuples of disjoint rectangles, within the rank-one supports of a pair in Ω, that make up the
    support of Z and on each of which Z has rank at most one.

    Parameters
    ----------
    Z, omega, tolerance
        As for `disjoint_by_counting`.

    Yields
    ------
    (ndarray of bool (r, m, n), SupportPair)
        The tuple and the pair that allows it.
    """
    omega = as_pairs(omega)
    field, Z = _matrix(Z, tolerance)
    filled = _filled(field, Z, omega)
    for supports in omega.maximal():
        if (filled <= supports.masks().any(axis=0)).all():
            parts = np.zeros((supports.rank, *filled.shape), dtype=bool)
            for found in _covers(field, Z, filled.copy(), supports, parts, frozenset(range(supports.rank))):
                yield found.copy(), supports


def support_identification(
    Z, omega: Pairs, tolerance: float | None = None, *, algebra: bool = False
) -> Decision:
    """Decide by Proposition 4.11 whether Z tells the supports of its contributions, where it does.

    Parameters
    ----------
    Z, omega, tolerance
        As for `disjoint_by_counting`.
    algebra : bool, default False
        Decide condition (i) by Gröbner bases where counting does not: for tiny sizes and exact entries.

    Returns
    -------
    Decision
        `holds` is True or None. Witness: the one partition of the support of Z, or two of them that are not
        permutations of each other; a failure of (i) has its own witness.
    """
    condition = disjoint_by_counting(Z, omega, tolerance)
    if not condition.holds and algebra:
        condition = disjoint_solutions(Z, omega)
    if not condition.holds:
        return Decision(None, f"Proposition 4.11 (i): {condition.why}", condition.witness)
    first = None
    for found, _ in partitions(Z, omega, tolerance):
        if first is None:
            first = found
        elif _unordered(found) != _unordered(first):
            return Decision(None, "two partitions of Z (Proposition 4.11 (ii))", (first, found))
    if first is None:
        return Decision(None, "no partition of Z: it has no decomposition with disjoint supports")
    return Decision(True, "one partition of Z, up to permutation (Proposition 4.11)", first)


def _matrix(Z, tolerance) -> tuple[Exact | Approximate, np.ndarray]:
    field = arithmetic(Z, tolerance=tolerance)
    return field, field.matrix(Z)


def _filled(field, Z, omega):
    if Z.shape != omega.shape:
        raise ValueError(f"Z of shape {Z.shape}: expected {omega.shape}, as the supports have")
    return ~field.is_zero(Z)


def _covers(field, Z, left, supports, parts, free):
    """Yield the ways to cover what is left of the support of Z: its first cell by each atom that may."""
    if not left.any():
        yield parts
        return
    row, column = np.argwhere(left)[0]
    for i in sorted(free):
        if not (supports.left[row, i] and supports.right[column, i]):
            continue
        for rows, columns in _rectangles(
            left & np.outer(supports.left[:, i], supports.right[:, i]), row, column
        ):
            cells = np.ix_(rows, columns)
            if field.rank(Z[cells]) > 1:
                continue
            parts[i][cells], left[cells] = True, False
            yield from _covers(field, Z, left, supports, parts, free - {i})
            parts[i][cells], left[cells] = False, True


def _rectangles(cells, row, column) -> Iterator[tuple[list, list]]:
    """Yield the rectangles of cells that contain a given one, which is in the first row that has any."""
    for columns in _with(np.flatnonzero(cells[row]), column):
        others = np.flatnonzero(cells[:, columns].all(axis=1))
        for rows in _with(others, row):
            yield rows, columns


def _with(items, member) -> Iterator[list]:
    rest = [item for item in items if item != member]
    for chosen in range(2 ** len(rest)):
        yield [member, *(item for bit, item in enumerate(rest) if chosen >> bit & 1)]


def _unordered(parts):
    return sorted(part.tobytes() for part in parts)
