"""Densities that flows are compared with, and what all methods have in common once they are fitted."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from sklearn.mixture import GaussianMixture
from sklearn.neighbors import KernelDensity

from fourmasks.lunet.flows.flow import Flow

COMPONENTS = (1, 2, 4, 8, 16, 32)
BANDWIDTHS = tuple(float(width) for width in np.geomspace(0.05, 2.0, 10))


class Density(NamedTuple):
    """What a method has fitted.

    `log_prob` takes points (n, d) and gives (n,); `sample` takes a number and a seed and gives points.
    """

    log_prob: Callable[[np.ndarray], np.ndarray]
    sample: Callable[[int, int], np.ndarray]
    metrics: dict
    curves: dict
    flow: Flow | None = None


def fit_mixture(parts, seed: int) -> Density:
    """Return the mixture of normal distributions whose number of components validation points prefer."""
    counts = [count for count in COMPONENTS if count <= len(parts.train) // 10]
    fits = [
        GaussianMixture(count, covariance_type=kind, reg_covar=1e-4, random_state=seed).fit(parts.train)
        for count in counts
        for kind in ("full", "diag")
    ]
    best = max(fits, key=lambda model: model.score(parts.validation))

    def sample(n, seed):
        drawn = best.set_params(random_state=seed).sample(n)[0]  # one component after another
        return np.random.default_rng(seed).permutation(drawn)

    metrics = {
        "components": best.n_components,
        "full": int(best.covariance_type == "full"),
        "n_parameters": best.means_.size + best.weights_.size - 1 + _n_covariances(best),
    }
    return Density(best.score_samples, sample, metrics, {})


def fit_kernel(parts) -> Density:
    """Return the kernel estimate whose bandwidth validation points prefer; the kernel is normal."""
    fits = [KernelDensity(bandwidth=width).fit(parts.train) for width in BANDWIDTHS]
    best = max(fits, key=lambda model: model.score(parts.validation))
    metrics = {"bandwidth": best.bandwidth, "n_parameters": parts.train.size + 1}
    return Density(best.score_samples, best.sample, metrics, {})


def _n_covariances(mixture) -> int:
    n, width = mixture.means_.shape
    return n * (width * (width + 1) // 2 if mixture.covariance_type == "full" else width)
