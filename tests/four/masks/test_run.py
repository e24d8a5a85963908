"""Masks and triangles, asked by the tools of the sparse chapter."""

import pytest

from fourmasks.four.masks import plan
from fourmasks.four.masks.run import run_masks, run_supports, run_triangles
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


def test_every_run_of_the_plan_is_one(tmp_path, monkeypatch):
    monkeypatch.setenv("FOURMASKS_RECORDS", str(tmp_path))
    records = plan.run(plan.PROFILES["smoke"], "smoke")
    assert {record.experiment for record in records} == {plan.MASKS, plan.SUPPORTS, plan.TRIANGLES}
    assert len(records) == 7
