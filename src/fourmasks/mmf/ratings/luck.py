"""How much of a test error is the luck of the split (paper, Table 4)."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import torch

from fourmasks.data.ratings import rating_names
from fourmasks.data.splits import default_protocol
from fourmasks.experiments.jobs import run_jobs
from fourmasks.experiments.profiles import option
from fourmasks.mmf.ratings import run as training
from fourmasks.mmf.ratings.plan import FIXED
from fourmasks.records.store import Record, run_or_load

EXPERIMENT = "mmf/rating-splits"


@dataclass(frozen=True)
class Config:
    """What the experiment runs."""

    dataset: tuple[str, ...] = option(("simulated",), help="ratings to predict", choices=rating_names())
    method: str = option("mmf-reference", help="method with fixed settings", choices=tuple(FIXED))
    splits: int = option(5, help="number of splits, from 0, each with one training of seed 0")
    seeds: int = option(3, help="number of trainings on split 0, their seeds from 0")
    epochs: int = option(12, help="epochs at most")
    validation: float = option(0.02, help="share of the training ratings for early stopping")
    threads: int = option(1, help="threads on the CPU, 0 for all")

    def __post_init__(self):
        for name in ("splits", "seeds", "epochs"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} = {getattr(self, name)}: expected at least 1")
        if self.threads < 0:
            raise ValueError(f"threads = {self.threads}: expected at least 0")
        if not 0 < self.validation < 1:
            raise ValueError(f"validation = {self.validation}: expected a share between 0 and 1")


PROFILES = {
    "smoke": Config(dataset=("simulated-small",), splits=2, seeds=2, epochs=2),
    "book": Config(),
    "paper": Config(dataset=("ml-100k",), splits=20, seeds=10, epochs=100),
}


def run(config: Config, profile: str, device: str = "cpu") -> list[Record]:
    """Train on every split with seed 0, and on split 0 with every seed; only what is not there yet."""
    if config.threads:
        torch.set_num_threads(config.threads)
    jobs = list(_jobs(config))

    def stored(job):
        dataset, split_seed, seed = job
        place = {"dataset": dataset, "method": config.method, "protocol": default_protocol(dataset)}
        part = {"split_seed": split_seed, "validation": config.validation, "seed": seed}
        return run_or_load(
            partial(training.train, device=device),
            place | part | FIXED[config.method] | {"epochs": config.epochs},
            experiment=EXPERIMENT,
            data_sha256=training.load(dataset).sha256,
            profile=profile,
            device=device,
        )

    return run_jobs(jobs, stored, "splits")


def _jobs(config: Config) -> Iterator[tuple[str, int, int]]:
    for dataset in config.dataset:
        yield from ((dataset, split_seed, 0) for split_seed in range(config.splits))
        yield from ((dataset, 0, seed) for seed in range(1, config.seeds))
