"""Who makes runs: processes of this machine, or those of a Dask cluster."""

import os
import signal
import sys
import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import BrokenExecutor, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context, parent_process, resource_tracker

from tqdm import tqdm

from fourmasks.experiments.orders import make, order
from fourmasks.experiments.schedule import Task
from fourmasks.system.device import device_type

WORKERS_WITHIN = 60  # seconds that a cluster without any has to start one
IMPORTED = "fourmasks.experiments.imported"


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
        with _uninterrupted():
            worker = self._idle.pop() if self._idle else _Process(device)
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
        """Stop all, with the runs that are in flight: left to themselves, idle ones take seconds to end."""
        processes = *self._idle, *self._busy.values()
        for worker in processes:
            worker.kill()
        for worker in processes:
            worker.executor.shutdown()


def _cores() -> int:
    allowed = getattr(os, "sched_getaffinity", None)  # not there on every platform
    return len(allowed(0)) if allowed else os.cpu_count() or 1


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Let Ctrl-C wait, so that what starts is known before it is stopped, and keep it from what starts."""
    asked = []
    handler = signal.signal(signal.SIGINT, lambda *_: asked.append(True))
    resource_tracker.ensure_running()  # its own start would undo the mask, which processes inherit
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        signal.signal(signal.SIGINT, handler)
    if asked:  # now by the handler that was there: a call that ignores Ctrl-C still does
        signal.raise_signal(signal.SIGINT)


class _Process:
    """A process, and the executor that hands it runs."""

    def __init__(self, device: str):
        context = get_context(_start_method(device))
        context.set_forkserver_preload([IMPORTED])
        self.executor = ProcessPoolExecutor(1, context, _begin, (dict(os.environ),))
        self._pid = self.executor.submit(os.getpid)

    def kill(self):
        try:
            os.kill(self._pid.result(), signal.SIGKILL)
        except (BrokenExecutor, ProcessLookupError):  # it is dead already
            pass


def _start_method(device: str) -> str:
    """Say how processes start: where it is safe as forks of one that has imported what runs need.

    A fork cannot use CUDA if importing has initialised it, and libraries of macOS do not stand forks.
    """
    return "forkserver" if sys.platform == "linux" and device_type(device) == "cpu" else "spawn"


def _begin(environment: dict[str, str]) -> None:
    """Take the caller's environment, leave Ctrl-C to the caller, and end with it, however it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.environ.clear()  # that of the process it is a fork of may be older
    os.environ.update(environment)
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

    Raises
    ------
    OSError
        If there is no scheduler, or no worker comes in time.
    """

    def __init__(self, address: str):
        from distributed import Client

        self._client = Client(address, set_as_default=False)
        try:
            self._client.wait_for_workers(1, timeout=WORKERS_WITHIN)
        except TimeoutError:
            self._client.close()
            raise TimeoutError(
                f"{address}: no worker came within {WORKERS_WITHIN} seconds: start some"
            ) from None
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
