"""Algorithm 1 on fast transforms: accuracy, time, what the factors save, what errors do.

Seconds are those of the processor. Each run returns {"metrics": …}.
"""

from functools import cache

import numpy as np

from fourmasks.sparse.butterflies.baselines import TOLERANCE, application_speedup, measured
from fourmasks.sparse.butterflies.butterfly import ButterflyProduct, column_pairs, cut_supports, factorize
from fourmasks.sparse.butterflies.transforms import TRANSFORMS, dct2, exponent
from fourmasks.sparse.completion.noise import completion_sensitivity, least_squares_sensitivity
from fourmasks.sparse.supports.instances import planted_factors, staircase

LOOSE = 0.2  # of the largest entries, 1: what still counts as zero in a transform with errors
FINE = 1e-9


def run_factorization(transform, size, method, factors, repetitions) -> dict:
    """Factorize a transform.

    Parameters
    ----------
    transform : {"hadamard", "dft", "dct2"}
    size : int
        n, a power of two.
    method, factors, repetitions
        As for `baselines.measured`.

    Returns
    -------
    dict
        Metrics: `error`, of the transform, relative, Frobenius norm; `cpu_seconds`, the median.
    """
    error, seconds = measured(TRANSFORMS[transform](size), method, factors, repetitions)
    return {"metrics": {"error": error, "cpu_seconds": seconds}}


def run_application(transform, size, vectors, repetitions) -> dict:
    """Apply a transform to random vectors, dense and by its log₂ n factors.

    Parameters
    ----------
    transform, size
        As for `run_factorization`.
    vectors, repetitions : int
        Vectors at once, and how often, of which the median time counts.

    Returns
    -------
    dict
        Metrics: `speedup`, and the medians `dense_seconds` and `sparse_seconds` that it is the ratio of;
        `entries_saved`, dense entries over those of all factors; `difference`, of the two results, relative.
    """
    found = TRANSFORMS[transform](size)
    product = _factors(transform, size)
    speedup, (dense, sparse) = application_speedup(found, product, vectors, repetitions)
    x = np.random.default_rng(0).standard_normal(size)
    y = product @ x[found.order]
    y, expected = (y.real if found.real_part else y), found.matrix @ x
    entries = sum(factor.nnz for factor in product.factors)
    return {
        "metrics": {
            "speedup": speedup,
            "dense_seconds": dense,
            "sparse_seconds": sparse,
            "entries_saved": size**2 / entries,
            "difference": float(np.linalg.norm(y - expected) / np.linalg.norm(expected)),
        }
    }


def run_structure(size) -> dict:
    """Look at the supports of all cuts of a butterfly product, and at the cosine transform II itself.

    Parameters
    ----------
    size : int
        n, a power of two, at least 4.

    Returns
    -------
    dict
        Metrics: `shared` and `uncovered`, positions that several atoms have, or none, in the worst cut;
        `cosine_pairs`, pairs of columns of the real cosine transform that a last butterfly factor could
        combine, and `odd_pairs`, the same for its odd rows, which hold the factors before that one;
        `cosine_may_be_butterfly`, 1 if these cover all columns. If not, no permutations of rows and columns
        make it a butterfly product (`column_pairs`).
    """
    counts = [_multiplicity(cut_supports(size, cut)) for cut in range(1, exponent(size))]
    C = dct2(size).matrix
    pairs, odd = column_pairs(C, FINE), column_pairs(C[1::2, : size // 2], FINE)
    covered = len({column for pair in odd for column in pair}) == size // 2
    return {
        "metrics": {
            "shared": max(int((count > 1).sum()) for count in counts),
            "uncovered": max(int((count == 0).sum()) for count in counts),
            "cosine_pairs": len(pairs),
            "odd_pairs": len(odd),
            "cosine_may_be_butterfly": int(covered),
        }
    }


def run_disturbed(transform, size, noise, least_squares, seed) -> dict:
    """Factorize a transform with errors, uniform in -noise … noise (and the same for imaginary parts).

    Parameters
    ----------
    transform, size
        As for `run_factorization`.
    noise : float
        Against largest entries of 1.
    least_squares : bool
        Refine each cut, or take what completion gives.
    seed : int

    Returns
    -------
    dict
        Metrics: `amplification`, the error of the product of all factors over that of the matrix.
    """
    rng = np.random.default_rng(seed)
    B = TRANSFORMS[transform](size).butterfly
    e = rng.uniform(-noise, noise, B.shape)
    if np.iscomplexobj(B):
        e = e + 1j * rng.uniform(-noise, noise, B.shape)
    tolerance = FINE if least_squares else LOOSE
    found = factorize(B + e, tolerance=tolerance, least_squares=least_squares).toarray()
    return {"metrics": {"amplification": float(np.linalg.norm(found - B) / np.linalg.norm(e))}}


def run_chain(length, seed) -> dict:
    """Say how errors grow along a chain of 2 × 2 atoms, each of which waits for the one before.

    Parameters
    ----------
    length : int
        Number of atoms.
    seed : int
        Of the factors.

    Returns
    -------
    dict
        Metrics: the decimal logarithms of the largest singular values of the maps from errors of Z to errors
        of the contributions, `log_completion` and `log_least_squares`.
    """
    supports = staircase(length, 2, 1)
    X, Y = planted_factors(supports, np.random.default_rng(seed))
    maps = completion_sensitivity(X @ Y.T, supports, FINE), least_squares_sensitivity(X, Y, supports)
    logs = [float(np.log10(np.linalg.norm(T, 2))) for T in maps]
    return {"metrics": {"log_completion": logs[0], "log_least_squares": logs[1]}}


@cache
def _factors(transform: str, size: int) -> ButterflyProduct:
    """Return the factors of a transform, found once for all numbers of vectors."""
    return factorize(TRANSFORMS[transform](size).butterfly, tolerance=TOLERANCE)


def _multiplicity(supports):
    return supports.left.astype(np.int32) @ supports.right.T.astype(np.int32)
