"""What is read from the records of the density experiment: choices and differences."""

from types import SimpleNamespace

import pytest

from fourmasks.lunet.density import plan, tables

EMBEDDINGS = {"dataset": "simulated", "side": "items", "recommender": {"dimension": 4, "epochs": 7}}


def fit(points, method, seed, test, validation=0.0, n_layers=0):
    parameters = points | {"method": method, "seed": seed} | ({"n_layers": n_layers} if n_layers else {})
    likelihoods = {"test_log_likelihood": test, "validation_log_likelihood": validation}
    return SimpleNamespace(experiment=plan.EXPERIMENT, parameters=parameters, metrics=likelihoods)


@pytest.fixture
def records():
    """On the ring 2 layers are likeliest for validation points, and 4 for those to measure on."""
    found, ring = [], {"dataset": "ring"}
    for seed in (0, 1, 2):
        shift = 0.1 * seed
        found += [
            fit(ring, "lu", seed, -3.0 + shift, -2.9, 2),
            fit(ring, "lu", seed, -1.0, -5.0, 4),
            fit(ring, "coupling", seed, -2.0 + shift, -2.9, 4),
            fit(ring, "coupling", seed, -7.0, -3.0, 2),
            fit(ring, "gaussian", seed, -4.0 + shift),
            fit(ring, "mixture", seed, -3.0 + (seed - 1)),
            fit(EMBEDDINGS, "lu", seed, -2.5, -2.0, 1),
            fit(EMBEDDINGS, "gaussian", seed, -2.25),
        ]
    return found


def test_layers_are_chosen_by_validation_points_and_not_by_the_test(records):
    best = tables.chosen(tables.runs(records))
    chosen = best[best["dataset"] == "ring"].groupby("method")["n_layers"].agg(set)
    assert chosen["lu"] == {2} and chosen["coupling"] == {4}
    assert not best.duplicated(["dataset", "method", "seed"]).any()


def test_differences_are_paired_by_seed_and_of_what_is_chosen(records):
    found = tables.differences(tables.runs(records)).set_index(["dataset", "baseline"])
    assert found.loc[("ring", "coupling"), "difference"] == pytest.approx(-1.0)
    assert found.loc[("ring", "coupling"), "half"] == pytest.approx(0.0, abs=1e-9)  # the shift is in both
    assert found.loc[("ring", "mixture"), "half"] > 1
    assert set(found.index) == {
        ("ring", "coupling"), ("ring", "gaussian"), ("ring", "mixture"), ("simulated items, 2-D", "gaussian")
    }  # fmt: skip


def test_runs_name_their_points(records):
    frame = tables.runs(records)
    assert set(frame["dataset"]) == {"ring", "simulated items, 2-D"} and set(frame["width"]) == {2}
    assert frame["name"].tolist()[0] == "lu, M = 2" and tables.runs([]).empty
