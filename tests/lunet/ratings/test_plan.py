"""What the rating experiment runs: each model once, after the search that it rests on, or as stated."""

from collections import Counter
from types import SimpleNamespace

import pytest

from fourmasks.experiments.plan import Search
from fourmasks.experiments.profiles import resolve
from fourmasks.lunet.models.recommender import LUNetRecommender
from fourmasks.lunet.ratings.plan import (
    DATASETS,
    EXPERIMENT,
    FEWER,
    METHODS,
    PATIENCE,
    PROFILES,
    SEARCH,
    SEARCH_SPLIT,
    SPACES,
    STATED,
    STOPPED,
    finals,
    plan,
    run,
    stated,
)

PAPER = PROFILES["paper"]


def tried(search, errors):
    """Return made-up records of a search's trials."""
    return [
        SimpleNamespace(parameters=trial.parameters, metrics={"validation_mse": error})
        for trial, error in zip(search.trials, errors, strict=True)
    ]


def test_every_model_is_run_and_what_is_searched_is_searched():
    described, *jobs = plan(resolve(PROFILES, "smoke", seeds=2, trials=3))
    assert described.experiment == DATASETS
    final, searched = [], set()
    for job in jobs:
        if isinstance(job, Search):
            for trial in job.trials:
                assert trial.experiment == SEARCH
                assert (
                    trial.parameters["split_seed"] == trial.parameters["seed"] == SEARCH_SPLIT not in (0, 1)
                )
                searched.add(trial.parameters["method"])
            job = job.final(tried(job, [0.3, 0.1, 0.2]))
        final.append(job)
    assert Counter((run.parameters["method"], run.parameters["seed"]) for run in final) == {
        (method, seed): 1 for method in METHODS for seed in (0, 1)
    }
    assert searched == set(SPACES)
    for one in final:
        own = one.parameters
        assert one.experiment == EXPERIMENT and own["split_seed"] == own["seed"]
        assert own["validation"] == (0 if own["method"] in (*STATED, "averages") else 0.05)
        assert ("patience" in own) == (own["validation"] > 0)


@pytest.mark.parametrize("method", ["mlp-tuned", "biased-mf"])
def test_final_runs_take_the_best_trial(method):
    _, search = plan(resolve(PROFILES, "smoke", methods=method, trials=3))
    final = search.final(tried(search, [0.3, 0.1, 0.2])).parameters
    best = search.trials[1].parameters
    assert all(final[name] == best[name] for name in SPACES[method])


def test_all_of_it_is_made_and_found_again(tmp_path, monkeypatch, one_thread):
    monkeypatch.setenv("FOURMASKS_RECORDS", str(tmp_path))
    config = resolve(PROFILES, "smoke", epochs=1, tuned_epochs=1)
    records = run(config, "smoke")
    assert Counter(record.experiment for record in records) == {
        DATASETS: 1, SEARCH: len(SPACES), EXPERIMENT: len(METHODS)
    }  # fmt: skip
    for record in records:
        assert record.experiment != SEARCH or not any(name.startswith("test") for name in record.metrics)
    assert run(config, "smoke") == records


def test_stated_runs_are_the_papers():
    for method in STATED:
        settings = stated(method, "ml-100k", PAPER)
        paper = {"epochs": 50, "batch_size": 128, "learning_rate": 1e-3, "validation": 0.0}
        assert paper.items() <= settings.items() and "patience" not in settings
        assert settings["network"] == {"lu-net": "lu", "dense": "lu"}.get(method, method)
    default = LUNetRecommender().get_params()
    settings = stated("lu-net", "ml-100k", PAPER)
    assert all(default[name] == value for name, value in settings.items() if name in default)


def test_stopped_runs_are_as_stated_but_for_the_stopping():
    for method in STOPPED:
        settings = stated(method, "ml-1m", PAPER)
        as_stated = stated(method.removesuffix("-stopped"), "ml-1m", PAPER)
        changed = {name for name in settings if settings[name] != as_stated.get(name)}
        assert changed == {"epochs", "patience", "validation"}
        assert settings["patience"] == PATIENCE["ml-1m"] and settings["validation"] == 0.05


def test_networks_have_equal_searches():
    assert SPACES["mlp-tuned"] == SPACES["coupling-tuned"] == SPACES["lu-net-tuned"]


def test_a_sparing_configuration_leaves_runs_out():
    counts = Counter(final[:2] for final in finals(resolve(PROFILES, "paper", sparing=True)))
    assert counts["ml-1m", "lu-net"] == counts["ml-100k", "lu-net"] == counts["ml-1m", "averages"] == 5
    assert all(counts[cell] == most for cell, most in FEWER.items())


def test_the_plan_counts_every_seed_of_every_method():
    assert Counter(final[:2] for final in finals(PAPER)) == {
        (dataset, method): 5 for dataset in PAPER.dataset for method in PAPER.methods
    }


def test_unknown_data_and_models_are_named():
    for settings, message in (({"dataset": "ml-100"}, "ml-100k"), ({"methods": "lunet"}, "lu-net")):
        with pytest.raises(ValueError, match=message):
            resolve(PROFILES, "smoke", **settings)


@pytest.mark.parametrize(
    ("methods", "message"),
    [
        ("mlp", "too few items that user u0 has not rated .*: 0, expected 1"),
        ("averages", "too few ratings outside of the test .*: 8, expected 20"),
    ],
)
def test_a_file_with_too_few_ratings_is_refused_before_any_training(tmp_path, methods, message):
    path = tmp_path / "a.csv"
    pairs = [(user, item) for user in range(4) for item in range(3)]
    lines = "".join(f"u{user},i{item},{1 + (user + item) % 5}\n" for user, item in pairs)
    path.write_text(f"user,item,rating\n{lines}")
    with pytest.raises(ValueError, match=f"a.csv: {message}"):
        list(plan(resolve(PROFILES, "smoke", dataset=str(path), methods=methods)))
