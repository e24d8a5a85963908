"""Two runs of one model from different starts, and how alike their factors are (paper, Section 5.8)."""

import functools
import math

import numpy as np
import torch
from scipy.optimize import linear_sum_assignment

from fourmasks.learning.metrics import relative_error
from fourmasks.mmf.models.adam import AdamSolver
from fourmasks.mmf.models.alternating import AlternatingLM
from fourmasks.mmf.models.masks import Masks
from fourmasks.mmf.models.minimise import minimise
from fourmasks.mmf.models.parameters import draw, product
from fourmasks.mmf.reconstruction.run import load
from fourmasks.system.device import resolve_device

METHODS = ("mf", "mf-canonical", "mf-weighted", "mmf")
DTYPES = {"float32": torch.float32, "float64": torch.float64}
# As in the reference implementation: factors start at 0.02 N(0, 1), shifts are uniform in [0, 2).
FACTOR_SCALE, SPREAD = 0.02, 2.0
WEIGHTS = (0.5, 2.0)  # of "mf-weighted", uniform


class ConstantMasks:
    """A single mask, the same for all rows and columns: MMF with it is U diag(weights)² Vᵀ, plain MF.

    Parameters
    ----------
    weights : Tensor of shape (R,)
    """

    def __init__(self, weights):
        self.n_masks, self.rank, self._weights = 1, len(weights), weights

    def values(self, shifts):
        """Return the weights, (n, 1, R), for shifts (n, 1) that change nothing."""
        return self._weights.expand(len(shifts), 1, -1)

    def values_and_slopes(self, shifts):
        """Return the weights and zeros, both (n, 1, R)."""
        values = self.values(shifts)
        return values, torch.zeros_like(values)


def run(dataset, method, rank, matched, seed, n_masks=None, device="cpu", **settings) -> dict:
    """Fit a model twice, with the same matrix and masks and other factors at the start; compare columns of U.

    Parameters
    ----------
    dataset : str
        A name that `load_matrix` takes; the matrix is drawn anew for each seed.
    method : str
        "mf", plain factorization; "mf-canonical", the same two fits, compared after the SVD of their
        product; "mf-weighted", plain factorization with a random constant weight for each dimension, the
        same in both runs; "mmf", where each row and column has random shifts of its own, the same in both
        runs.
    rank : int
        R.
    matched : bool
        Whether the columns of the second run are first put in the order that maximises the mean
        (Hungarian algorithm).
    seed : int
        Of the matrix, of the masks, and with them of the pair of starts.
    n_masks : int, optional
        K; None for plain factorization.
    device : str, default "cpu"
    **settings
        `mask`, `solver` ("alternating-lm" or "adam"), `max_iter`, `tol` and `dtype`; see `MMF`.

    Returns
    -------
    dict
        "metrics": `diagonal`, the mean absolute cosine of equal columns; `off_diagonal`, that of different
        ones; `dominant`, the share of columns of the first run whose most similar one in the second has
        the same number; `output_difference`, the relative error between the two products; `relative_error`
        and `n_iter`, the larger of the two runs; `error_gap`, the difference of their relative errors over
        the larger. "curves": where matched, `order`, the columns of the second run in their new order;
        otherwise `similarity`, the R x R absolute cosines row by row, to two digits.
    """
    runs = _pair(dataset, method.removesuffix("-canonical"), rank, seed, n_masks, device, **settings)
    (u, x), (other, y) = ((run["factors"], run["product"]) for run in runs)
    if method.endswith("-canonical"):
        u, other = canonical(x, rank), canonical(y, rank)
    cosines = similarity(u, other)
    curves = {"similarity": cosines.round(2).ravel()}
    if matched:
        order = match(cosines)
        cosines, curves = cosines[:, order], {"order": order}
    errors = [run["error"] for run in runs]
    diagonal = np.diagonal(cosines)
    metrics = {
        "diagonal": diagonal.mean(),
        "off_diagonal": (cosines.sum() - diagonal.sum()) / (rank * (rank - 1)),
        "dominant": (cosines.argmax(1) == np.arange(rank)).mean(),
        "output_difference": relative_error(x, y),
        "relative_error": max(errors),
        "error_gap": abs(errors[0] - errors[1]) / max(errors),
        "n_iter": max(run["n_iter"] for run in runs),
    }
    return {"metrics": metrics, "curves": curves}


def similarity(u: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Return the absolute cosines between the columns of two matrices (I, R), as an R x R matrix."""
    u, other = (factor / np.linalg.norm(factor, axis=0) for factor in (u, other))
    return np.minimum(np.abs(u.T @ other), 1.0)


def match(cosines: np.ndarray) -> np.ndarray:
    """Return the order of the columns that maximises the sum of the diagonal (Kuhn, 1955)."""
    return linear_sum_assignment(cosines, maximize=True)[1]


def canonical(x: np.ndarray, rank: int) -> np.ndarray:
    """Return the first left singular vectors of a matrix, (I, rank): factors that a product determines."""
    return np.linalg.svd(x)[0][:, :rank]


@functools.lru_cache(maxsize=1)  # records of one pair of fits differ in how it is looked at
def _pair(dataset, method, rank, seed, n_masks, device, *, mask, solver, max_iter, tol, dtype):
    x = load(dataset, seed).values
    device, dtype = resolve_device(device), DTYPES[dtype]
    count = n_masks if method == "mmf" else 1

    def drawn(scale, number):
        generator = torch.Generator().manual_seed(number)
        return draw(
            x.shape, count, rank, factor_scale=scale, shift_spread=SPREAD, generator=generator,
            device=device, dtype=dtype,
        )  # fmt: skip

    _, s, _, t = drawn(1.0, 3 * seed)
    if method == "mmf":
        masks = Masks(mask, count, rank, device=device, dtype=dtype)
    else:
        low, high = WEIGHTS if method == "mf-weighted" else (1.0, 1.0)
        share = torch.rand(rank, generator=torch.Generator().manual_seed(3 * seed))
        masks = ConstantMasks((low + (high - low) * share).to(device, dtype))
    scale = count / np.linalg.norm(x)
    target = torch.as_tensor(x * scale, device=device, dtype=dtype)
    runs = []
    for number in (3 * seed + 1, 3 * seed + 2):
        start = drawn(FACTOR_SCALE, number)._replace(row_shifts=s, column_shifts=t)
        fit = minimise(
            _solver(solver, target, masks, start),
            max_iter=max_iter, time_limit=math.inf, tol=tol, verbose=False,
        )  # fmt: skip
        found = product(fit.best, masks).double().cpu().numpy() / scale
        runs.append(
            {
                "factors": fit.best.row_factors.double().cpu().numpy(),
                "product": found,
                "error": relative_error(x, found),
                "n_iter": len(fit.errors),
            }
        )
    return runs


def _solver(name, target, masks, start):
    if name == "adam":  # with the rates of the reference implementation
        return AdamSolver(
            target, masks, start, learn_shifts=False, learning_rate=0.02, shift_learning_rate=0.01
        )
    return AlternatingLM(target, masks, start, learn_shifts=False)
