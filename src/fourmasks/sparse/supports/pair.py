"""Pairs of allowed supports of the two factors of Z = X Yᵀ (paper, Section 2.2).

Rows, columns and atoms are numbered from 0.
"""

from dataclasses import dataclass
from numbers import Real

import numpy as np

from fourmasks.system.arrays import plain_array


@dataclass(frozen=True, eq=False)
class SupportPair:
    """The allowed supports S = (Sᴸ, Sᴿ) of a left factor X (m, r) and a right factor Y (n, r).

    Parameters
    ----------
    left : array-like of bool (m, r)
        Where X may be non-zero. Zeros and ones of another type are taken too, sparse matrices and masked
        arrays are not.
    right : array-like of bool (n, r)
        Where Y may be non-zero.

    Two pairs are equal when both supports are; equal pairs have equal hashes.

    Raises
    ------
    ValueError
        If a support is not a matrix, holds another value than 0 and 1, or the numbers of columns differ.
    """

    left: np.ndarray
    right: np.ndarray

    def __post_init__(self):
        for name in ("left", "right"):
            object.__setattr__(self, name, support_matrix(getattr(self, name), name))
        if self.left.shape[1] != self.right.shape[1]:
            raise ValueError(
                f"supports of shapes {self.left.shape} and {self.right.shape}: "
                "expected as many columns on the left as on the right"
            )

    def __eq__(self, other):
        if not isinstance(other, SupportPair):
            return NotImplemented
        return np.array_equal(self.left, other.left) and np.array_equal(self.right, other.right)

    def __hash__(self):
        return hash((self.left.shape, self.right.shape, self.left.tobytes(), self.right.tobytes()))

    @classmethod
    def from_factors(cls, X, Y, tolerance: float = 0.0) -> "SupportPair":
        """Return the supports of two factors; an entry counts as zero up to `tolerance` in absolute value."""
        return cls(nonzero(X, tolerance), nonzero(Y, tolerance))

    @property
    def rank(self) -> int:
        """Number r of columns of either factor: the atoms."""
        return self.left.shape[1]

    @property
    def shape(self) -> tuple[int, int]:
        """Shape (m, n) of the product."""
        return self.left.shape[0], self.right.shape[0]

    def rectangle(self, i: int) -> tuple[np.ndarray, np.ndarray]:
        """Return rows and columns of the i-th rank-one support, both sorted."""
        return np.flatnonzero(self.left[:, i]), np.flatnonzero(self.right[:, i])

    def masks(self) -> np.ndarray:
        """Return the tuple φ(S) of rank-one supports as one array (r, m, n): for small sizes."""
        return self.left.T[:, :, None] & self.right.T[:, None, :]


def check_supports(supports) -> None:
    """Raise ValueError unless this is a pair of supports."""
    if not isinstance(supports, SupportPair):
        raise ValueError(f"supports is of type {type(supports).__name__}: expected a SupportPair")


def support_matrix(values, name: str = "support") -> np.ndarray:
    """Return a read-only boolean copy of a matrix of zeros and ones; `name` is for the error."""
    given = plain_array(name, values)
    if given.ndim != 2:
        raise ValueError(f"{name} has shape {given.shape}: expected a matrix, one column for each atom")
    if given.dtype.kind not in "biufcO":
        raise ValueError(f"{name} has dtype {given.dtype}: expected zeros and ones only")
    support = given.astype(bool)  # a copy
    if not np.array_equal(support, given):
        raise ValueError(f"{name} holds {given[support != given].flat[0]!r}: expected zeros and ones only")
    support.setflags(write=False)
    return support


def nonzero(matrix, tolerance: float = 0.0) -> np.ndarray:
    """Return where a matrix of numbers (floats, complex, fractions) exceeds `tolerance` in absolute value."""
    if not (isinstance(tolerance, Real) and tolerance >= 0):
        raise ValueError(f"tolerance = {tolerance!r}: expected at least 0")
    matrix = plain_array("matrix", matrix)
    if matrix.dtype.kind not in "biufcO":
        raise ValueError(f"matrix has dtype {matrix.dtype}: expected numbers")
    return (np.abs(matrix) > tolerance).astype(bool)
