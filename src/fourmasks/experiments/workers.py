"""Who makes runs: processes of this machine, or those of a Dask cluster; and the loop that keeps them busy.

A run travels to a worker as JSON, and its record travels back as JSON: only the caller reads and writes
records. A worker finds or fetches the data itself, and compares code and data with the caller's by digest.
"""

import fcntl
import importlib
import inspect
import json
import os
import signal
import threading
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import BrokenExecutor, ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from datetime import datetime, timedelta
from functools import cache, partial
from multiprocessing import get_context, parent_process
from pathlib import Path
from queue import SimpleQueue
from statistics import mean
from typing import NamedTuple

import torch
from threadpoolctl import threadpool_limits
from tqdm import tqdm

from fourmasks.experiments.plan import Run
from fourmasks.experiments.schedule import Forecast, Schedule, Task, place_of
from fourmasks.records import runs
from fourmasks.records.sources import name_of
from fourmasks.records.store import Record, code_digest, records_directory, save
from fourmasks.system.device import device_type
from fourmasks.system.progress import progress

MOST_LOST = 3  # workers that a run may lose before it counts as the cause
ONE_AT_A_TIME = threading.Lock()  # runs of one process share random numbers and threads


class Failure(NamedTuple):
    """A run that was not made, and why."""

    run: Run
    message: str


# ---------------------------------------------------------------- on the worker


def order(task: Task, profile: str, device: str) -> str:
    """Return all that a worker must know to make a run, as JSON."""
    run = task.run
    function = name_of(run.function)
    return json.dumps({
        "experiment": run.experiment,
        "function": function,
        "code": code_digest(function, run.parameters),
        "parameters": run.parameters,
        "data_sha256": run.data_sha256,
        "load": run.load and [name_of(run.load), len(inspect.signature(run.load).parameters)],
        "profile": profile,
        "device": device if run.on_device else None,
        "threads": task.threads,
    })  # fmt: skip


def make(text: str) -> str:
    """Make a run in this process, and return its record, or how it failed, as JSON.

    Parameters
    ----------
    text : str
        An `order`.
    """
    ordered = json.loads(text)
    threads = ordered["threads"]
    try:
        with ONE_AT_A_TIME, threadpool_limits(threads or None):
            if threads:
                torch.set_num_threads(threads)
            return json.dumps({"record": asdict(_record(ordered))}, allow_nan=False)
    except Exception as error:  # whatever a run raises is told, and cannot harm the way back
        return json.dumps({"failure": f"{type(error).__name__}: {error}"})


def _record(ordered: dict) -> Record:
    function, parameters = _named(ordered["function"]), ordered["parameters"]
    _compare(f"code of {ordered['function']}", code_digest(ordered["function"], parameters), ordered["code"])
    if ordered["load"]:
        _compare(f"data set {parameters['dataset']}", data_digest(ordered), ordered["data_sha256"])
    device = ordered["device"]
    return runs.make(
        function if device is None else partial(function, device=device),
        parameters,
        device=device or "cpu",
        **{name: ordered[name] for name in ("experiment", "data_sha256", "profile")},
    )


def data_digest(ordered: dict) -> str:
    """Return the digest of the data that a run would have here."""
    loader, count = ordered["load"]
    return _digest(loader, *(ordered["parameters"][name] for name in ("dataset", "seed")[:count]))


@cache
def _digest(loader: str, *place: object) -> str:
    return _named(loader)(*place).sha256


def _named(name: str) -> object:
    module, _, attribute = name.rpartition(".")
    return getattr(importlib.import_module(module), attribute)


def _compare(what: str, here: str, there: str) -> None:
    if here != there:
        raise ValueError(f"{what} is another on the worker: {here:.16}, and not {there:.16}")


# ---------------------------------------------------------------- workers


class Processes:
    """Processes of this machine. Each has an executor of its own: one that is lost takes no other with it.

    They start when they are first needed. A run that measures time has the machine for itself; of those on a
    GPU there is one at a time.

    Parameters
    ----------
    count : int, optional
        How many runs stand side by side. Default: as many as this process has cores.
    """

    def __init__(self, count: int | None = None):
        self.count = count or _cores()
        self._idle: list = []
        self._busy: dict = {}

    def takes(self, task: Task, device: str, others: Iterable[Task]) -> bool:
        """Return whether a run may start beside those that are being made."""
        others = list(others)
        if task.run.alone or any(other.run.alone for other in others):
            return not others
        on_gpu = [other for other in others if needs_gpu(other, device)]
        return len(others) < self.count and not (on_gpu and needs_gpu(task, device))

    def submit(self, task: Task, profile: str, device: str):
        """Start a run, and return its future."""
        worker = self._idle.pop() if self._idle else _Process()
        try:
            future = worker.executor.submit(make, order(task, profile, device))
        except BrokenExecutor:  # it died while it waited
            worker.executor.shutdown()
            return self.submit(task, profile, device)
        self._busy[future] = worker
        return future

    def release(self, future) -> None:
        """Take back the process of a future that is done."""
        worker = self._busy.pop(future)
        if isinstance(future.exception(), BrokenExecutor):
            worker.executor.shutdown()
        else:
            self._idle.append(worker)

    def close(self) -> None:
        """Stop all, with the runs that are in flight."""
        for worker in self._busy.values():
            worker.kill()
        for worker in (*self._idle, *self._busy.values()):
            worker.executor.shutdown()


def _cores() -> int:
    allowed = getattr(os, "sched_getaffinity", None)  # not there on every platform
    return len(allowed(0)) if allowed else os.cpu_count() or 1


class _Process:
    """A process, and the executor that hands it runs."""

    def __init__(self):
        self.executor = ProcessPoolExecutor(1, get_context("spawn"), _begin)
        self._pid = self.executor.submit(os.getpid)

    def kill(self):
        try:
            os.kill(self._pid.result(), signal.SIGKILL)
        except (BrokenExecutor, ProcessLookupError):  # it is dead already
            pass


def _begin() -> None:
    """Leave Ctrl-C to the caller, and end with it, however it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    tqdm.set_lock(threading.RLock())  # its own is a semaphore of the system, which a killed process leaves
    threading.Thread(target=_end_with_caller, daemon=True).start()


def _end_with_caller() -> None:
    parent_process().join()
    os._exit(1)


class Cluster:
    """The workers of a running Dask cluster, which makes the runs of a lost worker again by itself.

    A run on a GPU goes to a worker that has the resource "GPU"; one that measures time to one that has the
    resource "alone", and if there is none, nothing else is made meanwhile.

    Parameters
    ----------
    address : str
        Of the scheduler, as "tcp://10.0.0.1:8786".
    """

    def __init__(self, address: str):
        from distributed import Client

        self._client = Client(address, set_as_default=False)
        self._client.wait_for_workers(1)
        workers = self._client.scheduler_info()["workers"].values()
        self._offered = any("alone" in worker["resources"] for worker in workers)
        self._busy: set = set()

    @property
    def count(self) -> int:
        """How many workers there are at present."""
        return max(1, len(self._client.nthreads()))

    def takes(self, task: Task, device: str, others: Iterable[Task]) -> bool:
        """Return whether a run may be handed over: Dask lets it wait for its turn."""
        if self._offered:
            return True
        others = list(others)
        return not others if task.run.alone else not any(other.run.alone for other in others)

    def submit(self, task: Task, profile: str, device: str):
        """Hand a run over, and return its future."""
        resources = {"GPU": 1} if needs_gpu(task, device) else {}
        if task.run.alone and self._offered:
            resources["alone"] = 1
        future = self._client.submit(
            make, order(task, profile, device), pure=False, priority=-task.rank, resources=resources or None
        )
        self._busy.add(future)
        return future

    def release(self, future) -> None:
        """Let Dask forget a future that is done."""
        self._busy.discard(future)

    def close(self) -> None:
        """Call back the runs that are in flight, and leave the cluster."""
        self._client.cancel(list(self._busy))
        self._client.close()


def needs_gpu(task: Task, device: str) -> bool:
    """Return whether a run computes elsewhere than on the CPU."""
    return task.run.on_device and device_type(device) != "cpu"


# ---------------------------------------------------------------- the loop


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
    experiments = {task.run.experiment for task in tasks.values()}
    forecast = Forecast(experiments, profile)
    flying: dict[str, tuple] = {}
    failures: dict[str, Failure] = {}
    lost, done = Counter(), SimpleQueue()
    with ExitStack() as stack:
        stack.callback(workers.close)
        for folder in {records_directory(experiment, profile) for experiment in experiments}:
            stack.enter_context(_claimed(folder))
        bar = stack.enter_context(progress(len(tasks) + len(schedule.after()), profile))
        while True:
            ready = [task for key, task in tasks.items() if key not in flying and key not in failures]
            for task in sorted(ready, key=lambda task: task.rank):
                if workers.takes(task, device, (other for other, _ in flying.values())):
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
                record = _received(future.result(), key)
            except BrokenExecutor:
                lost[key] += 1
                if lost[key] < MOST_LOST:
                    continue
                failures[key] = Failure(task.run, f"its process died, {MOST_LOST} times")
            except Exception as error:
                failures[key] = Failure(task.run, str(error) or type(error).__name__)
            else:
                save(record)
                schedule.put(record)
                forecast.add(record)
            left = [task.run for key, task in tasks.items() if key not in failures] + schedule.after()
            bar.total = bar.n + 1 + len(left)
            bar.set_postfix_str(" ".join((_expected(left, forecast, workers.count), *place_of(task.run))))
            bar.update()


def _received(text: str, key: str) -> Record:
    """Return the record that came back; ValueError with what the worker says if it could not make it."""
    answer = json.loads(text)
    if "failure" in answer:
        raise ValueError(answer["failure"])
    record = Record(**answer["record"])
    _compare("run", record.key, key)
    return record


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
