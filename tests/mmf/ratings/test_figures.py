"""Figures of the rating experiment: what is drawn is what was given."""

import pandas as pd
from matplotlib import pyplot

from fourmasks.mmf.ratings import figures
from fourmasks.pages.figures import PALETTE


def test_steps_to_masks_are_orange():
    rows = [("ml-100k", "rescaling", 0.02, 0.001), ("ml-100k", "masks alone", -0.01, 0.002)]
    figure = figures.by_step(pd.DataFrame(rows, columns=["dataset", "step", "gain", "half"]), ["ml-100k"])
    (axis,) = figure.axes
    assert [bar.get_width() for bar in axis.patches] == [0.02, -0.01]
    colours = [pyplot.matplotlib.colors.to_hex(bar.get_facecolor()).upper() for bar in axis.patches]
    assert colours == list(PALETTE[:2])
    pyplot.close(figure)


def test_growth_is_titled_with_its_slope():
    figure = figures.by_size({"K R": pd.DataFrame({"size": [1, 2, 4], "seconds": [1.0, 2.0, 4.0]})})
    assert figure.axes[0].get_title() == "slope 1.00"
    pyplot.close(figure)
