"""Butterfly products: supports, recursive factorization by Algorithm 1, and a test for where there is none.

A butterfly product of size n = 2^q is B = B₁ … B_q with B_s supported on I ⊗ (2 x 2 ones) ⊗ I, the first
identity of size 2^(s - 1). Consecutive factors multiply to supports I ⊗ ones ⊗ I again; cut anywhere, their
rank-one supports are pairwise disjoint, so that Corollary 4.27 applies to each cut.
"""

from dataclasses import dataclass
from numbers import Real

import numpy as np
from scipy.sparse import csr_array

from fourmasks.sparse.butterflies.transforms import exponent
from fourmasks.sparse.completion.fast import complete
from fourmasks.sparse.completion.outcome import UNIQUE, Completion
from fourmasks.sparse.completion.refinement import refine
from fourmasks.sparse.supports.pair import SupportPair
from fourmasks.system.arrays import plain_array
from fourmasks.system.names import counted


@dataclass(frozen=True, eq=False)
class ButterflyProduct:
    """The factors B₁, …, B_q, sparse (n, n), 2n entries each."""

    factors: tuple[csr_array, ...]

    def __matmul__(self, x: np.ndarray) -> np.ndarray:
        """Return B x, for a vector or the columns of a matrix."""
        for factor in reversed(self.factors):
            x = factor @ x
        return x

    def toarray(self) -> np.ndarray:
        """Return B, dense (n, n)."""
        return self @ np.eye(self.factors[0].shape[1])


def product_support(n: int, first: int, last: int) -> np.ndarray:
    """Return the support of B_first … B_last, bool (n, n): I ⊗ ones ⊗ I.

    Raises
    ------
    ValueError
        If n is no power of two, or not 1 <= first <= last <= log2 n.
    """
    if not 1 <= first <= last <= exponent(n):
        raise ValueError(f"factors {first} to {last}: expected 1 <= first <= last <= {exponent(n)}")
    before, inside = 2 ** (first - 1), 2 ** (last - first + 1)
    after = n // (before * inside)
    support = np.zeros((before, inside, after) * 2, bool)
    b, a = np.arange(before)[:, None], np.arange(after)
    support[b, :, a, b, :, a] = True
    return support.reshape(n, n)


def cut_supports(n: int, cut: int, first: int = 1, last: int | None = None) -> SupportPair:
    """Return the supports of X = B_first … B_cut and Yᵀ = B_(cut+1) … B_last.

    Parameters
    ----------
    n : int
        Size, a power of two.
    cut : int
        The last factor in X.
    first, last : int
        The first and the last of all; by default all log2 n.
    """
    last = exponent(n) if last is None else last
    return SupportPair(product_support(n, first, cut), product_support(n, cut + 1, last))  # symmetric


def factorize(B, *, tolerance: float, least_squares: bool = False) -> ButterflyProduct:
    """Factorize a butterfly product into its log2 n factors, by cuts in the middle (Algorithm 1 for each).

    Parameters
    ----------
    B : array-like (n, n)
        Floats or complex numbers, n a power of two.
    tolerance : float
        Size up to which entries count as zero or equal, at each cut.
    least_squares : bool, default False
        Take the least-squares factors at each cut, and nothing for a conflict: for matrices with errors.

    Raises
    ------
    ValueError
        If B is not square or of such a size, sparse, masked or not finite, the tolerance not positive, or a
        cut has no unique factors: the error says which and why.
    """
    if not (isinstance(tolerance, Real) and tolerance > 0):
        raise ValueError(f"tolerance = {tolerance!r}: expected a positive number, such as 1e-9")
    B = plain_array("B", B)
    if B.ndim != 2 or B.shape[0] != B.shape[1]:
        raise ValueError(f"matrix of shape {B.shape}: expected a square one")
    B = B.astype(np.complex128 if np.iscomplexobj(B) else np.float64)
    if not np.isfinite(B).all():
        place = tuple(int(i) for i in np.argwhere(~np.isfinite(B))[0])
        raise ValueError(f"entry {place} of B is {B[place]}: expected finite numbers")
    return ButterflyProduct(tuple(_factors(B, 1, exponent(len(B)), tolerance, least_squares)))


def _factors(Z, first, last, tolerance, least_squares):
    if first == last:
        places = np.flatnonzero(Z)
        return [csr_array((Z.ravel()[places], np.divmod(places, len(Z))), shape=Z.shape)]
    cut = (first + last) // 2
    supports = cut_supports(len(Z), cut, first, last)
    found = complete(Z, supports, tolerance=tolerance, mismatch=np.inf if least_squares else None)
    X, Y = _unique_factors(found, first, cut, last)
    if least_squares:
        refined = refine(Z, supports, X, Y)
        X, Y = refined.X, refined.Y
    left = _factors(X, first, cut, tolerance, least_squares)
    return left + _factors(np.ascontiguousarray(Y.T), cut + 1, last, tolerance, least_squares)


def _unique_factors(found: Completion, first, cut, last):
    if found.outcome != UNIQUE:
        why = found.conflict or f"{counted(len(found.missing), 'entry', 'entries')} left"
        raise ValueError(
            f"no unique cut of factors {first} to {last} after {cut}: {found.outcome}, {why}; "
            "expected a butterfly product"
        )
    return found.factors()


def column_pairs(Z, tolerance: float) -> list[tuple[int, int]]:
    """Return the pairs of columns that a last factor B_q could combine, whatever the permutations.

    Let P Z Q be a butterfly product, for some permutations P and Q. The cut before its last factor makes
    pairs of columns, and splits the rows into two halves on each of which the two columns are proportional.
    Only pairs that allow this are returned: a matrix without zeros for which they do not cover all columns is
    no butterfly product under any permutations of rows and columns.

    Parameters
    ----------
    Z : array-like (n, n)
        Without zeros, n even.
    tolerance : float
        Size up to which two ratios count as equal.

    Raises
    ------
    ValueError
        If Z has a zero, or is not square with an even size.
    """
    Z = plain_array("Z", Z)
    if Z.ndim != 2 or Z.shape[0] != Z.shape[1] or len(Z) % 2:
        raise ValueError(f"matrix of shape {Z.shape}: expected a square one of even size")
    if (np.abs(Z) <= tolerance).any():
        place = tuple(int(i) for i in np.argwhere(np.abs(Z) <= tolerance)[0])
        raise ValueError(f"entry {place} is {Z[place]}: expected no zeros")
    found, half = [], len(Z) // 2
    for k in range(len(Z)):
        ratio = Z[:, k + 1 :] / Z[:, k : k + 1]
        as_first = np.abs(ratio - ratio[0]) <= tolerance
        other = np.take_along_axis(ratio, as_first.argmin(0)[None], 0)  # of the first row that differs
        as_other = np.abs(ratio - other) <= tolerance
        halves = (as_first | as_other).all(0) & ((as_first.sum(0) == half) | as_first.all(0))
        found += [(k, k + 1 + int(place)) for place in np.flatnonzero(halves)]
    return found
