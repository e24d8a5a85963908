"""Supports as a figure and as a table, which count from 1 as the paper does, and matrices as text."""

import numpy as np
from matplotlib import pyplot

from fourmasks.sparse.examples import pictures
from fourmasks.sparse.supports.instances import example_supports


def test_the_product_marks_observable_and_shared_entries():
    figure = pictures.supports_figure(example_supports())
    left, _, found = ([text.get_text() for text in axis.texts] for axis in figure.axes)
    assert sum("*" in text for text in found) == 9 and sum("?" in text for text in found) == 4
    assert "?\n1 2 3" in found
    assert sorted(left) == ["1"] * 3 + ["2"] * 3 + ["3"] * 2
    pyplot.close(figure)


def test_the_table_of_supports():
    table = pictures.supports_table(example_supports())
    assert table.loc[1].tolist() == ["2, 3, 4", "1, 2", "(2, 1), (3, 1), (4, 1)", "(2, 2), (3, 2), (4, 2)"]


def test_matrices_stand_side_by_side():
    text = pictures.matrices_text([[[1, 10]], np.array([[2], [3]])])
    assert text.split("\n") == ["[ 1 10]   [2]", "          [3]"]
