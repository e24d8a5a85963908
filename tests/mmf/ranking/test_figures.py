"""The figure of the ranking experiment: a row for each other method."""

import pandas as pd
from matplotlib import pyplot

from fourmasks.mmf.ranking import figures


def test_each_other_method_has_a_row_the_first_on_top():
    found = pd.DataFrame({"baseline": ["sgl", "mmf-zero"], "difference": [-0.03, 0.01], "half": [0.01, 0.02]})
    figure = figures.against(found, "difference")
    (axis,) = figure.axes
    assert [text.get_text() for text in axis.get_yticklabels()] == ["sgl", "mmf-zero"]
    assert list(axis.get_yticks()) == [1, 0]
    pyplot.close(figure)
