"""Measures of how well a matrix is reconstructed, and ratings are predicted."""

import numpy as np


def relative_error(x: np.ndarray, approximation: np.ndarray) -> float:
    """Return the relative Frobenius error ||X - X̂||_F / ||X||_F.

    Parameters
    ----------
    x, approximation : ndarray of shape (I, J)

    Raises
    ------
    ValueError
        If the shapes differ or X is zero.
    """
    x, approximation = np.asarray(x, dtype=np.float64), np.asarray(approximation, dtype=np.float64)
    if x.shape != approximation.shape:
        raise ValueError(f"shapes differ: X is {x.shape}, its approximation {approximation.shape}")
    norm = frobenius_norm(x)
    if norm == 0:
        raise ValueError("X is zero: the relative error is not defined")
    return frobenius_norm(x - approximation) / norm


def frobenius_norm(x: np.ndarray) -> float:
    """Return the root of the sum of the squares, which may overflow or underflow on their own."""
    peak = float(np.abs(x).max(initial=0.0))
    return peak * float(np.linalg.norm(x / peak)) if peak > 0 and np.isfinite(peak) else peak


def effective_rank(singular_values: np.ndarray, threshold: float = 1e-3) -> int:
    """Return the number of singular values above `threshold` times the largest one.

    Parameters
    ----------
    singular_values : ndarray of shape (n,)
    threshold : float, default 1e-3
    """
    singular_values = np.asarray(singular_values)
    return int((singular_values > threshold * singular_values.max(initial=0.0)).sum())


def entropy_rank(singular_values: np.ndarray) -> float:
    """Return exp of the entropy of the normalised singular values (Roy and Vetterli, 2007).

    It does not depend on a threshold: it is n for n equal singular values, 1 if one holds all.
    """
    share = np.asarray(singular_values, dtype=np.float64)
    share = share[share > 0] / share.sum()
    return float(np.exp(-(share * np.log(share)).sum()))


def mean_squared_error(predicted: np.ndarray, values: np.ndarray) -> float:
    """Return the mean squared difference, summed in float64."""
    return float(np.mean(np.square(predicted.astype(np.float64) - values)))
