"""Theorem 1: ranks of random instances and of the proof's own, and condition (C2)."""

import numpy as np
import pytest
import torch

from fourmasks.mmf.models.masks import FAMILIES, Masks
from fourmasks.mmf.models.parameters import product
from fourmasks.mmf.theory.expressivity import (
    derivatives,
    expected_rank,
    independence,
    instance,
    numerical_rank,
    witness,
    wronskian,
)

SMOOTH = [name for name in FAMILIES if name != "triangle"]
K, R = 3, 4
SHAPES = [(24, 30), (30, 24), (10, 13), (13, 10), (12, 12)]
POINTS = {"paper": np.linspace(0, R, 300), "reference": np.linspace(0, 2, 300)}


def masks_of(family, parametrisation="paper", n_masks=K):
    return Masks(family, n_masks, R, parametrisation, dtype=torch.float64)


@pytest.mark.parametrize("parametrisation", ["paper", "reference"])
@pytest.mark.parametrize("family", SMOOTH)
def test_random_parameters_reach_the_largest_rank(family, parametrisation):
    masks = masks_of(family, parametrisation)
    for seed, shape in enumerate(SHAPES):
        full = expected_rank(shape, K, R)
        assert full == min(*shape, 12)
        found = numerical_rank(product(instance(shape, K, R, parametrisation, seed=seed), masks), full)
        assert found.rank == full and found.gap > 1e6


@pytest.mark.parametrize("family", FAMILIES)
def test_the_proof_s_parameters_reach_it(family):
    for shape in SHAPES:
        masks, full = masks_of(family), expected_rank(shape, K, R)
        found = witness(shape, masks, POINTS["paper"])
        for side in (found.row_factors, found.column_factors):
            assert set(side.flatten().tolist()) <= {0.0, 1.0} and int(side.sum()) == full
            assert side.sum(1).max() == 1 and side.sum(0).max() <= K
        assert (found.row_shifts == found.row_shifts[:, :1]).all()
        assert numerical_rank(product(found, masks), full).rank == full


@pytest.mark.parametrize("family", FAMILIES)
def test_c2_fails_in_the_reference_s_parametrisation(family):
    masks = masks_of(family, "reference")
    dependent = independence(masks, POINTS["reference"]) < 1e-10
    waves = family in ("sine", "cosine")
    assert dependent.tolist() == ([True] * R if waves else [True, False, False, False])
    with pytest.raises(ValueError, match=r"\(C2\) fails at dimensions 0"):
        witness((24, 30), masks, POINTS["reference"])
    assert (independence(masks_of(family), POINTS["paper"]) > 1e-4).all()


def test_two_waves_of_one_frequency_are_independent_but_for_the_first_dimension():
    dependent = independence(masks_of("sine", "reference", n_masks=2), POINTS["reference"]) < 1e-10
    assert dependent.tolist() == [True, False, False, False]


@pytest.mark.parametrize(("n_masks", "rank"), [(3, 7), (4, 7)])
def test_one_shift_per_row_loses_rank_where_c2_fails(n_masks, rank):
    masks = masks_of("sine", "reference", n_masks)
    tied = instance((24, 30), n_masks, R, "reference", "instance")
    assert numerical_rank(product(tied, masks), n_masks * R).rank == rank  # 2 (R - 1) + 1


def test_shared_shifts_have_rank_r_and_a_far_triangle_none():
    shared = product(instance((24, 30), K, R, "paper", "shared"), masks_of("sine"))
    assert numerical_rank(shared, K * R).rank == R
    far = product(instance((24, 30), K, R, "paper", "far"), masks_of("triangle"))
    assert not far.any() and numerical_rank(far, K * R).rank == 0


@pytest.mark.parametrize("family", SMOOTH)
def test_derivatives_are_those_of_the_masks(family):
    d = torch.linspace(-2, 2, 7, dtype=torch.float64, requires_grad=True)
    value = FAMILIES[family].value(d)
    for found in derivatives(family, d.detach().numpy(), 5):
        np.testing.assert_allclose(found, value.detach().numpy(), rtol=1e-8, atol=1e-10)
        (value,) = torch.autograd.grad(value.sum(), d, create_graph=True)


@pytest.mark.parametrize("family", SMOOTH)
def test_the_wronskian_tells_dependent_functions_from_independent_ones(family):
    for r in range(R):
        assert abs(wronskian(family, K, R, "paper", r, 0.3)) > 1e-6
        degenerate = r == 0 or family in ("sine", "cosine")
        assert (abs(wronskian(family, K, R, "reference", r, 0.3)) < 1e-12) == degenerate


def test_a_wronskian_of_sines_by_hand():
    # sin(x/2), sin(x) with x = 1 - s at s = 0, each with its derivative by s, scaled to length one
    a = np.array([np.sin(0.5), -0.5 * np.cos(0.5)])
    b = np.array([np.sin(1.0), -np.cos(1.0)])
    expected = np.linalg.det(np.array([a / np.linalg.norm(a), b / np.linalg.norm(b)]).T)
    assert wronskian("sine", 2, R, "paper", 0, 0.0) == pytest.approx(expected)


def test_what_is_not_defined_is_refused():
    with pytest.raises(ValueError, match="'triangle': expected an analytic one"):
        wronskian("triangle", K, R, "paper", 0, 0.0)
    with pytest.raises(ValueError, match="2 points: expected at least as many as masks, 3"):
        independence(masks_of("sine"), np.array([0.0, 1.0]))
    with pytest.raises(ValueError, match="'ownn'.*Did you mean 'own'"):
        instance((3, 4), K, R, shifts="ownn")
