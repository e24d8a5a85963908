"""The stability experiment: are the factors of two runs alike? (paper, Section 5.8, Figure 7)"""

from collections.abc import Iterator
from dataclasses import dataclass

from fourmasks.data.matrices import SIZES
from fourmasks.experiments.plan import Run, carry_out
from fourmasks.experiments.profiles import Options, dtype_option, option, threads_option
from fourmasks.mmf.models.masks import FAMILIES
from fourmasks.mmf.reconstruction.run import load
from fourmasks.mmf.theory.run_stability import METHODS
from fourmasks.mmf.theory.run_stability import run as run_one
from fourmasks.records.store import Record

EXPERIMENT = "mmf/identifiability"


@dataclass(frozen=True)
class Config(Options):
    """What the experiment runs."""

    dataset: tuple[str, ...] = option(("s7", "h4-240"), help="synthetic matrices to factorize", choices=SIZES)
    methods: tuple[str, ...] = option(METHODS, help="methods to compare", choices=METHODS)
    rank: int = option(8, help="rank R")
    n_masks: tuple[int, ...] = option((8, 4), least=1, help="numbers of masks K")
    mask: str = option("gaussian", help="mask family", choices=FAMILIES)
    seeds: int = option(2, least=1, help="number of pairs of runs, each with a matrix of its own")
    solver: str = option(
        "alternating-lm",
        help="alternating damped least squares, or Adam at the reference implementation's rate",
        choices=("alternating-lm", "adam"),
    )
    iterations: int = option(100, least=1, help="sweeps or epochs at most")
    tol: float = option(
        1e-4, least=0, help="stop when 20 iterations lowered the error by less than this fraction"
    )
    threads: int = threads_option()
    dtype: str = dtype_option()

    def check(self):
        rows = min(SIZES[name] for name in self.dataset)
        if not 2 <= self.rank < rows:
            raise ValueError(f"rank = {self.rank}: expected 2 to {rows - 1}, a matrix has {rows} rows")


PROFILES = {
    "smoke": Config(dataset=("s6",), rank=4, n_masks=(2,), seeds=1, iterations=3),
    "book": Config(dataset=("s7",), seeds=1),
    "paper": Config(dataset=("s10", "h6"), rank=40, seeds=3, iterations=200, tol=1e-5, dtype="float32"),
}


def run(config: Config, profile: str, device: str = "cpu") -> list[Record]:
    """Make the runs that are missing, and return the records of all."""
    return carry_out(plan(config), config, profile, device)


def plan(config: Config) -> Iterator[Run]:
    """Yield the pairs, seed by seed; those that share their fits follow one another."""
    solver = {"solver": config.solver, "max_iter": config.iterations, "tol": config.tol}
    common = {"rank": config.rank, "mask": config.mask, "dtype": config.dtype} | solver
    for seed in range(config.seeds):
        for dataset in config.dataset:
            for method in config.methods:
                for n_masks in config.n_masks if method == "mmf" else (None,):
                    for matched in (False, True):
                        job = {"dataset": dataset, "method": method, "n_masks": n_masks, "seed": seed}
                        parameters = job | {"matched": matched} | common
                        digest = load(dataset, seed).sha256
                        yield Run(EXPERIMENT, run_one, parameters, digest, on_device=True, load=load)
