"""Figures of the comparison: who stands on the front, and whose means a line joins."""

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot

from fourmasks.four import figures
from fourmasks.four.masks.figures import freedom
from fourmasks.four.rankings.plan import METHODS as RECOMMENDERS
from fourmasks.four.ratings.plan import METHODS as RATERS


@pytest.fixture(autouse=True)
def closed():
    yield
    pyplot.close("all")


def runs(rows):
    """Return two runs of each (data set, method, seconds, error), whose means these are."""
    parts = [
        {"dataset": d, "method": m, "training_seconds": s * f, "error": e + 1 - f}
        for d, m, s, e in rows
        for f in (0.5, 1.5)
    ]
    return pd.DataFrame(parts)


CASES = [("x", "ease", 1, 4), ("x", "bprmf", 2, 5), ("x", "mmf", 3, 2), ("x", "autorec", 9, 3)]


@pytest.mark.parametrize(("better", "front"), [("lower", [(1, 4), (3, 2)]), ("higher", [(1, 4), (2, 5)])])
def test_the_line_joins_whom_nobody_beats_in_both(better, front):
    (axis,) = figures.pareto(runs(CASES), "error", better, "error").axes
    lines = [np.column_stack(line.get_data()).tolist() for line in axis.lines if line.get_linestyle() == "-"]
    assert lines == [[list(point) for point in front]]
    marks = {
        line.get_label(): (line.get_xdata()[0], line.get_ydata()[0]) for line in axis.lines[: len(CASES)]
    }
    assert marks == {method: (seconds, error) for _, method, seconds, error in CASES}


def test_of_two_measures_the_front_is_whom_nobody_beats_in_both():
    frame = runs([("x", "ease", 4, 1), ("x", "bprmf", 3, 3), ("x", "mmf", 2, 2), ("x", "wmf", 1, 5)])
    (axis,) = figures.beside(frame, ("training_seconds", "error"), ("one", "other")).axes
    (line,) = (line for line in axis.lines if line.get_linestyle() == "-")
    assert np.column_stack(line.get_data()).tolist() == [[1, 5], [3, 3], [4, 1]]


def test_every_model_has_a_look_of_its_own():
    assert set(figures.STYLES) == {*RATERS, *RECOMMENDERS}
    looks = {tuple(sorted(style.items())) for style in figures.STYLES.values()}
    assert len(looks) == len(figures.STYLES)


def test_one_legend_names_the_models_of_all_panels_once():
    figure = figures.pareto(runs([*CASES, ("y", "ease", 1, 4), ("y", "wmf", 1, 5)]), "error", "lower", "e")
    (legend,) = figure.legends
    labels = [text.get_text() for text in legend.get_texts()]
    assert labels == ["wmf", "bprmf", "ease", "mmf", "autorec"]


def test_each_data_set_has_a_panel():
    figure = figures.pareto(runs([*CASES, ("y", "ease", 1, 4), ("z", "ease", 1, 4)]), "error", "lower", "e")
    assert [axis.get_title() for axis in figure.axes] == ["x", "y", "z"]


def test_a_line_joins_means_by_size():
    rows = [
        {"axis": axis, "method": method, "size": size, "seconds": size * factor}
        for axis in ("users", "items")
        for method in ("ease", "mmf")
        for size in (10, 20, 40)
        for factor in (1, 3)
    ]
    figure = figures.along(pd.DataFrame(rows), "size", "seconds", ("size", "seconds"), panel="axis")
    assert [axis.get_title() for axis in figure.axes] == ["users", "items"]
    for axis in figure.axes:
        for line in axis.lines:
            assert np.column_stack(line.get_data()).tolist() == [[10, 20], [20, 40], [40, 80]]


def test_freedom_is_a_mean_over_points_at_one_rank():
    rows = [
        {"shifts": shifts, "family": "cosine", "rank": rank, "n_masks": n, "beyond": rank / n + point}
        for shifts in ("fixed", "learned")
        for rank in (4, 8)
        for n in (1, 2)
        for point in (-1, 1)
    ]
    figure = freedom(pd.DataFrame(rows), 8)
    for axis in figure.axes:
        (line,) = axis.lines
        assert line.get_xdata().tolist() == [1, 2] and line.get_ydata().tolist() == [8, 4]
