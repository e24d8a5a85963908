"""The spectra experiment (Figure 6)."""

import numpy as np
import pytest

from fourmasks.experiments.profiles import resolve
from fourmasks.mmf.reconstruction.run import load
from fourmasks.mmf.theory import tables
from fourmasks.mmf.theory.run_spectra import train
from fourmasks.mmf.theory.spectra import PROFILES, run

MMF = {"mask": "sine", "solver": "alternating-lm", "max_iter": [2], "dtype": "float64"}


@pytest.fixture(scope="module")
def records(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FOURMASKS_RECORDS", str(tmp_path_factory.mktemp("records")))
        yield run(resolve(PROFILES, "smoke"), "smoke")


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


def test_each_matrix_meets_its_methods_and_the_tables_hold_them(records):
    frame = tables.spectra_runs(records)
    found = frame.groupby("dataset", sort=False)["method"].unique().map(list).to_dict()
    assert found["s6"] == ["svd", "mmf", "mmf-frozen", "mmf-drawn"]
    assert found["h4-240"] == ["svd", "block-svd", "mmf", "mmf-frozen", "mmf-drawn"]
    assert (frame[frame["method"] != "block-svd"].eval("numerical_rank <= bound")).all()
    table = tables.threshold_table(records)
    assert (table["above 0.1"] <= table["above 0.01"]).all() and list(table.loc["s6"].index) == [2, 4]
    assert all("K R" in line for line in tables.growth_sentences(frame))


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"budget": 64}, "budget = 64: expected 2 to 63"),
        ({"n_masks": 8}, "n_masks = 8: expected 1 to 7"),
        ({"control_masks": 0}, "control_masks = 0: expected 1 to 7"),
        ({"seeds": 0}, "seeds = 0: expected at least 1"),
        ({"dataset": "digits"}, "'digits'"),
    ],
)
def test_a_bad_option_is_refused(values, message):
    with pytest.raises(ValueError, match=message):
        resolve(PROFILES, "smoke", **values)


def test_records_are_put_in_the_order_of_the_config(records):
    config = resolve(PROFILES, "smoke")
    mixed = [records[i] for i in np.random.default_rng(0).permutation(len(records))]
    ordered = tables.in_order(mixed, config)
    assert [r.key for r in tables.in_order(ordered[::-1], config)] == [r.key for r in ordered]
    places = [
        (config.dataset.index(r.parameters["dataset"]), config.methods.index(r.parameters["method"]))
        for r in ordered
    ]
    assert places == sorted(places) and len(places) == len(records)
