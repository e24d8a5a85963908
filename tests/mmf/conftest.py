"""What the tests of MMF share: one thread, and random points of the model."""

import numpy as np
import pytest
import torch

from fourmasks.mmf.models.masks import Masks
from fourmasks.mmf.models.parameters import draw


@pytest.fixture(autouse=True, scope="module")
def always_one_thread(one_thread):
    """All tests of MMF run on one thread."""


@pytest.fixture(scope="session")
def problem():
    """Return the function that makes a standard normal matrix, masks and random parameters for it."""

    def make(seed=0, *, family="cosine", parametrisation="reference", shape=(9, 7), n_masks=3, rank=2,
             factor_scale=1.0, shift_spread=2.0, dtype=torch.float64):  # fmt: skip
        masks = Masks(family, n_masks, rank, parametrisation, dtype=dtype)
        parameters = draw(
            shape, n_masks, rank, factor_scale=factor_scale, shift_spread=shift_spread,
            generator=torch.Generator().manual_seed(seed), device="cpu", dtype=dtype,
        )  # fmt: skip
        target = torch.as_tensor(np.random.default_rng(seed).standard_normal(shape), dtype=dtype)
        return target, masks, parameters

    return make
