"""Linear algebra in two arithmetics: exact over the (Gaussian) rationals, floating point with a tolerance.

`arithmetic(X, Y, tolerance=...)` looks at the entries and returns the one to use. Integers, fractions and
SymPy's rational numbers, with or without an imaginary part, are exact; floats need a tolerance.
"""

from fractions import Fraction
from numbers import Real

import numpy as np
import sympy
from sympy.polys.domains import QQ, QQ_I
from sympy.polys.matrices import DomainMatrix

from fourmasks.system.arrays import plain_array


class Exact:
    """Exact arithmetic, over the rationals or the Gaussian rationals.

    Inside, matrices are object arrays of elements of the SymPy domain; `give` turns them into fractions
    (SymPy numbers where they are not real).
    """

    exact = True

    def __init__(self, domain=QQ):
        self.domain, self.one = domain, domain.one

    def matrix(self, values) -> np.ndarray:
        """Return the entries as elements of the field; raise `ValueError` for those that are not."""
        given = np.asarray(values, dtype=object)
        converted = np.empty(given.shape, dtype=object)
        for place, value in np.ndenumerate(given):
            converted[place] = _element(value, self.domain)
        return converted

    def is_zero(self, values) -> np.ndarray:
        """Return where entries are zero."""
        return np.asarray(values == self.domain.zero, dtype=bool)

    def zeros(self, shape, like: np.ndarray) -> np.ndarray:
        """Return a matrix of zeros in the arithmetic of `like`."""
        return np.full(shape, self.domain.zero, dtype=object)

    def product(self, A: np.ndarray, B: np.ndarray) -> np.ndarray:
        """Return A B; a sum over nothing is zero."""
        if A.shape[1] == 0:
            return np.full((A.shape[0], B.shape[1]), self.domain.zero, dtype=object)
        return A @ B

    def rank(self, A: np.ndarray) -> int:
        """Return the rank of A."""
        return len(self._reduced(A)[1])

    def kernel(self, A: np.ndarray) -> np.ndarray:
        """Return a basis of {v : A v = 0} as columns."""
        reduced, pivots = self._reduced(A)
        free = [column for column in range(A.shape[1]) if column not in pivots]
        basis = np.full((A.shape[1], len(free)), self.domain.zero, dtype=object)
        for number, column in enumerate(free):
            basis[column, number] = self.domain.one
            for row, pivot in enumerate(pivots):
                basis[pivot, number] = -reduced[row, column]
        return basis

    def solve(self, A: np.ndarray, b: np.ndarray) -> np.ndarray | None:
        """Return one v with A v = b, or None if there is none."""
        reduced, pivots = self._reduced(np.column_stack([A, b]))
        if A.shape[1] in pivots:
            return None
        solution = np.full(A.shape[1], self.domain.zero, dtype=object)
        for row, pivot in enumerate(pivots):
            solution[pivot] = reduced[row, A.shape[1]]
        return solution

    def give(self, values: np.ndarray) -> np.ndarray:
        """Return what a caller can compute with: fractions, or SymPy numbers if complex."""
        given = np.empty(values.shape, dtype=object)
        for place, value in np.ndenumerate(values):
            number = self.domain.to_sympy(value)
            given[place] = Fraction(int(number.p), int(number.q)) if number.is_Rational else number
        return given

    def _reduced(self, A):
        """Return the reduced row echelon form of A and its pivot columns."""
        if 0 in A.shape:
            return A, ()
        reduced, pivots = DomainMatrix(A.tolist(), A.shape, self.domain).rref(method="GJ")
        return np.array(reduced.to_list(), dtype=object), pivots


class Approximate:
    """Floating point: entries up to `tolerance` count as zero, and so do singular values up to `tolerance`
    times the largest one (or 1)."""

    exact = False
    one = 1.0

    def __init__(self, tolerance: float, dtype: type = float):
        if not (isinstance(tolerance, Real) and tolerance > 0):
            raise ValueError(f"tolerance = {tolerance!r}: expected a positive number, such as 1e-9")
        self.tolerance, self.dtype = tolerance, dtype

    def matrix(self, values) -> np.ndarray:
        """Return the entries as floats, or as complex numbers if any matrix of the problem has such."""
        return np.asarray(values).astype(self.dtype)

    def is_zero(self, values) -> np.ndarray:
        """Return where entries count as zero."""
        return np.abs(values) <= self.tolerance

    def zeros(self, shape, like: np.ndarray) -> np.ndarray:
        """Return a matrix of zeros in the arithmetic of `like`."""
        return np.zeros(shape, dtype=like.dtype)

    def product(self, A: np.ndarray, B: np.ndarray) -> np.ndarray:
        """Return A B."""
        return A @ B

    def rank(self, A: np.ndarray) -> int:
        """Return the number of singular values that do not count as zero."""
        if 0 in A.shape:
            return 0
        values = np.linalg.svd(A, compute_uv=False)
        return int((values > self.tolerance * max(values[0], 1.0)).sum())

    def kernel(self, A: np.ndarray) -> np.ndarray:
        """Return an orthonormal basis of {v : A v = 0} as columns."""
        if 0 in A.shape:
            return np.eye(A.shape[1])
        return np.linalg.svd(A)[2].conj().T[:, self.rank(A) :]

    def solve(self, A: np.ndarray, b: np.ndarray) -> np.ndarray | None:
        """Return the least-squares v if A v = b up to the tolerance times the largest entry of b (or 1)."""
        solution = np.linalg.lstsq(A, b, rcond=self.tolerance)[0] if A.shape[1] else np.zeros(0)
        miss = np.abs(A @ solution - b).max(initial=0.0)
        return solution if miss <= self.tolerance * max(1.0, np.abs(b).max(initial=0.0)) else None

    def give(self, values: np.ndarray) -> np.ndarray:
        """Return the floats themselves."""
        return values


def arithmetic(*matrices, tolerance: float | None = None) -> Exact | Approximate:
    """Return the arithmetic for these matrices.

    Parameters
    ----------
    *matrices : array-like
        Together they decide: one float among them makes everything floating point.
    tolerance : float or None, default None
        For floats, where it is required.

    Raises
    ------
    ValueError
        For floats without a tolerance, a tolerance with exact entries, or a sparse or masked matrix.
    """
    arrays = [plain_array("matrix", matrix) for matrix in matrices]
    entries = [value for array in arrays if array.dtype == object for value in array.flat]
    floats = any(array.dtype.kind in "fc" for array in arrays) or any(
        isinstance(value, (float, complex, np.inexact)) for value in entries
    )
    if floats:
        if tolerance is None:
            raise ValueError("entries are floats: give a tolerance, such as 1e-9, or exact entries")
        imaginary = any(array.dtype.kind == "c" for array in arrays) or any(map(_is_complex, entries))
        return Approximate(tolerance, complex if imaginary else float)
    if tolerance is not None:
        raise ValueError(f"tolerance = {tolerance}: exact entries take none")
    return Exact(QQ_I if any(map(_is_complex, entries)) else QQ)


def _is_complex(value):
    symbolic = isinstance(value, sympy.Basic) and value.is_real is False
    return symbolic or isinstance(value, (complex, np.complexfloating))


def _element(value, domain):
    if isinstance(value, (int, np.integer, np.bool_)):
        return domain(int(value))
    if isinstance(value, Fraction):
        return domain.convert(QQ(value.numerator, value.denominator), QQ)
    if isinstance(value, sympy.Basic):
        real, imaginary = value.as_real_imag()
        if real.is_Rational and imaginary.is_Rational:
            return domain.from_sympy(real + sympy.I * imaginary)
    raise ValueError(f"entry {value!r}: expected an integer, a fraction or a SymPy number a + b I of such")
