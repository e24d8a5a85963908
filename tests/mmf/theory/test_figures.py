"""Figures of the page on the theorems: spectra over their largest value, maps in two rows."""

from types import SimpleNamespace

import numpy as np
from matplotlib import pyplot

from fourmasks.mmf.theory import figures


def test_spectra_are_over_their_largest_value():
    given = {"dataset": "s10", "method": "mmf", "n_masks": 2, "seed": 0}
    record = SimpleNamespace(parameters=given, curves={"singular_values": [4.0, 2.0]})
    figure = figures.singular_values([record], ["s10"], budget=1)
    assert list(figure.axes[0].lines[0].get_ydata()) == [1.0, 0.5]
    pyplot.close(figure)


def test_each_model_has_a_map_without_and_with_matching():
    maps = {("s10", model, matched): np.eye(2) for model in ("mf", "MMF, K = 4") for matched in (False, True)}
    figure = figures.similarity_maps(maps, "s10")
    assert len([axis for axis in figure.axes if axis.images]) == 4
    pyplot.close(figure)
