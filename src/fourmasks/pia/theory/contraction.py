"""What the alignment does to a posterior, and to its spread over masks (Prop. 3.1 and 3.2)."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy.linalg import eigh

from fourmasks.pia.theory.divergences import Gaussian


class Alignment(NamedTuple):
    """The three terms of Eq. (10); their sum is the alignment loss, Eq. (9).

    `scatter`, the paper's const(x, E), depends on the anchors: where these are learned it has a gradient.
    """

    mean: float
    variance: float
    scatter: float


def alignment(posterior: Gaussian, anchors: np.ndarray) -> Alignment:
    """Return the alignment loss of one user by its terms (Eq. 10).

    The posterior (R,) is that of the user's masked input, the anchors (n, R) those of the items of the
    *unmasked* input.
    """
    centroid = anchors.mean(axis=0)
    return Alignment(
        mean=float(((posterior.mean - centroid) ** 2).sum()),
        variance=float((posterior.std**2).sum()),
        scatter=float((anchors**2).sum(1).mean() - (centroid**2).sum()),
    )


def shrinkage(hessian: np.ndarray, strength: float) -> np.ndarray:
    """Return M = (H + 2λI)⁻¹ H, by which alignment shrinks a minimiser towards the centroid (Eq. 32)."""
    return np.linalg.solve(hessian + 2 * strength * np.eye(len(hessian)), hessian)


def contraction_factor(hessian: np.ndarray, strength: float) -> float:
    """Return τ = L / (L + 2λ) of Prop. 3.2, with L the largest eigenvalue of the Hessian."""
    largest = np.linalg.eigvalsh(hessian)[-1]
    return float(largest / (largest + 2 * strength))


def aligned(
    minimisers: np.ndarray, centroids: np.ndarray, hessian: np.ndarray, strength: float
) -> np.ndarray:
    """Return the minimisers (n, R) of the quadratic surrogates plus λ ‖μ - ē‖² (Eq. 32).

    `minimisers` (n, R) are the a_b, one for each mask; centroids are (R,) or (n, R), the Hessian (R, R).
    """
    return centroids + (minimisers - centroids) @ shrinkage(hessian, strength).T


@dataclass(frozen=True)
class Spread:
    """How much narrower the means of a user's masked views became; each ratio is after to before.

    Attributes
    ----------
    norm, trace : float
        Ratio of the spectral norms and of the traces of the covariance over masks (Eq. 27, 28).
    loewner : float
        The smallest c with Var_after ≼ c Var_before; infinite if there is none.
    drift : float
        Ratio of the mean squared distances from the centroid (Eq. 29).
    """

    norm: float
    trace: float
    loewner: float
    drift: float


def compare_spread(before: np.ndarray, after: np.ndarray, centroid: np.ndarray) -> Spread:
    """Compare the means (n, R) of one user's masked views, a row for each, before and after alignment.

    Raises a ValueError where the means before do not vary or all lie at the centroid (R,).
    """
    covariances = [np.atleast_2d(np.cov(means, rowvar=False)) for means in (before, after)]
    drifts = [((means - centroid) ** 2).sum(1).mean() for means in (before, after)]
    norms = [np.linalg.norm(covariance, 2) for covariance in covariances]
    traces = [np.trace(covariance) for covariance in covariances]
    if not (norms[0] > 0 and drifts[0] > 0):
        raise ValueError("the means before alignment do not vary over masks: no ratio is defined")
    return Spread(
        norm=float(norms[1] / norms[0]),
        trace=float(traces[1] / traces[0]),
        loewner=loewner_ratio(*covariances),
        drift=float(drifts[1] / drifts[0]),
    )


def loewner_ratio(before: np.ndarray, after: np.ndarray, tolerance: float = 1e-10) -> float:
    """Return the smallest c with after ≼ c · before, for positive semidefinite matrices.

    Parameters
    ----------
    before, after : ndarray of shape (R, R)
    tolerance : float, default 1e-10
        Eigenvalues below this share of the largest count as zero.

    Returns
    -------
    float
        Infinity if `after` has a direction that `before` has not.
    """
    values, vectors = eigh(before)
    support = values > tolerance * values[-1]
    outside = vectors[:, ~support]
    if np.abs(outside.T @ after @ outside).max(initial=0.0) > tolerance * np.trace(after):
        return float("inf")
    inside = vectors[:, support] / np.sqrt(values[support])
    return float(eigh(inside.T @ after @ inside, eigvals_only=True)[-1])


@dataclass(frozen=True)
class Amortised:
    """What one encoder for all users makes of every masked input.

    Attributes
    ----------
    inputs : bool ndarray of shape (m, J)
        All masked inputs that can occur.
    chances : ndarray of shape (n, m)
        Probability of each masked input, by user.
    before, after : ndarray of shape (m, R)
        The best output for each masked input, without and with alignment.
    """

    inputs: np.ndarray
    chances: np.ndarray
    before: np.ndarray
    after: np.ndarray

    def variances(self, user: int) -> tuple[float, float]:
        """Return the trace of the output's covariance over a user's masks, without and with alignment."""
        chances = self.chances[user]
        centred = [outputs - chances @ outputs for outputs in (self.before, self.after)]
        before, after = (float(chances @ (c**2).sum(1)) for c in centred)
        return before, after


def amortised(
    users: np.ndarray,
    optima: np.ndarray,
    centroids: np.ndarray,
    hessian: np.ndarray,
    strength: float,
    keep: float,
) -> Amortised:
    """Return the best encoder for a few equally likely users with quadratic losses, over all their masks.

    User x pays ½ (μ - a_x)ᵀ H (μ - a_x) + λ ‖μ - ē_x‖² for an output μ. One encoder sees only the masked
    input x_h, so its best output is what Eq. (32) makes of E[a_X | x_h] and E[ē_X | x_h].

    Parameters
    ----------
    users : ndarray of shape (n, J)
        Binary; J at most 12, because all 2^J inputs are gone through.
    optima, centroids : ndarray of shape (n, R)
        a_x and ē_x.
    hessian : ndarray of shape (R, R)
    strength : float
    keep : float
        ρ, in (0, 1).
    """
    n_items = users.shape[1]
    if n_items > 12:
        raise ValueError(f"{n_items} items have 2^{n_items} masked inputs: give at most 12 items")
    inputs = (np.arange(2**n_items)[:, None] >> np.arange(n_items)) & 1 > 0
    contained = ~(inputs[None] & ~(users[:, None] > 0)).any(-1)
    kept, had = inputs.sum(1), (users > 0).sum(1)
    dropped = np.maximum(had[:, None] - kept, 0)
    chances = np.where(contained, keep**kept * (1 - keep) ** dropped, 0.0)
    occurring = chances.any(0)
    inputs, chances = inputs[occurring], chances[:, occurring]
    given_input = (chances / chances.sum(0)).T
    before = given_input @ optima
    return Amortised(inputs, chances, before, aligned(before, given_input @ centroids, hessian, strength))
