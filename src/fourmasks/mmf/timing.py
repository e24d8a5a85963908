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
from fourmasks.device import resolve_device, synchronize
from fourmasks.mmf.estimator import MMF
from fourmasks.profiles import option
from fourmasks.progress import progress
from fourmasks.records import Record, run_or_load

EXPERIMENT = "mmf/timing"
WARM_UP = 5  # epochs that are not counted: memory is fetched, a GPU's libraries choose their kernels
SMALLEST, RIVAL = "s6", "mf-bias"

# By plain gradient descent or Adam, as the reference implementation trains each.
MODELS = {
    "mmf": lambda budget, n_masks, **common: MMF(budget, n_masks=n_masks, solver="adam", **common),
    "mf-bias": lambda budget, _, **common: _mf(budget - 1, bias=True, optimizer="adam", **common),
    "mf-ridge": lambda budget, _, **common: _mf(budget, ridge=1e-3, optimizer="adam", **common),
    "mf-sgd": lambda budget, _, **common: _mf(budget, optimizer="sgd", **common),
}
METHODS = (*MODELS, "svd")

load = lru_cache(maxsize=len(DENSE))(load_matrix)


@dataclass(frozen=True)
class Config:
    """What the experiment measures."""

    dataset: tuple[str, ...] = option(("s6", "s7", "s8"), help="random matrices", choices=DENSE)
    methods: tuple[str, ...] = option(METHODS, help="methods to time", choices=METHODS)
    shares: tuple[float, ...] = option((0.1, 0.4, 0.7), help="numbers of masks K, as shares of B")
    budget: int = option(40, help="budget B")
    epochs: int = option(30, help="epochs to take the median of, after a warm-up")
    seeds: int = option(1, help="number of seeds, from 0: each is one more measurement")
    threads: int = option(1, help="threads on the CPU")

    def __post_init__(self):
        for name, least in (("budget", 2), ("epochs", 1), ("seeds", 1), ("threads", 1)):
            if getattr(self, name) < least:
                raise ValueError(f"{name} = {getattr(self, name)}: expected at least {least}")
        smallest = min(2 ** DENSE[name] for name in (*self.dataset, SMALLEST))
        if self.budget >= smallest:
            raise ValueError(
                f"budget = {self.budget}: the smallest matrix has {smallest} rows, give less than that"
            )
        check_shares(self.shares)


PROFILES = {
    "smoke": Config(dataset=("s6",), shares=(0.4,), epochs=2),
    "book": Config(),
    "paper": Config(
        dataset=tuple(DENSE), shares=tuple(tenths / 10 for tenths in range(1, 10)), epochs=50, seeds=3
    ),
}


def check_shares(shares: tuple[float, ...]) -> None:
    """Raise ValueError unless each share of the budget leaves both masks and factors something."""
    for share in shares:
        if not 0 < share < 1:
            raise ValueError(f"shares = {share}: expected numbers between 0 and 1, such as 0.4")


def masks_of(share: float, budget: int) -> int:
    """Return the number of masks K that a share of the budget B pays for: from 1 to B - 1."""
    return min(max(1, round(share * budget)), budget - 1)


def run(config: Config, profile: str, device: str = "cpu") -> list[Record]:
    """Measure what is not yet measured, and return all records.

    Device and threads are among the parameters of a run: here they are part of what is measured.
    """
    place = {"device": resolve_device(device).type, "threads": config.threads}
    jobs = list(_jobs(config))
    records = []
    with progress(len(jobs), "timing") as bar:
        for parameters in jobs:
            bar.set_postfix_str(f"{parameters['dataset']} {parameters['method']}")
            digest = load(parameters["dataset"], parameters["seed"]).sha256
            parameters |= place
            records.append(
                run_or_load(
                    train, parameters, experiment=EXPERIMENT, data_sha256=digest, profile=profile,
                    device=device,
                )
            )  # fmt: skip
            bar.update()
    return records


def train(dataset, method, budget, seed, epochs, device, threads, share=None) -> dict:
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
        Of the matrix and of the start; neither matters to the time.
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
        "metrics": epoch_ms, the median; growth_from_s6, that over the same method's on S_6; and
        ratio_to_mf_bias, that over MF-Bias's on the same matrix. Both sides of a ratio are measured in this
        call, one after the other. For "svd": total_ms, of the fastest of three, and growth_from_s6.
    """
    torch.set_num_threads(threads)
    if method == "svd":
        total = _svd_ms(dataset, seed, device)
        return {"metrics": {"total_ms": total, "growth_from_s6": total / _svd_ms(SMALLEST, seed, device)}}
    n_masks = None if share is None else masks_of(share, budget)

    def measure(name, method):
        model = MODELS[method](
            budget, n_masks, epochs=WARM_UP + epochs + 1, random_state=seed, device=device
        )
        with clocked_epochs(device) as times:
            model.fit(load(name, seed).values)
        return 1000 * statistics.median(times[WARM_UP:])

    own = measure(dataset, method)
    ratios = {
        "growth_from_s6": own / measure(SMALLEST, method),
        "ratio_to_mf_bias": own / measure(dataset, RIVAL),
    }
    return {"metrics": {"epoch_ms": own} | ratios}


@contextmanager
def clocked_epochs(device: str) -> Iterator[list[float]]:
    """Collect the seconds between one step of an optimizer and the next, all work on the device done.

    That is what an epoch of full-batch training takes, everything in its loop included. It needs nothing of
    the model but that it steps a `torch.optim` optimizer once an epoch.

    Yields
    ------
    list of float
        It grows with every step but the first.
    """
    times, last = [], None

    def note(*_):
        nonlocal last
        synchronize(device)
        now = time.perf_counter()
        if last is not None:
            times.append(now - last)
        last = now

    handle = register_optimizer_step_post_hook(note)
    try:
        yield times
    finally:
        handle.remove()
