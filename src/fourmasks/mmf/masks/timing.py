"""Time per epoch of MMF and of plain MF, by size of the matrix and number of masks (paper, Table 6)."""

import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache

import torch
from torch.optim.optimizer import register_optimizer_step_post_hook

from fourmasks.baselines.matrix import MatrixFactorization
from fourmasks.data.matrices import DENSE, load_matrix
from fourmasks.experiments.plan import Run, carry_out
from fourmasks.experiments.profiles import Options, option
from fourmasks.mmf.models.matrix_mmf import MMF
from fourmasks.records.store import Record
from fourmasks.system.device import device_type, synchronize

EXPERIMENT = "mmf/timing"
WARM_UP = 5  # epochs that do not count: memory is fetched, a GPU's libraries choose their kernels
SVD_REPEATS = 5
SMALLEST, BASELINE = "s6", "mf-bias"

MF = {
    "mf-bias": {"bias": True, "optimizer": "adam", "learning_rate": 0.02},
    "mf-ridge": {"ridge": 1e-3, "optimizer": "adam", "learning_rate": 0.02},
    "mf-sgd": {},
}
METHODS = ("mmf", *MF, "svd")

load = lru_cache(maxsize=len(DENSE))(load_matrix)


def masks_of(share: float, budget: int) -> int:
    """Return the number of masks K that a share of the budget B pays for: from 1 to B - 1."""
    return min(max(1, round(share * budget)), budget - 1)


@dataclass(frozen=True)
class Config(Options):
    """What the experiment measures."""

    dataset: tuple[str, ...] = option(("s6", "s7", "s8"), help="random matrices", choices=DENSE)
    methods: tuple[str, ...] = option(METHODS, help="methods to time", choices=METHODS)
    shares: tuple[float, ...] = option(
        (0.1, 0.5, 0.9), above=0, below=1, help="numbers of masks K, as shares of B"
    )
    budget: int = option(40, least=2, help="budget B")
    epochs: int = option(30, least=1, help="epochs to take the median of, after a warm-up")
    seeds: int = option(1, least=1, help="number of seeds, from 0: each is one more measurement")
    threads: int = option(1, least=1, help="threads on the CPU")

    def check(self):
        rows = 2 ** DENSE[SMALLEST]  # of the matrix that each time is compared with
        if self.budget >= rows:
            raise ValueError(f"budget = {self.budget}: {SMALLEST} has {rows} rows, give less than that")


PROFILES = {
    "smoke": Config(dataset=("s6",), shares=(0.5,), epochs=2),
    "book": Config(),
    "paper": Config(
        dataset=tuple(DENSE), shares=tuple(tenths / 10 for tenths in range(1, 10)), epochs=50, seeds=3
    ),
}


def run(config: Config, profile: str, device: str = "cpu") -> list[Record]:
    """Make the measurements that are missing, and return the records of all."""
    return carry_out(plan(config, device), config, profile, device)


def plan(config: Config, device: str) -> Iterator[Run]:
    """Yield the measurements; device and threads are parameters, as they are part of what is measured."""
    place = {"device": device_type(device), "threads": config.threads}
    for parameters in _measured(config):
        digest = load(parameters["dataset"], parameters["seed"]).sha256
        yield Run(EXPERIMENT, run_one, parameters | place, digest, on_device=True, load=load, alone=True)


def run_one(dataset, method, budget, seed, epochs, device, threads, share=None) -> dict:
    """Time one method on one random matrix.

    Parameters
    ----------
    dataset : str
        "s6" to "s10".
    method : str
        One of `METHODS`.
    budget : int
        B.
    seed : int
        Of the matrix and of the start. No time depends on it, other than by chance.
    epochs : int
        How many to take the median of, after the warm-up.
    device : str
    threads : int
        On the CPU.
    share : float, optional
        K / B, for "mmf" only.

    Returns
    -------
    dict
        "metrics": epoch_ms; growth_from_s6, that over the same method's on S_6; ratio_to_mf_bias, that over
        MF-Bias's on the same matrix. Both sides of a ratio are measured in this call, one after the other.
        For "svd": total_ms and growth_from_s6.
    """
    torch.set_num_threads(threads)
    if method == "svd":
        total = _svd_ms(load(dataset, seed), device)
        growth = total / _svd_ms(load(SMALLEST, seed), device)
        return {"metrics": {"total_ms": total, "growth_from_s6": growth}}

    def measured(name, method):
        model = _model(method, budget, share, WARM_UP + epochs + 1, random_state=seed, device=device)
        with clocked_epochs(device) as seconds:
            model.fit(load(name, seed).values)
        return 1000 * statistics.median(seconds[WARM_UP:])

    own = measured(dataset, method)
    growth, ratio = own / measured(SMALLEST, method), own / measured(dataset, BASELINE)
    return {"metrics": {"epoch_ms": own, "growth_from_s6": growth, "ratio_to_mf_bias": ratio}}


@contextmanager
def clocked_epochs(device: str) -> Iterator[list[float]]:
    """Collect the seconds from each step of an optimizer to the next, all work on the device done.

    That is what an epoch of full-batch training takes, everything in its loop included. It asks nothing of
    a model but one step of a `torch.optim` optimizer in each epoch.

    Yields
    ------
    list of float
        Grows with every step but the first.
    """
    seconds, last = [], None

    def note(*_):
        nonlocal last
        synchronize(device)
        now = time.perf_counter()
        if last is not None:
            seconds.append(now - last)
        last = now

    handle = register_optimizer_step_post_hook(note)
    try:
        yield seconds
    finally:
        handle.remove()


def operations(method: str, size: int, budget: int, share: float | None = None) -> int | None:
    """Return the multiplications and additions of an epoch's large matrix products.

    MMF's three products of I x J x K R take 6 I J K R. MF works on its Gram matrices and has two products of
    I x J x R: 4 I J R. An SVD has no such number.
    """
    if method == "svd":
        return None
    if method == "mmf":
        n_masks = masks_of(share, budget)
        return 6 * size**2 * n_masks * (budget - n_masks)
    columns = budget + 1 if method == "mf-bias" else budget  # R = B - 1 and two columns for the biases
    return 4 * size**2 * columns


def _measured(config: Config) -> Iterator[dict]:
    """Yield the parameters of every run but where it computes, seed by seed."""
    for seed in range(config.seeds):
        for dataset in config.dataset:
            for method in config.methods:
                common = {"dataset": dataset, "method": method, "budget": config.budget, "seed": seed}
                common["epochs"] = config.epochs
                if method == "mmf":
                    yield from (common | {"share": share} for share in config.shares)
                else:
                    yield common


def _model(method, budget, share, epochs, **common):
    if method == "mmf":
        n_masks = masks_of(share, budget)
        return MMF(budget, n_masks=n_masks, solver="adam", max_iter=epochs, verbose=False, **common)
    settings = MF[method]
    rank = budget - 1 if "bias" in settings else budget
    return MatrixFactorization(rank, epochs=epochs, verbose=False, **settings, **common)


def _svd_ms(matrix, device) -> float:
    """Return the median time of the whole SVD: by torch, with the epochs' precision, device and threads."""
    values = torch.as_tensor(matrix.values, dtype=torch.float32, device=device)
    seconds = []
    for _ in range(SVD_REPEATS):
        synchronize(device)
        start = time.perf_counter()
        torch.linalg.svd(values, full_matrices=False)
        synchronize(device)
        seconds.append(time.perf_counter() - start)
    return 1000 * statistics.median(seconds)
