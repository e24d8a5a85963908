"""Tables of supports and stages, which count from 1 as the paper does."""

import numpy as np

from fourmasks.sparse.completion.literal import stages
from fourmasks.sparse.examples import tables
from fourmasks.sparse.supports.instances import EXAMPLE_Z, example_supports


def test_tables_of_the_figures():
    supports = example_supports()
    table = tables.supports_table(supports)
    assert table.loc[1].tolist() == ["2, 3, 4", "1, 2", "(2, 1), (3, 1), (4, 1)", "(2, 2), (3, 2), (4, 2)"]
    run = list(stages(EXAMPLE_Z, supports))
    table = tables.stage_table(run)
    assert table["missing"].tolist() == [18, 9, 7, 5, 2, 0]
    assert table.loc["3 inside", "found"] == "(2, 2, 2) = 1, (3, 3, 3) = 3"


def test_matrices_stand_side_by_side():
    text = tables.matrices_text([[[1, 10]], np.array([[2], [3]])])
    assert text.split("\n") == ["[ 1 10]   [2]", "          [3]"]
