"""The tables of the lists, from runs made up."""

import pandas as pd

from fourmasks.four.rankings import tables


def test_lists_are_in_the_order_of_the_plan_and_groups_have_labels():
    rows = [
        {
            "dataset": "x",
            "method": method,
            "seed": 0,
            "ndcg_at_100_of_5_to_10": 0.2,
            "ndcg_at_100_of_over_100": 0.4,
        }
        | dict.fromkeys(tables.MEASURES, 0.3)
        for method in ("ease", "popularity")
    ]
    found = tables.lists(pd.DataFrame(rows), "x")
    assert list(found.index) == ["popularity", "ease"]
    assert list(found.columns) == ["Recall@20", "NDCG@100", "coverage@20", "novelty@20"]
    groups = tables.by_activity(pd.DataFrame(rows), "x")
    assert groups.loc["ease"].to_dict() == {"5–10": 0.2, "over 100": 0.4}


def test_there_may_be_no_runs():
    assert tables.runs([], "users").empty
