"""Masks and triangles, asked by the tools of the sparse chapter."""

import pytest

from fourmasks.four.masks import plan
from fourmasks.four.masks.run import run_masks, run_triangles


def test_two_fixed_masks_leave_nothing_but_scalings():
    found = run_masks("cosine", 3, 2, "fixed", 12, 11, 0)["metrics"]
    assert found == {"parameters": 3 * 23, "freedom": 3, "scalings": 3, "beyond": 0}
    assert run_masks("cosine", 3, 1, "fixed", 12, 11, 0)["metrics"]["beyond"] == 3 * 3 - 3


@pytest.mark.parametrize("size", [2, 3, 5])
@pytest.mark.parametrize("seed", range(3))
def test_triangles_are_unique_unless_a_pivot_is_zero(size, seed):
    found = run_triangles(size, "any", seed)["metrics"]
    assert found == dict.fromkeys(("closable", "generic_conditions", "isolated", "necessary"), 1)
    assert run_triangles(size, "zero", seed)["metrics"]["necessary"] == 0


def test_every_run_of_the_plan_is_one(tmp_path, monkeypatch):
    monkeypatch.setenv("FOURMASKS_RECORDS", str(tmp_path))
    records = plan.run(plan.PROFILES["smoke"], "smoke")
    assert {record.experiment for record in records} == {plan.MASKS, plan.TRIANGLES} and len(records) == 6
