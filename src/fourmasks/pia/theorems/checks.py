"""How a trial counts: in how many cases a statement was tried and failed, and how much room it leaves."""

import numpy as np


def inequality(name: str, left, right, tolerance: float = 1e-9, scale=None) -> dict[str, float]:
    """Return what became of left ≤ right in a number of cases.

    Parameters
    ----------
    name : str
        Of the statement; it begins the names of the metrics.
    left, right : array-like of shape (n,)
    tolerance : float, default 1e-9
        A case fails if left exceeds right by more than this, relative to the scale.
    scale : array-like or float, optional
        By default the larger one of |left| and |right|; 1 makes the tolerance absolute.

    Returns
    -------
    dict
        `<name>_cases`, `<name>_violations`, and of the cases with right > 0 the median and the largest
        left / right, `<name>_median` and `<name>_largest`: 1 is a bound that is reached.
    """
    left, right = np.asarray(left, dtype=float), np.asarray(right, dtype=float)
    scale = np.maximum(np.abs(left), np.abs(right)) if scale is None else scale
    found = count(name, left - right > tolerance * scale)
    if (right > 0).any():
        ratios = left[right > 0] / right[right > 0]
        found |= {f"{name}_median": float(np.median(ratios)), f"{name}_largest": float(ratios.max())}
    return found


def identity(name: str, errors, tolerance: float) -> dict[str, float]:
    """Return what became of an equation: cases, violations, and the largest error `<name>_error`.

    Parameters
    ----------
    name : str
    errors : array-like of shape (n,)
        How far both sides are apart, in the unit of the tolerance.
    tolerance : float
        A case fails above it.
    """
    errors = np.asarray(errors, dtype=float)
    return count(name, errors > tolerance) | {f"{name}_error": float(errors.max())}


def count(name: str, failed) -> dict[str, float]:
    """Return `<name>_cases` and `<name>_violations`: in how many cases a statement was tried, and failed."""
    failed = np.asarray(failed, dtype=bool)
    return {f"{name}_cases": float(failed.size), f"{name}_violations": float(failed.sum())}
