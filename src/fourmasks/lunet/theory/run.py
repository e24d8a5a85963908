"""Trials of the paper's statements (Section 2): random instances, each with a referee that is not our code.

All in double precision or exact. A check draws one instance and returns an `Outcome`; places are the paper's.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch
from torch.autograd.functional import jacobian
from torch.nn.functional import leaky_relu

from fourmasks.lunet.flows.activations import GeneralLeakySoftplus, LeakySoftplus
from fourmasks.lunet.flows.factorization import factorize
from fourmasks.lunet.models.losses import HybridLoss
from fourmasks.lunet.theory.instances import (
    GRID,
    POINTS,
    STEEPNESS,
    Planted,
    as_flow,
    images,
    nonsingular,
    random_alpha,
    random_beta,
    random_layers,
    random_signs,
    random_targets,
)
from fourmasks.lunet.theory.referees import (
    ROUNDING,
    TOLERANCE,
    accepted,
    curvature,
    deviation,
    exact_determinant,
    exact_factors,
    inverse_2_9,
    printed_2_9,
    printed_activation,
    printed_cross_entropy,
    solutions,
)


class Outcome(NamedTuple):
    """What one instance says.

    Attributes
    ----------
    holds : bool
        Whether the statement holds as printed, read by the letter.
    corrected : bool, optional
        Whether it holds as the page on theory corrects it; None where there is nothing to correct.
    error : float, optional
        How far our code is from the referee.
    """

    holds: bool
    corrected: bool | None = None
    error: float | None = None


# Section 2.2 and Eq. (2.4): the factorization


def existence(rng, size: int) -> Outcome:
    """Section 2.2: a non-singular matrix has an LU without row exchanges; entries are -1, 0 and 1.

    Corrected: exactly if no leading minor is zero, and exactly then the code finds it.
    """
    matrix = nonsingular(rng, size)
    exists = exact_factors(matrix) is not None
    minors = all(exact_determinant(matrix[:k, :k]) for k in range(1, size + 1))
    return Outcome(exists, exists == minors == accepted(factorize, torch.from_numpy(matrix).double()))


def uniqueness(rng) -> Outcome:
    """Section 2.2: the LU is unique. Whatever factors are planted, in integers, they are those found."""
    size = int(rng.integers(1, 9))
    lower, upper = rng.integers(-3, 4, (2, size, size)).astype(float)
    lower = np.tril(lower, -1) + np.eye(size)
    upper = np.triu(upper, 1) + np.diag(random_signs(rng, size) * rng.integers(1, 4, size))
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
    alpha, targets = rng.uniform(0.05, 0.95), random_targets(rng)
    x = torch.from_numpy(rng.uniform(-30, 30, POINTS))
    leaky = solutions(np.maximum(GRID, alpha * GRID), targets)
    softplus = solutions(np.logaddexp(0, GRID), targets)
    bijections = (leaky == 1).all() and (softplus == (targets > 0)).all()
    straight = (curvature(lambda point: leaky_relu(point, alpha), x) == 0).all()
    curved = (curvature(LeakySoftplus(alpha), x) != 0).all()
    return Outcome(bool(bijections and straight and curved))


def equation_2_6(rng) -> Outcome:
    """Eq. (2.6): for α in (0, 1) LeakySoftplus takes every value once, and the code finds where."""
    bend, targets = LeakySoftplus(rng.uniform(0.05, 0.95)), random_targets(rng)
    once = (solutions(printed_activation(bend, GRID), targets) == 1).all()
    error = deviation(printed_activation(bend, bend.inverse(torch.from_numpy(targets)).numpy()), targets)
    return Outcome(bool(once and error < TOLERANCE), error=error)


def equation_2_9(rng) -> Outcome:
    """Eq. (2.9): the general form takes every value once, for α in (0, 1) and any β, of which the paper says
    nothing.

    Corrected, by the hypothesis that is missing: exactly if β > 0 or β < -1; the code inverts those and
    refuses the others.
    """
    alpha, beta, targets = random_alpha(rng), random_beta(rng), random_targets(rng)
    once = bool((solutions(printed_2_9(GRID, alpha, beta), targets) == 1).all())
    if not (beta > 0 or beta < -1):
        return Outcome(once, not once and not accepted(GeneralLeakySoftplus, alpha, beta))
    error = deviation(printed_2_9(inverse_2_9(targets, alpha, beta), alpha, beta), targets)
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
    """Eq. (2.13): the loss does not fall below a given number, with Y the rating, as in Eq. (2.12), a reading
    that the text before the equation excludes.

    Corrected: with Y 1 or 0, as that text and our code have it, it does not fall below zero.
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


def run(statement: str, instances: int, seed: int, **settings) -> dict:
    """Ask a statement, a key of `CHECKS`, of random instances.

    The only setting that a check takes is the size of the matrices, for "existence".

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
