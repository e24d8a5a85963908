"""Tables and figures of the reconstruction experiment, from records made by hand."""

from dataclasses import replace

import numpy as np
import pytest

from fourmasks.claims.files import load_claims
from fourmasks.mmf.reconstruction import figures, tables
from fourmasks.records.store import Record

ORDER = ("mmf-lm", "mmf-frozen", "svd", "largest-entries")
BASE = Record(
    experiment="mmf/reconstruction", profile="paper", parameters={}, metrics={}, curves={}, seconds=1.0,
    peak_memory_mb=1.0, device="cpu", threads=1, versions={}, commit="unknown", source="x",
    module="fourmasks.mmf.reconstruction.run", data_sha256="0" * 64, created="2026-01-01T00:00:00+00:00",
)  # fmt: skip


def record(dataset, method, budget, seed, error, **curves):
    parameters = {"dataset": dataset, "method": method, "budget": budget, "seed": seed}
    metrics = {"relative_error": error, "n_iter": float(len(curves.get("seconds", [])))}
    return replace(BASE, parameters=parameters, metrics=metrics, curves=curves)


@pytest.fixture
def records():
    return [
        record("s10", "svd", 20, 0, 0.5),
        record("s10", "svd", 20, 1, 0.4),
        record("s10", "mmf-lm", 20, 0, 0.4, relative_error=[1.0, 0.4], seconds=[0.1, 0.2]),
        record("s10", "mmf-lm", 20, 1, 0.3),
        record("s10", "mmf-frozen", 20, 0, 0.45),
        record("s10", "mmf-frozen", 20, 1, 0.36),
        record("yale-b", "mmf-lm", 10, 0, 0.18),
        record("yale-b", "mmf-lm", 10, 1, 0.22),
        record("yale-b", "svd", 10, 0, 0.2),
        record("yale-b", "largest-entries", 10, 0, 0.9),
        record("s9", "svd", 40, 0, 0.6),
        record("s9", "svd", 8, 0, 0.7),
        replace(BASE, experiment="mmf/datasets", parameters={"dataset": "s9", "seed": 0}, metrics={
            "rows": 512.0, "columns": 500.0, "density": 0.25, "n_nonzero": 64000.0}),
    ]  # fmt: skip


def test_runs_come_in_the_order_of_the_matrices_and_budgets(records):
    frame = tables.runs(records)
    assert list(frame["dataset"].unique()) == ["s9", "s10", "yale-b"]
    assert list(frame[frame["dataset"] == "s9"]["budget"]) == [8, 40]
    assert len(frame) == 12


def test_sizes_are_whole_numbers_and_a_share(records):
    row = tables.sizes(records).loc["s9"]
    assert (row["rows"], row["columns"], row["n_nonzero"], row["density"]) == (512, 500, 64000, 0.25)


def test_errors_are_means_and_sample_deviations_over_seeds(records):
    means = tables.errors(tables.runs(records)).set_index(["dataset", "method"])
    assert means.loc[("s10", "mmf-lm"), "mean"].item() == pytest.approx(0.35)
    assert means.loc[("s10", "mmf-lm"), "spread"].item() == pytest.approx(np.std([0.4, 0.3], ddof=1))
    assert means.loc[("s10", "mmf-lm"), "seeds"].item() == 2


def test_gains_pair_seeds_and_a_single_baseline_stands_for_all(records):
    found = tables.gains(tables.runs(records)).set_index(["dataset", "method", "seed"])["gain"]
    assert found[("s10", "mmf-lm", 0)] == pytest.approx(20)
    assert found[("s10", "mmf-lm", 1)] == pytest.approx(25)
    assert found[("yale-b", "mmf-lm", 0)] == pytest.approx(10)
    assert found[("yale-b", "mmf-lm", 1)] == pytest.approx(-10)
    assert "svd" not in found.index.get_level_values("method")


def test_the_share_left_is_the_control_s_part_of_the_gain(records):
    share = tables.share_left(tables.gains(tables.runs(records)), "mmf-frozen", "mmf-lm")
    assert share.loc["s10", 20] == pytest.approx(100 * 10 / 22.5)
    assert np.isnan(share.loc["yale-b", 10])  # no gain, so that no part of it is left


def test_wide_and_gain_tables_have_a_column_for_each_method_in_the_given_order(records):
    frame = tables.runs(records)
    wide = tables.wide(tables.errors(frame), ORDER)
    assert list(wide.columns) == list(ORDER)
    assert wide.loc[("yale-b", 10), "svd"] == pytest.approx(0.2)
    assert tables.gain_table(tables.gains(frame), ORDER).loc[("s10", 20), "mmf-lm"] == "22.5 ± 3.5"


def test_a_duel_counts_the_cells_that_both_have(records):
    means = tables.errors(tables.runs(records))
    assert tables.duel(means, "mmf-lm", "svd").endswith("in 0 of 2 cases: s10 0 of 1, yale-b 0 of 1")
    assert tables.duel(means, "svd", "mmf-lm").startswith("mmf-lm beats svd in 1 of 2")
    assert tables.duel(means, "mmf-lm", "block-svd") == "block-svd: no runs"


def test_final_errors_take_seed_0_at_the_named_budget(records):
    table = tables.final_errors(records, {"s10": 20})
    assert table.loc[("s10", "mmf-lm"), "last error"] == 0.4
    assert table.loc[("s10", "mmf-lm"), "iterations"] == 2
    assert len(table) == 1


def test_mask_peaks_count_dimensions_from_1():
    masks = np.zeros((3, 2, 4))
    masks[2, 0, 3] = -5.0
    masks[2, 1, 1] = 1.0
    assert tables.mask_peaks(masks, [2]).to_numpy().tolist() == [[4, 2]]


def test_the_paper_s_table_stands_beside_ours(records):
    claim = next(c for c in load_claims("mmf") if c.id == "mmf-table3-yale-b-b10-improvement")
    rows = [{"id": claim.id, "measured": 1.5, "n_seeds": 3, "verdict": "same direction"}]
    table = tables.against_paper(rows, [claim], "Table 3")
    assert table.loc[("yale-b", 10), "improvement reported"] == claim.reported
    assert table.loc[("yale-b", 10), "improvement ours"] == 1.5
    assert table.loc[("yale-b", 10), "verdict on the gain"] == "same direction"


def test_figures_have_a_panel_for_each_matrix_and_a_curve_for_each_method(records):
    means = tables.errors(tables.runs(records))
    figure = figures.error_against_budget(means, ["s10", "yale-b"])
    labels = [set(axis.get_legend_handles_labels()[1]) for axis in figure.axes]
    assert labels == [{"mmf-lm", "mmf-frozen", "svd"}, {"mmf-lm", "svd", "largest-entries"}]


def test_training_curves_never_rise(records):
    wild = record("s10", "mmf-adam", 20, 0, 0.4, relative_error=[0.6, 0.9, 0.4], seconds=[1.0, 2.0, 3.0])
    (axis,) = figures.training_curves([wild], {"s10": 20}).axes
    assert list(axis.lines[0].get_ydata()) == [0.6, 0.6, 0.4]


def test_ridges_have_a_panel_for_each_mask():
    figure = figures.mask_ridges(np.random.default_rng(0).random((5, 3, 6)), [0, 4])
    assert [axis.get_title() for axis in figure.axes] == ["k = 1", "k = 2", "k = 3"]
    assert all(len(axis.lines) == 2 for axis in figure.axes)
