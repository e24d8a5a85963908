"""Figures of trained networks: what is drawn is what was measured."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot

from fourmasks.pia.trained import figures
from fourmasks.pia.trained.plan import SETTINGS


@pytest.fixture(autouse=True)
def closed():
    yield
    pyplot.close("all")


def test_each_user_has_the_own_items_dark_where_the_first_has_them_too():
    record = SimpleNamespace(curves={"user": [1, 2, 3], "near": [2, 3, 4], "related": [3, 5]})
    grids = [axis.collections[0].get_array() for axis in figures.trio(record, columns=4).axes]
    counts = [{value: int((grid.compressed() == value).sum()) for value in (0, 1, 2)} for grid in grids]
    assert counts == [{0: 2, 1: 0, 2: 3}, {0: 2, 1: 1, 2: 2}, {0: 3, 1: 1, 2: 1}]
    assert all(np.ma.getmaskarray(grid).sum() == 3 for grid in grids)  # eight places, five items


def test_a_map_has_every_user_in_the_group_of_its_activity():
    curves = {"x": [0.0, 1, 2, 3], "y": [3.0, 4, 5, 6], "cohort": [0, 2, 0, 1], "items": [5, 90, 6, 30]}
    drawn = [SimpleNamespace(parameters={"method": method}, curves=curves) for method in SETTINGS]
    axes = figures.maps(drawn).axes
    assert [axis.get_title() for axis in axes] == list(figures.TITLES.values())
    few, _, many = axes[0].collections
    assert few.get_offsets().tolist() == [[0, 3], [2, 5]] and few.get_label().endswith("5–6 items")
    assert many.get_offsets().tolist() == [[1, 4]] and many.get_label().endswith("90–90 items")


def test_drift_has_a_point_for_each_run_and_a_bar_at_the_mean():
    rows = [
        {"dataset": name, "method": "multi-vae", "drift": value, "view_ratio": 1.0, "recognised": np.nan}
        for name, value in (("x", 0.2), ("x", 0.4), ("other", 9.0))
    ]
    axis, _, last = figures.drift(pd.DataFrame(rows), "x").axes
    points, bar = axis.lines
    assert points.get_xdata().tolist() == [0.2, 0.4]
    assert bar.get_xdata() == pytest.approx([0.3, 0.3])
    assert [len(line.get_xdata()) for line in last.lines] == [0]  # nothing measured, no mean


def test_pairs_stand_in_the_row_of_their_network_by_kind():
    table = pd.DataFrame(
        {"kind": ["near", "random"], "distance": [1.0, 2], "items": [0.5, 0.1], "gradients": [0.9, -0.2]}
    ).assign(penalty=[0.1, 3.0])
    figure = figures.pairs({"multi-vae": table, "multi-vae+pia": table.iloc[:1]})
    upper, lower = figure.axes[0], figure.axes[3]
    for axis, expected in (
        (upper, {"near": [[1.0, 0.9]], "random": [[2.0, -0.2]]}),
        (lower, {"near": [[1.0, 0.9]]}),
    ):
        drawn = {line.get_label(): line.get_xydata().tolist() for line in axis.lines}
        assert {kind: drawn[kind] for kind in expected} == expected
    assert figure.axes[2].get_yscale() == "log"


def test_both_sides_of_eq_6_are_drawn_for_each_data_set():
    index = pd.MultiIndex.from_product(
        [["ml-100k"], ["multi-vae"], [0.2, 0.8]], names=["dataset", "method", "keep"]
    )
    table = pd.DataFrame({"kl": [3.0, 1.0], "w1_high": [0.5, 0.2], "bound": [0.9, 0.4]}, index=index)
    left, right = figures.transport(table).axes
    assert left.lines[0].get_xydata().tolist() == [[0.2, 3.0], [0.8, 1.0]]
    high, bound = (line.get_ydata().tolist() for line in right.lines)
    assert (high, bound) == ([0.5, 0.2], [0.9, 0.4]) and right.lines[1].get_linestyle() == "--"


def test_a_ratio_of_one_changes_nothing():
    part = pd.DataFrame(
        {"method": ["multi-vae+pia", "multi-vae+zero"]} | {name: [0.5, 2.0] for name in figures.SPREAD}
    )
    (axis,) = figures.contraction(part).axes
    *ratios, line = axis.lines
    assert [one.get_label() for one in ratios] == list(figures.SPREAD.values())
    assert all(one.get_xydata().tolist() == [[0.5, 0], [2.0, 1]] for one in ratios)
    assert line.get_xdata() == [1, 1]
