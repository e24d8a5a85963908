"""Random instances of what the paper's Section 2 speaks of: matrices, layers, activations, values."""

from typing import NamedTuple

import numpy as np
import torch

from fourmasks.lunet.flows.activations import GeneralLeakySoftplus, LeakyBend, LeakySoftplus
from fourmasks.lunet.flows.flow import Flow
from fourmasks.lunet.flows.layers import LULayer
from fourmasks.lunet.theory.referees import exact_determinant, printed_activation

POINTS = 5
# Wide enough for every y up to TARGET in size: the slopes here are 0.05 at least, bends 14 high at most.
GRID, TARGET = np.linspace(-600, 600, 6001), 10.0
STEEPNESS = 2.0 ** np.arange(0, 41, 4)  # sizes of log-odds


class Planted(NamedTuple):
    """A layer that is known from outside the code: L, U, b, and φ or None."""

    lower: np.ndarray
    upper: np.ndarray
    bias: np.ndarray
    bend: LeakyBend | None

    def layer(self) -> LULayer:
        """Return the layer of the code."""
        parts = (torch.from_numpy(part) for part in self[:3])
        return LULayer.from_factors(*parts, self.bend)

    def image(self, x: np.ndarray) -> np.ndarray:
        """Return φ(LUx + b) of each row, by NumPy."""
        y = x @ (self.lower @ self.upper).T + self.bias
        return y if self.bend is None else printed_activation(self.bend, y)


def nonsingular(rng, size: int) -> np.ndarray:
    """Return a random matrix (size, size) with entries -1, 0 and 1 and a determinant other than zero."""
    while True:
        matrix = rng.integers(-1, 2, (size, size))
        if exact_determinant(matrix):
            return matrix


def random_layers(rng, n_layers: int, bend: LeakyBend | None = None) -> list[Planted]:
    """Return random layers of one random dimension, all but the last with an activation, given or random."""
    size = int(rng.integers(1, 7))
    bend = bend or random_bend(rng)
    return [_random_layer(rng, size, bend if m < n_layers - 1 else None) for m in range(n_layers)]


def random_bend(rng) -> LeakyBend:
    """Return Eq. (2.6) or (2.9), with random parameters."""
    if rng.random() < 0.5:
        return LeakySoftplus(rng.uniform(0.2, 0.8))
    return GeneralLeakySoftplus(rng.uniform(0.2, 0.8), rng.uniform(0.2, 2))


def random_alpha(rng) -> float:
    """Return one of 0.05, 0.1, …, 0.95."""
    return int(rng.integers(1, 20)) / 20


def random_beta(rng) -> float:
    """Return one of -2, -1.9, …, 2, so that -1 and 0 are among them."""
    return int(rng.integers(-20, 21)) / 10


def as_flow(layers: list[Planted]) -> Flow:
    """Return the flow of the code."""
    return Flow([layer.layer() for layer in layers], len(layers[0].bias))


def images(layers: list[Planted], x: np.ndarray) -> np.ndarray:
    """Return the images of points, Eq. (2.7), by NumPy."""
    for layer in layers:
        x = layer.image(x)
    return x


def random_signs(rng, size: int) -> np.ndarray:
    """Return random numbers 1 and -1."""
    return rng.choice([-1.0, 1.0], size)


def random_targets(rng) -> np.ndarray:
    """Return values up to `TARGET` in size that an activation may or may not take."""
    return rng.uniform(-TARGET, TARGET, 20)


def _random_layer(rng, size, bend):
    lower, upper = rng.uniform(-1, 1, (2, size, size))
    diagonal = random_signs(rng, size) * rng.uniform(0.5, 2, size)
    upper = np.triu(upper, 1) + np.diag(diagonal)
    return Planted(np.tril(lower, -1) + np.eye(size), upper, rng.standard_normal(size), bend)
