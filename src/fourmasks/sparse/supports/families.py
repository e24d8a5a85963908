"""Families of supports of one factor: given ones, and those with few entries by column, by row or in all.

A family Θ stands for the union Σ_Θ of the subspaces of matrices with a support in it (paper, Eq. 10), so that
only its maximal supports matter there. Enumerating them is for small sizes: see `MAX_CELLS`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from fourmasks.sparse.supports.decisions import Decision
from fourmasks.sparse.supports.pair import nonzero, support_matrix

MAX_CELLS = 36


def check_family(family) -> None:
    """Raise ValueError unless this is a family of supports."""
    if not isinstance(family, Family):
        raise ValueError(f"family is of type {type(family).__name__}: expected a Family, such as GivenFamily")


class Family:
    """What families of supports of matrices of one shape (n, r) share."""

    shape: tuple[int, int]

    def contains(self, support) -> bool:
        """Return whether a support is a member."""
        raise NotImplementedError

    def maximal(self) -> Iterator[np.ndarray]:
        """Yield the members that no other member contains."""
        raise NotImplementedError

    def allows(self, matrix, tolerance: float = 0.0) -> bool:
        """Return whether a matrix is in Σ_Θ: whether a member contains its support."""
        support = self._checked(nonzero(matrix, tolerance))
        return any((support <= member).all() for member in self.maximal())

    def signature(self, columns: Sequence[int]) -> "Family":
        """Return the signature Θ_J: the members' submatrices on these columns (Eq. 11)."""
        return GivenFamily([member[:, list(columns)] for member in self.maximal()])

    def fingerprint(self, partition: Sequence[Sequence[int]]) -> "GivenFamily":
        """Return the fingerprint of the family on a partition of the columns: the unions of the columns
        in each part, one column for each (Eq. 12)."""
        if sorted(column for part in partition for column in part) != list(range(self.shape[1])):
            raise ValueError(f"{partition}: expected a partition of the columns 0 to {self.shape[1] - 1}")
        return GivenFamily([merged(member, partition) for member in self.maximal()])

    def stability(self) -> Decision:
        """Decide whether the family is stable by permutation of columns (Definition 2.4 for one factor).

        Witness if not: a member and the permutation that leads out of the family.
        """
        raise NotImplementedError

    def _checked(self, support):
        support = support_matrix(support)
        if support.shape != self.shape:
            raise ValueError(f"a matrix of shape {support.shape}: expected {self.shape}, the family's")
        return support


class GivenFamily(Family):
    """A family given by its members.

    Parameters
    ----------
    supports : sequence of array-like of bool (n, r)
        At least one, all of one shape; repeated ones count once.
    """

    def __init__(self, supports):
        members = [support_matrix(support) for support in supports]
        if not members:
            raise ValueError("no supports: expected at least one")
        shapes = sorted({member.shape for member in members})
        if len(shapes) > 1:
            raise ValueError(f"supports of shapes {shapes}: expected one shape")
        self.shape = shapes[0]
        self._members = {member.tobytes(): member for member in members}

    def __len__(self):
        return len(self._members)

    def contains(self, support) -> bool:
        """Return whether a support is one of those given."""
        return self._checked(support).tobytes() in self._members

    def maximal(self) -> Iterator[np.ndarray]:
        """Yield those that no other contains, in the order given."""
        flat = np.array([member.ravel() for member in self._members.values()])
        for number, member in enumerate(self._members.values()):
            if ((flat >= flat[number]).all(axis=1)).sum() == 1:
                yield member

    def stability(self) -> Decision:
        """See `Family.stability`; neighbouring transpositions are tried, which generate all permutations."""
        for member in self._members.values():
            for permutation in transpositions(self.shape[1]):
                if not self.contains(member[:, permutation]):
                    return Decision(False, "a permuted member is not in the family", (member, permutation))
        return Decision(True, "exchanging two neighbouring columns never leads out of the family")


@dataclass(frozen=True)
class SparseFamily(Family):
    """All supports with at most so many entries: in each column, in each row, in all (Eq. 4–6).

    Parameters
    ----------
    shape : (int, int)
        Of the matrices, (n, r).
    per_column, per_row, total : int or None, default None
        The bounds; None is none. At least 0.
    """

    shape: tuple[int, int]
    per_column: int | None = None
    per_row: int | None = None
    total: int | None = None

    def __post_init__(self):
        object.__setattr__(self, "shape", tuple(self.shape))
        for name in ("per_column", "per_row", "total"):
            bound = getattr(self, name)
            if bound is not None and bound < 0:
                raise ValueError(f"{name} = {bound}: expected at least 0, or None for no bound")

    def contains(self, support) -> bool:
        """Return whether a support keeps the bounds."""
        support = self._checked(support)
        counts = (
            (self.per_column, support.sum(axis=0)), (self.per_row, support.sum(axis=1)),
            (self.total, support.sum()),
        )  # fmt: skip
        return all(bound is None or np.all(count <= bound) for bound, count in counts)

    def allows(self, matrix, tolerance: float = 0.0) -> bool:
        """See `Family.allows`: what a member contains is a member itself."""
        return self.contains(nonzero(matrix, tolerance))

    def signature(self, columns: Sequence[int]) -> "SparseFamily":
        """See `Family.signature`: the same bounds on fewer columns (Example 3.5)."""
        return SparseFamily((self.shape[0], len(columns)), self.per_column, self.per_row, self.total)

    def maximal(self) -> Iterator[np.ndarray]:
        """Yield the members to which no entry can be added."""
        n, r = self.shape
        if n * r > MAX_CELLS:
            raise ValueError(f"supports of shape {self.shape}: at most {MAX_CELLS} cells can be enumerated")
        for support in self._filled(np.zeros(self.shape, dtype=bool), 0):
            if not self._growing(support).any():
                yield support

    def _filled(self, support, column):
        """Yield the members that go on from a support whose columns before this one are settled."""
        n, r = self.shape
        if column == r:
            yield support.copy()
            return
        left = n if self.total is None else min(n, self.total - support.sum())
        most = left if self.per_column is None else min(left, self.per_column)
        rows = range(n) if self.per_row is None else np.flatnonzero(support.sum(axis=1) < self.per_row)
        for size in range(min(most, len(rows)), -1, -1):
            for chosen in combinations(rows, size):
                support[list(chosen), column] = True
                yield from self._filled(support, column + 1)
                support[:, column] = False

    def _growing(self, support):
        """Return which entries could be added."""
        room = ~support
        if self.total is not None and support.sum() >= self.total:
            return np.zeros_like(room)
        if self.per_column is not None:
            room &= support.sum(axis=0) < self.per_column
        if self.per_row is not None:
            room &= (support.sum(axis=1) < self.per_row)[:, None]
        return room

    def stability(self) -> Decision:
        """See `Family.stability`."""
        return Decision(True, "the bounds are the same for all columns")


def column_sparse(shape, k: int) -> SparseFamily:
    """Return the supports with at most k entries in each column (Eq. 5)."""
    return SparseFamily(shape, per_column=k)


def row_sparse(shape, k: int) -> SparseFamily:
    """Return the supports with at most k entries in each row (Eq. 6)."""
    return SparseFamily(shape, per_row=k)


def globally_sparse(shape, s: int) -> SparseFamily:
    """Return the supports with at most s entries (Eq. 4)."""
    return SparseFamily(shape, total=s)


def regular(size: int, k: int) -> SparseFamily:
    """Return the k-regular supports: square, at most k entries in each row and column (Example 2.3)."""
    return SparseFamily((size, size), per_column=k, per_row=k)


def merged(matrix, partition: Sequence[Sequence[int]]) -> np.ndarray:
    """Return the sum (for supports the union) of the columns in each part."""
    return np.column_stack([np.asarray(matrix)[:, list(part)].sum(axis=1) for part in partition]).astype(
        np.asarray(matrix).dtype
    )


def transpositions(size: int) -> list[np.ndarray]:
    """Return the exchanges of neighbours among `size` columns."""
    swaps = []
    for i in range(size - 1):
        permutation = np.arange(size)
        permutation[[i, i + 1]] = i + 1, i
        swaps.append(permutation)
    return swaps
