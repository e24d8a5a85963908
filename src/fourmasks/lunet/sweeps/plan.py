"""What each open choice matters: one changed at a time, all else as stated (paper, Section 4)."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import torch

from fourmasks.data.ratings import rating_names
from fourmasks.experiments.jobs import run_jobs
from fourmasks.experiments.profiles import option
from fourmasks.lunet.models.data import load
from fourmasks.lunet.ratings import run as rating_training
from fourmasks.records.store import Record, run_or_load

EXPERIMENT = "lunet/sweeps"

# Values beside the default, which every row of the sweep shares.
VALUES = {
    "gamma": [0.1, 1.0],
    "dimension": [8, 16, 64],
    "n_layers": [1, 2, 6],
    "alpha": [0.1, 0.9],
    "beta": [0.05, 1.0],
    "activation": ["simple"],
    "readout": ["coordinate", "mean", "product", "separate"],
    "heads": [1],
    "n_negatives": [4],
    "embedding_scale": [1.0],
}
# Of two read-outs what is left without the network: the factors alone.
PAIRS = [{"readout": "product", "network": "identity"}, {"readout": "separate", "network": "identity"}]
DEFAULTS = {
    "network": "lu", "gamma": 0.5, "dimension": 32, "n_layers": 3, "alpha": 0.5, "beta": 0.5,
    "activation": "general", "readout": "linear", "heads": 2, "n_negatives": 1, "embedding_scale": 0.1,
}  # fmt: skip
VARIED = (*VALUES, "network")


@dataclass(frozen=True)
class Config:
    """What the sweeps run."""

    dataset: tuple[str, ...] = option(("simulated-small",), help="ratings to predict", choices=rating_names())
    varied: tuple[str, ...] = option(
        ("gamma", "dimension", "n_layers", "readout", "network"), help="what to vary", choices=VARIED
    )
    seeds: int = option(1, help="number of seeds, from 0, each with a split of its own")
    epochs: int = option(10, help="epochs")
    batch_size: int = option(128, help="ratings per step")
    learning_rate: float = option(0.004, help="Adam's")
    validation: float = option(0.05, help="share of the training ratings that tells what stopping would give")
    dtype: str = option(
        "float64",
        help="precision; in float64 the printed digits are the same on other machines",
        choices=("float32", "float64"),
    )
    threads: int = option(1, help="threads on the CPU, 0 for all")

    def __post_init__(self):
        for name in ("seeds", "epochs", "batch_size"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} = {getattr(self, name)}: expected at least 1")
        if self.threads < 0:
            raise ValueError(f"threads = {self.threads}: expected at least 0")
        if not 0 < self.validation < 1:
            raise ValueError(f"validation = {self.validation}: expected a share between 0 and 1")


PROFILES = {
    "smoke": Config(varied=("gamma", "network"), epochs=1),
    "book": Config(),
    "paper": Config(
        dataset=("ml-100k",), varied=VARIED, seeds=2, epochs=50, learning_rate=1e-3, dtype="float32"
    ),
}


def run(config: Config, profile: str, device: str = "cpu") -> list[Record]:
    """Train with the defaults and with each change of them; only what is not there yet."""
    if config.threads:
        torch.set_num_threads(config.threads)
    jobs = list(_jobs(config))
    names = ("epochs", "batch_size", "learning_rate", "validation", "dtype")
    given = {name: getattr(config, name) for name in names}

    def stored(job):
        dataset, change, seed = job
        place = {"dataset": dataset, "method": "lu-net", "split_seed": seed, "seed": seed}
        return run_or_load(
            partial(rating_training.train, device=device),
            place | DEFAULTS | change | given,
            experiment=EXPERIMENT,
            data_sha256=load(dataset).sha256,
            profile=profile,
            device=device,
        )

    return run_jobs(jobs, stored, "sweeps")


def changes(varied: tuple[str, ...]) -> list[dict]:
    """Return the changes of the defaults, no change first."""
    single = [{name: value} for name in varied if name in VALUES for value in VALUES[name]]
    return [{}, *single, *(PAIRS if "network" in varied else [])]


def _jobs(config: Config) -> Iterator[tuple[str, dict, int]]:
    for dataset in config.dataset:
        for change in changes(config.varied):
            yield from ((dataset, change, seed) for seed in range(config.seeds))
