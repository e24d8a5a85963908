"""What is read from the records of ratings: runs in their order, and curves by epoch."""

from types import SimpleNamespace

import pytest

from fourmasks.lunet.ratings.plan import EXPERIMENT
from fourmasks.lunet.ratings.tables import curves, runs


def final(method, seed, error, curves=None, experiment=EXPERIMENT):
    parameters = {"dataset": "ml-100k", "method": method, "split_seed": seed, "seed": seed}
    return SimpleNamespace(
        experiment=experiment, parameters=parameters, metrics={"test_mse": error}, curves=curves or {}
    )


def test_runs_are_in_the_order_of_the_methods():
    records = [
        final("averages", 1, 0.9),
        final("averages", 0, 0.8),
        final("lu-net", 0, 0.7),
        final("mlp", 0, 0.6),
    ]
    assert runs(records)["method"].tolist() == ["lu-net", "mlp", "averages", "averages"]
    assert runs(records)["test_mse"].tolist() == [0.7, 0.6, 0.8, 0.9]
    with pytest.raises(ValueError, match="two runs of dataset ml-100k, method mlp, split_seed 0, seed 0"):
        runs([*records, final("mlp", 0, 0.61)])
    assert runs([])["test_mse"].empty


def test_curves_are_those_of_final_runs_by_epoch():
    records = [
        final("mlp", 0, 0.6, {"train_mse": [1.0, 0.5], "test_mse": [1.0, 0.7]}),
        final("lu-net", 1, 0.7, {"train_mse": [1.0, 0.8, 0.6], "test_mse": [1.1, 0.9, 0.8]}),
        final("lu-net", 0, 0.7, {"test_mse": [3.0]}, experiment="lunet/ratings-search"),
        final("averages", 0, 0.8),
    ]
    found = curves(records, ["lu-net", "mlp"])
    assert found["method"].tolist() == ["lu-net"] * 3 + ["mlp"] * 2
    assert found["epoch"].tolist() == [1, 2, 3, 1, 2] and found["test_mse"].tolist() == [
        1.1,
        0.9,
        0.8,
        1.0,
        0.7,
    ]
    assert curves(records, ["identity"]).empty
