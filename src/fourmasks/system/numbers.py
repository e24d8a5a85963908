"""Numbers as users give them, checked by name before anything is drawn or divided."""

import math
from numbers import Integral, Real

import numpy as np


def is_whole(value: object) -> bool:
    """Return whether a value is an integer of Python or NumPy, and no truth value."""
    return isinstance(value, Integral) and not isinstance(value, bool)


def is_finite(value: object) -> bool:
    """Return whether a value is a finite number of Python or NumPy, and no truth value."""
    return isinstance(value, Real) and not isinstance(value, bool) and math.isfinite(value)


def generator(seed: int) -> np.random.Generator:
    """Return NumPy's generator of a seed.

    Raises
    ------
    ValueError
        If the seed is no integer from 0 on: NumPy would draw something else each time for None.
    """
    if not is_whole(seed) or seed < 0:
        raise ValueError(f"seed = {seed!r}: expected an integer from 0 on")
    return np.random.default_rng(seed)


def check_share(name: str, value: object) -> None:
    """Raise ValueError unless a value is a number from 0 on and below 1."""
    if not is_finite(value) or not 0 <= value < 1:
        raise ValueError(f"{name} = {value!r}: expected a share of the ratings, from 0 on and below 1")
