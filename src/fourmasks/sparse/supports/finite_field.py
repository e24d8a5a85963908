"""Ranks over a prime field, many matrices at a time: exact, and as fast as integer arithmetic.

Columns that are independent modulo a prime are independent over the rationals; the converse fails for few
primes only. This one leaves remainder 1 modulo 4, so that it has a square root of -1 for Gaussian rationals.
"""

import numpy as np
from sympy import sqrt_mod
from sympy.polys.domains import QQ

PRIME = 2147483629
ROOT = sqrt_mod(-1, PRIME)


def ranks(matrices: np.ndarray) -> np.ndarray:
    """Return the ranks modulo `PRIME` of integer matrices (b, m, n), as an array (b,)."""
    work = np.array(matrices, dtype=np.int64) % PRIME
    each = np.arange(len(work))
    found = np.zeros(len(work), dtype=np.int64)
    rows = np.arange(work.shape[1])
    for column in range(work.shape[2] if work.shape[1] else 0):
        candidates = (work[:, :, column] != 0) & (rows >= found[:, None])
        have = candidates.any(axis=1)
        pivot, top = candidates.argmax(axis=1), np.minimum(found, work.shape[1] - 1)
        top = np.where(have, top, pivot)
        work[each, pivot], work[each, top] = work[each, top], work[each, pivot]
        first = work[each, top]
        factors = work[:, :, column] * inverses(first[:, column])[:, None] % PRIME
        factors[(rows <= top[:, None]) | ~have[:, None]] = 0
        work = (work - factors[:, :, None] * first[:, None, :]) % PRIME
        found += have
    return found


def inverses(values: np.ndarray) -> np.ndarray:
    """Return the inverses modulo `PRIME`; that of 0 is given as 0."""
    result, power, exponent = np.ones_like(values), values.copy(), PRIME - 2
    while exponent:
        if exponent & 1:
            result = result * power % PRIME
        power = power * power % PRIME
        exponent >>= 1
    return result


def residues(matrix: np.ndarray, domain) -> np.ndarray | None:
    """Return a matrix over QQ or QQ_I modulo `PRIME`; None if the prime divides a denominator."""
    result = np.empty(matrix.shape, dtype=np.int64)
    for place, value in np.ndenumerate(matrix):
        parts = (value,) if domain == QQ else (value.x, value.y)
        if any(int(part.denominator) % PRIME == 0 for part in parts):
            return None
        numbers = [int(part.numerator) * pow(int(part.denominator), -1, PRIME) for part in parts]
        result[place] = (numbers[0] + (numbers[1] * ROOT if len(numbers) > 1 else 0)) % PRIME
    return result
