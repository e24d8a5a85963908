"""Tables of the rating experiment: rows in the paper's order, and the MMF that comes nearest."""

import pandas as pd

from fourmasks.mmf.ratings import tables


def frame(**errors):
    rows = [
        {"dataset": dataset, "method": method.replace("_", "-"), "split_seed": split, "test_rmse": error}
        for dataset in ("ml-100k", "flixster")
        for method, found in errors.items()
        for split, error in enumerate(found)
    ]
    return pd.DataFrame(rows)


RUNS = frame(
    mmf_learned=(0.90, 0.92), mmf_constant=(0.80, 0.82), mf_plain=(0.95, 0.97), mmf_random=(0.9, 0.98)
)


def test_data_sets_and_methods_have_the_order_of_the_plan():
    ordered = tables.in_order(RUNS, "dataset", "method")
    assert ordered["dataset"].unique().tolist() == ["flixster", "ml-100k"]
    assert ordered["method"].unique().tolist()[:2] == ["mf-plain", "mmf-constant"]
    assert tables.mean_errors(ordered).index.tolist()[0] == "mf-plain"


def test_errors_are_methods_by_splits():
    found = tables.errors(RUNS, ["flixster"])["flixster"]
    assert found.loc["mmf-learned"].tolist() == [0.90, 0.92]


def test_the_nearest_mmf_has_masks_and_is_judged_by_the_reported_number():
    found = tables.nearest(RUNS, pd.Series({"flixster": 0.908, "ml-100k": 0.9}))
    assert found["best MMF"].tolist() == ["mmf-learned"] * 2
    assert found["best of all"].tolist() == ["mmf-constant"] * 2
    assert found["reached"].tolist() == ["yes", "no"]
