"""Kruskal rank, and uniform right identifiability of classical families by it (paper, Corollary 5.12)."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations, islice

import numpy as np

from fourmasks.sparse.supports.arithmetic import Approximate, Exact, arithmetic
from fourmasks.sparse.supports.decisions import Decision
from fourmasks.sparse.supports.families import SparseFamily
from fourmasks.sparse.supports.finite_field import ranks, residues

CHUNK = 20_000


@dataclass(frozen=True, eq=False)
class KruskalRank:
    """The largest k such that every k columns are linearly independent.

    Parameters
    ----------
    value : int
    dependent : ndarray of int or None
        Columns, one more than the value, that are dependent; None if all columns are independent.
    """

    value: int
    dependent: np.ndarray | None


def kruskal_rank(X, tolerance: float | None = None) -> KruskalRank:
    """Return the Kruskal rank of a matrix by trying all sets of columns: exponential in their number.

    Parameters
    ----------
    X : array-like (m, r)
    tolerance : float or None, default None
        Required for floats, see `arithmetic`.
    """
    field = arithmetic(X, tolerance=tolerance)
    X = field.matrix(X)
    rank, width = field.rank(X), X.shape[1]
    if dependent_set(field, X, rank) is None:  # often so, and then one size is enough
        return KruskalRank(rank, None if rank == width else np.arange(rank + 1))
    size = next(size for size in range(1, rank + 1) if dependent_set(field, X, size) is not None)
    return KruskalRank(size - 1, dependent_set(field, X, size))


def dependent_set(field: Exact | Approximate, X: np.ndarray, size: int) -> np.ndarray | None:
    """Return the first `size` columns of X, in lexicographic order, that are dependent; or None."""
    if not size:
        return None
    modular = residues(X, field.domain) if field.exact else X
    for sets in _chunks(X.shape[1], size):
        if modular is None:
            suspects = sets
        else:
            columns = modular[:, sets].transpose(1, 0, 2)
            suspects = sets[_deficient(field, columns)]
        for columns in suspects:
            if field.rank(X[:, columns]) < size:
                return columns
    return None


def required_rank(family: SparseFamily) -> int | None:
    """Return the Kruskal rank that is necessary and sufficient for uniform right identifiability in a family.

    Corollary 5.12 with the cases that it leaves out, and with (iv) mended: for s = 1 and n ≥ 2 it asks for
    min(r, 2), but collinear columns do no harm to a factor with one entry, which can only move from one of
    them to another, and that is a permutation. X = (1 1) is an example. The same goes for one entry in
    each row and column, and for one in each row if there is a single row.

    Returns
    -------
    int or None
        None if the family combines a bound on all entries with others, or has none: not in the corollary.
    """
    n, r = family.shape
    column, row, total = family.per_column, family.per_row, family.total
    if min(value for value in (column, row, total, 1) if value is not None) < 1 or not n * r:
        raise ValueError(f"{family}: expected bounds of at least 1 and a shape that is not empty")
    if total is not None:
        return None if (column, row) != (None, None) else 1 if total == 1 else min(r, 2 * total)
    if row is None:
        return None if column is None else r
    if row == 1 and (n == 1 or column == 1):
        return 1
    return min(r, 2 * row)


def uniform_by_kruskal(X, family: SparseFamily, tolerance: float | None = None) -> Decision:
    """Decide by Corollary 5.12, mended, whether every Y in the family is PS-unique with this left factor.

    Parameters
    ----------
    X, family, tolerance
        As for `uniform.injective`.

    Returns
    -------
    Decision
        Witness if not: the dependent columns. Open (None) for families that the corollary does not have.
    """
    field = arithmetic(X, tolerance=tolerance)
    X = field.matrix(X)
    needed = required_rank(family)
    if X.shape[1] != family.shape[1]:
        raise ValueError(f"X of shape {X.shape}: expected {family.shape[1]} columns, as the family has")
    if needed is None:
        return Decision(None, "Corollary 5.12 does not have this family")
    found = dependent_set(field, X, needed)
    if found is not None:
        return Decision(False, f"the Kruskal rank is below {needed} (Corollary 5.12)", found)
    return Decision(True, f"the Kruskal rank is at least {needed} (Corollary 5.12)")


def _deficient(field, matrices):
    """Return which of some matrices (b, m, k) may have dependent columns."""
    size = matrices.shape[2]
    if matrices.shape[1] < size:
        return np.ones(len(matrices), dtype=bool)
    if field.exact:
        return ranks(matrices) < size
    values = np.linalg.svd(matrices, compute_uv=False)
    return values[:, -1] <= field.tolerance * np.maximum(values[:, 0], 1.0)


def _chunks(width: int, size: int) -> Iterator[np.ndarray]:
    sets = combinations(range(width), size)
    while chunk := list(islice(sets, CHUNK)):
        yield np.array(chunk, dtype=np.int64).reshape(len(chunk), size)
