"""The stability experiment: are the factors of two runs alike? (paper, Section 5.8, Figure 7)"""

from collections.abc import Iterator
from dataclasses import dataclass

import torch

from fourmasks.experiments.profiles import option
from fourmasks.mmf.models.masks import FAMILIES
from fourmasks.mmf.reconstruction.sweeps import SIZES, train_missing
from fourmasks.mmf.theory.run_stability import METHODS, train
from fourmasks.records.store import Record

EXPERIMENT = "mmf/identifiability"


@dataclass(frozen=True)
class Config:
    """What the experiment runs."""

    dataset: tuple[str, ...] = option(("s7", "h4-240"), help="synthetic matrices to factorize", choices=SIZES)
    methods: tuple[str, ...] = option(METHODS, help="methods to compare", choices=METHODS)
    rank: int = option(8, help="rank R")
    n_masks: tuple[int, ...] = option((8, 4), help="numbers of masks K")
    mask: str = option("gaussian", help="mask family", choices=FAMILIES)
    seeds: int = option(2, help="number of pairs of runs, each with a matrix of its own")
    solver: str = option(
        "alternating-lm",
        help="alternating damped least squares, or Adam at the reference implementation's rate",
        choices=("alternating-lm", "adam"),
    )
    iterations: int = option(100, help="sweeps or epochs at most")
    tol: float = option(1e-4, help="stop when 20 iterations lowered the error by less than this fraction")
    threads: int = option(1, help="threads on the CPU, 0 for all; one is fastest on small matrices")
    dtype: str = option(
        "float64",
        help="precision; in float64 the printed digits are the same on other machines",
        choices=("float32", "float64"),
    )

    def __post_init__(self):
        for name in ("dataset", "methods", "n_masks"):
            if not getattr(self, name):
                raise ValueError(f"{name} is empty: expected at least one")
        for name, value in (
            ("seeds", self.seeds), ("iterations", self.iterations), *(("n_masks", k) for k in self.n_masks),
        ):  # fmt: skip
            if value < 1:
                raise ValueError(f"{name} = {value}: expected at least 1")
        for name in ("tol", "threads"):
            if getattr(self, name) < 0:
                raise ValueError(f"{name} = {getattr(self, name)}: expected at least 0")
        rows = min(SIZES[name] for name in self.dataset)
        if not 2 <= self.rank < rows:
            raise ValueError(f"rank = {self.rank}: expected 2 to {rows - 1}, a matrix has {rows} rows")


PROFILES = {
    "smoke": Config(dataset=("s6",), rank=4, n_masks=(2,), seeds=1, iterations=3),
    "book": Config(),
    "paper": Config(dataset=("s10", "h6"), rank=40, seeds=3, iterations=200, tol=1e-5, dtype="float32"),
}


def run(config: Config, profile: str, device: str = "cpu") -> list[Record]:
    """Fit what is not yet fitted, and return all records."""
    jobs = list(_jobs(config))
    if config.threads:
        torch.set_num_threads(config.threads)
    return train_missing(train, jobs, experiment=EXPERIMENT, profile=profile, device=device)


def _jobs(config: Config) -> Iterator[dict]:
    """Yield the parameters of every pair, seed by seed; those that share their fits follow one another."""
    solver = {"solver": config.solver, "max_iter": config.iterations, "tol": config.tol}
    common = {"rank": config.rank, "mask": config.mask, "dtype": config.dtype} | solver
    for seed in range(config.seeds):
        for dataset in config.dataset:
            for method in config.methods:
                for n_masks in config.n_masks if method == "mmf" else (None,):
                    for matched in (False, True):
                        job = {"dataset": dataset, "method": method, "n_masks": n_masks, "seed": seed}
                        yield job | {"matched": matched} | common
