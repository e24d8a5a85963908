"""The ranking experiment: what is run, what the measures are, and when a sample orders methods otherwise."""

from collections import Counter
from types import SimpleNamespace

import pandas as pd
import pytest

from fourmasks.data.held_out import leave_one_out
from fourmasks.experiments.plan import Search
from fourmasks.experiments.profiles import resolve
from fourmasks.learning.held_out_items import held_out_measures, sampled
from fourmasks.lunet.models.data import load
from fourmasks.lunet.models.recommender import LUNetRecommender
from fourmasks.lunet.rankings import plan as experiment
from fourmasks.lunet.rankings.run import run
from fourmasks.lunet.rankings.tables import HIT_RATES, hit_rates, orders, reversals

pytestmark = pytest.mark.usefixtures("one_thread")
NAME = "simulated-small"
QUICK = {"epochs": 2, "batch_size": 256, "dimension": 8, "n_layers": 2}


def test_controls_keep_the_settings_found_for_the_network():
    final = {}
    for job in experiment.plan(resolve(experiment.PROFILES, "smoke", trials=2)):
        if isinstance(job, Search):
            tried = [
                SimpleNamespace(parameters=trial.parameters, metrics={"validation_ndcg_at_10": place})
                for place, trial in enumerate(job.trials)
            ]
            job = job.final(tried)
            for trial in tried[-1:]:
                space = experiment.SPACES[trial.parameters["method"]]
                assert all(job.parameters[name] == trial.parameters[name] for name in space)
        final[job.parameters["method"]] = job.parameters
    assert tuple(final) == experiment.METHODS
    for method, change in experiment.CONTROLS.items():
        differ = {name for name in final["lu-net"] if final["lu-net"][name] != final[method][name]}
        assert differ == {"method", *change}


def test_all_of_it_is_made_and_found_again(tmp_path, monkeypatch):
    monkeypatch.setenv("FOURMASKS_RECORDS", str(tmp_path))
    config = experiment.PROFILES["smoke"]
    records = experiment.run(config, "smoke")
    searched = [record for record in records if record.experiment == experiment.SEARCH]
    assert {r.parameters["method"] for r in searched} == {
        name for name, space in experiment.SPACES.items() if space
    }
    for record in searched:
        assert record.parameters["split_seed"] == experiment.SEARCH_SPLIT
        assert "full_hr_at_10" not in record.metrics
    counts = Counter(r.parameters["method"] for r in records if r.experiment == experiment.EXPERIMENT)
    assert counts == dict.fromkeys(experiment.METHODS, 1)
    assert experiment.run(config, "smoke") == records


def test_networks_have_equal_searches():
    assert experiment.SPACES["mlp"] == experiment.SPACES["factors"] == experiment.SPACES["lu-net"]
    whole = dict(experiment.SPACES["lu-net"])
    assert 0 < min(weights := whole.pop("gamma")) and max(weights) < 1
    assert experiment.SPACES["lu-net-implicit"] == experiment.SPACES["lu-net-explicit"] == whole


def test_ranking_metrics_are_those_of_the_scores():
    outcome = run(NAME, "x", 1, 4, candidates=20, patience=2, **QUICK)
    data = leave_one_out(load(NAME), 1, 20)
    kept = []

    def criterion(model):
        found = sampled(
            model.rank_pairs, data.split.validation.users, data.split.validation.items,
            data.validation_candidates,
        )  # fmt: skip
        kept.append(found["ndcg_at_10"])
        return -kept[-1]

    model = LUNetRecommender(random_state=4, patience=2, **QUICK).fit(data.split.train, criterion=criterion)
    assert outcome["metrics"]["validation_ndcg_at_10"] == max(kept)
    assert outcome["curves"]["validation_ndcg_at_10"] == kept
    for name, value in held_out_measures(model.score_items, data).items():
        assert outcome["metrics"][name] == value
    last = run(NAME, "x", 1, 4, candidates=20, **QUICK)
    assert last["metrics"]["best_epoch"] == 2


def test_reversals_are_found():
    rows = [("a", 0.5, 0.1), ("a", 0.7, 0.3), ("b", 0.5, 0.25), ("c", 0.1, 0.05)]
    frame = pd.DataFrame(rows, columns=["method", "sampled_hr_at_10", "full_hr_at_10"]).assign(dataset="x")
    # 0.6 and 0.2 against 0.5 and 0.25: of 1,000 users the standard errors are 0.022 and 0.019.
    assert reversals(frame, "x", 1000) == [("a", "b", True)]
    assert reversals(frame, "x", 100) == [("a", "b", False)]


def test_orders_are_counted_by_data_set():
    rows = {"a": (0.9, 0.1), "b": (0.5, 0.4), "c": (0.2, 0.05)}
    frame = pd.DataFrame(
        [("x", method, sampled, full) for method, (sampled, full) in rows.items()],
        columns=["dataset", "method", "sampled_hr_at_10", "full_hr_at_10"],
    )
    assert orders(frame, {"x": 10_000.0}).loc["x"].tolist() == [3, 1, 1]
    assert orders(frame, {"x": 5.0}).loc["x"].tolist() == [3, 1, 0]


def test_hit_rates_stand_under_what_is_ranked():
    frame = pd.DataFrame(
        {"dataset": "x", "method": ["ease", "lu-net"]} | dict.fromkeys(HIT_RATES, [0.5, 0.25])
    )
    found = hit_rates(frame, "x")
    assert list(found.index) == ["lu-net", "ease"]
    assert found.loc["ease", ("among all items", "NDCG@10")] == "0.5000"


def test_a_file_with_too_few_candidates_is_refused_before_any_training(full_table):
    config = resolve(experiment.PROFILES, "smoke", dataset=full_table)
    with pytest.raises(
        ValueError, match="a.csv: too few items that user u0 has not rated .*: 0, expected 20"
    ):
        list(experiment.plan(config))
