"""The loop that keeps workers busy until all runs of a schedule are made."""

import fcntl
import os
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import BrokenExecutor
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from queue import SimpleQueue
from statistics import mean
from typing import NamedTuple

from fourmasks.experiments.orders import received
from fourmasks.experiments.plan import Run, folder_of
from fourmasks.experiments.schedule import Forecast, Schedule, place_of
from fourmasks.experiments.workers import Cluster, Processes
from fourmasks.records.store import save
from fourmasks.system.progress import progress

MOST_LOST = 3  # workers that a run may lose before it counts as the cause


class Failure(NamedTuple):
    """A run that was not made, and why."""

    run: Run
    message: str


def work(schedule: Schedule, workers: Processes | Cluster, device: str = "cpu") -> list[Failure]:
    """Make the runs of a schedule, write their records, and return those that failed.

    Trials come before what rests on them, and each run is made once. A run that raises stops no other. An
    interruption loses the runs in flight, and no record.

    Parameters
    ----------
    schedule : Schedule
        Its records grow.
    workers : Processes or Cluster
        Closed in the end.
    device : str, default "cpu"
        For the runs that are `on_device`.
    """
    tasks, profile = schedule.tasks, schedule.profile
    forecast = Forecast({task.run.experiment for task in tasks.values()}, profile)
    flying: dict[str, tuple] = {}
    failures: dict[str, Failure] = {}
    lost, done = Counter(), SimpleQueue()
    with ExitStack() as stack:
        stack.callback(workers.close)
        for folder in {folder_of(task.run, profile) for task in tasks.values()}:
            stack.enter_context(_claimed(folder))
        bar = stack.enter_context(progress(len(tasks) + len(schedule.after()), profile))
        while True:
            ready = [task for key, task in tasks.items() if key not in flying and key not in failures]
            refused = set()  # whoever has no room for one run has none for others of its kind
            for task in sorted(ready, key=lambda task: task.rank):
                kind = task.run.alone, task.run.on_device
                if kind in refused:
                    continue
                if not workers.takes(task, device, (other for other, _ in flying.values())):
                    refused.add(kind)
                else:
                    future = workers.submit(task, profile, device)
                    flying[task.run.key] = task, future
                    future.add_done_callback(lambda _, key=task.run.key: done.put(key))
            if not flying:
                waiting = [Failure(run, "rests on a run that failed") for run in schedule.after()]
                return [*failures.values(), *waiting]
            key = done.get()
            task, future = flying.pop(key)
            workers.release(future)
            try:
                record = received(future.result(), key)
            except BrokenExecutor:
                lost[key] += 1
                if lost[key] < MOST_LOST:
                    continue
                failures[key] = Failure(task.run, f"its process died, {MOST_LOST} times")
            except Exception as error:
                failures[key] = Failure(task.run, str(error) or type(error).__name__)
            else:
                save(record, folder_of(record, profile))
                schedule.put(record)
                forecast.add(record)
            if not bar.disable:
                left = [task.run for key, task in tasks.items() if key not in failures] + schedule.after()
                bar.total = bar.n + 1 + len(left)
                bar.set_postfix_str(" ".join((_expected(left, forecast, workers.count), *place_of(task.run))))
            bar.update()


def _expected(left: list[Run], forecast: Forecast, count: int) -> str:
    """Return when all may be done; "" if nothing like it was made yet. What is unknown counts as the mean."""
    seconds = [predicted[0] for run in left if (predicted := forecast.of(run))]
    if not seconds:
        return ""
    end = datetime.now() + timedelta(seconds=len(left) * mean(seconds) / count)
    return f"until {end:%a %H:%M}"


@contextmanager
def _claimed(folder: Path) -> Iterator[None]:
    """Hold a folder of records: a second caller beside this one would make the same runs."""
    folder.mkdir(parents=True, exist_ok=True)
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise ValueError(f"another `fourmasks work` makes records for {folder}: wait for it") from None
    finally:
        os.close(handle)
