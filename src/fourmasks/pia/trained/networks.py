"""The networks of the experiments on geometry and on theory: fitted once for both, and opened up."""

import copy
import functools

import numpy as np
import scipy.sparse
import torch

from fourmasks.data.interactions import HeldOutUsers, hold_out_users, load_interactions
from fourmasks.learning.held_out_users import measure
from fourmasks.learning.settings import DTYPES
from fourmasks.pia.models.multi_vae import MultiVAE
from fourmasks.pia.models.networks import MultiVAENetwork
from fourmasks.pia.models.sparse_layer import dropped, input_rows
from fourmasks.pia.theory.divergences import Gaussian

load = functools.lru_cache(maxsize=4)(load_interactions)


@functools.lru_cache(maxsize=4)
def parts(dataset: str, seed: int) -> HeldOutUsers:
    """Return the users of training, validation and test; the seed divides them."""
    return hold_out_users(load(dataset), seed)


@functools.lru_cache(maxsize=1)  # the experiments that look at one network follow one another
def fitted(dataset: str, seed: int, device: str, **settings) -> MultiVAE:
    """Return the network of these settings; the seed divides the users and starts the training."""
    data = parts(dataset, seed)
    model = MultiVAE(random_state=seed, device=device, **settings)
    return model.fit(data.train, (data.validation_in, data.validation_out))


def fit_metrics(model: MultiVAE, data: HeldOutUsers) -> dict[str, float]:
    """Return how the training of a network went, and how well it recommends.

    Returns
    -------
    dict
        ndcg_at_100, recall_at_20 and recall_at_50 of the test users; epochs and best_epoch;
        alignment_weight, that of the epoch that is kept.
    """
    found = measure(model.predict, data.test_in, data.test_out)
    return {name: float(values.mean()) for name, values in found.items()} | {
        "epochs": len(model.training_curve_),
        "best_epoch": model.best_epoch_,
        "alignment_weight": model.alignment_curve_[model.best_epoch_ - 1],
    }


def some_users(matrix: scipy.sparse.csr_array, n: int, seed: int) -> np.ndarray:
    """Return the rows (at most n,), ascending, of users drawn at random."""
    drawn = np.random.default_rng(seed).permutation(matrix.shape[0])[:n]
    return np.sort(drawn)


def held_out(data: HeldOutUsers) -> scipy.sparse.csr_array:
    """Return all items of the test users, shown and targets."""
    return scipy.sparse.csr_array(data.test_in + data.test_out)


@torch.no_grad()
def masked_posteriors(model: MultiVAE, matrix: scipy.sparse.csr_array, rate: float, seed: int) -> Gaussian:
    """Return the posteriors of users whose inputs are masked as in training.

    The masks depend on the users' items and the seed alone, not on the network.

    Parameters
    ----------
    model : MultiVAE
        Fitted.
    matrix : csr_array of shape (n, J)
    rate : float
        Share of the items that are hidden; what stays is divided by 1 - rate.
    seed : int

    Returns
    -------
    Gaussian of float64, mean and std of shape (n, R)
    """
    generator = torch.Generator().manual_seed(seed)
    inputs = input_rows(matrix, rate, generator, device=model._device, dtype=DTYPES[model.dtype])
    mean, log_variance = (part.double().cpu().numpy() for part in model._network.encode(inputs))
    return Gaussian(mean, np.exp(0.5 * log_variance))


def items_left(matrix: scipy.sparse.csr_array, rate: float, seed: int) -> np.ndarray:
    """Return how many items (n,) the same masks leave of each user."""
    return np.diff(dropped(matrix, rate, torch.Generator().manual_seed(seed)).indptr)


def masked_inputs(matrix: scipy.sparse.csr_array, rate: float, seed: int, unit: bool) -> np.ndarray:
    """Return masked inputs (n, J) as they are, or as `masked_posteriors` gives them to the encoder.

    Parameters
    ----------
    matrix, rate, seed
        As for `masked_posteriors`, with the same masks.
    unit : bool
        Whether each user is scaled to unit length before masking, and divided by 1 - rate after it.
    """
    rows = dropped(matrix, rate, torch.Generator().manual_seed(seed)).toarray().astype(np.float64)
    if unit:
        rows /= (1 - rate) * np.sqrt(np.maximum(np.diff(matrix.indptr), 1))[:, None]
    return rows


def alignment_targets(
    model: MultiVAE, matrix: scipy.sparse.csr_array, rows: np.ndarray
) -> tuple[np.ndarray, float]:
    """Return what the posteriors of some training users are aligned to, (n, R), and with what weight.

    Parameters
    ----------
    model : MultiVAE
        Fitted to the matrix.
    matrix : csr_array of shape (I, J)
    rows : ndarray of int, shape (n,)
    """
    weight = model.alignment_curve_[model.best_epoch_ - 1]
    if model.alignment in ("none", "zero"):
        return np.zeros((len(rows), model.latent)), weight
    items = matrix[model._alignment.whose(rows)]
    centroids = (items @ model.anchors_.astype(np.float64)) / np.diff(items.indptr)[:, None]
    return centroids, weight


def opened(model: MultiVAE) -> MultiVAENetwork:
    """Return a copy of the network in float64 on the CPU, for measurements of its gradients."""
    return copy.deepcopy(model._network).double().cpu()
