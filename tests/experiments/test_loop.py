"""Workers kept busy: the same records whoever makes them, and none lost but those of the runs in flight."""

import fcntl
import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import asdict

import pytest

from fourmasks.experiments import loop, workers
from fourmasks.experiments.loop import work
from fourmasks.experiments.plan import Run, Search, carry_out, chosen, steps
from fourmasks.experiments.schedule import Job, Schedule
from fourmasks.experiments.workers import Cluster, Processes
from fourmasks.pia.recommenders import plan as recommenders
from fourmasks.records.store import load_records

DIGEST = "0" * 64
CHANCE = ("seconds", "created", "peak_memory_mb", "machine")  # differ from time to time, and between machines
SMALL = recommenders.Config(dataset=("simulated-small",), methods=("ease", "multi-vae+pia"), seeds=1)


@pytest.fixture
def run(toys):
    def one(method, seed=0, rank=0, experiment="demo/finals", **more):
        return Run(experiment, toys.fit, {"method": method, "seed": seed, "rank": rank}, DIGEST, **more)

    return one


@pytest.fixture
def search(run):
    def one(method):
        trials = [run(method, rank=rank, experiment="demo/trials") for rank in (1, 2, 3)]
        return Search(
            trials, lambda tried: run(method, seed=9, **chosen(tried, "error", ["rank"], lowest=True))
        )

    return one


def planned(*some, profile="smoke"):
    return Schedule([Job(job, 1, steps(job)) for job in some], profile)


def bits():
    """Return what must be the same of all records, by key."""
    found = {record.key: asdict(record) for record in load_records()}
    for values in found.values():
        for part in (values, values["metrics"], values["curves"]):
            for name in [name for name in part if name in CHANCE or "second" in name]:
                del part[name]
    return found


def times(folder):
    """Return when the runs were made, from which second to which, by method, seed, rank and try."""
    return {path.name: tuple(map(float, path.read_text().split())) for path in folder.iterdir()}


def overlap(one, other):
    return one[0] < other[1] and other[0] < one[1]


def test_two_processes_make_each_run_once_and_failures_stop_no_other(run, search, tmp_path, monkeypatch):
    monkeypatch.setattr(loop, "MOST_LOST", 2)
    plan = [
        *(run("final", seed=seed) for seed in range(3)), search("x"), search("broken"),
        run("killed"), run("deadly"), *(run("timed", seed=seed, alone=True) for seed in range(2)),
    ]  # fmt: skip
    failed = work(planned(*plan), Processes(2))
    assert [(failure.run.parameters["method"], failure.message) for failure in failed] == [
        *[("broken", "RuntimeError: it broke")] * 3,
        ("deadly", "its process died, 2 times"),
        ("broken", "rests on a run that failed"),
    ]
    noted = times(tmp_path / "notes")
    assert {name for name in noted if not name.endswith("-0")} == {"killed-0-0-1", "deadly-0-0-1"}
    assert len(load_records()) == 3 + 4 + 1 + 2
    trials = [noted[f"{method}-0-{rank}-0"][0] for method in ("x", "broken") for rank in (1, 2, 3)]
    finals = [noted[f"final-{seed}-0-0"][0] for seed in range(3)]
    assert sorted(trials)[-2] < min(finals)  # the last may be the first of a process that starts late
    whole = {name: span for name, span in noted.items() if len(span) == 2}
    for name in ("timed-0-0-0", "timed-1-0-0"):
        assert [other for other in whole if overlap(whole[name], whole[other])] == [name]


@pytest.fixture
def sequential(toys, tmp_path, monkeypatch):
    """What one process after the other gives."""
    monkeypatch.setenv("FOURMASKS_RECORDS", str(tmp_path / "sequential"))
    carry_out(recommenders.plan(SMALL), SMALL, "smoke")
    found = bits()
    monkeypatch.setenv("FOURMASKS_RECORDS", str(tmp_path / "records"))
    return found


def small():
    return [Job(job, 1, steps(job)) for job in recommenders.plan(SMALL)]


def test_processes_give_the_same_bits_and_a_second_call_makes_nothing(sequential, monkeypatch):
    assert work(Schedule(small(), "smoke"), Processes(2)) == []
    assert bits() == sequential and len(sequential) == 5
    monkeypatch.setattr(workers, "_Process", None)
    again = Schedule(small(), "smoke")
    assert again.tasks == {} and work(again, Processes(2)) == []


def test_a_cluster_of_which_a_worker_is_killed_gives_the_same_bits(sequential, run, tmp_path):
    distributed = pytest.importorskip("distributed")
    plan = [run("killed"), run("broken"), *(run("timed", seed=seed, alone=True) for seed in range(2))]
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None, worker_dashboard_address=None
    ) as cluster:
        schedule = Schedule([Job(job, 1, steps(job)) for job in plan] + small(), "smoke")
        failed = work(schedule, Cluster(cluster.scheduler_address))
    assert [failure.message for failure in failed] == ["RuntimeError: it broke"]
    noted = times(tmp_path / "notes")
    assert len(noted.pop("killed-0-0-0")) == 1 and len(noted["killed-0-0-1"]) == 2
    assert {key: found for key, found in bits().items() if found["experiment"] != "demo/finals"} == sequential
    assert not overlap(noted["timed-0-0-0"], noted["timed-1-0-0"])


def test_an_interruption_loses_the_run_in_flight_alone(run, tmp_path):
    def interrupt():
        while not (tmp_path / "notes/slow-0-0-0").exists():
            time.sleep(0.05)
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=interrupt).start()
    start = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        work(planned(run("x"), run("slow"), run("y")), Processes(1))
    assert time.monotonic() - start < 40
    assert [record.parameters["method"] for record in load_records()] == ["x"]


CALLER = """
import toy_runs
from fourmasks.experiments.loop import work
from fourmasks.experiments.plan import Run, steps
from fourmasks.experiments.schedule import Job, Schedule
from fourmasks.experiments.workers import Processes
job = Run("demo/finals", toy_runs.fit, {"method": "slow", "seed": 0}, "0" * 64)
schedule = Schedule([Job(job, 1, steps(job))], "smoke")
print("ready", flush=True)
try:
    work(schedule, Processes(1))
except KeyboardInterrupt:
    print("interrupted")
"""


@pytest.mark.parametrize("after", [0.2, 1.5])
def test_ctrl_c_while_processes_start_is_for_the_caller_alone(toys, after):
    caller = subprocess.Popen(
        [sys.executable, "-c", CALLER],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True,
    )  # fmt: skip
    assert caller.stdout.readline() == "ready\n"
    time.sleep(after)
    os.killpg(caller.pid, signal.SIGINT)  # as a terminal does, to all
    assert caller.communicate()[0] == "interrupted\n"


def test_a_second_caller_is_refused(run, tmp_path):
    handle = os.open(tmp_path / "records", os.O_RDONLY)
    fcntl.flock(handle, fcntl.LOCK_EX)
    with pytest.raises(ValueError, match="another `fourmasks work` makes records for"):
        work(planned(run("x")), Processes(1))
    os.close(handle)
    assert load_records() == []


def test_a_cluster_without_workers_is_refused_in_time(monkeypatch):
    distributed = pytest.importorskip("distributed")
    monkeypatch.setattr(workers, "WORKERS_WITHIN", 0.2)
    with (
        distributed.LocalCluster(n_workers=0, dashboard_address=None) as cluster,
        pytest.raises(TimeoutError, match="no worker came within 0.2 seconds: start some"),
    ):
        Cluster(cluster.scheduler_address)
