"""What `fourmasks work` gains from a second process, and what it costs when all records are there.

    python benchmarks/work_scaling.py [--seeds N]

efficiency_2 is the time that one process takes for the smoke runs of pia/recommenders, with that many seeds,
over twice the time that two take; both with the start of the processes, which import torch first.
restart_overhead is the time in seconds in which a call finds that nothing is to be made, for 1,000 records,
with all but the imports: it is measured on the records of the sparse chapter, whose plans need no data. The
machine should have two cores with nothing else to do. The last line is JSON.
"""

import argparse
import json
import os
import tempfile
import time
from dataclasses import replace

from fourmasks.experiments.loop import work
from fourmasks.experiments.plan import steps
from fourmasks.experiments.schedule import Job, Schedule, jobs, plans
from fourmasks.experiments.workers import Processes
from fourmasks.pia.recommenders import plan as recommenders


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
    seeds = parser.parse_args().seeds
    (one, n_runs), (two, _) = (work_seconds(n, seeds) for n in (1, 2))
    print(f"{n_runs} runs: {one:.1f} s with one process, {two:.1f} s with two")
    restart, n_records = restart_seconds()
    print(f"{n_records} records: {restart:.1f} s to find that nothing is to be made")
    print(json.dumps({
        "runs": n_runs,
        "seconds_1": one,
        "seconds_2": two,
        "efficiency_2": one / (2 * two),
        "records": n_records,
        "restart_overhead": 1000 * restart / n_records,
    }))  # fmt: skip


if __name__ == "__main__":
    main()
