"""Hadamard, Fourier and cosine transforms, and the permutations that make butterfly products of them."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class Transform:
    """A transform M, and a butterfly product B with M[:, order] = B, or the real part of B.

    Attributes
    ----------
    name : str
    matrix : array (n, n)
        M, not normalised: its largest entries are 1 in absolute value.
    butterfly : array (n, n)
        B.
    order : int array (n,)
        A permutation of the columns.
    real_part : bool
        Whether M is real and B complex.
    """

    name: str
    matrix: np.ndarray
    butterfly: np.ndarray
    order: np.ndarray
    real_part: bool = False

    def matrix_from(self, butterfly: np.ndarray) -> np.ndarray:
        """Return what an approximation of B makes of M."""
        part = butterfly.real if self.real_part else butterfly
        matrix = np.empty_like(part)
        matrix[:, self.order] = part
        return matrix


def hadamard(n: int) -> Transform:
    """Return the Hadamard matrix of Sylvester's construction; it is a butterfly product as it is."""
    matrix = np.ones((1, 1))
    for _ in range(exponent(n)):
        matrix = np.kron(matrix, [[1.0, 1.0], [1.0, -1.0]])
    return Transform("hadamard", matrix, matrix, np.arange(n))


def dft(n: int) -> Transform:
    """Return the discrete Fourier transform, exp(-2πi jk / n); its columns in bit-reversed order make B."""
    order = bit_reversal(n)
    matrix = _phases(np.outer(np.arange(n), np.arange(n)), n)
    return Transform("dft", matrix, matrix[:, order], order)


def dct2(n: int) -> Transform:
    """Return the cosine transform II, cos(π j (2k + 1) / 2n), as the real part of a butterfly product.

    B is the Fourier transform, its rows turned by exp(-πi j / 2n), which no support notices: its entries are
    exp(-2πi j (4k + 1) / 4n), and 4k + 1 runs, up to sign and modulo 4n, through all 2l + 1 (Makhoul 1980).
    """
    frequency, k = np.arange(n), np.arange(n)
    order = np.where(2 * k < n, 2 * k, 2 * n - 2 * k - 1)[bit_reversal(n)]
    matrix = _phases(np.outer(frequency, 2 * k + 1), 4 * n).real
    butterfly = _phases(np.outer(frequency, 4 * bit_reversal(n) + 1), 4 * n)
    return Transform("dct2", matrix, butterfly, order, real_part=True)


TRANSFORMS = {"hadamard": hadamard, "dft": dft, "dct2": dct2}


def folding(n: int) -> np.ndarray:
    """Return the order 0, n - 1, 1, n - 2, … of the columns, in which the cosine transform II itself has one
    exact butterfly factor, its last: columns k and n - 1 - k are equal in even rows and opposite in odd ones.
    """
    exponent(n)
    return np.column_stack([np.arange(n // 2), np.arange(n - 1, n // 2 - 1, -1)]).ravel()


def bit_reversal(n: int) -> np.ndarray:
    """Return the permutation of 0, …, n - 1 that reverses their log2 n binary digits."""
    order = np.zeros(1, np.int64)
    for _ in range(exponent(n)):
        order = np.concatenate([2 * order, 2 * order + 1])
    return order


def exponent(n: int) -> int:
    """Return log2 n.

    Raises
    ------
    ValueError
        If n is not 2, 4, 8, …
    """
    if n < 2 or n & (n - 1):
        raise ValueError(f"n = {n}: expected a power of two, at least 2")
    return n.bit_length() - 1


def _phases(turns: np.ndarray, n: int) -> np.ndarray:
    """Return exp(-2πi turns / n), the angles reduced exactly."""
    return np.exp(-2j * np.pi * (turns % n) / n)
