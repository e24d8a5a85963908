"""One run of the comparison of recommenders: whoever scores, lists are measured alike."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from fourmasks.data.interactions import hold_out_users, load_interactions
from fourmasks.four.rankings import plan
from fourmasks.four.rankings.run import FROM_ITEMS, OF_USERS, by_group, run, run_trial
from fourmasks.learning.held_out_users import measure

PLACE = {"split_seed": 3, "seed": 1}
CASES = [(method, "users") for method in FROM_ITEMS] + [(method, "items") for method in plan.METHODS]


def settings(method):
    small = {"epochs": 2} if method not in plan.WITHOUT_EPOCHS else {}
    if method.startswith(("multi-vae", "rec-vae")):
        small |= {"hidden": 20, "latent": 5}
    return plan.FIXED.get(method, {}) | small


@pytest.mark.parametrize(("method", "protocol"), CASES)
def test_a_trial_is_the_same_fit_and_sees_no_test(method, protocol):
    final, trial = (
        made("simulated-small", method, protocol, **PLACE, **settings(method))["metrics"]
        for made in (run, run_trial)
    )
    assert trial["validation_ndcg_at_100"] == final["validation_ndcg_at_100"]
    assert 0 < final["coverage_at_20"] <= 1 and final["novelty_at_20"] > 0
    assert not {"ndcg_at_100", "recall_at_20", "coverage_at_20"} & trial.keys()


def test_a_training_that_diverges_is_the_worst_trial():
    settings = plan.FIXED["bprmf"] | PLACE | {"epochs": 30, "learning_rate": 1e30}
    found = run_trial("simulated-small", "bprmf", "items", **settings)["metrics"]
    assert found["diverged"] == 1 and found["validation_ndcg_at_100"] == 0


@pytest.mark.parametrize("method", ["bprmf", "multi-vae", "lu-net-implicit"])
def test_all_are_stopped_by_the_measure_that_they_are_judged_by(method):
    """NDCG@100 on validation: the best of the curve is what the kept epoch has."""
    found = run_trial("simulated-small", method, "items", **PLACE, **(settings(method) | {"epochs": 4}))
    best = max(abs(value) for value in found["curves"]["validation"])
    assert found["metrics"]["validation_ndcg_at_100"] == pytest.approx(best)


def test_memory_is_measured_once_for_each_model(tmp_path, monkeypatch):
    monkeypatch.setenv("FOURMASKS_RECORDS", str(tmp_path))
    config = plan.Config(
        dataset=("simulated-small",), protocol=("users",), methods=("popularity",), seeds=2, memory=True
    )
    records = plan.run(config, "smoke")
    (found,) = (record for record in records if record.experiment == plan.MEMORY)
    assert 0 <= found.metrics["memory_mb"] < 50
    assert sum(record.experiment == plan.EXPERIMENT for record in records) == 2


def test_quick_models_meet_more_splits():
    methods = ("popularity", "ease", "similar-items")
    config = plan.Config(dataset=("simulated-small",), methods=methods, seeds=2, quick_seeds=5, trials=1)
    trials = [one.trials or [one.final([])] for one in plan.plan(config)]
    counts = Counter(first.parameters["method"] for first, *_ in trials)
    assert counts == {"popularity": 4, "ease": 10, "similar-items": 10}  # in both protocols


def test_users_held_out_are_measured_as_the_papers_measure_them():
    held = hold_out_users(load_interactions("simulated-small"), 3)
    model = FROM_ITEMS["ease"](l2=50.0).fit(held.train)
    expected = measure(model.predict, held.test_in, held.test_out)
    found = run("simulated-small", "ease", "users", l2=50.0, **PLACE)["metrics"]
    for name in ("recall_at_20", "ndcg_at_100"):
        assert found[name] == pytest.approx(expected[name].mean())


def test_groups_make_up_the_whole():
    values, n_items = np.random.default_rng(0).random(300), np.random.default_rng(1).integers(1, 200, 300)
    found = by_group({"ndcg_at_100": values}, n_items)
    groups = [name.removeprefix("users_of_") for name in found if name.startswith("users_of_")]
    counts = np.array([found[f"users_of_{group}"] for group in groups])
    means = np.array([found[f"ndcg_at_100_of_{group}"] for group in groups])
    assert counts.sum() == 300 and (counts * means).sum() / 300 == pytest.approx(found["ndcg_at_100"])


def test_the_popular_are_not_novel():
    """Of all models that one recommends what most users have: no other lists are less novel."""
    novelty = {
        method: run("simulated-small", method, "items", **PLACE, **settings(method))["metrics"][
            "novelty_at_20"
        ]
        for method in plan.METHODS
    }
    assert min(novelty, key=novelty.get) == "popularity"


def test_models_of_known_users_are_for_items_held_out_only():
    config = plan.Config(dataset=("simulated-small",), methods=plan.METHODS, seeds=1, trials=1)
    asked = searches(config)
    of_users = searches(replace(config, protocol=("users",)))
    assert set(asked) == set(plan.METHODS) and set(of_users) == set(asked) - set(OF_USERS)


def test_models_of_known_users_alone_are_asked_about_items_or_refused():
    config = plan.Config(dataset=("simulated-small",), methods=tuple(OF_USERS), seeds=1, trials=1)
    assert set(searches(config)) == set(OF_USERS)
    with pytest.raises(ValueError, match="methods bprmf with protocol users: .* expected one of popularity"):
        plan.Config(methods=("bprmf",), protocol=("users",)).check()


def searches(config):
    """Return the trials of each method, or its final run where nothing is searched."""
    trials = [one.trials or [one.final([])] for one in plan.plan(config)]
    return {first.parameters["method"]: (first, *rest) for first, *rest in trials}


@pytest.mark.parametrize("dataset", plan.PROFILES["paper"].dataset)
def test_all_are_searched_as_long_but_for_those_that_take_seconds(dataset, monkeypatch):
    monkeypatch.setattr(plan, "load", lambda name: type("Data", (), {"sha256": name}))
    config = replace(plan.PROFILES["paper"], dataset=(dataset,), seeds=1, quick_seeds=1, memory=False)
    counts = {method: len(trials) for method, trials in searches(config).items()}
    assert counts.pop("popularity") == 1  # nothing to search
    assert {counts.pop(method) for method in plan.QUICK} == {12}
    assert set(counts.values()) == {6 if dataset == "ml-1m" else 12}


def test_arms_with_and_without_pia_draw_the_same_of_what_both_have():
    for model in ("multi-vae", "rec-vae"):
        without, with_pia = plan.draw(model, 12), plan.draw(f"{model}+pia", 12)
        assert [{name: one[name] for name in plan.SPACES[model]} for one in with_pia] == without
