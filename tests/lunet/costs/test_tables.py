"""Tables and figures of costs, from the committed records and from rows made up."""

import pandas as pd
import pytest
from matplotlib import pyplot

from fourmasks.lunet.costs import figures, growth, plan, tables
from fourmasks.lunet.costs.counts import multiplications
from fourmasks.records.store import load_records
from fourmasks.system.paths import data_folder

LARGEST = 2048


def committed(name):
    return [r for r in load_records(name, data_folder() / "records") if r.profile == "paper"]


@pytest.fixture(scope="module")
def timed():
    return committed(plan.EXPERIMENT)


@pytest.fixture(scope="module")
def seconds(timed):
    return growth.medians(timed)


def test_every_operation_has_words():
    assert set(growth.OPERATIONS) == set(tables.WORDS)
    found = tables.counts([(64, 1), (64, 256)])
    assert found.loc["inverse, LU", (64, 256)] == multiplications(64, 256)["inverse_lu"]


def test_gains_stand_beside_counts(timed, seconds):
    gains = tables.dense_over_lu(seconds)
    n = timed[0].parameters["batch"]
    counted = multiplications(LARGEST, n)
    assert gains.loc[(LARGEST, n), ("step", "counted")] == counted["step_dense"] / counted["step_lu"]
    row = seconds.loc[(n, LARGEST)]
    assert gains.loc[(LARGEST, n), ("step", "measured")] == row["step_dense"] / row["step_lu"]
    assert len(tables.last_points(gains)) == seconds.index.unique("d").size


def test_at_a_glance_has_the_fewest_and_the_most_points(timed):
    found = tables.at_a_glance(timed)
    assert list(found.index) == ["dense, n = 1", "coupling, n = 1", "dense, n = 1024", "coupling, n = 1024"]
    assert found.loc["dense, n = 1", ("inverse and log-determinant", "LU is")] == "cheaper"
    assert tables.over_lu(timed, "dense").loc[1, "both"].endswith("cheaper")
    assert tables.at_a_glance([]).empty


def test_growth_has_the_order_that_the_paper_says_and_the_verdict():
    row = {
        "id": "lunet-section1-inverse",
        "measured": 2.125,
        "interval": [1.9, 2.35],
        "verdict": "inconclusive",
    }
    found = tables.growth_of([row, row | {"id": "lunet-section1-determinant", "measured": None}])
    assert found.loc["inverse, LU"].tolist() == ["d²", "2.12", "1.90 to 2.35", "inconclusive"]
    assert len(found) == 1


def test_shares_are_whole_at_the_largest_size(timed, seconds):
    assert set(tables.shares(seconds, ["inverse_lu"]).iloc[:, -1]) == {"100"}
    assert tables.slopes(timed, 1).loc["inverse, LU", ("all sizes", "counted")] == "2.00"
    assert tables.matrices(timed, 1).loc["inverse, dense", LARGEST] == pytest.approx(1, abs=0.01)


def test_a_bound_that_is_broken_in_one_precision_is_not_kept():
    names = [
        f"{what}_{dtype}{kind}"
        for dtype in ("float32", "float64")
        for what, kind in (("error", "_lu"), ("bound", ""))
    ]
    worst = pd.DataFrame([[1, 2, 1, 2], [1, 2, 3, 2]], columns=names, dtype=float).assign(
        **dict.fromkeys(tables.CONDITIONS, 10.0)
    )
    assert tables.conditions(worst)["LU within its bound"].tolist() == ["yes", "no"]


def test_rounding_is_the_largest_over_seeds():
    records = committed(plan.ROUNDING)
    worst = tables.rounding(records)
    curves = [r.curves for r in records if r.parameters["spread"] == worst.index[0][0]]
    assert worst["error_float32_lu"].iloc[0] == max(one["error_float32_lu"][0] for one in curves)
    assert list(tables.errors(worst, "float32")) == ["lu", "dense", "coupling", "bound for LU layers"]


def test_figures_have_a_line_and_its_count_for_each_kind(seconds):
    drawn = figures.seconds_by_dimension(seconds, [1])
    assert len(drawn.axes) == 3 and all(len(axis.lines) == 6 for axis in drawn.axes)
    drawn = figures.gains_by_points(tables.dense_over_lu(seconds))
    assert [len(axis.lines) for axis in drawn.axes] == [9, 9]  # four sizes, their counts, and the level 1
    pyplot.close("all")
