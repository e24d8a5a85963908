"""Referees that are not our code: exact elimination, the printed formulas, counting on a grid, autograd."""

from collections.abc import Callable
from fractions import Fraction

import numpy as np
import torch

from fourmasks.lunet.flows.activations import GeneralLeakySoftplus, LeakyBend

TOLERANCE = 1e-6  # relative; rounding stays far below, what is wrong far above
ROUNDING = 1e-12  # a slope of this size may be zero


def exact_determinant(matrix: np.ndarray) -> int:
    """Return the determinant of an integer matrix, exactly (Bareiss's elimination)."""
    rows, sign, before = matrix.tolist(), 1, 1
    size = len(rows)
    for k in range(size - 1):
        pivot = next((i for i in range(k, size) if rows[i][k]), None)
        if pivot is None:
            return 0
        if pivot != k:
            rows[k], rows[pivot], sign = rows[pivot], rows[k], -sign
        for i in range(k + 1, size):
            for j in range(k + 1, size):
                rows[i][j] = (rows[i][j] * rows[k][k] - rows[i][k] * rows[k][j]) // before
        before = rows[k][k]
    return sign * rows[-1][-1]


def exact_factors(matrix: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
    """Return the L and U of an integer matrix in fractions, or None if there are none with u_ii ≠ 0.

    Row by row A = LU determines every number of both, so that there is nothing to choose.
    """
    size = len(matrix)
    lower, upper = (np.full((size, size), Fraction(0)) for _ in range(2))
    for i in range(size):
        for j in range(size):
            rest = Fraction(int(matrix[i, j])) - lower[i, : min(i, j)] @ upper[: min(i, j), j]
            if j < i:
                lower[i, j] = rest / upper[j, j]
            else:
                upper[i, j] = rest
        if not upper[i, i]:
            return None
        lower[i, i] = Fraction(1)
    return lower, upper


def printed_activation(bend: LeakyBend, x: np.ndarray) -> np.ndarray:
    """Return φ(x) by Eq. (2.6) or (2.9), whichever the activation is, as printed."""
    if isinstance(bend, GeneralLeakySoftplus):
        return printed_2_9(x, bend.alpha, bend.beta)
    return x + (1 - bend.alpha) * np.logaddexp(0, -x)


def printed_2_9(x: np.ndarray, alpha: float, beta: float) -> np.ndarray:
    """Return ln(1 + exp(αx)) / α + βx, Eq. (2.9)."""
    return np.logaddexp(0, alpha * x) / alpha + beta * x


def printed_cross_entropy(y: np.ndarray, log_odds: np.ndarray) -> np.ndarray:
    """Return Eq. (2.13) for each row of log-odds, with Eq. (2.14) for the predictions."""
    return np.mean(y * np.logaddexp(0, -log_odds) + (1 - y) * np.logaddexp(0, log_odds), axis=1)


def solutions(values: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """Return how often a function with these values on the grid passes through each target."""
    above = values > targets[:, None]
    return np.count_nonzero(above[:, 1:] != above[:, :-1], axis=1)


def curvature(function: Callable, x: torch.Tensor) -> torch.Tensor:
    """Return the second derivative of a function at each point, by autograd."""
    point = x.clone().requires_grad_()
    (slope,) = torch.autograd.grad(function(point).sum(), point, create_graph=True)
    return torch.autograd.grad(slope.sum(), point)[0]


def deviation(found, expected) -> float:
    """Return the largest difference, over the largest size expected if that is above 1."""
    found = found.detach().numpy() if isinstance(found, torch.Tensor) else found
    return float(np.max(np.abs(found - expected)) / max(1.0, np.max(np.abs(expected))))


def inverse_2_9(y, alpha, beta):
    """Return the inverse of Eq. (2.9) by the code; for β < -1 that of the mirror image."""
    mirror = -1.0 if beta < -1 else 1.0
    bend = GeneralLeakySoftplus(alpha, -1 - beta if beta < -1 else beta)
    return mirror * bend.inverse(torch.from_numpy(y)).numpy()


def accepted(function, *arguments):
    """Return whether the code takes the arguments, rather than refuse them."""
    try:
        function(*arguments)
    except ValueError:
        return False
    return True
