"""Tables and the figure of the reconstruction experiment, from made-up records."""

from types import SimpleNamespace

import numpy as np
import pytest

from fourmasks.mmf.reconstruction import figures, tables
from fourmasks.mmf.reconstruction.plan import EXPERIMENT


def record(dataset, method, budget, seed, error):
    given = {"dataset": dataset, "method": method, "budget": budget, "seed": seed}
    return SimpleNamespace(experiment=EXPERIMENT, parameters=given, metrics={"relative_error": error})


@pytest.fixture
def frame():
    return tables.runs(
        [
            record("s10", "svd", 20, 0, 0.5),
            record("s10", "svd", 20, 1, 0.4),
            record("s10", "mmf-lm", 20, 0, 0.4),
            record("s10", "mmf-lm", 20, 1, 0.3),
            record("yale-b", "mmf-lm", 10, 0, 0.18),
            record("yale-b", "mmf-lm", 10, 1, 0.22),
            record("yale-b", "svd", 10, 0, 0.2),
            record("yale-b", "largest-entries", 10, 0, 0.9),
            record("s9", "svd", 40, 0, 0.6),
            record("s9", "svd", 8, 0, 0.7),
        ]
    )


def test_methods_stand_side_by_side_and_rows_in_the_order_of_matrices_and_budgets(frame):
    means = tables.by_method(frame, "relative_error")
    assert list(means.index) == [("s9", 8), ("s9", 40), ("s10", 20), ("yale-b", 10)]
    assert list(means.columns) == ["mmf-lm", "svd", "largest-entries"]
    assert means.loc[("s10", 20), "mmf-lm"] == pytest.approx(0.35)
    spreads = tables.by_method(frame, "relative_error", "std")
    assert spreads.loc[("s10", 20), "mmf-lm"] == pytest.approx(np.std([0.4, 0.3], ddof=1))


def test_gains_pair_seeds_and_a_single_baseline_stands_for_all(frame):
    found = tables.gains(frame).set_index(["dataset", "method", "seed"])["gain"]
    assert found[("s10", "mmf-lm", 0)] == pytest.approx(20)
    assert found[("s10", "mmf-lm", 1)] == pytest.approx(25)
    assert found[("yale-b", "mmf-lm", 0)] == pytest.approx(10)
    assert found[("yale-b", "mmf-lm", 1)] == pytest.approx(-10)
    assert "svd" not in found.index.get_level_values("method")


def test_the_figure_has_a_panel_for_each_matrix_and_a_curve_for_each_method(frame):
    shown = figures.error_against_budget(frame[frame["dataset"] != "s9"])
    curves = [
        {bars.get_label(): bars.lines[0].get_ydata().tolist() for bars in axis.containers}
        for axis in shown.axes
    ]
    assert curves == [
        {"mmf-lm": pytest.approx([0.35]), "svd": pytest.approx([0.45])},
        {"mmf-lm": pytest.approx([0.2]), "svd": [0.2], "largest-entries": [0.9]},
    ]
