"""Runs made elsewhere: what travels to a worker, what it does, and what comes back.

A run travels as JSON, and so does its record: only the caller reads and writes records. A worker finds or
fetches the data itself, and compares code and data with the caller's by digest.
"""

import importlib
import inspect
import json
import threading
from dataclasses import asdict
from functools import cache, partial

from threadpoolctl import threadpool_limits

from fourmasks.experiments.schedule import Task
from fourmasks.records import runs
from fourmasks.records.sources import name_of
from fourmasks.records.standing import code_digest
from fourmasks.records.store import Record
from fourmasks.system.device import set_threads

ONE_AT_A_TIME = threading.Lock()  # runs of one process share random numbers and threads


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
                set_threads(threads)
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


def received(text: str, key: str) -> Record:
    """Return the record that came back; ValueError with what the worker says if it could not make it."""
    answer = json.loads(text)
    if "failure" in answer:
        raise ValueError(answer["failure"])
    record = Record(**answer["record"])
    _compare("run", record.key, key)
    return record
