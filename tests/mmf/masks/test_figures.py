"""Figures of the ablations: a panel for each matrix, and the best number of masks starred."""

import pandas as pd
from matplotlib import pyplot

from fourmasks.mmf.masks import figures
from fourmasks.mmf.models.masks import FAMILIES


def test_each_family_has_a_panel():
    figure = figures.six_families()
    assert [axis.get_title() for axis in figure.axes] == list(FAMILIES)
    pyplot.close(figure)


def test_the_star_is_at_the_smallest_error():
    index = pd.MultiIndex.from_product([["s10"], [20], [4, 8]], names=["dataset", "budget", "n_masks"])
    table = pd.DataFrame({"mean": [0.5, 0.4], "spread": 0.01, "svd": 0.6, "bound": [64, 96]}, index=index)
    figure = figures.counts(table)
    stars = [line for line in figure.axes[0].lines if line.get_marker() == "*"]
    assert [list(star.get_xdata()) for star in stars] == [[8]]
    pyplot.close(figure)
