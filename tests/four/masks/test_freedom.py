"""The freedom of masked factors: the Jacobian against finite differences, and cases that are known."""

import numpy as np
import pytest
import torch

from fourmasks.four.masks.freedom import freedom, masked_jacobian
from fourmasks.mmf.models.masks import FAMILIES, Masks

M, N, R = 9, 8, 2


def drawn(family, n_masks, seed=0):
    rng = np.random.default_rng(seed)
    masks = [Masks(family, n_masks, R, dtype=torch.float64) for _ in range(2)]
    shifts = rng.uniform(-1, 1, (M, n_masks)), rng.uniform(-1, 1, (N, n_masks))
    return rng.standard_normal((M, R)), rng.standard_normal((N, R)), *masks, shifts


def product(U, V, left, right, shifts):
    A, B = (masks.values(torch.as_tensor(s)).numpy() for masks, s in zip((left, right), shifts, strict=True))
    return np.einsum("ukr,ikr,ur,ir->ui", A, B, U, V)


@pytest.mark.parametrize("family", ["gaussian", "cosine", "sigmoid"])
def test_the_jacobian_is_that_of_finite_differences(family):
    U, V, left, right, shifts = drawn(family, 3)
    found = masked_jacobian(U, V, left, right, shifts, learned=True)
    parts, step = [U, V, *shifts], 1e-6
    column = 0
    for place, part in enumerate(parts):
        for index in np.ndindex(part.shape):
            ends = []
            for sign in (1, -1):
                moved = [one.copy() for one in parts]
                moved[place][index] += sign * step
                ends.append(product(*moved[:2], left, right, moved[2:]))
            numeric = (ends[0] - ends[1]) / (2 * step)
            np.testing.assert_allclose(found[:, column].reshape(M, N), numeric, atol=1e-7)
            column += 1
    assert column == found.shape[1]


@pytest.mark.parametrize("family", sorted(set(FAMILIES) - {"triangle"}))
def test_one_fixed_mask_is_absorbed_and_two_are_not(family):
    """With one mask of each side any invertible matrix may come between the factors; with two none may."""
    for n_masks, expected in ((1, R * R), (2, R), (3, R)):
        U, V, left, right, shifts = drawn(family, n_masks)
        assert freedom(masked_jacobian(U, V, left, right, shifts, learned=False)) == expected


def test_learned_shifts_add_directions_and_take_none():
    U, V, left, right, shifts = drawn("cosine", 2)
    fixed, learned = (
        masked_jacobian(U, V, left, right, shifts, learned=learned) for learned in (False, True)
    )
    np.testing.assert_array_equal(learned[:, : fixed.shape[1]], fixed)
    assert freedom(learned) >= freedom(fixed)
