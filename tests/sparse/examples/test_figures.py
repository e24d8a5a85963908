"""What the figures of the examples show: known, new and missing edges, and the stages in words."""

import numpy as np
from matplotlib import pyplot

from fourmasks.sparse.completion.literal import stages
from fourmasks.sparse.examples import figures
from fourmasks.sparse.supports.instances import EXAMPLE_Z, example_supports
from fourmasks.sparse.theorems.closure import complete_components, observable


def lines(axis):
    return [line.get_linestyle() for line in axis.lines]


def test_edges_are_known_new_or_missing():
    supports = example_supports()
    start = observable(supports)
    figure = figures.completion_figure(supports, [("inside", start, complete_components(start))])
    drawn = [style for axis in figure.axes for style in lines(axis)]
    assert drawn.count("-") == start.sum()
    assert drawn.count("--") == (complete_components(start) & ~start).sum()
    assert len(drawn) == supports.masks().sum()
    pyplot.close(figure)


def test_a_mask_stands_beside_its_graph():
    figure = figures.masks_figure([np.eye(2, dtype=bool), np.ones((2, 2), bool)], ["parted", "full"])
    assert [axis.get_title() for axis in figure.axes] == ["parted", "", "full", ""]
    assert lines(figure.axes[1]).count("-") == 2 and lines(figure.axes[3]).count("-") == 4
    pyplot.close(figure)


def test_stages_are_drawn_one_row_each_and_told_in_words():
    supports = example_supports()
    run = list(stages(EXAMPLE_Z, supports))
    figure = figures.stages_figure(supports, run, [0, 5], graphs=True)
    assert len(figure.axes) == 2 * 2 * supports.rank
    pyplot.close(figure)
    assert "nothing new" in figures.stage_in_words(run, 0)
    assert figures.stage_in_words(run, 5).count("missing: none") == 3
