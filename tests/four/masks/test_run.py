"""Masks and triangles, asked by the tools of the sparse chapter."""

from itertools import product

import numpy as np
import pytest

from fourmasks.four.masks import plan
from fourmasks.four.masks.run import masked_loss, run_inputs, run_masks, run_supports, run_triangles
from fourmasks.mmf.models.masks import FAMILIES


def test_two_fixed_masks_leave_nothing_but_scalings():
    found = run_masks("cosine", 3, 2, "fixed", 12, 11, 0)["metrics"]
    assert found == {"freedom": 3, "scalings": 3, "beyond": 0}


@pytest.mark.parametrize("family", sorted(set(FAMILIES) - {"triangle"}))
def test_one_fixed_mask_on_each_side_leaves_any_matrix_between_the_factors(family):
    assert run_masks(family, 3, 1, "fixed", 12, 11, 0)["metrics"]["freedom"] == 3 * 3


def test_learned_shifts_take_no_direction_away():
    fixed, learned = (run_masks("cosine", 2, 1, kind, 12, 11, 0)["metrics"] for kind in ("fixed", "learned"))
    assert learned["freedom"] >= fixed["freedom"] > fixed["scalings"]


@pytest.mark.parametrize("seed", range(3))
def test_triangle_masks_become_supports_without_common_entries_and_leave_unique_factors(seed):
    """Each row keeps the one dimension that it is centred at: blocks, which never meet."""
    found = run_supports("triangle", 4, 12, 11, seed)["metrics"]
    assert found == {"density": 0.25} | dict.fromkeys(("closable", "generic_conditions", "isolated"), 1)


def test_masks_that_nowhere_fall_to_half_of_their_height_leave_plain_factors():
    found = run_supports("gaussian", 2, 12, 11, 0)["metrics"]
    assert found["density"] == 1 and not found["closable"] and not found["isolated"]


@pytest.mark.parametrize("size", [2, 3, 5])
@pytest.mark.parametrize("seed", range(3))
def test_triangles_are_unique_unless_a_pivot_is_zero(size, seed):
    found = run_triangles(size, "any", seed)["metrics"]
    assert found == dict.fromkeys(("closable", "generic_conditions", "isolated", "necessary"), 1)
    assert run_triangles(size, "zero", seed)["metrics"]["necessary"] == 0


@pytest.mark.parametrize("keep", [0.3, 0.5, 1.0])
def test_the_mean_loss_over_all_masks_is_the_quadratic(keep):
    rng = np.random.default_rng(5)
    X, W = (rng.random((3, 4)) < 0.6).astype(float), rng.standard_normal((4, 4))
    mean = 0.0
    for bits in product((0, 1), repeat=X.size):
        b = np.reshape(bits, X.shape)
        chance = keep ** b.sum() * (1 - keep) ** (b.size - b.sum())
        mean += chance * np.sum((X - (X * b) @ W) ** 2)
    Q, C = masked_loss(X, keep)
    assert np.trace(W.T @ Q @ W) - 2 * np.trace(C.T @ W) + np.sum(X**2) == pytest.approx(mean)


@pytest.mark.parametrize("rank", [2, 3])
def test_a_mask_on_the_input_makes_weights_unique_and_no_factors(rank):
    masked, clean = (run_inputs(rank, keep, 5, 11, 0)["metrics"] for keep in (0.5, 1.0))
    assert masked["flat"] == 0 and clean["flat"] >= 11 * (11 - 5)
    assert masked["beyond"] == clean["beyond"] == rank**2 - rank


def test_every_run_of_the_plan_is_one(tmp_path, monkeypatch):
    monkeypatch.setenv("FOURMASKS_RECORDS", str(tmp_path))
    records = plan.run(plan.PROFILES["smoke"], "smoke")
    assert {record.experiment for record in records} == {
        plan.MASKS,
        plan.SUPPORTS,
        plan.INPUTS,
        plan.TRIANGLES,
    }
    assert len(records) == 9
