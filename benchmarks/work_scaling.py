"""What `fourmasks work` gains from a second process, and what it costs when all records are there.

    python benchmarks/work_scaling.py [--seeds N] [--rounds N]

efficiency_2 is the time that one process takes for the smoke runs of pia/recommenders, with that many seeds,
over twice the time that two take; both with the start of the processes, which import torch first. Three times
as many seeds are run as well: what they take longer is work alone, for processes start once (start_seconds),
and work_efficiency_2 is the same of that. limit_2 is the same of a loop that needs no memory. All are medians
over rounds.

restart_overhead is the time in seconds in which a call finds that nothing is to be made, for 1,000 records,
with all but the imports: it is measured on the records of the sparse chapter, whose plans need no data. The
machine should have two cores with nothing else to do. The last line is JSON.
"""

import argparse
import json
import os
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

LOOP = 10_000_000  # sums, about half a second


def work_seconds(n_processes, seeds):
    """Return how long so many processes take for all runs, and how many these are."""
    config = replace(recommenders.PROFILES["smoke"], seeds=seeds)
    with tempfile.TemporaryDirectory() as folder:
        os.environ["FOURMASKS_RECORDS"] = folder
        schedule = Schedule([Job(job, 1, steps(job)) for job in recommenders.plan(config)], "smoke")
        start = time.perf_counter()
        failed = work(schedule, Processes(n_processes))
        seconds = time.perf_counter() - start
    del os.environ["FOURMASKS_RECORDS"]
    if failed:
        raise SystemExit(f"runs failed: {failed}")
    return seconds, len(schedule.records)


def one_round(seeds):
    """Return the runs and the seconds of a whole call, of work and of the start, for one process and two."""
    found = {}
    for n in (1, 2):
        (few, n_few), (many, n_many) = (work_seconds(n, count) for count in (seeds, 3 * seeds))
        by_run = (many - few) / (n_many - n_few)
        found[n] = {"runs": n_few, "whole": few, "work": many - few, "start": few - by_run * n_few}
    return found


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
    parser.add_argument("--seeds", type=int, default=12, help="seeds of pia/recommenders")
    parser.add_argument("--rounds", type=int, default=3, help="rounds, of which the median is taken")
    arguments = parser.parse_args()
    rounds, limits = [], []
    for _ in range(arguments.rounds):
        limits.append(limit())
        rounds.append(one_round(arguments.seeds))
        one, two = rounds[-1].values()
        print(f"{one['runs']} runs: {one['whole']:.1f} s with one process, {two['whole']:.1f} s with two")
    restart, n_records = restart_seconds()
    print(f"{n_records} records: {restart:.1f} s to find that nothing is to be made")
    print(json.dumps({
        "runs": rounds[0][1]["runs"],
        "seconds_1": median(found[1]["whole"] for found in rounds),
        "seconds_2": median(found[2]["whole"] for found in rounds),
        "start_seconds": median(found[2]["start"] for found in rounds),
        "efficiency_2": median(found[1]["whole"] / (2 * found[2]["whole"]) for found in rounds),
        "work_efficiency_2": median(found[1]["work"] / (2 * found[2]["work"]) for found in rounds),
        "limit_2": median(limits),
        "records": n_records,
        "restart_overhead": 1000 * restart / n_records,
    }))  # fmt: skip


if __name__ == "__main__":
    main()
