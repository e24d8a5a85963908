"""The spectra experiment: singular values of reconstructions by number of masks (paper, Figure 6)."""

from collections.abc import Iterator
from dataclasses import dataclass

from fourmasks.data.matrices import BLOCKS, SIZES
from fourmasks.experiments.plan import Run, carry_out
from fourmasks.experiments.profiles import Options, dtype_option, option, threads_option
from fourmasks.mmf.models.masks import FAMILIES
from fourmasks.mmf.reconstruction.run import load
from fourmasks.mmf.theory.run_spectra import METHODS
from fourmasks.mmf.theory.run_spectra import run as run_one
from fourmasks.records.store import Record

EXPERIMENT = "mmf/spectra"
CONTROLS = ("mmf-frozen", "mmf-drawn")
# Step sizes ten times those of the reference implementation: as in the reconstruction experiment.
RATES = {"learning_rate": 0.2, "shift_learning_rate": 0.1}
FROZEN_SPREAD = 10.0


@dataclass(frozen=True)
class Config(Options):
    """What the experiment runs."""

    dataset: tuple[str, ...] = option(
        ("s7", "h4-240"), help="synthetic matrices to reconstruct", choices=SIZES
    )
    budget: int = option(20, help="budget B")
    n_masks: tuple[int, ...] = option((2, 3, 5, 7, 9), help="numbers of masks K; the rank R is B - K")
    control_masks: tuple[int, ...] = option((2, 5, 9), help="those at which the masked controls run")
    methods: tuple[str, ...] = option(METHODS, help="methods to compare", choices=METHODS)
    mask: str = option("sine", help="mask family", choices=FAMILIES)
    seeds: int = option(2, least=1, help="number of seeds, from 0")
    epochs: int = option(150, least=1, help="epochs of Adam")
    sweeps: int = option(10, least=1, help="sweeps of alternating Levenberg-Marquardt after them")
    threads: int = threads_option()
    dtype: str = dtype_option()

    def check(self):
        rows = min(SIZES[name] for name in self.dataset)
        if not 2 <= self.budget < rows:
            raise ValueError(f"budget = {self.budget}: expected 2 to {rows - 1}, a matrix has {rows} rows")
        for name in ("n_masks", "control_masks"):
            for count in getattr(self, name):
                if not 1 <= count < self.budget:
                    raise ValueError(f"{name} = {count}: expected 1 to {self.budget - 1}, less than budget")


PROFILES = {
    "smoke": Config(
        dataset=("s6", "h4-240"), budget=8, n_masks=(2, 4), control_masks=(2,), seeds=1, epochs=5, sweeps=1
    ),
    "book": Config(n_masks=(2, 5, 9), control_masks=(2, 9), seeds=1),
    "paper": Config(
        dataset=("s10", "h6"), budget=80, n_masks=tuple(range(2, 10)), epochs=250, dtype="float32"
    ),
}


def run(config: Config, profile: str, device: str = "cpu") -> list[Record]:
    """Make the runs that are missing, and return the records of all."""
    return carry_out(plan(config), config, profile, device)


def plan(config: Config) -> Iterator[Run]:
    """Yield the runs, seed by seed."""
    for parameters in _parameters(config):
        digest = load(parameters["dataset"], parameters["seed"]).sha256
        yield Run(EXPERIMENT, run_one, parameters, digest, on_device=True, load=load)


def settings(method: str, config: Config) -> dict:
    """Return the settings of a method with masks (JSON values)."""
    if method == "mmf-drawn":
        return {"mask": config.mask}
    masked = {"mask": config.mask, "dtype": config.dtype}
    if method == "mmf":
        return masked | RATES | {"solver": "adam+alternating-lm", "max_iter": [config.epochs, config.sweeps]}
    frozen = {"learn_shifts": False, "shift_spread": FROZEN_SPREAD}
    return masked | frozen | {"solver": "alternating-lm", "max_iter": [config.sweeps]}


def _parameters(config: Config) -> Iterator[dict]:
    """Yield the parameters of every run, seed by seed."""
    for seed in range(config.seeds):
        for dataset in config.dataset:
            for method in config.methods:
                job = {"dataset": dataset, "method": method, "budget": config.budget, "seed": seed}
                if method == "svd" or (method == "block-svd" and dataset in BLOCKS):
                    yield job
                if method.startswith("mmf"):
                    for n_masks in config.control_masks if method in CONTROLS else config.n_masks:
                        yield job | {"n_masks": n_masks} | settings(method, config)
