"""Theorem 2.3 on a trained network: whom a step helps, and whom the theorem says that it helps."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import scipy.sparse
import torch

from fourmasks.pia.models.networks import MultiVAENetwork
from fourmasks.pia.models.sparse_layer import input_rows
from fourmasks.pia.theory.divergences import Gaussian
from fourmasks.pia.theory.pair_gradients import decoder_products, objective_products, share
from fourmasks.pia.theory.sharing import Sharing, User
from fourmasks.pia.trained.neighbourhoods import cosine_distances, rank_correlation, wasserstein_distances
from fourmasks.pia.trained.trio import partners

KINDS = ("random", "near", "related")
POINTS = 8  # samples of each posterior
LEAST_SHARE = 0.8  # of a related user's items
ROUNDING = 1e-9

Place = Callable[[np.ndarray], Gaussian]  # from rows of the training users to their posteriors


class Pair(NamedTuple):
    """What a step on v does to u, and how many items they share: the cosine of their rows."""

    sharing: Sharing
    cosine: float

    @property
    def gradient_cosine(self) -> float:
        """The cosine of g_u and g_v: positive where the step helps."""
        s = self.sharing
        other = max(s.gradient_distance**2 - s.own_norm**2 - 2 * s.change, 0.0) ** 0.5
        return -s.change / max(s.own_norm * other, np.finfo(float).tiny)


def choose_pairs(matrix: scipy.sparse.csr_array, rows: np.ndarray) -> dict[str, np.ndarray]:
    """Return pairs (n, 2) of users u and v, where a step on v is to help u, by kind.

    "random" pairs each of the rows with the next one. "near" pairs it with its nearest user in L1 that has
    an item in common; "related" takes as u the farthest of the less active users of whose items it has at
    least 80 %: the three kinds of the paper's Figure 1.

    Parameters
    ----------
    matrix : csr_array of shape (I, J)
    rows : ndarray of int, shape (n,)
    """
    found = partners(matrix, rows, least_share=LEAST_SHARE)
    pairs = (rows, np.roll(rows, -1)), (rows, found.near), (found.related, rows)
    stacked = [np.stack(pair, axis=1) for pair in pairs]
    return {kind: pair[(pair >= 0).all(1)] for kind, pair in zip(KINDS, stacked, strict=True)}


def measure_pairs(
    network: MultiVAENetwork, matrix: scipy.sparse.csr_array, place: Place, pairs: np.ndarray, seed: int
) -> list[Pair]:
    """Measure pairs of users; one whose two posteriors are equal is left out.

    Parameters
    ----------
    network : MultiVAENetwork
        In float64.
    matrix : csr_array of shape (I, J)
    place : callable
        Rows (m,) -> Gaussian of shape (m, R).
    pairs : ndarray of int, shape (n, 2)
    seed : int
        Of the samples of the posteriors.
    """
    rows, numbers = np.unique(pairs, return_inverse=True)
    users = [User(*map(torch.as_tensor, user))
             for user in zip(_dense(matrix[rows]), *place(rows), strict=True)]  # fmt: skip
    noise = _noise(POINTS, len(users[0].mean), seed) if users else None
    found = []
    for u, v in ((users[a], users[b]) for a, b in numbers.reshape(pairs.shape)):
        if not (torch.equal(u.mean, v.mean) and torch.equal(u.std, v.std)):
            cosine = float(u.items @ v.items / (u.items.sum() * v.items.sum()).sqrt())
            found.append(Pair(share(network, u, v, noise), cosine))
    return found


def summarise(pairs: list[Pair]) -> dict[str, float]:
    """Return how often a step helps, and how often, and how far from it, the theorem says so.

    Returns
    -------
    dict
        helped: share of pairs in which a small step on v lowers u's loss. inside: share inside the sharing
        radius. radius: share in which there is one, above zero. penalty and content: medians of D and Δ_x
        over ‖g_u‖; the pair is inside where the first is below 1, and has a radius where the second is.
        broken: share of pairs whose change is above the theorem's bound by more than rounding.
    """
    found = [pair.sharing for pair in pairs]
    return {
        "helped": np.mean([s.helps for s in found]),
        "inside": np.mean([s.inside for s in found]),
        "radius": np.mean([s.radius > 0 for s in found]),
        "penalty": np.median([s.penalty / s.own_norm for s in found]),
        "content": np.median([s.content / s.own_norm for s in found]),
        "broken": np.mean([s.change > s.bounds[-1] + ROUNDING * s.own_norm**2 for s in found]),
    }


def all_pairs(
    network: MultiVAENetwork,
    matrix: scipy.sparse.csr_array,
    posteriors: Gaussian,
    beta: float,
    alignment: tuple[np.ndarray, float],
    seed: int,
) -> dict[str, float]:
    """Measure what goes with help, over all pairs of some users.

    Parameters
    ----------
    network : MultiVAENetwork
        In float64.
    matrix : csr_array of shape (m, J)
    posteriors : Gaussian of shape (m, R)
        Of the inputs without masks.
    beta : float
    alignment : tuple of ndarray of shape (m, R) and float
        Targets and weight of the alignment.
    seed : int
        Of the samples of the posteriors.

    Returns
    -------
    dict
        help_distance and help_overlap: rank correlation of the cosine of two users' gradients with the
        Wasserstein distance of their posteriors, and with the cosine of their items. helped_decoder and
        helped_all: share of pairs whom a step helps, if the decoder moves, and if all weights move and all
        terms of the objective count. same_sign: share of pairs for which the two agree.
    """
    items, noise = torch.as_tensor(_dense(matrix)), _noise(POINTS, posteriors.mean.shape[1], seed)
    decoder = decoder_products(network, items, *map(torch.as_tensor, posteriors), noise).numpy()
    distances, cosines = wasserstein_distances(posteriors), np.round(1 - cosine_distances(matrix), 12)
    rows = input_rows(matrix, dtype=torch.float64)
    whole = objective_products(network, rows, torch.as_tensor(cosines), items, noise, beta,
        torch.as_tensor(alignment[0]), alignment[1],
    ).numpy()  # fmt: skip
    pairs = np.triu_indices(len(items), 1)
    lengths = np.sqrt(np.diagonal(decoder))
    alike = np.round(decoder / np.outer(lengths, lengths), 12)  # equal ones are ties
    return {
        "help_distance": rank_correlation(alike, distances),
        "help_overlap": rank_correlation(alike, cosines),
        "helped_decoder": (decoder[pairs] > 0).mean(),
        "helped_all": (whole[pairs] > 0).mean(),
        "same_sign": ((decoder > 0) == (whole > 0))[pairs].mean(),
    }


def _dense(matrix):
    return matrix.toarray().astype(np.float64)


def _noise(n, rank, seed):
    return torch.as_tensor(np.random.default_rng(seed).standard_normal((n, rank)))
