"""Figures of supports and steps: what they hold."""

import numpy as np
import pytest
from matplotlib import pyplot

from fourmasks.sparse.completion import drawings
from fourmasks.sparse.completion.literal import stages
from fourmasks.sparse.supports.instances import EXAMPLE_Z, example_supports
from fourmasks.sparse.theorems.closure import complete_components, observable


@pytest.fixture(autouse=True)
def _close():
    yield
    pyplot.close("all")


def texts(axis):
    return [text.get_text() for text in axis.texts]


def test_the_product_marks_observable_and_shared_entries():
    figure = drawings.supports_figure(example_supports())
    found = texts(figure.axes[2])
    assert sum("*" in text for text in found) == 9 and sum("?" in text for text in found) == 4
    assert "?\n1 2 3" in found
    assert sorted(texts(figure.axes[0])) == ["1"] * 3 + ["2"] * 3 + ["3"] * 2


def test_graphs_tell_known_new_and_missing_edges_apart():
    supports = example_supports()
    start = observable(supports)
    figure = drawings.graphs_figure(supports, [("inside", start, complete_components(start))])
    styles = [line.get_linestyle() for line in figure.axes[1].lines]
    assert sorted(styles) == ["-"] * 3 + ["--"] + [":"] * 2


def test_stages_show_numbers_and_frame_new_ones():
    supports = example_supports()
    run = list(stages(EXAMPLE_Z, supports))
    figure = drawings.stages_figure(supports, run, [2], graphs=True)
    assert len(figure.axes) == 6
    second = figure.axes[1]
    assert sorted(texts(second)) == ["1", "1", "2", "2", "?", "?"] and len(second.patches) == 1
    assert len(drawings.stages_figure(supports, run).axes) == 18


def test_masks_show_what_is_known():
    mask = np.array([[1, 1], [0, 1]], bool)
    figure = drawings.mask_figure([mask], ["three"])
    assert sorted(texts(figure.axes[0])) == ["*", "*", "*", "?"]
    assert sorted(line.get_linestyle() for line in figure.axes[1].lines) == ["-", "-", "-", ":"]
