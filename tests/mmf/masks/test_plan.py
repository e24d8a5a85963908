"""The ablations: their settings, the choice of a start, and the plan of a sweep."""

from collections import Counter
from dataclasses import replace
from functools import wraps

import pytest

from fourmasks.experiments.profiles import resolve
from fourmasks.mmf.masks import plan
from fourmasks.mmf.masks.plan import (
    EXPERIMENT,
    PROFILES,
    SEARCH,
    SEARCH_SEED,
    SHARED,
    STARTS,
    chosen_starts,
    run,
    settings,
    start_of,
)
from fourmasks.mmf.masks.timing import masks_of
from fourmasks.mmf.models.masks import FAMILIES
from fourmasks.mmf.reconstruction.run import load, train
from fourmasks.records.store import Record, load_records

SMOKE = PROFILES["smoke"]
TINY = replace(SMOKE, masks=("sine", "triangle"), count_mask="cosine", warm_up=2)
BASE = Record(
    experiment=SEARCH, profile="smoke", parameters={}, metrics={}, curves={}, seconds=1.0,
    peak_memory_mb=1.0, device="cpu", threads=1, versions={}, commit="unknown", source="x",
    module="fourmasks.mmf.reconstruction.run", data_sha256="0" * 64, created="2026-01-01T00:00:00+00:00",
)  # fmt: skip


@pytest.fixture
def records(tmp_path, monkeypatch):
    monkeypatch.setenv("FOURMASKS_RECORDS", str(tmp_path / "records"))
    return tmp_path / "records"


@pytest.fixture
def trained(monkeypatch):
    """The parameters of every run that is trained, none loaded."""
    made = []

    @wraps(train)
    def counted(*args, **given):
        made.append(given)
        return train(*args, **given)

    monkeypatch.setattr(plan, "train", counted)
    return made


# ---------------------------------------------------------------- settings


@pytest.mark.parametrize("start", STARTS)
@pytest.mark.parametrize("mask", FAMILIES)
def test_every_family_and_start_fits_exactly_the_budget_s_number_of_parameters(mask, start):
    given = settings("s6", 8, mask, 3, start, SMOKE)
    assert (given["mask"], given["n_masks"]) == (mask, 3)
    outcome = train("s6", "mmf-lm", 8, 0, **given | {"max_iter": [1, 1]})
    assert outcome["metrics"]["n_parameters"] == (64 + 64) * 8


def test_every_number_of_masks_fits_exactly_the_budget_s_number_of_parameters():
    for share in PROFILES["paper"].shares:
        given = settings("h4-240", 10, "cosine", masks_of(share, 10), "fast", SMOKE)
        outcome = train("h4-240", "mmf-lm", 10, 0, **given | {"max_iter": [1, 1]})
        assert outcome["metrics"]["n_parameters"] == (240 + 240) * 10


def test_a_start_changes_steps_and_spread_and_nothing_else():
    given = {name: settings("s6", 8, "sine", 3, name, SMOKE) for name in STARTS}
    assert given["slow"]["learning_rate"] == 0.05 and given["slow"]["shift_learning_rate"] == 0.025
    assert given["fast"]["shift_spread"] == 0 and given["fast-spread"]["shift_spread"] == 8 - 3
    same = [{k: v for k, v in g.items() if "rate" not in k and "spread" not in k} for g in given.values()]
    assert all(one == same[0] for one in same)
    assert [start_of(one) for one in given.values()] == list(STARTS)


def searched(dataset, mask, start, error):
    parameters = {"dataset": dataset, "mask": mask, **settings(dataset, 8, mask, 3, start, SMOKE)}
    return replace(BASE, parameters=parameters, metrics={"relative_error": error})


def test_the_start_with_the_smallest_error_is_chosen_for_each_matrix_and_family():
    found = [
        searched("s6", "sine", "fast", 0.5), searched("s6", "sine", "slow", 0.4),
        searched("s6", "sine", "slow-spread", 0.6), searched("s6", "tanh", "slow", 0.3),
        searched("s6", "tanh", "fast-spread", 0.2), searched("s7", "sine", "fast", 0.1),
        searched("s7", "sine", "slow", 0.2),
    ]  # fmt: skip
    expected = {("s6", "sine"): "slow", ("s6", "tanh"): "fast-spread", ("s7", "sine"): "fast"}
    assert chosen_starts(found) == chosen_starts(found[::-1]) == expected


# ---------------------------------------------------------------- the sweep


def test_the_sweep_trains_each_run_once_and_resumes(records, trained):
    first = run(TINY, "smoke")
    counts = Counter(record.experiment for record in first)
    # Two starts of three families; SVD, two families, counts 2 and 4 of the third; two reference runs.
    assert counts[SEARCH] == 6 and counts[EXPERIMENT] == 1 + 2 + 2 + 2
    assert len(trained) == len(first) == len(list(records.glob("*.json")))

    trained.clear()
    for path in sorted(records.glob("*.json"))[::4]:
        path.unlink()
    missing = len(first) - len(list(records.glob("*.json")))
    again = run(TINY, "smoke")
    assert len(trained) == missing
    assert [r.key for r in again] == [r.key for r in first]
    assert [r.metrics for r in again] == [r.metrics for r in first]  # the same bits


def test_the_search_has_a_matrix_of_its_own_and_its_choice_is_used(records):
    found = run(TINY, "smoke")
    search = [r for r in found if r.experiment == SEARCH]
    assert {r.parameters["seed"] for r in search} == {SEARCH_SEED}
    assert {r.data_sha256 for r in search}.isdisjoint(r.data_sha256 for r in found if r.experiment != SEARCH)
    assert load("s6", 0).sha256 != load("s6", SEARCH_SEED).sha256
    chosen = chosen_starts(search)
    for record in load_records(EXPERIMENT, records):
        if record.parameters["method"] == "mmf-lm":
            assert start_of(record.parameters) == chosen["s6", record.parameters["mask"]]


def test_the_control_runs_what_has_another_start_of_its_own(records, monkeypatch):
    starts = {("s6", "sine"): "fast", ("s6", "triangle"): "slow-spread", ("s6", "cosine"): "slow-spread"}
    monkeypatch.setattr(plan, "chosen_starts", lambda records: starts)
    found = [r.parameters for r in run(TINY, "smoke") if r.experiment == SHARED]
    assert [(p["mask"], start_of(p), p["n_masks"]) for p in found] == [("triangle", "fast", 3)]


def test_the_reference_s_training_is_its_own(records):
    found = [r.parameters for r in run(TINY, "smoke") if r.parameters["method"] == "mmf-adam"]
    assert {p["mask"] for p in found} == {"sine", "triangle"}
    assert all(p["solver"] == "adam" and p["max_iter"] == [5] for p in found)
    assert not any("rate" in name for p in found for name in p)
    none = run(replace(TINY, reference_epochs=0), "smoke")
    assert not any(r.parameters["method"] == "mmf-adam" for r in none)


def test_the_paper_s_profile_has_all_families_and_numbers_of_masks_on_its_matrices():
    config = PROFILES["paper"]
    starts = {(d, m): "slow" for d in config.dataset for m in config.masks}
    jobs = [j for j in plan._jobs(config, starts) if j["method"] == "mmf-lm" and j["seed"] == 0]
    assert set(config.dataset) == {"s10", "h6"} and config.masks == tuple(FAMILIES)
    for dataset in config.dataset:
        own = [(j["mask"], j["budget"], j["n_masks"]) for j in jobs if j["dataset"] == dataset]
        assert len(own) == len(set(own))
        assert {(m, b, n) for m in FAMILIES for b, n in ((20, 8), (40, 16))} <= set(own)
        assert {n for m, b, n in own if (m, b) == ("cosine", 40)} == set(range(4, 40, 4))


# ---------------------------------------------------------------- what is refused


@pytest.mark.parametrize(
    ("values", "error", "message"),
    [
        ({"seeds": 0}, ValueError, "seeds = 0: expected at least 1"),
        ({"warm_up": 0}, ValueError, "warm_up = 0: expected at least 1"),
        ({"polish": -1}, ValueError, "polish = -1: expected at least 1"),
        ({"reference_epochs": -1}, ValueError, "reference_epochs = -1: expected at least 0"),
        ({"threads": -1}, ValueError, "threads = -1: expected at least 0"),
        ({"budgets": 1}, ValueError, "budgets = 1: expected 2 to 63"),
        ({"budgets": "8,64"}, ValueError, "budgets = 64: expected 2 to 63, a matrix has 64 rows"),
        ({"count_budget": 64}, ValueError, "count_budget = 64: expected 2 to 63"),
        ({"budgets": ()}, ValueError, "budgets is empty"),
        ({"shares": ()}, ValueError, "shares is empty"),
        ({"starts": ()}, ValueError, "starts is empty"),
        ({"shares": "0.5,1.0"}, ValueError, "shares = 1.0: expected numbers between 0 and 1"),
        ({"share": 0.0}, ValueError, "shares = 0.0: expected numbers between 0 and 1"),
        ({"dataset": "digits"}, ValueError, "'digits'"),
        ({"masks": "sine,cosin"}, ValueError, "'cosin'.*Did you mean 'cosine'"),
        ({"starts": "fast,quick"}, ValueError, "'quick'"),
        ({"shared_start": "quick"}, ValueError, "'quick'"),
        ({"dtype": "float16"}, ValueError, "'float16'"),
    ],
)
def test_a_bad_option_is_refused(values, error, message):
    with pytest.raises(error, match=message):
        resolve(PROFILES, "smoke", **values)
