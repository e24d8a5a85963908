"""The tables of the ratings, from runs made up."""

import numpy as np
import pandas as pd

from fourmasks.four.ratings import tables


def frame(values, share=1.0):
    """Return a row for each method and split, on one data set."""
    return pd.DataFrame(
        [
            {
                "dataset": "x",
                "method": method,
                "split_seed": seed,
                "seed": seed,
                "share": share,
                "test_rmse": v,
            }
            for method, those in values.items()
            for seed, v in enumerate(those)
        ]
    )


def test_errors_are_methods_by_data_sets():
    runs = pd.concat([frame({"averages": (1.0, 1.2)}), frame({"mf-tuned": (0.9,)}).assign(dataset="y")])
    found = tables.errors(runs)
    assert found.loc["averages"].tolist() == ["1.1000\N{NO-BREAK SPACE}±\N{NO-BREAK SPACE}0.1414", "–"]
    assert found.loc["mf-tuned"].tolist() == ["–", "0.9000"]


def test_groups_without_ratings_are_left_out():
    runs = frame({"averages": (1.0, 1.2)}).assign(
        rmse_of_users_0_to_10=[1.0, 3.0], rmse_of_users_over_100=np.nan, bias_of_users_0_to_10=[0.1, 0.3]
    )
    assert tables.by_activity(runs, "x", "users").to_dict() == {"up to 10": {"averages": 2.0}}
    assert tables.by_activity(runs, "x", "users", "bias").loc["averages", "up to 10"] == 0.2


def test_models_cross_only_beyond_both_intervals():
    few = frame({"averages": (1.00, 1.01, 0.99), "mf-tuned": (1.10, 1.12, 1.08)}, 0.1)
    many = frame({"averages": (1.00, 1.01, 0.99), "mf-tuned": (0.90, 0.92, 0.88)})
    found = tables.crossings(pd.concat([few, many]), "x", 0.0)
    assert found.index.tolist() == [("averages", "mf-tuned")]
    assert [text[:7] for text in found.iloc[0]] == ["+0.1000", "-0.1000"]
    close = frame({"averages": (1.00, 1.01, 0.99), "mf-tuned": (0.90, 1.12, 0.95)})
    assert tables.crossings(pd.concat([few, close]), "x", 0.0).empty
    assert tables.crossings(few, "x", 0.0).empty


def test_there_may_be_no_runs():
    assert tables.runs([]).empty and tables.little([]).empty
    assert (
        tables.crossings(tables.little([]), "x", 0.1).empty and tables.by_share(tables.little([]), "x").empty
    )
