"""The ablations: their settings, the choice of a start, and what they run."""

from collections import Counter
from dataclasses import replace
from types import SimpleNamespace

import pytest

from fourmasks.experiments.plan import Search
from fourmasks.experiments.profiles import resolve
from fourmasks.mmf.masks.plan import (
    EXPERIMENT,
    PROFILES,
    SEARCH,
    SEARCH_SEED,
    SHARED,
    STARTS,
    chosen_start,
    plan,
    run,
    settings,
    start_of,
)
from fourmasks.mmf.masks.timing import masks_of
from fourmasks.mmf.models.masks import FAMILIES
from fourmasks.mmf.reconstruction.run import run as train

SMOKE = PROFILES["smoke"]
TINY = replace(SMOKE, masks=("sine", "triangle"), count_mask="cosine", warm_up=2)


def tried(search, best):
    """Return made-up records of a search's trials, the best of which has the start `best`."""
    return [
        SimpleNamespace(
            parameters=trial.parameters, metrics={"relative_error": start_of(trial.parameters) != best}
        )
        for trial in search.trials
    ]


def planned(config, best):
    """Return the runs that follow if the start `best[mask]` is the best of each family."""
    return [
        job.final(tried(job, best[job.trials[0].parameters["mask"]])) if isinstance(job, Search) else job
        for job in plan(config)
    ]


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


# ---------------------------------------------------------------- the plan


def test_the_smallest_error_chooses_the_start_of_all_runs_of_a_family():
    best = {"sine": "fast", "triangle": "slow-spread", "cosine": "slow-spread"}
    runs = [run.parameters for run in planned(TINY, best) if run.experiment == EXPERIMENT]
    masked = [given for given in runs if given["method"] == "mmf-lm"]
    assert {(given["mask"], start_of(given)) for given in masked} == set(best.items())
    search = next(job for job in plan(TINY) if isinstance(job, Search))
    assert [chosen_start(tried(search, start)) for start in TINY.starts] == list(TINY.starts)


def test_the_search_has_a_matrix_of_its_own():
    jobs = list(plan(TINY))
    trials = [trial for job in jobs if isinstance(job, Search) for trial in job.trials]
    assert {(trial.experiment, trial.parameters["seed"]) for trial in trials} == {(SEARCH, SEARCH_SEED)}
    digests = {run.data_sha256 for run in planned(TINY, dict.fromkeys(FAMILIES, "fast"))}
    assert digests.isdisjoint(trial.data_sha256 for trial in trials)


def test_the_control_runs_what_has_another_start_of_its_own():
    best = {"sine": "fast", "triangle": "slow-spread", "cosine": "slow-spread"}
    found = [run.parameters for run in planned(TINY, best) if run.experiment == SHARED]
    assert [(p["mask"], start_of(p), p["n_masks"]) for p in found] == [("triangle", "fast", 3)]


def test_the_reference_s_training_is_its_own():
    best = dict.fromkeys(FAMILIES, "fast")
    found = [r.parameters for r in planned(TINY, best) if r.parameters["method"] == "mmf-adam"]
    assert [p["mask"] for p in found] == ["sine", "triangle"]
    assert all(p["solver"] == "adam" and p["max_iter"] == [5] for p in found)
    assert not any("rate" in name for p in found for name in p)
    none = planned(replace(TINY, reference_epochs=0), best)
    assert not any(r.parameters["method"] == "mmf-adam" for r in none)


def test_the_paper_s_profile_has_all_families_and_numbers_of_masks_on_its_matrices():
    config = PROFILES["paper"]
    runs = [
        run.parameters
        for run in planned(replace(config, seeds=1, dataset=("s10",)), dict.fromkeys(FAMILIES, "slow"))
        if run.experiment == EXPERIMENT and run.parameters["method"] == "mmf-lm"
    ]
    assert config.dataset == ("s10", "h6") and config.masks == tuple(FAMILIES)
    own = [(given["mask"], given["budget"], given["n_masks"]) for given in runs]
    assert len(own) == len(set(own))
    assert {(m, b, n) for m in FAMILIES for b, n in ((20, 8), (40, 16))} <= set(own)
    assert {n for m, b, n in own if (m, b) == ("cosine", 40)} == set(range(4, 40, 4))


def test_all_of_a_plan_is_made_and_found_again(tmp_path, monkeypatch):
    monkeypatch.setenv("FOURMASKS_RECORDS", str(tmp_path))
    records = run(TINY, "smoke")
    counts = Counter(record.experiment for record in records)
    # Two starts of three families; SVD, two families, counts 2 and 4 of the third; two reference runs.
    assert counts[SEARCH] == 6 and counts[EXPERIMENT] == 1 + 2 + 2 + 2
    assert run(TINY, "smoke") == records


# ---------------------------------------------------------------- what is refused


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"budgets": 1}, "budgets = 1: expected 2 to 63"),
        ({"budgets": "8,64"}, "budgets = 64: expected 2 to 63, a matrix has 64 rows"),
        ({"count_budget": 64}, "count_budget = 64: expected 2 to 63"),
    ],
)
def test_a_budget_leaves_something_of_the_matrix(values, message):
    with pytest.raises(ValueError, match=message):
        resolve(PROFILES, "smoke", **values)
