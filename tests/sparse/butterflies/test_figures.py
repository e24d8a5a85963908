"""Figures of butterflies: a line for each transform and method, and panels for supports and factors."""

import numpy as np
import pandas as pd
from matplotlib import pyplot

from fourmasks.sparse.butterflies import figures
from fourmasks.sparse.butterflies.butterfly import cut_supports


def test_an_error_of_zero_is_drawn_at_the_edge():
    rows = [("dft", 8, "Algorithm 1", "two", 0.0), ("dft", 16, "Algorithm 1", "two", 1e-16)]
    frame = pd.DataFrame(rows, columns=["transform", "size", "method", "factors", "error"])
    figure = figures.by_size(frame, "error", "relative error")
    (line,) = figure.axes[0].lines
    assert line.get_ydata().tolist() == [figures.LEAST, 1e-16] and not figure.axes[1].lines
    pyplot.close(figure)


def test_there_is_a_panel_for_each_number_of_vectors():
    rows = [("dft", 8, 1, 0.5, 1.3), ("dft", 8, 64, 2.0, 1.3)]
    frame = pd.DataFrame(rows, columns=["transform", "size", "vectors", "speedup", "entries_saved"])
    figure = figures.speed_figure(frame)
    assert [axis.get_title() for axis in figure.axes] == ["1 vector", "64 vectors"]
    pyplot.close(figure)


def test_supports_and_factors_have_a_panel_each():
    for figure in (figures.cut_figure(cut_supports(8, 1)), figures.factors_figure([np.eye(2)] * 3)):
        assert len(figure.axes) == 3 and all(axis.images for axis in figure.axes)
        pyplot.close(figure)
