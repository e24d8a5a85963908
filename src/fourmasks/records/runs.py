"""Runs that are made only if there is no record of them yet."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from fourmasks.records.plain import check_outcome
from fourmasks.records.sources import git_commit, library_versions, name_of
from fourmasks.records.standing import code_digest
from fourmasks.records.store import Record, run_key, save, stored
from fourmasks.system.device import (
    device_label,
    machine,
    n_threads,
    peak_memory_mb,
    reset_peak_memory,
    resolve_device,
    synchronize,
)
from fourmasks.system.names import check_profile

if TYPE_CHECKING:
    import torch


def run_or_load(
    train: Callable[..., dict],
    parameters: dict,
    *,
    experiment: str,
    data_sha256: str,
    profile: str,
    device: str | torch.device = "cpu",
    directory: str | Path | None = None,
    retrain_stale: bool | None = None,
) -> Record:
    """Return the record of a run, training only if there is none yet.

    A killed sweep that calls this goes on where it stopped, and processes may share a directory: two that
    train the same run at once both write the same file whole, and the later one stays.

    Parameters
    ----------
    train : callable
        `train(**parameters)` returns a dict with "metrics" (name to finite number) and optionally "curves"
        (name to list of finite numbers or None). What it is bound to beyond `parameters`, as the data or
        the device in a `functools.partial`, must be determined by the other arguments.
    parameters : dict
        JSON values (see `run_key`), the seed among them.
    experiment : str
        "paper/name".
    data_sha256 : str
        Digest of the data.
    profile : str
        "smoke", "book" or "paper".
    device : str or torch.device, default "cpu"
        Where `train` computes: for the record only, it is not passed on.
    directory : path, optional
        Folder of the records, made if needed; default `records_directory(experiment, profile)`.
    retrain_stale : bool, optional
        Whether to train again when the code has changed since the record; by default so unless the profile
        is "paper", whose records are too dear: figures show them as stale.

    Returns
    -------
    Record

    Raises
    ------
    TypeError, ValueError
        If an argument is bad, before any training; or if `train` returns something else than the above.
        Nothing is written then, nor when `train` raises.
    """
    check_profile(profile)
    resolve_device(device)
    code = code_digest(_name(train), parameters)
    if retrain_stale is None:
        retrain_stale = profile != "paper"
    found = stored(experiment, run_key(experiment, parameters, data_sha256), profile, directory)
    if found is not None and (found.code == code or not retrain_stale):
        return found
    record = make(
        train, parameters, experiment=experiment, data_sha256=data_sha256, profile=profile, device=device
    )
    save(record, directory)
    return record


def make(
    train: Callable[..., dict],
    parameters: dict,
    *,
    experiment: str,
    data_sha256: str,
    profile: str,
    device: str | torch.device = "cpu",
) -> Record:
    """Make a run, and return its record, which is written nowhere. Arguments are those of `run_or_load`."""
    resolved = resolve_device(device)
    function, commit = _name(train), git_commit()
    code = code_digest(function, parameters)  # before the code can change on disk
    given = json.dumps(parameters, sort_keys=True)
    reset_peak_memory(resolved)
    start = time.perf_counter()
    outcome = train(**json.loads(given))  # a copy: what it does to its arguments changes no other run
    synchronize(resolved)
    seconds = time.perf_counter() - start
    metrics, curves = check_outcome(outcome, function)
    return Record(
        experiment=experiment,
        profile=profile,
        parameters=json.loads(given),
        metrics=metrics,
        curves=curves,
        seconds=seconds,
        peak_memory_mb=peak_memory_mb(resolved),
        device=device_label(resolved),
        threads=n_threads(),
        versions=library_versions(),
        machine=machine(),
        commit=commit,
        function=function,
        code=code,
        confirmed={},
        data_sha256=data_sha256,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
    )


def _name(train: Callable) -> str:
    if not callable(train):
        raise TypeError(f"train is {train!r}: expected a function")
    return name_of(train)
