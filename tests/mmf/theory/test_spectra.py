"""The spectra experiment (Figure 6)."""

import numpy as np
import pytest

from fourmasks.experiments.profiles import resolve
from fourmasks.mmf.reconstruction.run import load
from fourmasks.mmf.theory.run_spectra import run as train
from fourmasks.mmf.theory.spectra import PROFILES, plan, run

MMF = {"mask": "sine", "solver": "alternating-lm", "max_iter": [2], "dtype": "float64"}


def test_the_svd_keeps_the_first_singular_values_and_has_the_rank_of_its_budget():
    found = train("s6", "svd", 8, 0)
    values = np.linalg.svd(load("s6", 0).values, compute_uv=False)
    np.testing.assert_allclose(found["curves"]["singular_values"], values[:8], rtol=1e-4)
    assert {found["metrics"][name] for name in ("effective_rank", "numerical_rank")} == {8}
    expected = np.linalg.norm(values[8:]) / np.linalg.norm(values)
    assert found["metrics"]["relative_error"] == pytest.approx(expected)


def test_blocks_have_the_budget_each():
    assert train("h4-240", "block-svd", 5, 0)["metrics"]["numerical_rank"] == 20


@pytest.mark.parametrize(("n_masks", "rank"), [(2, 12), (4, 16)])
def test_masks_raise_the_rank_to_k_r(n_masks, rank, one_thread):
    learned = train("s6", "mmf", 8, 0, n_masks, **MMF, shift_spread=3.0)["metrics"]
    drawn = train("s6", "mmf-drawn", 8, 0, n_masks, mask="sine")["metrics"]
    frozen = train("s6", "mmf-frozen", 8, 0, n_masks, **MMF, learn_shifts=False, shift_spread=3.0)["metrics"]
    assert learned["numerical_rank"] == drawn["numerical_rank"] == rank
    assert frozen["numerical_rank"] == 8 * n_masks
    assert learned["relative_error"] < drawn["relative_error"] < 1


def test_a_run_is_repeated_to_the_bit(one_thread):
    assert train("s6", "mmf", 8, 1, 2, **MMF) == train("s6", "mmf", 8, 1, 2, **MMF)


def test_each_matrix_meets_its_methods():
    found = {}
    for one in plan(resolve(PROFILES, "smoke")):
        methods = found.setdefault(one.parameters["dataset"], {})
        methods.setdefault(one.parameters["method"], []).append(one.parameters.get("n_masks"))
    masked = {"mmf": [2, 4], "mmf-frozen": [2], "mmf-drawn": [2]}
    assert found == {
        "s6": {"svd": [None], **masked},
        "h4-240": {"svd": [None], "block-svd": [None], **masked},
    }


def test_all_of_a_plan_is_made_and_no_rank_is_above_its_bound(tmp_path, monkeypatch):
    monkeypatch.setenv("FOURMASKS_RECORDS", str(tmp_path))
    bounds = {
        ("svd", None): 8, ("block-svd", None): 4 * 8, ("mmf", 2): 12, ("mmf", 4): 16, ("mmf-frozen", 2): 16,
        ("mmf-drawn", 2): 12,
    }  # fmt: skip
    found = {
        (p["dataset"], p["method"], p.get("n_masks")): record.metrics["numerical_rank"]
        for record in run(resolve(PROFILES, "smoke"), "smoke")
        for p in [record.parameters]
    }
    assert len(found) == 5 + 6 and all(rank <= bounds[tuple(cell)] for (_, *cell), rank in found.items())


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"budget": 64}, "budget = 64: expected 2 to 63"),
        ({"n_masks": 8}, "n_masks = 8: expected 1 to 7"),
        ({"control_masks": 0}, "control_masks = 0: expected 1 to 7"),
    ],
)
def test_a_budget_leaves_something_of_the_matrix_and_masks_of_the_budget(values, message):
    with pytest.raises(ValueError, match=message):
        resolve(PROFILES, "smoke", **values)
