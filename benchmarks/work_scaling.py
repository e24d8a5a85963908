"""What `fourmasks work` gains from a second process, and what it costs when all records are there.

    python benchmarks/work_scaling.py [--seeds N] [--rounds N]

efficiency_2 is the time that one process takes, over twice the time that two take, for runs as long as those
of the paper: pia/recommenders in its paper profile, with that many seeds, on simulated data. The runs of the
smoke profile take a few hundredths of a second each, so that the start weighs more: smoke_efficiency_2 is the
same of 246 of them. Both are times of whole calls, with the start of the processes, which import torch first,
and each call has a caller of its own, since a second one would start faster. limit_2 is the same of a loop
that needs no memory. All are medians over rounds.

restart_overhead is the time in seconds in which a call finds that nothing is to be made, for 1,000 records,
with all but the imports: it is measured on the records of the sparse chapter, whose plans need no data. The
machine should have two cores with nothing else to do. The last line is JSON.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from statistics import median

from fourmasks.experiments.loop import work
from fourmasks.experiments.plan import steps
from fourmasks.experiments.schedule import Job, Schedule, jobs, plans
from fourmasks.experiments.workers import Processes
from fourmasks.pia.recommenders import plan as recommenders

SMOKE_SEEDS = 12
LOOP = 10_000_000  # sums, about half a second


def work_seconds(profile, seeds, n_processes):
    """Return how long so many processes take for all runs of a profile, and how many these are."""
    config = replace(recommenders.PROFILES[profile], seeds=seeds)
    if profile == "paper":
        config = replace(config, dataset=("simulated",))
    with tempfile.TemporaryDirectory() as folder:
        os.environ["FOURMASKS_RECORDS"] = folder
        schedule = Schedule([Job(job, 1, steps(job)) for job in recommenders.plan(config)], profile)
        start = time.perf_counter()
        failed = work(schedule, Processes(n_processes))
        seconds = time.perf_counter() - start
    del os.environ["FOURMASKS_RECORDS"]
    if failed:
        raise SystemExit(f"runs failed: {failed}")
    return seconds, len(schedule.records)


def by_another(*call):
    """Return the `work_seconds` of a call that a process of its own makes."""
    command = [sys.executable, __file__, "--call", *map(str, call)]
    return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)


def measured(profile, seeds):
    """Return runs, and seconds with one process and with two; both are printed."""
    (one, n_runs), (two, _) = (by_another(profile, seeds, n) for n in (1, 2))
    print(f"{profile}: {n_runs} runs, {one:.1f} s with one process, {two:.1f} s with two")
    return {"runs": n_runs, "seconds_1": one, "seconds_2": two, "efficiency_2": one / (2 * two)}


def looped(_):
    """Return the seconds of a loop of sums."""
    start, total = time.perf_counter(), 0
    for number in range(LOOP):
        total += number
    return time.perf_counter() - start


def limit():
    """Return the time of two loops one after another over twice that of two beside each other."""
    with ProcessPoolExecutor(2) as pool:
        list(pool.map(looped, range(2)))  # both are there
        start = time.perf_counter()
        list(pool.map(looped, range(2)))
        beside = time.perf_counter() - start
    return (looped(0) + looped(1)) / (2 * beside)


def restart_seconds():
    """Return how long it takes to find that nothing is to be made, and among how many records."""
    modules = plans("sparse").values()
    start = time.perf_counter()
    schedule = Schedule([job for module in modules for job in jobs(module, "paper")], "paper")
    if schedule.tasks:
        raise SystemExit(f"{len(schedule.tasks)} runs of the sparse chapter are to be made: make them first")
    work(schedule, Processes())
    return time.perf_counter() - start, len(schedule.records)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=4, help="seeds of pia/recommenders in its paper profile")
    parser.add_argument("--rounds", type=int, default=3, help="rounds, of which the median is taken")
    parser.add_argument("--call", nargs=3, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.call:
        profile, *numbers = arguments.call
        return print(json.dumps(work_seconds(profile, *map(int, numbers))))
    paper, smoke, limits = [], [], []
    for _ in range(arguments.rounds):
        limits.append(limit())
        paper.append(measured("paper", arguments.seeds))
        smoke.append(measured("smoke", SMOKE_SEEDS))
    restart, n_records = restart_seconds()
    print(f"{n_records} records: {restart:.1f} s to find that nothing is to be made")
    medians = {name: median(found[name] for found in paper) for name in paper[0]}
    print(json.dumps(medians | {
        "smoke_efficiency_2": median(found["efficiency_2"] for found in smoke),
        "limit_2": median(limits),
        "records": n_records,
        "restart_overhead": 1000 * restart / n_records,
    }))  # fmt: skip


if __name__ == "__main__":
    main()
