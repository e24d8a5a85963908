"""Tables of the examples count as the paper does, and say what runs took."""

from types import SimpleNamespace

import numpy as np

from fourmasks.sparse.completion.literal import stages
from fourmasks.sparse.examples import tables
from fourmasks.sparse.supports.instances import EXAMPLE_Z, example_supports
from fourmasks.sparse.theorems.closure import complete_components, observable


def test_claims_stand_in_the_order_of_their_words():
    rows = [
        {"id": "a", "place": "Figure 1", "reported": 0, "measured": 2.0, "verdict": "x"},
        {"id": "b", "place": "Section 6", "reported": "unstable", "measured": None, "verdict": "y"},
        {"id": "c", "place": "Lemma", "reported": 1, "measured": 1.0, "verdict": "z"},
    ]
    table = tables.beside(rows, {"b": "errors", "a": "entries"})
    assert table.index.tolist() == ["Section 6", "Figure 1"]
    assert table.loc["Figure 1"].tolist() == ["entries", "0", "2", "x"]
    assert table.loc["Section 6"].tolist() == ["errors", "unstable", "none", "y"]


def test_counts_are_whole_numbers_by_example():
    records = [SimpleNamespace(parameters={"example": "4.28"}, metrics={"zeros": 0.0, "closable": 1.0})]
    assert tables.counts(records).to_dict() == {("4.28", "closable"): 1, ("4.28", "zeros"): 0}


def test_edges_of_figure_3():
    supports = example_supports()
    start = observable(supports)
    table = tables.edges(supports, [("inside", start, complete_components(start))])
    assert table["edges"].sum() == 9 and table.index.get_level_values("atom").tolist() == [1, 2, 3]
    assert np.array_equal(table.index.get_level_values("step").unique(), ["inside"])


def test_nothing_is_missing_after_the_last_stage():
    table = tables.stages(list(stages(EXAMPLE_Z, example_supports())))
    assert table["missing"].iloc[-1] == 0 and table["missing"].is_monotonic_decreasing
    assert table["found"].iloc[0] == "none" and table.index[1] == "2 observable"
