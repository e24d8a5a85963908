"""Tables of ratings, from made-up records."""

from types import SimpleNamespace

import pytest

from fourmasks.mmf.ratings import plan, tables


def record(dataset, method, seed, error):
    given = {"dataset": dataset, "method": method, "protocol": "random", "split_seed": seed, "seed": seed}
    return SimpleNamespace(experiment=plan.EXPERIMENT, parameters=given, metrics={"test_rmse": error})


def test_runs_are_in_the_order_of_the_paper_whatever_the_files_are_called():
    records = [
        record("ml-1m", "pmf", 0, 0.9),
        record("flixster", "mmf-learned", 1, 0.9),
        record("flixster", "mmf-learned", 0, 0.9),
        record("flixster", "mf-plain", 0, 0.9),
    ]
    ordered = tables.runs(records)[["dataset", "method", "seed"]].to_numpy().tolist()
    assert ordered == [
        ["flixster", "mf-plain", 0],
        ["flixster", "mmf-learned", 0],
        ["flixster", "mmf-learned", 1],
        ["ml-1m", "pmf", 0],
    ]


@pytest.mark.parametrize(("target", "reached"), [(0.848, "yes"), (0.846, "no")])
def test_targets_are_judged_by_what_has_masks(target, reached):
    errors = {"mf-plain": 0.9, "mmf-constant": 0.5, "mmf-reference": 0.86, "mmf-learned": 0.85}
    frame = tables.runs([record("ml-100k", method, 0, error) for method, error in errors.items()])
    row = tables.targets(frame, {"ml-100k": target}).loc["ml-100k"]
    assert (row["best MMF"], row["its RMSE"], row["reached"]) == ("mmf-learned", 0.85, reached)
    assert (row["best of all"], row["RMSE of that"]) == ("mmf-constant", 0.5)
