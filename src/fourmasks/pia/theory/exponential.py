"""What two users with overlapping posteriors pay for it: Theorem 2.5, where everything can be computed."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import entr, logit, logsumexp, xlogy
from scipy.stats import norm

from fourmasks.pia.theory.divergences import Gaussian, line_grid


@dataclass(frozen=True)
class Family:
    """An exponential family whose sufficient statistic is the user's binary vector itself, T(x) = x.

    Attributes
    ----------
    cost : callable
        (t, natural) -> A(natural) - <t, natural>, over the last axis: what a reader of t pays, without log h.
    conjugate : callable
        t -> A*(t) = -inf cost(t, .).
    minimiser : callable
        t -> the natural parameter where the infimum is, infinite in places where t is on the boundary.
    """

    cost: Callable[[np.ndarray, np.ndarray], np.ndarray]
    conjugate: Callable[[np.ndarray], np.ndarray]
    minimiser: Callable[[np.ndarray], np.ndarray]


def _log(t: np.ndarray) -> np.ndarray:
    with np.errstate(divide="ignore"):
        return np.log(t)


# A user with n items has A(η) = n log Σ exp η_j in the multinomial family: it depends on the user. The cost
# below, and its conjugate Σ t log t - n log n with n = Σ t, cover users of different activity.
FAMILIES = {
    "bernoulli": Family(
        cost=lambda t, natural: np.logaddexp(0.0, natural).sum(-1) - (t * natural).sum(-1),
        conjugate=lambda t: -(entr(t) + entr(1 - t)).sum(-1),
        minimiser=logit,
    ),
    "gaussian": Family(
        cost=lambda t, natural: 0.5 * (natural**2).sum(-1) - (t * natural).sum(-1),
        conjugate=lambda t: 0.5 * (t**2).sum(-1),
        minimiser=lambda t: t,
    ),
    "multinomial": Family(
        cost=lambda t, natural: t.sum(-1) * logsumexp(natural, axis=-1) - (t * natural).sum(-1),
        conjugate=lambda t: xlogy(t, t).sum(-1) - xlogy(t.sum(-1), t.sum(-1)),
        minimiser=_log,
    ),
}


def statistic(first: np.ndarray, second: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """Return α T(x_u) + (1 - α) T(x_v), of shape (..., J) for α of shape (...)."""
    alpha = np.asarray(alpha)[..., None]
    return alpha * first + (1 - alpha) * second


def jensen_gap(family: Family, first: np.ndarray, second: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """Return Δ_{A*}(x_u, x_v; α) of Theorem 2.5 for binary vectors (J,), by α in [0, 1], of its shape."""
    own = alpha * family.conjugate(first) + (1 - alpha) * family.conjugate(second)
    return own - family.conjugate(statistic(first, second, alpha))


def densities(first: Gaussian, second: Gaussian) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return points and weights for integrals against q_u + q_v on the line, and α = q_u / (q_u + q_v).

    Each is of shape (m,); the integral of a function f is (weights * f(points)).sum().
    """
    points, step = line_grid(Gaussian(*(np.stack(pair) for pair in zip(first, second, strict=True))))
    log_densities = [norm.logpdf(points, q.mean[0], q.std[0]) for q in (first, second)]
    both = np.logaddexp(*log_densities)
    return points, step * np.exp(both), np.exp(log_densities[0] - both)


def compromise_gap(
    family: Family, items: tuple[np.ndarray, np.ndarray], posteriors: tuple[Gaussian, Gaussian]
) -> float:
    """Return ∫ (q_u + q_v) Δ_{A*} dz, the price of overlap in Eq. (3), by quadrature on the line (R = 1).

    `items` are the binary vectors x_u and x_v (J,), `posteriors` are q_u and q_v.
    """
    _, weights, alpha = densities(*posteriors)
    return float((weights * jensen_gap(family, *items, alpha)).sum())


def reconstruction(
    family: Family,
    items: tuple[np.ndarray, np.ndarray],
    posteriors: tuple[Gaussian, Gaussian],
    natural: Callable[[np.ndarray], np.ndarray],
) -> float:
    """Return the two reconstruction terms of Eq. (3) at a decoder η(z), without the terms log h(x).

    `natural` is η: it takes z (m,) to the natural parameters (m, J). The rest is as for `compromise_gap`.
    """
    points, weights, alpha = densities(*posteriors)
    return float((weights * family.cost(statistic(*items, alpha), natural(points))).sum())


def best_decoder(
    family: Family, items: tuple[np.ndarray, np.ndarray], posteriors: tuple[Gaussian, Gaussian], limit: float
) -> Callable[[np.ndarray], np.ndarray]:
    """Return the decoder of Theorem 2.5, η(z) = ∇A*(α x_u + (1 - α) x_v), cut off at ± `limit`.

    Without the cut it is infinite at every item on which the users agree, if the family is Bernoulli, and at
    every item that neither has, if it is multinomial: the infimum of Eq. (3) is not attained.
    """

    def natural(points: np.ndarray) -> np.ndarray:
        log_u, log_v = (norm.logpdf(points, q.mean[0], q.std[0]) for q in posteriors)
        mixed = statistic(*items, np.exp(log_u - np.logaddexp(log_u, log_v)))
        return np.clip(family.minimiser(mixed), -limit, limit)

    return natural


def jensen_shannon(first: Gaussian, second: Gaussian) -> float:
    """Return the Jensen-Shannon divergence of two normal distributions on the line, at most log 2."""
    _, weights, alpha = densities(first, second)
    return float(np.log(2) - 0.5 * (weights * (entr(alpha) + entr(1 - alpha))).sum())


def price_of_overlap(family: str, n_different: int) -> float:
    """Return c in: the compromise gap of two users is c (log 2 - JSD(q_u, q_v)).

    c is 2h for the family "bernoulli", and h for "multinomial" and two users with equally many items, where
    h = `n_different` is the number of items that one of the two users has.
    """
    prices = {"bernoulli": 2.0 * n_different, "multinomial": 1.0 * n_different}
    if family not in prices:
        raise ValueError(f"the price is known in closed form for {', '.join(prices)}, not for {family!r}")
    return prices[family]


def best_separation(price: float, beta: float) -> float:
    """Return the m ≥ 0 that minimises price (log 2 - JSD) + β (KL_u + KL_v) for q = N(± m, 1), prior N(0, 1).

    It is 0, to the solver's tolerance, exactly when β ≥ price / 2: then both posteriors are the prior. For
    the price see `price_of_overlap`.
    """

    def objective(m: float) -> float:
        first, second = (Gaussian(np.array([sign * m]), np.ones(1)) for sign in (1, -1))
        return beta * m**2 - price * jensen_shannon(first, second)

    # Beyond this the KL terms alone cost more than m = 0 does.
    limit = np.sqrt(price * np.log(2) / beta)
    return float(minimize_scalar(objective, bounds=(0.0, limit), method="bounded").x)
