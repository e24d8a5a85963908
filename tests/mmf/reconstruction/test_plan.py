"""The reconstruction experiment: what it runs, and with which settings."""

import json
from collections import Counter
from types import SimpleNamespace

import numpy as np
import pytest

from fourmasks.claims.measurements import DETERMINISTIC
from fourmasks.data.matrices import load_matrix, matrix_names
from fourmasks.experiments.plan import Search
from fourmasks.experiments.profiles import resolve
from fourmasks.mmf.models.masks import FAMILIES
from fourmasks.mmf.models.matrix_mmf import MMF
from fourmasks.mmf.reconstruction.plan import (
    BUDGETS,
    CHOICES,
    DATASETS,
    DRAWN,
    EXPERIMENT,
    PAPER_DATASETS,
    PROFILES,
    SEARCH,
    SEARCH_SEED,
    SPREADS,
    Choice,
    Config,
    pilot,
    plan,
    run,
    settings,
)
from fourmasks.mmf.reconstruction.run import METHODS, load
from fourmasks.records.store import load_records

SMOKE = PROFILES["smoke"]


def planned(**options):
    """Return dataset, method, budget and seed of the runs, without the descriptions."""
    jobs = plan(resolve(PROFILES, "smoke", **options))
    runs = [job.final([]) if isinstance(job, Search) else job for job in jobs]
    names = ("dataset", "method", "budget", "seed")
    return [tuple(r.parameters[name] for name in names) for r in runs if r.experiment == EXPERIMENT]


# ---------------------------------------------------------------- the plan


def test_all_of_a_plan_is_made_and_found_again(tmp_path, monkeypatch):
    monkeypatch.setenv("FOURMASKS_RECORDS", str(tmp_path))
    records = run(SMOKE, "smoke")
    methods = [method for method in METHODS if method != "block-svd"]  # s6 has no blocks
    count = Counter(r.experiment for r in records)
    assert (count[DATASETS], count[EXPERIMENT]) == (1, len(methods))
    for method in DRAWN:
        tried = [r for r in records if r.experiment == SEARCH and r.parameters["method"] == method]
        spreads = sorted(r.parameters["shift_spread"] for r in tried)
        assert set(SPREADS) <= set(spreads)
        best = min(tried, key=lambda record: record.metrics["relative_error"])
        assert spreads[0] < best.parameters["shift_spread"] < spreads[-1]
    finals = [record for record in records if record.experiment == EXPERIMENT]
    assert [record.parameters["method"] for record in finals] == methods
    assert {r.data_sha256 for r in records if r.experiment != SEARCH} == {load_matrix("s6", 0).sha256}
    assert run(SMOKE, "smoke") == records
    by_method = {record.parameters["method"]: record for record in load_records(EXPERIMENT)}
    svd = by_method["svd"].metrics["relative_error"]
    assert all(by_method[name].metrics["relative_error"] >= svd - 1e-9 for name in ("mf-sgd", "mf-ridge"))
    lengths = {name: record.metrics["n_iter"] for name, record in by_method.items()}
    assert lengths == {
        "svd": 0, "largest-entries": 0, "mf-sgd": 10, "mf-ridge": 10, "mf-bias": 10, "mmf-adam": 10,
        "mmf-lm": 5 + 1, "mmf-frozen": 5 + 1, "mmf-shared": 5 + 1,
        "mmf-shuffled": 5 + 1, "mmf-frozen-full": 5 + 1,
    }  # fmt: skip


def test_more_epochs_change_no_run_without_epochs():
    methods = [method for method in METHODS if method not in DRAWN]  # those have a search
    before, after = (list(plan(resolve(PROFILES, "smoke", methods=methods, epochs=n))) for n in (10, 11))
    changed = {new.parameters["method"] for old, new in zip(before, after, strict=True) if old != new}
    assert changed == {"mf-sgd", "mf-ridge", "mf-bias", "mmf-adam"}


def test_what_a_seed_does_not_change_is_computed_once():
    """The SVD of a real matrix; a synthetic matrix is another one with each seed."""
    found = planned(dataset="digits,s6", methods="svd,largest-entries,mmf-lm", seeds=2, budgets=4)
    assert Counter((dataset, method) for dataset, method, *_ in found) == {
        ("digits", "svd"): 1, ("digits", "largest-entries"): 1, ("digits", "mmf-lm"): 2,
        ("s6", "svd"): 2, ("s6", "largest-entries"): 2, ("s6", "mmf-lm"): 2,
    }  # fmt: skip


def test_each_matrix_has_its_own_budgets_unless_told():
    found = planned(dataset="s6,h4-240", methods="largest-entries", budgets=())
    assert [(dataset, budget) for dataset, _, budget, _ in found] == [
        (dataset, budget) for dataset in ("s6", "h4-240") for budget in BUDGETS[dataset]
    ]


def test_the_svd_by_block_is_for_matrices_with_blocks():
    assert planned(dataset="s6,h4-240", methods="block-svd") == [("h4-240", "block-svd", 8, 0)]


def test_the_pilot_tries_each_mask_family_and_share():
    found = [run.parameters for run in pilot("s6", budget=10, sweeps=1, n_init=1)]
    assert sorted((one["mask"], one["n_masks"]) for one in found) == sorted(
        (mask, n) for mask in ("cosine", "sine", "gaussian") for n in (1, 2, 3, 4, 5)
    )
    assert {one["seed"] for one in found} == {100} and {tuple(one["max_iter"]) for one in found} == {(1,)}


# ---------------------------------------------------------------- settings


def test_the_baselines_are_set_as_in_the_reference_implementation():
    config = PROFILES["paper"]
    sgd = settings("s10", "mf-sgd", 40, config)
    assert (sgd["optimizer"], sgd["learning_rate"], sgd["momentum"]) == ("sgd", 0.2, 0.999)
    ridge = settings("s10", "mf-ridge", 40, config)
    assert (ridge["optimizer"], ridge["learning_rate"], ridge["ridge"]) == ("adam", 0.02, 1e-3)
    bias = settings("s10", "mf-bias", 40, config)
    assert (bias["optimizer"], bias["learning_rate"], bias["bias"]) == ("adam", 0.02, True)
    for method in (sgd, ridge, bias):
        assert method["epochs"] == 2000 and method["norm"] == 16  # K at a share of 0.4


def test_mmf_by_adam_is_set_as_in_the_reference_implementation():
    given = settings("s10", "mmf-adam", 40, PROFILES["paper"])
    assert (given["solver"], given["max_iter"], given["n_masks"]) == ("adam", [2000], 16)
    assert not any("rate" in name for name in given)
    model = MMF(40, **given)  # what is not said is the default
    assert (model.learning_rate, model.shift_learning_rate) == (0.02, 0.01)
    assert model.parametrisation == "reference" and model.factor_scale is model.shift_spread is None


def test_the_alternating_solver_follows_a_warm_up_on_synthetic_matrices_only(own_choice):
    own_choice("digits", work=110)
    for dataset, given, solver, iterations in [
        ("s6", Config(sweeps=7, warm_up=5, polish=3), "adam+alternating-lm", [5, 3]),
        ("s6", Config(sweeps=7, warm_up=0, polish=3), "alternating-lm", [7]),
        ("digits", Config(sweeps=7, warm_up=5, polish=3), "alternating-lm", [7]),
        ("digits", Config(sweeps=0), "alternating-lm", [11]),
    ]:
        chosen = settings(dataset, "mmf-lm", 10, given)
        assert (chosen["solver"], chosen["max_iter"]) == (solver, iterations)
        assert "learn_shifts" not in chosen


@pytest.mark.parametrize(("method", "shared"), [("mmf-frozen", False), ("mmf-shared", True)])
@pytest.mark.parametrize("dataset", ["digits", "s6"])
def test_controls_are_the_learned_model_but_for_its_shifts(method, shared, dataset):
    config = Config(sweeps=7, warm_up=5, polish=3)
    learned, control = (settings(dataset, name, 10, config) for name in ("mmf-lm", method))
    drawn = {"shared": shared, "shift_spread": 1.0}
    assert control | {"shift_spread": 1.0} == learned | drawn | {"rank": 10 - learned["n_masks"]}
    values = load(dataset, 0).values
    masked, fixed = (
        METHODS[name](load(dataset, 0), 10, 0, "cpu", given | {"shift_spread": 1.0}).fit(values)
        for name, given in (("mmf-lm", learned), (method, control))
    )
    assert (fixed.rank_, fixed.n_masks_) == (masked.rank_, masked.n_masks_)
    assert (fixed.n_iter_ == masked.n_iter_).all()
    for shifts in fixed.shifts_:
        assert (shifts == shifts[:1]).all() == shared
    rank = np.linalg.matrix_rank(fixed.reconstruct(), tol=1e-3 * np.linalg.norm(values, 2))
    assert rank == fixed.rank_ if shared else rank > fixed.rank_
    gain = fixed.rank_ / 2
    assert all((0 <= gain * shifts).all() and (gain * shifts < 1).all() for shifts in fixed.shifts_)


def test_frozen_shifts_may_leave_their_numbers_to_the_rank():
    given = settings("digits", "mmf-frozen-full", 10, SMOKE)
    assert given == settings("digits", "mmf-frozen", 10, SMOKE) | {"rank": 10}


def test_the_spread_of_a_control_is_searched_once_for_each_matrix_on_a_seed_of_its_own():
    jobs = list(plan(resolve(PROFILES, "smoke", methods="mmf-frozen", budgets="4,8", seeds=2)))
    searches = [job for job in jobs if isinstance(job, Search)]
    assert len(searches) == 4 and all(job.trials == searches[0].trials for job in searches)
    tried = [run.parameters for run in searches[0].trials]
    assert {(one["seed"], one["budget"]) for one in tried} == {(SEARCH_SEED, 8)}
    assert sorted(one["shift_spread"] for one in tried) == sorted(SPREADS)
    outcomes = [
        SimpleNamespace(parameters=one, metrics={"relative_error": abs(one["shift_spread"] - 1)})
        for one in tried
    ]
    assert searches[0].final(outcomes).parameters["shift_spread"] == 1.0


@pytest.fixture
def own_choice(monkeypatch):
    """Return the function that chooses for a matrix, so that no test rests on what the pilot chose."""
    return lambda dataset, **values: monkeypatch.setitem(CHOICES, dataset, Choice(**values))


def test_masks_and_their_number_follow_the_choice_or_the_reader(own_choice):
    own_choice("digits", mask="sine", share=0.2)
    for config, mask, n_masks in [
        (Config(), "sine", 2), (Config(n_masks=7), "sine", 7), (Config(mask="tanh"), "tanh", 2),
    ]:  # fmt: skip
        for method in ("mmf-adam", "mmf-lm"):
            chosen = settings("digits", method, 10, config)
            assert (chosen["mask"], chosen["n_masks"]) == (mask, n_masks)
    assert settings("digits", "mmf-lm", 2, Config())["n_masks"] == 1  # never none


@pytest.mark.parametrize("method", METHODS)
def test_settings_are_json_and_known_to_the_estimator(method):
    given = settings("h4-240", method, 8, SMOKE)
    assert json.loads(json.dumps(given)) == given


def test_the_plan_names_what_exists():
    assert set(BUDGETS) == set(matrix_names())
    assert set(DETERMINISTIC) < set(METHODS) and set(CHOICES) < set(matrix_names())
    assert all(choice.mask in FAMILIES and 0 < choice.share < 1 for choice in CHOICES.values())
    assert PROFILES["paper"].dataset == tuple(PAPER_DATASETS) and set(PAPER_DATASETS) < set(matrix_names())
    assert PROFILES["paper"].epochs == 2000 and PROFILES["paper"].methods == tuple(METHODS)


# ---------------------------------------------------------------- what is refused


@pytest.mark.parametrize("budget", [64, 100])
def test_a_budget_that_the_matrix_does_not_leave_is_refused(budget):
    with pytest.raises(ValueError, match=rf"budgets = {budget}: s6 is \(64, 64\), give less than 64"):
        planned(dataset="h4-240,s6", budgets=(8, budget))


@pytest.mark.parametrize("budgets", [(), (20, 8)])
def test_masks_that_leave_nothing_of_a_budget_are_refused(budgets):
    with pytest.raises(ValueError, match="n_masks = 8 leaves nothing of budget 8 of s6"):
        planned(dataset="s6", budgets=budgets, n_masks=8)
