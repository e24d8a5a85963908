"""Points in the plane whose distribution is far from a normal one, drawn by scikit-learn."""

import numpy as np
from sklearn.datasets import make_circles, make_moons, make_swiss_roll

from fourmasks.system.names import unknown


def _moons(n: int, seed: int) -> np.ndarray:
    return make_moons(n, noise=0.1, random_state=seed)[0]


def _ring(n: int, seed: int) -> np.ndarray:
    return make_circles((n, 0), noise=0.1, random_state=seed)[0]  # the outer circle alone


def _spiral(n: int, seed: int) -> np.ndarray:
    return make_swiss_roll(n, noise=0.5, random_state=seed)[0][:, [0, 2]]  # the roll, seen from its end


TOYS = {"moons": _moons, "ring": _ring, "spiral": _spiral}


def draw_toy(name: str, n: int, seed: int) -> np.ndarray:
    """Return points (n, 2): two half circles, a circle or a spiral, with normal noise around them.

    Raises
    ------
    ValueError
        If the name is none of `TOYS`, or n is below 1.
    """
    if name not in TOYS:
        raise ValueError(unknown("toy set", name, TOYS))
    if n < 1:
        raise ValueError(f"n = {n}: expected at least 1")
    return TOYS[name](n, seed)
