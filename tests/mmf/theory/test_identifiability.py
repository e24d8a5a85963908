"""Theorem 2: the linear map, the free directions, and the symmetries, against brute force."""

import pytest
import torch

from fourmasks.mmf.models.masks import FAMILIES, Masks
from fourmasks.mmf.models.parameters import Parameters, product
from fourmasks.mmf.theory.expressivity import instance
from fourmasks.mmf.theory.identifiability import (
    jacobian,
    kernel_dimension,
    rotated,
    rotation_map,
    scaled,
    shared_rotation,
    smallest_ratio,
    symmetry_dimension,
    weights,
)
from fourmasks.mmf.theory.run_stability import ConstantMasks

SMOOTH = [name for name in FAMILIES if name != "triangle"]
SHAPE, R = (18, 20), 3


def masks_of(family="gaussian", n_masks=3, parametrisation="paper"):
    return Masks(family, n_masks, R, parametrisation, dtype=torch.float64)


def plain():
    return ConstantMasks(torch.ones(R, dtype=torch.float64)), instance(SHAPE, 1, R)


def test_the_columns_of_the_map_are_derivatives_along_rotations():
    masks, point, h = masks_of(), instance((5, 6), 3, R), 1e-5
    columns = iter(rotation_map(point, masks).T)
    for p in range(R):
        for q in range(R):
            if p != q:
                c = torch.zeros(R, R, dtype=torch.float64)
                c[p, q] = h
                ends = [product(rotated(point, torch.matrix_exp(sign * c)), masks) for sign in (1, -1)]
                torch.testing.assert_close(
                    next(columns), ((ends[0] - ends[1]) / (2 * h)).flatten(), rtol=1e-6, atol=1e-8
                )
    assert next(columns, None) is None


def test_the_weights_give_the_product():
    masks, point = masks_of(), instance((5, 6), 3, R)
    u, _, v, _ = point
    expected = torch.einsum("ijr,ir,jr->ij", weights(point, masks), u, v)
    torch.testing.assert_close(product(point, masks), expected)


@pytest.mark.parametrize("learn_shifts", [False, True])
def test_the_jacobian_is_that_of_automatic_differentiation(learn_shifts):
    masks, (u, s, v, t) = masks_of("sine", 2, "reference"), instance((4, 5), 2, R, "reference")

    def model(u, s, v, t):
        return product(Parameters(u, s, v, t), masks)

    by_u, by_s, by_v, by_t = torch.autograd.functional.jacobian(model, (u, s, v, t))
    parts = [by_u, by_s, by_v, by_t] if learn_shifts else [by_u, by_v]
    expected = torch.cat([part.flatten(2) for part in parts], 2).flatten(0, 1)
    torch.testing.assert_close(jacobian(Parameters(u, s, v, t), masks, learn_shifts), expected)


@pytest.mark.parametrize("parametrisation", ["paper", "reference"])
@pytest.mark.parametrize("family", SMOOTH)
@pytest.mark.parametrize("n_masks", [2, 3])
def test_masks_of_their_own_leave_nothing_but_scalings(family, n_masks, parametrisation):
    masks, point = masks_of(family, n_masks, parametrisation), instance(SHAPE, n_masks, R, parametrisation)
    assert smallest_ratio(rotation_map(point, masks)) > 1e-3
    assert symmetry_dimension(point, masks) == R
    # Two Gaussians that may move leave two directions: see the test after this one.
    extra = 2 if (family, n_masks) == ("gaussian", 2) else 0
    assert symmetry_dimension(point, masks, learn_shifts=True) == R + extra


def test_two_gaussians_can_move_along_a_curve_that_leaves_the_product():
    masks, (u, s, v, t) = masks_of("gaussian", 2), instance((6, 7), 2, R)
    gains = torch.tensor(
        [0.25, 1.0], dtype=torch.float64
    )  # (k / K)², so that m_k = exp(-gain (r - s)² / 2) / K
    apart = torch.tensor([0.0, 1.0], dtype=torch.float64)  # far enough for a root to exist
    s, t = s[:, :1] + apart, t[:, :1] + apart
    places = torch.arange(1, R + 1, dtype=torch.float64)

    def moved(factors, shifts, logs):
        """Scale mask k by exp(logs[k]), by shifts and factors alone."""
        # Shifts s + c / gain change log m_k by c (r - s) - c² / (2 gain): factors take up what is common.

        def excess(c):
            each = -c * shifts - c * c / (2 * gains)
            return each[:, :1] - each[:, 1:] - (logs[0] - logs[1])

        c = torch.zeros(len(shifts), 1, dtype=torch.float64)
        for _ in range(50):  # Newton's method
            slope = (shifts[:, 1:] - shifts[:, :1]) - c * (1 / gains[0] - 1 / gains[1])
            c = c - excess(c) / slope
        common = logs[0] - (-c * shifts[:, :1] - c * c / (2 * gains[0]))
        return factors * torch.exp(common - c * places), shifts + c / gains

    logs = torch.tensor([0.01, -0.01], dtype=torch.float64)
    new_u, new_s = moved(u, s, logs)
    new_v, new_t = moved(v, t, -logs)
    before, after = (
        product(Parameters(u, s, v, t), masks),
        product(Parameters(new_u, new_s, new_v, new_t), masks),
    )
    assert (new_s - s).abs().max() > 1e-3
    torch.testing.assert_close(after, before)


def test_plain_factorization_rotates_freely_and_the_map_is_zero():
    masks, point = plain()
    assert not rotation_map(point, masks).any() and smallest_ratio(rotation_map(point, masks)) == 0
    assert kernel_dimension(rotation_map(point, masks)) == R * (R - 1)
    assert symmetry_dimension(point, masks) == R**2


@pytest.mark.parametrize(("n_masks", "shifts"), [(1, "own"), (3, "shared"), (3, "zero")])
def test_what_is_plain_factorization_passes_theorem_2_and_still_rotates(n_masks, shifts):
    masks, point = masks_of("gaussian", n_masks), instance(SHAPE, n_masks, R, "paper", shifts)
    assert kernel_dimension(rotation_map(point, masks)) == 0
    assert symmetry_dimension(point, masks) == R**2


def test_equal_weights_are_what_the_map_does_not_see():
    masks, (u, s, v, t) = ConstantMasks(torch.tensor([1.0, 1.0, 2.0]).double()), instance(SHAPE, 1, R)
    assert kernel_dimension(rotation_map(Parameters(u, s, v, t), masks)) == 2  # (1, 2) and (2, 1)


def test_a_small_matrix_leaves_directions_by_the_count_of_parameters_alone():
    point, n_masks = instance((14, 15), 2, R), 2
    of_rank = 29 * n_masks * R - (n_masks * R) ** 2
    free = symmetry_dimension(point, masks_of(n_masks=2), learn_shifts=True)
    assert free == 29 * (R + n_masks) - of_rank > R


@pytest.mark.parametrize("n_masks", [1, 2, 3])
def test_what_mmf_reaches_exceeds_the_matrices_of_rank_b_by_at_most_b_squared_less_r(n_masks):
    """One mask reaches fewer dimensions than that by far, so this bounds one side only."""
    rows, budget = sum(SHAPE), R + n_masks
    point = instance(SHAPE, n_masks, R)
    reached = rows * budget - symmetry_dimension(point, masks_of(n_masks=n_masks), learn_shifts=True)
    of_rank_b = rows * budget - budget**2
    assert reached - of_rank_b <= budget**2 - R
    if n_masks == 1:
        assert of_rank_b - reached > budget**2 - R


def test_scalings_and_rotations_with_the_weights_leave_the_product():
    q = torch.linalg.matrix_exp(torch.randn(R, R, generator=torch.Generator().manual_seed(1)).double())
    masks = masks_of()
    own, shared = (instance(SHAPE, 3, R, "paper", shifts) for shifts in ("own", "shared"))
    scales = torch.tensor([2.0, -3.0, 0.5], dtype=torch.float64)
    for point in (own, shared):
        torch.testing.assert_close(product(scaled(point, scales), masks), product(point, masks))
    x = product(shared, masks)
    torch.testing.assert_close(product(shared_rotation(shared, masks, q), masks), x)
    assert torch.linalg.norm(product(rotated(shared, q), masks) - x) > 0.1 * torch.linalg.norm(x)


def test_what_cannot_be_answered_is_refused():
    q = torch.eye(R, dtype=torch.float64)
    with pytest.raises(ValueError, match="differ among rows"):
        shared_rotation(instance(SHAPE, 3, R), masks_of(), q)
    sine = masks_of("sine", 3, "reference")  # sin(0) at the first dimension
    with pytest.raises(ValueError, match="weight of dimension 0 is zero"):
        shared_rotation(instance(SHAPE, 3, R, "reference", "zero"), sine, q)
    with pytest.raises(ValueError, match="27 parameters, but 20 entries"):
        symmetry_dimension(instance((4, 5), 3, R), masks_of())
