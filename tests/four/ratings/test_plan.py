"""The comparison of rating models: all arms get the same splits, search and stopping."""

import pytest

from fourmasks.four.ratings import plan, shares

CONFIG = plan.PROFILES["paper"]


def searches(dataset):
    return {one.trials[0].parameters["method"]: one for one in plan.plan(CONFIG) if seed_0(one, dataset)}


def seed_0(search, dataset):
    return search.trials[0].parameters["dataset"] == dataset


@pytest.mark.parametrize("dataset", CONFIG.dataset)
def test_all_arms_have_as_many_trials_on_the_same_split_and_stop_by_the_same_rule(dataset, monkeypatch):
    monkeypatch.setattr(plan, "load", lambda name: type("Data", (), {"sha256": name}))
    found = searches(dataset)
    assert set(found) == set(plan.METHODS)
    (count,) = {len(search.trials) for search in found.values()}
    assert count == (6 if dataset == "ml-1m" else 12)
    for name in plan.WITHOUT_STOPPING:
        assert "patience" not in found.pop(name).trials[0].parameters
    common = ("split_seed", "seed", "validation", "protocol", "epochs", "patience")
    alike = {tuple(trial.parameters[name] for name in common) for s in found.values() for trial in s.trials}
    assert len(alike) == 1


def test_the_arms_of_mmf_draw_the_same_settings():
    drawn = [
        [{name: trial.parameters[name] for name in plan.SPACES[method]} for trial in search.trials]
        for method, search in searches_of_one("simulated-small").items()
        if method.startswith("mmf")
    ]
    assert len(drawn) == 3 and drawn[0] == drawn[1] == drawn[2]


def searches_of_one(dataset):
    config = plan.Config(dataset=(dataset,), seeds=1, trials=12)
    return {one.trials[0].parameters["method"]: one for one in plan.plan(config)}


def test_each_share_of_the_ratings_has_a_search_of_its_own():
    config = shares.Config(dataset=("simulated-small",), methods=("mf-tuned",), shares=(0.2, 0.5), seeds=2)
    found = list(shares.plan(config))
    assert [search.trials[0].parameters["share"] for search in found] == [0.2, 0.2, 0.5, 0.5]
    for search in found:
        assert {trial.experiment for trial in search.trials} == {shares.SEARCH}
        assert len({trial.parameters["share"] for trial in search.trials}) == 1


def test_settings_are_chosen_by_the_validation_error(tmp_path, monkeypatch):
    monkeypatch.setenv("FOURMASKS_RECORDS", str(tmp_path))
    records = plan.run(
        plan.Config(dataset=("simulated-small",), methods=("averages",), seeds=1, trials=4), "smoke"
    )
    trials = [record for record in records if record.experiment == plan.SEARCH]
    (final,) = (record for record in records if record.experiment == plan.EXPERIMENT)
    best = min(trials, key=lambda record: record.metrics["validation_rmse"])
    for name in plan.SPACES["averages"]:
        assert final.parameters[name] == best.parameters[name]
    assert final.parameters["split_seed"] != best.parameters["split_seed"]
