"""What is to be made: missing, stale, unconfirmed, and what follows on searches; and how long it may take."""

import json
import subprocess
import sys
from dataclasses import replace

import pytest

from fourmasks.experiments import schedule
from fourmasks.experiments.orders import data_digest, order
from fourmasks.experiments.plan import FINAL, FURTHER, NO_DATA, TRIAL, Run, Search, chosen, steps
from fourmasks.experiments.schedule import Forecast, Job, Schedule, jobs, look_up, overview, plans
from fourmasks.records import runs
from fourmasks.records.store import save

DIGEST = "0" * 64


@pytest.fixture
def run(toys):
    def one(method, seed=0, rank=0, experiment="demo/finals"):
        return Run(experiment, toys.fit, {"method": method, "seed": seed, "rank": rank}, DIGEST)

    return one


@pytest.fixture
def search(run):
    def one(method, seed=0):
        def further(tried):
            best = chosen(tried, "error", ["rank"], lowest=True)["rank"]
            return [run(method, rank=rank, experiment="demo/trials") for rank in (best, best + 1)]

        trials = [run(method, rank=rank, experiment="demo/trials") for rank in (1, 2)]
        return Search(
            trials, lambda tried: run(method, seed, **chosen(tried, "error", ["rank"], True)), further
        )

    return one


def planned(*some):
    return Schedule([Job(job, 1, steps(job)) for job in some], "smoke")


def made(task, **changes):
    """Return the record of a task, written."""
    run = task if isinstance(task, Run) else task.run
    given = {"experiment": run.experiment, "data_sha256": run.data_sha256, "profile": "smoke"}
    record = replace(runs.make(run.function, run.parameters, **given), **changes)
    save(record)
    return record


def asked(found):
    return [(task.rank, task.run.parameters["rank"], task.why) for task in found.tasks.values()]


def test_a_search_asks_for_trials_then_for_further_ones_and_for_its_run_last(search):
    found = planned(search("x"), search("x", seed=1))  # which share their trials
    assert asked(found) == [(TRIAL, 1, "missing"), (TRIAL, 2, "missing")]
    assert [run.parameters["seed"] for run in found.after()] == [0, 1]
    for expected in ([(FURTHER, 3, "missing")], [(FURTHER, 4, "missing")]):
        for task in list(found.tasks.values()):
            found.put(made(task))
        assert asked(found) == expected
    found.put(made(*found.tasks.values()))
    assert asked(found) == [(FINAL, 3, "missing")] * 2 and found.after() == []
    for task in list(found.tasks.values()):
        found.put(made(task))
    assert found.tasks == {} and len(found.records) == 6
    again = planned(search("x"), search("x", seed=1))
    assert again.tasks == {} and again.records == found.records


def test_why_a_run_is_to_be_made(run, monkeypatch):
    one = run("x")
    assert look_up(one, "smoke") == (None, "missing")
    record = made(one, commit="c")
    assert look_up(one, "smoke") == (record, "")
    assert look_up(one, "smoke")[1] == "" and look_up(run("x", seed=1), "smoke")[1] == "missing"
    made(one, code="of another day")
    assert look_up(one, "smoke")[1] == "stale"
    made(one, commit="c+dirty")
    for commit, why in (("d", "unconfirmed"), ("d+dirty", "")):  # files that are changed confirm nothing
        monkeypatch.setattr(schedule, "git_commit", lambda commit=commit: commit)
        assert look_up(one, "smoke")[1] == why


def test_a_search_waits_for_a_trial_that_is_stale(search):
    one = search("x")
    made(one.trials[0], code="of another day")
    made(one.trials[1])
    found = planned(one)
    assert asked(found) == [(TRIAL, 1, "stale")] and len(found.after()) == 1


def test_like_runs_tell_seconds_and_memory(run):
    for method, seconds in (("x", 1.0), ("x", 3.0), ("x", 8.0), ("y", 30.0)):
        made(run(method, seed=int(seconds)), seconds=seconds, peak_memory_mb=10 * seconds)
    made(run("x", seed=9), seconds=1000.0, profile="book")
    forecast = Forecast(["demo/finals"], "smoke")
    assert forecast.of(run("x")) == (3.0, 30.0) and forecast.of(run("other")) == (5.5, 55.0)
    assert forecast.of(run("x", experiment="demo/trials")) is None
    forecast.add(made(run("x", seed=7), seconds=4.0, peak_memory_mb=40.0))
    assert forecast.of(run("x")) == (3.5, 35.0)


def test_the_overview_is_by_experiment_data_and_method(run, search):
    made(run("x", seed=5), seconds=2.0, peak_memory_mb=7.0)
    rows = overview(planned(run("x"), run("x", seed=1), search("y")))
    assert [(row.experiment, row.method, dict(row.reasons), row.seconds, row.memory_mb, row.unknown)
            for row in rows] == [
        ("demo/finals", "x", {"missing": 2}, 4.0, 7.0, 0),
        ("demo/trials", "y", {"missing": 2}, 0.0, 0.0, 2),
        ("demo/finals", "y", {"after its search": 1}, 2.0, 7.0, 0),
    ]  # fmt: skip


def test_plans_are_found_by_paper_by_room_and_by_module():
    assert list(plans("mmf/masks")) == ["mmf/masks", "mmf/masks/timing"]
    assert list(plans("mmf/masks/timing")) == ["mmf/masks/timing"]
    assert {name.split("/")[0] for name in plans()} == {"four", "lunet", "mmf", "pia", "sparse"}
    with pytest.raises(ValueError, match="unknown plan 'mmf/mask': .*Did you mean 'mmf/masks'"):
        plans("mmf/mask")


@pytest.mark.parametrize("name", plans())
def test_workers_can_load_the_data_of_a_plan(name, monkeypatch, tmp_path):
    """By name, with the digest that the plan has; a toy set, which is none of the data, needs no loader."""
    monkeypatch.setenv("FOURMASKS_RECORDS", str(tmp_path))
    (module,) = [module for found, module in plans(name).items() if found == name]
    tasks = Schedule(jobs(module, "smoke"), "smoke").tasks.values()
    assert tasks
    for task in tasks:
        if task.run.load:
            assert data_digest(json.loads(order(task, "smoke", "cpu"))) == task.run.data_sha256
        else:
            assert task.run.data_sha256 == NO_DATA or task.run.parameters["dataset"] == "ring"


def test_runs_that_measure_time_are_alone(monkeypatch, tmp_path):
    monkeypatch.setenv("FOURMASKS_RECORDS", str(tmp_path))
    every = [job for module in plans().values() for job in jobs(module, "smoke")]
    tasks = Schedule(every, "smoke").tasks.values()
    assert {task.run.experiment for task in tasks if task.run.alone} == {
        "four/growth", "lunet/costs", "mmf/timing", "pia/overhead", "sparse/kruskal-timing",
        "sparse/butterfly-application", "sparse/butterfly-factorization",
    }  # fmt: skip


def test_what_trains_nothing_is_planned_without_torch():
    """Its import takes seconds."""
    code = (
        "import sys; from fourmasks.experiments.schedule import jobs, plans\n"
        "assert [job for module in plans('sparse').values() for job in jobs(module, 'paper', 'auto')]\n"
        "assert 'torch' not in sys.modules, 'torch was imported'"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
