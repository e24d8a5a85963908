"""The rating experiment: search, final runs and their tables."""

import math

import numpy as np
import pytest

from fourmasks.data.ratings import load_ratings
from fourmasks.experiments.profiles import resolve
from fourmasks.mmf.ratings import plan, tables
from fourmasks.mmf.ratings import run as training

QUICK = {"dataset": "simulated-small", "seeds": 2, "trials": 2, "epochs": 2}


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch, one_thread):
    monkeypatch.setenv("FOURMASKS_RECORDS", str(tmp_path))


def run(**settings):
    return plan.run(resolve(plan.PROFILES, "smoke", **QUICK | settings), "smoke")


def test_every_method_is_searched_and_trained_once_per_seed():
    records = run(methods=plan.METHODS)
    final = [r for r in records if r.experiment == plan.EXPERIMENT]
    assert {(r.parameters["method"], r.parameters["seed"]) for r in final} == {
        (method, seed) for method in plan.METHODS for seed in (0, 1)
    }
    searched = {r.key: r for r in records if r.experiment == plan.SEARCH}
    methods = [r.parameters["method"] for r in searched.values()]
    assert {method: methods.count(method) for method in methods} == dict.fromkeys(plan.SPACES, 2)


def test_the_search_sees_no_test_rating_and_another_split():
    searched = [r for r in run(methods="mf-tuned") if r.experiment == plan.SEARCH]
    for record in searched:
        assert not any(name.startswith("test") for name in record.metrics)
        assert record.parameters["split_seed"] == plan.SEARCH_SPLIT not in (0, 1)


def test_final_runs_take_the_best_trial():
    records = run(methods="mmf-learned", trials=3)
    searched = [r for r in records if r.experiment == plan.SEARCH]
    best = min(searched, key=lambda r: r.metrics["validation_rmse"])
    for record in records:
        if record.experiment == plan.EXPERIMENT:
            for name in ("rank", "n_masks", "ridge"):
                assert record.parameters[name] == best.parameters[name]


def test_controls_differ_from_mmf_in_one_thing():
    final = {
        r.parameters["method"]: r.parameters
        for r in run(methods=["mmf-learned", "mf-tuned", *plan.CONTROLS], seeds=1)
        if r.experiment == plan.EXPERIMENT
    }
    mmf = final["mmf-learned"]
    for method, changed in (
        ("mmf-unmasked", {"shifts"}),
        ("mmf-permuted", {"shifts"}),
        ("mmf-random", {"shifts", "shift_spread"}),
    ):
        control = final[method]
        names = mmf.keys() | control.keys()
        assert {n for n in names if mmf.get(n) != control.get(n)} == changed | {"method"}
    same_size = final["mmf-same-size"]
    assert max(1, final["mf-tuned"]["rank"] - same_size["n_masks"]) == same_size["rank"]


def test_trials_are_different_and_the_same_each_time():
    one, again = (plan.trials("mf-tuned", 12, 5) for _ in range(2))
    assert one == again
    assert len({str(trial) for trial in one}) == 12
    assert plan.trials("mf-tuned", 4, 5) == one[:4]
    for trial in one:
        for name, values in plan.SPACES["mf-tuned"].items():
            assert trial[name] in values


def test_both_sides_have_equally_many_choices():
    for plain, masked in (("mf-tuned", "mmf-learned"), plan.WIDE):
        assert len(plan.SPACES[plain]) == len(plan.SPACES[masked])


def test_metrics_are_those_of_the_predictions():
    from fourmasks.mmf.models.rating_mmf import RatingMMF

    settings = {"rank": 4, "shifts": "none", "epochs": 2}
    outcome = training.train("simulated-small", "mf", "per-user", 3, 0.1, 5, **settings)
    data = training.parts("simulated-small", "per-user", 3, 0.1)
    model = RatingMMF(random_state=5, **settings).fit(data.train, data.validation)
    residuals = model.predict(data.test.users, data.test.items) - data.test.values
    assert outcome["metrics"]["test_rmse"] == pytest.approx(math.sqrt(np.mean(residuals**2)), rel=1e-6)
    assert outcome["metrics"]["test_mae"] == pytest.approx(np.mean(np.abs(residuals)), rel=1e-6)
    assert outcome["metrics"]["n_parameters"] == sum(data.train.shape) * 5


def test_tables_are_made_of_the_runs():
    frame = tables.runs(run(methods="mf-plain,mmf-constant,mmf-reference"))
    assert len(frame) == 6
    found = tables.differences(frame).set_index("step")
    errors = frame.pivot_table(index="seed", columns="method", values="test_rmse")
    gain = errors["mf-plain"] - errors["mmf-constant"]
    assert found.loc["rescaling", "gain"] == pytest.approx(gain.mean())
    # Student's interval of two values: 12.706 times the standard error.
    assert found.loc["rescaling", "half"] == pytest.approx(12.7062 * gain.std() / math.sqrt(2), rel=1e-4)
    assert "tuning" not in found.index
    name = "simulated-small"
    table = tables.beside(frame, {(name, "mf-plain"): 0.9}, ["mf-plain"], [name])
    assert table.loc["mf-plain", (name, "paper")] == "0.900"
    said = tables.sentence(frame, name, "mf-plain", "mmf-constant")
    assert f"{-gain.mean():+.4f}" in said


def test_targets_are_judged_by_what_has_masks():
    name = "simulated-small"
    records = run(methods="mf-plain,mmf-constant,mmf-reference,mmf-learned")
    frame = tables.runs(records)
    frame.loc[frame["method"] == "mmf-constant", "test_rmse"] = 0.5
    means = frame.groupby("method")["test_rmse"].mean()
    best = min(means["mmf-reference"], means["mmf-learned"])
    for target, reached in ((best - 0.002, "yes"), (best - 0.004, "no")):
        row = tables.targets(frame, records, {name: target}, [name]).loc[name]
        assert (row["reached"], row["its RMSE"]) == (reached, pytest.approx(best))
    assert (row["best of all"], row["trials"]) == ("mmf-constant", 2)


def test_table_2_counts_the_ratings():
    table = tables.sizes(run(methods="mf-plain"))
    ratings = load_ratings("simulated-small")
    assert table.loc["simulated-small"].tolist() == pytest.approx(
        [*ratings.shape, len(ratings), len(ratings) / math.prod(ratings.shape)]
    )


@pytest.mark.parametrize(
    "settings, message",
    [
        ({"dataset": "ml-100"}, "ml-100k"),
        ({"methods": "mmf"}, "mmf-learned"),
        ({"protocol": "u1"}, "u1"),
        ({"seeds": 0}, "seeds = 0"),
        ({"epochs": 0}, "epochs = 0"),
    ],
)
def test_bad_settings_are_named(settings, message):
    with pytest.raises(ValueError, match=message):
        run(**settings)


def test_tables_are_in_the_order_of_the_paper_whatever_the_files_are_called():
    class Row:
        def __init__(self, dataset, method, seed):
            self.parameters = {"dataset": dataset, "method": method, "seed": seed}

    rows = [
        Row("ml-1m", "pmf", 0),
        Row("simulated", "pmf", 0),
        Row("flixster", "mmf-learned", 1),
        Row("flixster", "mmf-learned", 0),
        Row("flixster", "mf-plain", 0),
    ]
    ordered = [tuple(row.parameters.values()) for row in tables.in_order(rows)]
    assert ordered == [
        ("flixster", "mf-plain", 0),
        ("flixster", "mmf-learned", 0),
        ("flixster", "mmf-learned", 1),
        ("ml-1m", "pmf", 0),
    ]
