"""One run of the spectra experiment: a reconstruction and its singular values (paper, Section 5.7)."""

import math

import numpy as np
import torch

from fourmasks.baselines.matrix import BlockSVD, TruncatedSVD
from fourmasks.learning.metrics import effective_rank, entropy_rank, relative_error
from fourmasks.mmf.models.masks import Masks
from fourmasks.mmf.models.matrix_mmf import MMF
from fourmasks.mmf.models.parameters import draw, product
from fourmasks.mmf.reconstruction.run import load

METHODS = ("svd", "block-svd", "mmf", "mmf-frozen", "mmf-drawn")
EFFECTIVE, NUMERICAL = 1e-2, 1e-9  # shares of the largest singular value


def run(dataset, method, budget, seed, n_masks=None, device="cpu", **settings) -> dict:
    """Reconstruct a matrix at a budget and measure the singular values of the reconstruction.

    Parameters
    ----------
    dataset : str
        A name that `load_matrix` takes; the matrix is drawn anew for each seed.
    method : str
        "svd" (rank B), "block-svd" (rank B in each diagonal block), "mmf" (K masks, R = B - K),
        "mmf-frozen" (K masks with random shifts that are not learned, R = B), or "mmf-drawn" (the sizes of
        "mmf", factors and shifts drawn at random, nothing fitted but one scale).
    budget : int
        B, for (I + J) B numbers.
    seed : int
    n_masks : int, optional
        K, for the methods with masks.
    device : str, default "cpu"
    **settings
        Of `MMF`.

    Returns
    -------
    dict
        "metrics": `effective_rank`, singular values above 1 % of the largest; `numerical_rank`, above 1e-9 of
        it; `entropy_rank`, see `learning.metrics.entropy_rank`; `relative_error`. "curves":
        `singular_values`, those above 1e-9 of the largest, in descending order, to five digits.
    """
    matrix = load(dataset, seed)
    approximation = _reconstruct(matrix, method, budget, seed, n_masks, device, settings)
    values = np.linalg.svd(approximation, compute_uv=False)
    numerical = effective_rank(values, NUMERICAL)
    metrics = {
        "effective_rank": effective_rank(values, EFFECTIVE),
        "numerical_rank": numerical,
        "entropy_rank": entropy_rank(values[:numerical]),
        "relative_error": relative_error(matrix.values, approximation),
    }
    return {
        "metrics": metrics,
        "curves": {"singular_values": [float(f"{value:.5g}") for value in values[:numerical]]},
    }


def _reconstruct(matrix, method, budget, seed, n_masks, device, settings):
    if method == "svd":
        return TruncatedSVD(budget).fit(matrix.values).reconstruct()
    if method == "block-svd":
        return BlockSVD(budget, matrix.row_groups).fit(matrix.values).reconstruct()
    if method == "mmf-drawn":
        return _drawn(matrix.values, budget - n_masks, seed, n_masks, **settings)
    settings = {**settings, "max_iter": tuple(settings["max_iter"])}
    model = MMF(budget, n_masks=n_masks, random_state=seed, device=device, verbose=False, **settings)
    return model.fit(matrix.values).reconstruct()


def _drawn(x, rank, seed, n_masks, mask):
    """Return the multiple nearest to X of an MMF whose factors and shifts, over a period, are random."""
    dtype = torch.float64
    masks = Masks(mask, n_masks, rank, dtype=dtype)
    parameters = draw(
        x.shape, n_masks, rank, factor_scale=1.0, shift_spread=2 * math.pi / (rank / 2),
        generator=torch.Generator().manual_seed(seed), device="cpu", dtype=dtype,
    )  # fmt: skip
    drawn = product(parameters, masks).numpy()
    return drawn * (np.vdot(drawn, x) / np.vdot(drawn, drawn))
