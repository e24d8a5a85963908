"""The reconstruction experiment: its plan, its settings, and a sweep that is killed."""

import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections import Counter
from functools import wraps
from pathlib import Path

import pytest

from fourmasks.data.matrices import load_matrix, matrix_names
from fourmasks.experiments.profiles import resolve
from fourmasks.mmf.models.masks import FAMILIES
from fourmasks.mmf.models.matrix_mmf import MMF
from fourmasks.mmf.reconstruction import plan
from fourmasks.mmf.reconstruction.plan import (
    BUDGETS,
    CHOICES,
    DATASETS,
    DETERMINISTIC,
    EXPERIMENT,
    PAPER_DATASETS,
    PROFILES,
    Choice,
    Config,
    pilot,
    run,
    settings,
)
from fourmasks.mmf.reconstruction.run import METHODS
from fourmasks.records.store import load_records

SMOKE = PROFILES["smoke"]


@pytest.fixture
def records(tmp_path, monkeypatch):
    monkeypatch.setenv("FOURMASKS_RECORDS", str(tmp_path / "records"))
    return tmp_path / "records"


@pytest.fixture
def trained(monkeypatch):
    """The dataset and method of every run that is trained, none loaded."""
    made = []

    def counting(original):
        @wraps(original)
        def counted(*args, **given):
            method = given.get("method", "describe")
            made.append((given["dataset"], method, given.get("budget"), given["seed"]))
            return original(*args, **given)

        return counted

    for name in ("train", "describe"):
        monkeypatch.setattr(plan, name, counting(getattr(plan, name)))
    return made


# ---------------------------------------------------------------- the sweep


def test_the_smoke_sweep_trains_each_run_once(records, trained):
    first = run(SMOKE, "smoke")
    methods = [method for method in METHODS if method != "block-svd"]  # s6 has no blocks
    assert trained == [("s6", "describe", None, 0)] + [("s6", method, 8, 0) for method in methods]
    assert [record.experiment for record in first] == [DATASETS] + [EXPERIMENT] * len(methods)
    assert len(list(records.glob("*.json"))) == len(first) == len(trained)

    trained.clear()
    assert run(SMOKE, "smoke") == first
    assert trained == []
    run(resolve(PROFILES, "smoke", epochs=11), "smoke")
    assert {method for _, method, *_ in trained} == {"mf-sgd", "mf-ridge", "mf-bias", "mmf-adam"}


def test_the_records_say_what_was_trained(records):
    for record in run(SMOKE, "smoke"):
        assert record.profile == "smoke" and record.device == "cpu"
        assert record.data_sha256 == load_matrix("s6", 0).sha256
        assert record.parameters["dataset"] == "s6" and record.parameters["seed"] == 0
        assert record.module == "fourmasks.mmf.reconstruction.run"
    by_method = {record.parameters["method"]: record for record in load_records(EXPERIMENT, records)}
    svd = by_method["svd"].metrics["relative_error"]
    assert all(by_method[name].metrics["relative_error"] >= svd - 1e-9 for name in ("mf-sgd", "mf-ridge"))
    lengths = {name: record.metrics["n_iter"] for name, record in by_method.items()}
    assert lengths == {
        "svd": 0, "largest-entries": 0, "mf-sgd": 10, "mf-ridge": 10, "mf-bias": 10, "mmf-adam": 10,
        "mmf-lm": 5 + 1, "mmf-frozen": 3,
    }  # fmt: skip


def test_what_a_seed_does_not_change_is_computed_once(records, trained):
    """The SVD of a real matrix; a synthetic matrix is another one with each seed."""
    methods = ("svd", "largest-entries", "mmf-lm")
    run(resolve(PROFILES, "smoke", dataset="digits,s6", methods=methods, seeds=2, budgets=4), "smoke")
    seeds = Counter((dataset, method) for dataset, method, *_ in trained)
    assert seeds == {
        ("digits", "describe"): 1, ("digits", "svd"): 1, ("digits", "largest-entries"): 1,
        ("digits", "mmf-lm"): 2, ("s6", "describe"): 1, ("s6", "svd"): 2, ("s6", "largest-entries"): 2,
        ("s6", "mmf-lm"): 2,
    }  # fmt: skip


def test_each_matrix_has_its_own_budgets_unless_told(records, trained):
    config = resolve(PROFILES, "smoke", dataset="s6,h4-240", methods="largest-entries", budgets=())
    run(config, "smoke")
    budgets = [(dataset, budget) for dataset, _, budget, _ in trained if budget]
    assert budgets == [(dataset, b) for dataset in ("s6", "h4-240") for b in BUDGETS[dataset]]


def test_the_svd_by_block_is_for_matrices_with_blocks(records, trained):
    run(resolve(PROFILES, "smoke", dataset="s6,h4-240", methods="block-svd"), "smoke")
    assert [run_ for run_ in trained if run_[1] != "describe"] == [("h4-240", "block-svd", 8, 0)]


CHILD = textwrap.dedent("""
    import functools, time
    from fourmasks.mmf.reconstruction import plan
    original = plan.train

    @functools.wraps(original)
    def train(*args, **given):
        if given["method"] == "mf-bias":
            time.sleep(600)
        return original(*args, **given)

    plan.train = train
    plan.run(plan.PROFILES["smoke"], "smoke")
""")


def test_a_killed_sweep_trains_only_what_is_missing(tmp_path, records, trained):
    before = ["describe", "svd", "largest-entries", "mf-sgd", "mf-ridge"]
    (tmp_path / "child.py").write_text(CHILD)
    source = str(Path(plan.__file__).parents[3])
    environment = os.environ | {"PYTHONPATH": source, "OMP_NUM_THREADS": "1"}
    child = subprocess.Popen([sys.executable, str(tmp_path / "child.py")], env=environment)
    while len(list(records.glob("*.json"))) < len(before) and child.poll() is None:
        time.sleep(0.02)
    child.kill()
    assert child.wait() == -signal.SIGKILL

    assert len(run(SMOKE, "smoke")) == 9
    assert [method for _, method, *_ in trained] == [
        method for method in METHODS if method not in [*before, "block-svd"]
    ]


def test_the_pilot_tries_each_mask_family_and_share(records, trained):
    found = pilot("s6", budget=10, sweeps=1, n_init=1)
    tried = {(record.parameters["mask"], record.parameters["n_masks"]) for record in found}
    assert tried == {(mask, n) for mask in ("cosine", "sine", "gaussian") for n in (1, 2, 3, 4, 5)}
    assert {seed for *_, seed in trained} == {100} and len(trained) == 15
    assert {record.metrics["n_iter"] for record in found} == {1.0}


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


def test_the_frozen_control_is_the_same_model_without_learned_shifts(own_choice):
    own_choice("digits", mask="gaussian", frozen_spread=2.5)
    chosen = settings("digits", "mmf-frozen", 10, Config(sweeps=7))
    assert chosen["learn_shifts"] is False and chosen["mask"] == "gaussian"
    assert chosen["shift_spread"] == 2.5
    assert (chosen["solver"], chosen["max_iter"]) == ("alternating-lm", [7])


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


@pytest.mark.parametrize(("threads", "calls"), [(0, []), (3, [3])])
def test_the_threads_are_as_many_as_told(records, monkeypatch, threads, calls):
    told = []
    monkeypatch.setattr(plan.torch, "set_num_threads", told.append)
    run(resolve(PROFILES, "smoke", methods="svd", threads=threads), "smoke")
    assert told == calls


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


@pytest.mark.parametrize(
    ("values", "error", "message"),
    [
        ({"seeds": 0}, ValueError, "seeds = 0: expected at least 1"),
        ({"sweeps": -1}, ValueError, "sweeps = -1: expected at least 0"),
        ({"polish": -1}, ValueError, "polish = -1: expected at least 1"),
        ({"epochs": 0}, ValueError, "epochs = 0: expected at least 1"),
        ({"n_masks": -1}, ValueError, "n_masks = -1: expected at least 0"),
        ({"threads": -1}, ValueError, "threads = -1: expected at least 0"),
        ({"warm_up": -5}, ValueError, "warm_up = -5: expected at least 0"),
        ({"budgets": 1}, ValueError, "budgets = 1: expected at least 2"),
        ({"budgets": "8,0"}, ValueError, "budgets = 0: expected at least 2"),
        ({"n_masks": 8}, ValueError, "n_masks = 8 leaves nothing of budget 8 for the factors"),
        ({"n_masks": 9, "budgets": "20,9"}, ValueError, "n_masks = 9 leaves nothing of budget 9"),
        ({"dataset": "s66"}, ValueError, "'s66'.*Did you mean 's6'"),
        ({"methods": "svd,mmf-al"}, ValueError, "'mmf-al'.*Did you mean"),
        ({"mask": "cosin"}, ValueError, "'cosin'.*Did you mean 'cosine'"),
        ({"dtype": "float16"}, ValueError, "'float16'"),
        ({"epochs": "many"}, TypeError, "epochs"),
        ({"sweep": 3}, TypeError, "'sweep'.*Did you mean 'sweeps'"),
    ],
)
def test_a_bad_option_is_refused(values, error, message):
    with pytest.raises(error, match=message):
        resolve(PROFILES, "smoke", **values)


@pytest.mark.parametrize("budget", [64, 100])
def test_a_budget_that_the_matrix_does_not_leave_is_refused_before_any_training(records, trained, budget):
    config = resolve(PROFILES, "smoke", dataset="h4-240,s6", budgets=(8, budget))
    with pytest.raises(ValueError, match=rf"budgets = {budget}: s6 is \(64, 64\), give less than 64"):
        run(config, "smoke")
    assert trained == [] and not records.exists()


def test_too_many_masks_for_a_matrix_s_own_budgets_are_refused_before_any_training(records, trained):
    config = resolve(PROFILES, "smoke", dataset="s6", budgets=(), n_masks=min(BUDGETS["s6"]))
    with pytest.raises(ValueError, match="n_masks = .* leaves nothing of budget"):
        run(config, "smoke")
    assert trained == []


def test_a_bad_device_is_refused_before_any_training(records, trained):
    with pytest.raises(ValueError, match="device 'gpu'"):
        run(SMOKE, "smoke", device="gpu")
    assert trained == []
