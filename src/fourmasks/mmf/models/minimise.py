"""The loop around a solver: limits, the best iterate, progress, and checkpoints that survive a kill."""

import json
import math
import os
import time
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch

from fourmasks.mmf.models.parameters import Parameters
from fourmasks.system.progress import progress

CHECKPOINT_SECONDS = 20.0


@dataclass
class Fit:
    """Where a minimisation stands.

    Attributes
    ----------
    best : Parameters
        Those with the smallest error so far.
    error : float
        Theirs: the relative Frobenius error.
    errors, seconds : list of float
        After each iteration: the relative error, and the time since the start, earlier attempts included.
    """

    best: Parameters | None = None
    error: float = math.inf
    errors: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)


def minimise(solver, *, max_iter, time_limit, tol, verbose, checkpoint=None, identity="") -> Fit:
    """Iterate a solver until a limit is reached, and keep the best iterate.

    Parameters
    ----------
    solver : object
        With `name`, `iterate()`, which returns a relative error and the parameters that have it, `state()`
        and `restore(state)`.
    max_iter : int
    time_limit : float
        Seconds, earlier attempts included.
    tol : float
        Stop when 20 iterations lowered the best error by less than this fraction of it; 0 never stops so.
    verbose : bool
        Show a progress bar on a terminal.
    checkpoint : path, optional
        File to go on from, and to save to every 20 seconds and at the end. What the clock ended is over: it
        would end elsewhere. One with more iterations than `max_iter` is not gone on from.
    identity : str
        What the checkpoint belongs to.

    Raises
    ------
    ValueError
        If the checkpoint belongs to another problem.
    FloatingPointError
        If no iteration gave a finite error.
    """
    fit = Fit()
    if checkpoint is not None and Path(checkpoint).exists():
        if _load(checkpoint, identity, solver, fit, max_iter):
            return fit
    start = time.perf_counter() - (fit.seconds[-1] if fit.seconds else 0.0)
    saved = time.perf_counter()
    with progress(max_iter if verbose else 0, solver.name) as bar:
        while not _is_done(fit, max_iter, tol) and time.perf_counter() - start < time_limit:
            error, parameters = solver.iterate()
            if error < fit.error:
                fit.best, fit.error = parameters, error
            fit.errors.append(error)
            fit.seconds.append(time.perf_counter() - start)
            if verbose:
                bar.set_postfix_str(f"error {fit.error:.4f}", refresh=False)
                bar.update()
            due = checkpoint is not None and time.perf_counter() - saved > CHECKPOINT_SECONDS
            if due and fit.best is not None:
                _save(checkpoint, identity, solver, fit, is_over=False)
                saved = time.perf_counter()
    if fit.best is None:
        raise FloatingPointError(
            f"{solver.name} gave no finite error in {len(fit.errors)} iterations: lower the learning rates,"
            " or raise the time limit"
        )
    if checkpoint is not None:
        _save(checkpoint, identity, solver, fit, is_over=not _is_done(fit, max_iter, tol))
    return fit


def _is_done(fit: Fit, max_iter: int, tol: float, window: int = 20) -> bool:
    """Return whether iterations were enough, or brought too little of late."""
    if len(fit.errors) >= max_iter:
        return True
    if tol <= 0 or len(fit.errors) <= window:
        return False
    return min(fit.errors[:-window]) - fit.error < tol * fit.error


def _save(path, identity, solver, fit, is_over) -> None:
    """Write a checkpoint: arrays and JSON, without pickle, to a temporary name that then replaces the old."""
    path = Path(path)
    arrays = {f"solver/{name}": value.cpu().numpy() for name, value in solver.state().items()}
    arrays |= {f"best/{name}": value.cpu().numpy() for name, value in fit.best._asdict().items()}
    plain = {"identity": identity, "is_over": is_over}
    plain |= {"error": fit.error, "errors": fit.errors, "seconds": fit.seconds}
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with open(temporary, "wb") as stream:
            np.savez(stream, plain=json.dumps(plain), **arrays)
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def _load(path, identity, solver, fit, max_iter) -> bool:
    """Restore a solver and a fit from a checkpoint, and return whether that fit was over."""
    with np.load(path, allow_pickle=False) as stored:
        plain = json.loads(str(stored["plain"]))
        arrays = {name: torch.from_numpy(stored[name]) for name in stored.files if name != "plain"}
    if plain["identity"] != identity:
        raise ValueError(
            f"checkpoint {path} belongs to another matrix or another setting of the model: remove it, or name"
            " another file"
        )
    if len(plain["errors"]) > max_iter:
        return False
    device = solver.parameters.row_factors.device

    def part(prefix):
        found = {
            name.removeprefix(prefix): value for name, value in arrays.items() if name.startswith(prefix)
        }
        return {name: value if name.endswith("/step") else value.to(device) for name, value in found.items()}

    solver.restore(part("solver/"))
    fit.best = Parameters(**part("best/"))
    fit.error, fit.errors, fit.seconds = plain["error"], plain["errors"], plain["seconds"]
    return plain["is_over"]
