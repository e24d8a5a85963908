"""Both theorems on random instances: one trial is one family of masks, with how its shifts are tied."""

import numpy as np
import torch

from fourmasks.mmf.models.masks import Masks
from fourmasks.mmf.models.parameters import product
from fourmasks.mmf.theory.expressivity import (
    DEPENDENT,
    expected_rank,
    independence,
    instance,
    numerical_rank,
    witness,
)
from fourmasks.mmf.theory.identifiability import (
    kernel_dimension,
    rotation_map,
    smallest_ratio,
    symmetry_dimension,
)
from fourmasks.mmf.theory.run_stability import ConstantMasks

POINTS = 400


def rank_trial(mask, parametrisation, shifts, n_masks, rank, shapes, instances, seed) -> dict:
    """Compare the rank of random MMFs, and of the proof's own, with min{I, J, K R} (Theorem 1).

    Parameters
    ----------
    mask, parametrisation : str
        See `Masks`.
    shifts : str
        See `expressivity.instance`.
    n_masks, rank : int
    shapes : list of [int, int]
    instances : int
        Random draws for each shape.
    seed : int
        Of the first.

    Returns
    -------
    dict
        "metrics": `rank_deficit`, the most by which a random instance stays below; `log_gap`, the smallest
        decimal logarithm of the gap of singular values there; `dependent_dimensions`, at how many r the
        functions of (C2) are linearly dependent; `witness_deficit`, as the first, of θ₀, where there is one.
    """
    masks = _masks(mask, parametrisation, n_masks, rank)
    deficits, gaps = [], []
    for shape in shapes:
        full = expected_rank(shape, n_masks, rank)
        for number in range(seed, seed + instances):
            drawn = instance(shape, n_masks, rank, parametrisation, shifts, number)
            found = numerical_rank(product(drawn, masks), full)
            deficits.append(full - found.rank)
            gaps.append(max(found.gap, 1e-300))
    points = np.linspace(0, rank if parametrisation == "paper" else 2.0, POINTS)
    dependent = int((independence(masks, points) < DEPENDENT).sum())
    metrics = {
        "rank_deficit": max(deficits),
        "log_gap": np.log10(min(gaps)),
        "dependent_dimensions": dependent,
    }
    if not dependent:
        ranks = [
            (full := expected_rank(shape, n_masks, rank))
            - numerical_rank(product(witness(shape, masks, points), masks), full).rank
            for shape in shapes
        ]
        metrics["witness_deficit"] = max(ranks)
    return {"metrics": metrics}


def symmetry_trial(mask, parametrisation, shifts, n_masks, rank, shape, instances, seed) -> dict:
    """Count what leaves random MMFs unchanged to first order (Theorem 2).

    Parameters
    ----------
    mask : str
        See `Masks`; "none" for plain matrix factorization.
    parametrisation, shifts, n_masks, rank, instances, seed
        As for `rank_trial`.
    shape : [int, int]

    Returns
    -------
    dict
        "metrics", the largest over instances: `kernel_share`, the dimension of the kernel of L(θ) over
        R (R - 1); `extra_share`, the directions of U and V beyond the R scalings, over the same;
        `extra_with_shifts`, the number of directions of U, V and the shifts beyond those scalings.
        The smallest: `smallest_ratio`, of L(θ)'s singular values.
    """
    masks = _masks(mask, parametrisation, n_masks, rank)
    full = rank * (rank - 1)
    kernels, extras, moving, ratios = [], [], [], []
    for number in range(seed, seed + instances):
        drawn = instance(shape, n_masks, rank, parametrisation, shifts, number)
        found = rotation_map(drawn, masks)
        kernels.append(kernel_dimension(found) / full)
        ratios.append(smallest_ratio(found))
        extras.append((symmetry_dimension(drawn, masks) - rank) / full)
        moving.append(symmetry_dimension(drawn, masks, learn_shifts=True) - rank)
    metrics = {"kernel_share": max(kernels), "extra_share": max(extras), "extra_with_shifts": max(moving)}
    return {"metrics": metrics | {"smallest_ratio": min(ratios)}}


def _masks(mask, parametrisation, n_masks, rank):
    if mask == "none":
        return ConstantMasks(torch.ones(rank, dtype=torch.float64))
    return Masks(mask, n_masks, rank, parametrisation, dtype=torch.float64)
