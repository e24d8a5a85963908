"""A trained encoder against Lemma 2.4, Eq. 6 and 7, and Proposition 3.2."""

from collections.abc import Callable, Sequence

import numpy as np
import scipy.sparse
import torch

from fourmasks.pia.models.networks import MultiVAENetwork
from fourmasks.pia.theory.curvature import hessian, minimise, objective
from fourmasks.pia.theory.divergences import (
    Gaussian,
    average_spread,
    average_transport_bound,
    kl_to_normal,
    lipschitz_constant,
)
from fourmasks.pia.trained.neighbourhoods import distances, l1_distances, wasserstein_distances

POINTS = 2  # samples of a posterior in an expectation over it
ITERATIONS = 100  # of L-BFGS

Encoder = Callable[[scipy.sparse.csr_array], Gaussian]


def lipschitz_measures(
    matrix: scipy.sparse.csr_array, encode: Encoder, rng: np.random.Generator
) -> dict[str, float]:
    """Measure the constant of Lemma 2.4, as a share of the mean distance of two users' posteriors.

    Parameters
    ----------
    matrix : csr_array of shape (m, J)
    encode : callable
        Matrix (n, J) -> Gaussian of shape (n, R), without masks.
    rng : Generator
        Of the items that are taken away.

    Returns
    -------
    dict
        lipschitz_pairs: the largest ratio over pairs of these users, of different items. lipschitz_single:
        over users with and without one item. reach: from how many different items on the lemma, with the
        larger of the two, leaves room for the mean distance.
    """
    counts = np.diff(matrix.indptr)
    less = matrix.toarray() > 0
    less[np.arange(len(counts)), matrix.indices[matrix.indptr[:-1] + rng.integers(counts)]] = False
    inputs = np.concatenate([matrix.toarray() > 0, less])
    posteriors = encode(scipy.sparse.csr_array(inputs.astype(np.float32)))
    n = len(counts)
    first, second = np.triu_indices(n, 1)
    own = Gaussian(posteriors.mean[:n], posteriors.std[:n])
    typical = wasserstein_distances(own)[first, second].mean()
    different = (l1_distances(matrix) > 0)[first, second]
    pairs = np.stack([first, second], axis=1)[different]
    single = np.stack([np.arange(n), n + np.arange(n)], axis=1)
    found = [lipschitz_constant(inputs, posteriors, chosen) / typical for chosen in (pairs, single)]
    return {"lipschitz_pairs": found[0], "lipschitz_single": found[1], "reach": max(found) ** -2}


def transport_curves(posteriors: Sequence[Gaussian]) -> dict[str, list[float]]:
    """Return both sides of Eq. (6), and the KL terms of Eq. (7), for several masks' posteriors.

    Parameters
    ----------
    posteriors : sequence of Gaussian of shape (m, R)
        Of the same users.

    Returns
    -------
    dict
        For each of them kl, the mean KL to the prior; w1_low and w1_high, bounds of the mean W₁ over pairs
        of different users; spread, the bound from the spread of the posteriors; bound, that of Eq. (6).
    """
    pairs = np.triu_indices(len(posteriors[0].mean), 1)
    return {
        "kl": [kl_to_normal(q).mean() for q in posteriors],
        "w1_low": [distances(q.mean)[pairs].mean() for q in posteriors],
        "w1_high": [wasserstein_distances(q)[pairs].mean() for q in posteriors],
        "spread": [average_spread(q) for q in posteriors],
        "bound": [average_transport_bound(q) for q in posteriors],
    }


def mask_spread(means: np.ndarray) -> tuple[dict[str, float], dict[str, np.ndarray]]:
    """Measure how the means of users' masked views vary, beside how users do.

    Parameters
    ----------
    means : ndarray of shape (views, m, R)

    Returns
    -------
    metrics : dict
        mask_variance: mean over users of the trace of the covariance over masks. user_variance: trace of
        the covariance of the users' mean views. mask_share: the first over the sum of both.
    curves : dict
        mask_traces and mask_norms (m,): trace and largest eigenvalue of each user's covariance over masks.
    """
    centred = means - means.mean(0)
    free = len(means) - 1
    traces = (centred**2).sum((0, 2)) / free
    norms = np.linalg.norm(centred.transpose(1, 0, 2), 2, axis=(1, 2)) ** 2 / free
    between = means.mean(0).var(axis=0, ddof=1).sum()
    metrics = {
        "mask_variance": traces.mean(),
        "user_variance": between,
        "mask_share": traces.mean() / (traces.mean() + between),
    }
    return metrics, {"mask_traces": traces, "mask_norms": norms}


def surrogate_measures(
    network: MultiVAENetwork,
    items: np.ndarray,
    means: np.ndarray,
    std: np.ndarray,
    beta: float,
    rng: np.random.Generator,
) -> tuple[dict[str, float], dict[str, np.ndarray]]:
    """Measure how far the objective is from a quadratic with one Hessian, minimised by the encoder.

    The objective is looked at as a function of the mean, as in `theory.curvature.objective`: for one user it
    is the same for all masks.

    Parameters
    ----------
    network : MultiVAENetwork
        In float64.
    items : ndarray of shape (m, J)
        Of a few users.
    means : ndarray of shape (views, m, R)
        Of their masked views.
    std : ndarray of shape (m, R)
        At which the objective is looked at.
    beta : float
    rng : Generator
        Of the samples of the posteriors.

    Returns
    -------
    metrics : dict
        hessian_variation: mean distance of the Hessians at a user's masked views from their mean, over its
        norm. smallest_curvature: smallest over largest eigenvalue of that mean, averaged over users; not
        positive where the objective is not convex. minimiser_spread: variance over masks of the minimisers
        found from the masked views, over that of the views; 0 if the mask does not matter. left_over: loss
        per item of the user, in nats, that the encoder leaves above these minima.
    curves : dict
        curvatures (m,): the largest eigenvalue L of each user's mean Hessian.
    """
    views, m, rank = means.shape
    shifts = torch.as_tensor(std[:, None] * rng.standard_normal((POINTS, rank)))
    items = torch.as_tensor(items)
    variations, smallest, largest = [], [], []
    for user in range(m):
        at = [hessian(network, items[user], torch.as_tensor(mean), shifts[user], beta).numpy()
              for mean in means[:, user]]  # fmt: skip
        middle = np.mean(at, axis=0)
        variations.append(np.mean([np.linalg.norm(h - middle) for h in at]) / np.linalg.norm(middle))
        eigenvalues = np.linalg.eigvalsh(middle)
        smallest.append(eigenvalues[0] / eigenvalues[-1])
        largest.append(eigenvalues[-1])
    start = torch.as_tensor(means.reshape(views * m, rank))
    given = items.repeat(views, 1), shifts.repeat(views, 1, 1)
    found = minimise(network, given[0], start, given[1], beta, ITERATIONS)
    with torch.no_grad():
        gain = objective(network, given[0], start, given[1], beta)
        gain = gain - objective(network, given[0], found, given[1], beta)
    spread = [mask_spread(part)[0]["mask_variance"] for part in (found.view(views, m, rank).numpy(), means)]
    metrics = {
        "hessian_variation": np.mean(variations),
        "smallest_curvature": np.mean(smallest),
        "minimiser_spread": spread[0] / spread[1],
        "left_over": float((gain / given[0].sum(1)).mean()),
    }
    return metrics, {"curvatures": np.array(largest)}
