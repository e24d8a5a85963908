"""Distances between Gaussian posteriors, and what the KL terms say of them (Lemma 2.4, Eq. 4 to 7)."""

from typing import NamedTuple

import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import cdist
from scipy.special import erf, logsumexp


class Gaussian(NamedTuple):
    """A normal distribution with a diagonal covariance, or a batch of them.

    Attributes
    ----------
    mean, std : ndarray of shape (R,) or (n, R)
    """

    mean: np.ndarray
    std: np.ndarray


def wasserstein_2(first: Gaussian, second: Gaussian) -> np.ndarray:
    """Return W₂ in closed form, for each pair of a batch (Eq. 15, with standard deviations).

    It is the root of ‖μ_u - μ_v‖² + ‖σ_u - σ_v‖², and an upper bound of W₁.
    """
    return np.sqrt(((first.mean - second.mean) ** 2 + (first.std - second.std) ** 2).sum(-1))


def wasserstein_1_bounds(first: Gaussian, second: Gaussian) -> tuple[np.ndarray, np.ndarray]:
    """Return a lower and an upper bound of W₁: the distance of the means (Jensen), and W₂.

    They agree when the standard deviations do; then W₁ is known exactly.
    """
    return np.linalg.norm(first.mean - second.mean, axis=-1), wasserstein_2(first, second)


def wasserstein_1_line(first: Gaussian, second: Gaussian) -> np.ndarray:
    """Return W₁ of two normal distributions on the line (R = 1), exactly, for each pair of a batch.

    On the line the optimal plan is monotone: W₁ = E|Δμ + Δσ T| for a standard normal T, the mean of a
    folded normal distribution.
    """
    shift = np.abs(first.mean - second.mean)[..., 0]
    spread = np.abs(first.std - second.std)[..., 0]
    ratio = shift / np.where(spread > 0, spread, 1.0)
    folded = spread * np.sqrt(2 / np.pi) * np.exp(-(ratio**2) / 2) + shift * erf(ratio / np.sqrt(2))
    return np.where(spread > 0, folded, shift)


def wasserstein_1_points(first: np.ndarray, second: np.ndarray) -> float:
    """Return W₁ of two clouds of as many points, (n, R) each with equal weights, exactly.

    An optimal plan between such clouds is a matching (Birkhoff), so an assignment solver finds it. Of the
    distributions that the points were drawn from it is an estimate, too large on average.
    """
    if first.shape != second.shape:
        raise ValueError(f"clouds of shapes {first.shape} and {second.shape}: draw as many points of each")
    costs = cdist(first, second)
    return float(costs[linear_sum_assignment(costs)].mean())


def kl_to_normal(posterior: Gaussian, scale: float = 1.0) -> np.ndarray:
    """Return KL(q ‖ N(0, scale² I)) of each posterior, in nats."""
    variance = (posterior.std / scale) ** 2
    return 0.5 * (variance + (posterior.mean / scale) ** 2 - 1 - np.log(variance)).sum(-1)


def transport_bound(first: Gaussian, second: Gaussian, scale: float = 1.0) -> np.ndarray:
    """Return the right side of Eq. (4) for the prior N(0, scale² I), whose T₁ constant is scale²."""
    return scale * (np.sqrt(2 * kl_to_normal(first, scale)) + np.sqrt(2 * kl_to_normal(second, scale)))


def average_transport_bound(posteriors: Gaussian, scale: float = 1.0) -> float:
    """Return the right side of Eq. (6): 2 sqrt(2C) times the root of the average KL, C = scale²."""
    return float(2 * scale * np.sqrt(2 * kl_to_normal(posteriors, scale).mean()))


def average_spread(posteriors: Gaussian) -> float:
    """Return the root of E W₂² over independent pairs: sqrt(2 tr Var μ + 2 tr Var σ).

    Like Eq. (6) it bounds the average W₁, from the spread of the means and standard deviations alone.
    """
    return float(np.sqrt(2 * (posteriors.mean.var(axis=0).sum() + posteriors.std.var(axis=0).sum())))


def lipschitz_constant(inputs: np.ndarray, posteriors: Gaussian, pairs: np.ndarray) -> float:
    """Return the largest ‖Q_u - Q_v‖ / ‖x_u - x_v‖₂ over some pairs, with Q = (μ, σ) (Lemma 2.4).

    It is a lower bound of the encoder's constant L_φ, and the constant itself when all pairs of the inputs in
    question are given. Since ‖Q_u - Q_v‖ = W₂, Lemma 2.4 holds on these pairs with this number.

    Parameters
    ----------
    inputs : ndarray of shape (n, J)
        Binary.
    posteriors : Gaussian, a batch of n
        What the encoder makes of them.
    pairs : ndarray of shape (m, 2)
        Rows of two different inputs.
    """
    u, v = pairs.T
    apart = np.sqrt((inputs[u] != inputs[v]).sum(1))
    if not apart.all():
        raise ValueError(f"{(apart == 0).sum()} pairs have equal inputs: give pairs of different inputs")
    latent = wasserstein_2(*(Gaussian(posteriors.mean[rows], posteriors.std[rows]) for rows in (u, v)))
    return float((latent / apart).max())


def mixture_log_density(points: np.ndarray, posteriors: Gaussian) -> np.ndarray:
    """Return the log density (m,) of the aggregated posterior, the equal mixture, at points (m, R)."""
    return logsumexp(_log_densities(points, posteriors), axis=1) - np.log(len(posteriors.mean))


def decompose_kl(posteriors: Gaussian, noise: np.ndarray) -> tuple[float, float]:
    """Estimate the two terms of Eq. (7) for the prior N(0, I): mutual information, and KL of the aggregate.

    The aggregated posterior is the equal mixture of the n posteriors, so the first term is at most log n.
    Both come from the points μ + σ ε, the same standard normal noise ε (m, R) for every posterior.
    """
    prior = Gaussian(np.zeros((1, noise.shape[1])), np.ones((1, noise.shape[1])))
    information = aggregate = 0.0
    for mean, std in zip(*posteriors, strict=True):
        points = mean + std * noise
        mixed = mixture_log_density(points, posteriors)
        own = _log_densities(points, Gaussian(mean[None], std[None]))[:, 0]
        information += (own - mixed).mean() / len(posteriors.mean)
        aggregate += (mixed - _log_densities(points, prior)[:, 0]).mean() / len(posteriors.mean)
    return float(information), float(aggregate)


def line_grid(posteriors: Gaussian, reach: float = 9.0, per_std: int = 12) -> tuple[np.ndarray, float]:
    """Return equally spaced points on the line and their distance, for integrals against these posteriors.

    The trapezoidal rule on them is exact to rounding for smooth functions times normal densities.

    Parameters
    ----------
    posteriors : Gaussian, a batch of n with R = 1
    reach : float, default 9.0
        How many standard deviations of each are covered.
    per_std : int, default 12
        Points per smallest standard deviation.
    """
    low = (posteriors.mean - reach * posteriors.std).min()
    high = (posteriors.mean + reach * posteriors.std).max()
    points = np.linspace(low, high, int(np.ceil((high - low) * per_std / posteriors.std.min())) + 1)
    return points, float(points[1] - points[0])


def _log_densities(points: np.ndarray, posteriors: Gaussian) -> np.ndarray:
    """Return the (m, n) log densities of each posterior at each point, by products instead of differences."""
    precision = posteriors.std**-2
    constant = -0.5 * (posteriors.mean**2 * precision + np.log(2 * np.pi / precision)).sum(1)
    return constant - 0.5 * points**2 @ precision.T + points @ (posteriors.mean * precision).T
