"""Trials of the paper's statements (Section 2): random instances, each with a referee that is not our code.

All in double precision or exact. A check draws one instance and returns an `Outcome`; places are the paper's.
"""

from collections.abc import Callable
from fractions import Fraction
from typing import NamedTuple

import numpy as np
import torch
from torch.autograd.functional import jacobian
from torch.nn.functional import leaky_relu

from fourmasks.lunet.flows.activations import GeneralLeakySoftplus, LeakyBend, LeakySoftplus
from fourmasks.lunet.flows.factorization import factorize
from fourmasks.lunet.flows.flow import Flow
from fourmasks.lunet.flows.layers import LULayer
from fourmasks.lunet.models.losses import HybridLoss

TOLERANCE = 1e-6  # relative; rounding stays far below, what is wrong far above
ROUNDING = 1e-12  # a slope of this size may be zero
POINTS = 5
# Wide enough for every y up to TARGET in size: the slopes here are 0.05 at least, bends 14 high at most.
GRID, TARGET = np.linspace(-600, 600, 6001), 10.0
STEEPNESS = 2.0 ** np.arange(0, 41, 4)  # sizes of log-odds


class Outcome(NamedTuple):
    """What one instance says.

    Attributes
    ----------
    holds : bool
        Whether the statement holds as printed.
    corrected : bool, optional
        Whether it holds as the page on theory corrects it; None where there is nothing to correct.
    error : float, optional
        How far our code is from the referee.
    """

    holds: bool
    corrected: bool | None = None
    error: float | None = None


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


# Section 2.2 and Eq. (2.4): the factorization


def existence(rng, size: int) -> Outcome:
    """Section 2.2: a non-singular matrix has an LU without row exchanges; entries are -1, 0 and 1.

    Corrected: exactly if no leading minor is zero, and exactly then the code finds it.
    """
    matrix = nonsingular(rng, size)
    exists = exact_factors(matrix) is not None
    minors = all(exact_determinant(matrix[:k, :k]) for k in range(1, size + 1))
    return Outcome(exists, exists == minors == _accepted(factorize, torch.from_numpy(matrix).double()))


def uniqueness(rng) -> Outcome:
    """Section 2.2: the LU is unique. Whatever factors are planted, in integers, they are those found."""
    size = int(rng.integers(1, 9))
    lower, upper = rng.integers(-3, 4, (2, size, size)).astype(float)
    lower = np.tril(lower, -1) + np.eye(size)
    upper = np.triu(upper, 1) + np.diag(_signs(rng, size) * rng.integers(1, 4, size))
    found = factorize(torch.from_numpy(lower @ upper))
    error = max(deviation(found.lower, lower), deviation(found.upper, upper))
    return Outcome(error < TOLERANCE, error=error)


def equation_2_4(rng) -> Outcome:
    """Eq. (2.4): det LU is the product of the u_ii; against NumPy, with its sign."""
    planted = random_layers(rng, 1)[0]
    sign, expected = np.linalg.slogdet(planted.lower @ planted.upper)
    layer = planted.layer()
    error = deviation(layer.log_abs_det(), expected)
    same_sign = layer.diagonal().detach().sign().prod() == sign
    return Outcome(bool(same_sign) and error < TOLERANCE, error=error)


def log_determinant(rng) -> Outcome:
    """Page on theory: ln |det| of a flow is Σ ln |u_ii| + Σ ln φ'(y_i); against autograd's Jacobian."""
    flow = as_flow(random_layers(rng, int(rng.integers(1, 4))))
    x = torch.from_numpy(rng.standard_normal((POINTS, flow.dimension)))
    jacobians = torch.stack([jacobian(lambda point: flow(point[None])[0], point) for point in x])
    error = deviation(flow.log_det(x), np.linalg.slogdet(jacobians.numpy()).logabsdet)
    return Outcome(error < TOLERANCE, error=error)


# Eq. (2.2), (2.7) and (2.8): inverses


def equation_2_2(rng) -> Outcome:
    """Eq. (2.2): U⁻¹L⁻¹φ⁻¹(z - b) inverts the layer.

    Corrected: U⁻¹L⁻¹(φ⁻¹(z) - b) does, from both sides.
    """
    planted = random_layers(rng, 2)[0]
    x, z = rng.standard_normal((2, POINTS, len(planted.bias)))
    image, layer = planted.image(x), planted.layer()
    y = planted.bend.inverse(torch.from_numpy(image - planted.bias)).numpy()
    printed = np.linalg.solve(planted.lower @ planted.upper, y.T).T
    back, origin = (layer.inverse(torch.from_numpy(points)).detach().numpy() for points in (image, z))
    error = max(deviation(back, x), deviation(planted.image(origin), z))
    return Outcome(deviation(printed, x) < TOLERANCE, error < TOLERANCE, error)


def equation_2_8(rng) -> Outcome:
    """Eq. (2.7) and (2.8): the inverses of the layers, in reverse order, invert the network."""
    layers = random_layers(rng, int(rng.integers(1, 5)))
    x = rng.standard_normal((POINTS, len(layers[0].bias)))
    error = deviation(as_flow(layers).inverse(torch.from_numpy(images(layers, x))), x)
    return Outcome(error < TOLERANCE, error=error)


# Section 2.3, Eq. (2.6) and (2.9): activations


def classical_activations(rng) -> Outcome:
    """Section 2.3: leaky ReLU is a bijection without curvature, softplus one onto the positive numbers only;
    LeakySoftplus has curvature everywhere."""
    alpha, targets = rng.uniform(0.05, 0.95), _targets(rng)
    x = torch.from_numpy(rng.uniform(-30, 30, POINTS))
    leaky = solutions(np.maximum(GRID, alpha * GRID), targets)
    softplus = solutions(np.logaddexp(0, GRID), targets)
    bijections = (leaky == 1).all() and (softplus == (targets > 0)).all()
    straight = (curvature(lambda point: leaky_relu(point, alpha), x) == 0).all()
    curved = (curvature(LeakySoftplus(alpha), x) != 0).all()
    return Outcome(bool(bijections and straight and curved))


def equation_2_6(rng) -> Outcome:
    """Eq. (2.6): for α in (0, 1) LeakySoftplus takes every value once, and the code finds where."""
    bend, targets = LeakySoftplus(rng.uniform(0.05, 0.95)), _targets(rng)
    once = (solutions(printed_activation(bend, GRID), targets) == 1).all()
    error = deviation(printed_activation(bend, bend.inverse(torch.from_numpy(targets)).numpy()), targets)
    return Outcome(bool(once and error < TOLERANCE), error=error)


def equation_2_9(rng) -> Outcome:
    """Eq. (2.9): the general form takes every value once, for α in (0, 1) and any β, of which the paper says
    nothing.

    Corrected: exactly if β > 0 or β < -1; the code inverts those and refuses the others.
    """
    alpha, beta, targets = random_alpha(rng), random_beta(rng), _targets(rng)
    once = bool((solutions(printed_2_9(GRID, alpha, beta), targets) == 1).all())
    if not (beta > 0 or beta < -1):
        return Outcome(once, not once and not _accepted(GeneralLeakySoftplus, alpha, beta))
    error = deviation(printed_2_9(_inverse_2_9(targets, alpha, beta), alpha, beta), targets)
    return Outcome(once, once and error < TOLERANCE, error)


def equation_2_9_gradient(rng) -> Outcome:
    """After Eq. (2.9): its slope is nowhere zero, for α in (0, 1) and any β; by autograd.

    Corrected: exactly if β is not between -1 and 0.
    """
    alpha, beta = random_alpha(rng), random_beta(rng)
    x = torch.from_numpy(GRID).requires_grad_()
    y = torch.logaddexp(torch.zeros_like(x), alpha * x) / alpha + beta * x
    (slope,) = torch.autograd.grad(y.sum(), x)
    changes_sign = bool(slope.min() < -ROUNDING and slope.max() > ROUNDING)
    return Outcome(not changes_sign, changes_sign == (-1 < beta < 0))


def equation_2_9_units(rng) -> Outcome:
    """Page on theory: a flow with Eq. (2.9), β > 0, is one with Eq. (2.6) whose layers have other units."""
    alpha, beta = random_alpha(rng), int(rng.integers(1, 21)) / 10
    layers = random_layers(rng, int(rng.integers(2, 5)), GeneralLeakySoftplus(alpha, beta))
    simple, height, last = LeakySoftplus(beta / (1 + beta)), (1 + beta) / alpha, len(layers) - 1
    other = []
    for m, layer in enumerate(layers):
        outward, inward = alpha if m < last else 1.0, height if m else 1.0
        bend = simple if m < last else None
        other.append(Planted(layer.lower, outward * inward * layer.upper, outward * layer.bias, bend))
    x = rng.standard_normal((POINTS, len(layers[0].bias)))
    error = deviation(as_flow(other)(torch.from_numpy(x)), images(layers, x))
    return Outcome(error < TOLERANCE, error=error)


# Eq. (2.13): the cross-entropy


def equation_2_13(rng) -> Outcome:
    """Eq. (2.13): the loss does not fall below a given number, with Y the rating, as in Eq. (2.12).

    Corrected: with Y 1 or 0, as in the code, it does not fall below zero.
    """
    n_rated, n_others = int(rng.integers(1, 7)), int(rng.integers(0, 7))
    ratings, lowest = rng.integers(1, 6, n_rated).astype(float), -(10 ** rng.uniform(0, 6))
    happened = np.repeat([1.0, 0.0], [n_rated, n_others])
    values = np.concatenate([ratings, np.zeros(n_others)])
    log_odds = STEEPNESS[:, None] * (2 * happened - 1)
    printed, binary = (printed_cross_entropy(y, log_odds) for y in (values, happened))
    loss, rated = HybridLoss(0.0), torch.from_numpy(ratings)
    sums = [loss.with_gradient(torch.from_numpy(row)[:, None], rated)[0].entropy for row in log_odds]
    error = deviation(torch.stack(sums) / len(values), binary)
    return Outcome(bool(printed.min() >= lowest), bool(min(sums) >= 0) and error < TOLERANCE, error)


CHECKS: dict[str, Callable[..., Outcome]] = {
    "existence": existence,
    "uniqueness": uniqueness,
    "equation-2.2": equation_2_2,
    "equation-2.4": equation_2_4,
    "log-determinant": log_determinant,
    "equation-2.8": equation_2_8,
    "classical-activations": classical_activations,
    "equation-2.6": equation_2_6,
    "equation-2.9": equation_2_9,
    "equation-2.9-gradient": equation_2_9_gradient,
    "equation-2.9-units": equation_2_9_units,
    "equation-2.13": equation_2_13,
}


def statement_trial(statement: str, instances: int, seed: int, **settings) -> dict:
    """Ask a statement of random instances.

    Parameters
    ----------
    statement : str
        A key of `CHECKS`.
    instances : int
    seed : int
    **settings
        Of the check: the size of the matrices for "existence".

    Returns
    -------
    dict
        Metrics: `instances`; `failures`, how many of them contradict the statement as printed; where it is
        corrected `corrected_failures`; where something is compared `worst_error`, relative.
    """
    rng = np.random.default_rng(seed)
    outcomes = [CHECKS[statement](rng, **settings) for _ in range(instances)]
    metrics = {"instances": instances, "failures": sum(not one.holds for one in outcomes)}
    corrected = [one.corrected for one in outcomes if one.corrected is not None]
    errors = [one.error for one in outcomes if one.error is not None]
    if corrected:
        metrics["corrected_failures"] = corrected.count(False)
    if errors:
        metrics["worst_error"] = max(errors)
    return {"metrics": metrics}


# Random instances


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


def _random_layer(rng, size, bend):
    lower, upper = rng.uniform(-1, 1, (2, size, size))
    diagonal = _signs(rng, size) * rng.uniform(0.5, 2, size)
    upper = np.triu(upper, 1) + np.diag(diagonal)
    return Planted(np.tril(lower, -1) + np.eye(size), upper, rng.standard_normal(size), bend)


def _signs(rng, size):
    return rng.choice([-1.0, 1.0], size)


def _targets(rng):
    return rng.uniform(-TARGET, TARGET, 20)


# Referees


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


def _inverse_2_9(y, alpha, beta):
    """Return the inverse of Eq. (2.9) by the code; for β < -1 that of the mirror image."""
    mirror = -1.0 if beta < -1 else 1.0
    bend = GeneralLeakySoftplus(alpha, -1 - beta if beta < -1 else beta)
    return mirror * bend.inverse(torch.from_numpy(y)).numpy()


def _accepted(function, *arguments):
    """Return whether the code takes the arguments, rather than refuse them."""
    try:
        function(*arguments)
    except ValueError:
        return False
    return True
