"""Figures of the reconstruction experiment: a panel for each matrix, a ridge for each row."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
from matplotlib import pyplot

from fourmasks.mmf.reconstruction import figures


def test_each_matrix_has_a_panel_with_its_methods():
    rows = [
        (name, b, m, s, 0.5)
        for name in ("s6", "s7")
        for b in (8, 16)
        for m in ("svd", "mmf-lm")
        for s in (0, 1)
    ]
    frame = pd.DataFrame(rows, columns=["dataset", "budget", "method", "seed", "relative_error"])
    figure = figures.error_against_budget(frame)
    assert [axis.get_title() for axis in figure.axes] == ["s6", "s7"]
    assert figure.axes[0].get_legend_handles_labels()[1] == ["mmf-lm", "svd"]
    pyplot.close(figure)


def test_each_row_has_a_ridge_and_each_mask_a_panel():
    figure = figures.masks_of_rows(np.ones((6, 2, 5)), (0, 3))
    assert [len(axis.lines) for axis in figure.axes] == [2, 2]
    pyplot.close(figure)


def test_the_best_error_so_far_never_rises():
    curves = {"seconds": [1, 2, 3], "relative_error": [0.9, 0.5, 0.7]}
    run = SimpleNamespace(parameters={"budget": 8}, curves=curves)
    figure = figures.error_against_time({("s6", "mmf-lm"): run})
    assert list(figure.axes[0].lines[0].get_ydata()) == [0.9, 0.5, 0.5]
    pyplot.close(figure)
