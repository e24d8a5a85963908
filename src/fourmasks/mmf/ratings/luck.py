"""How much of a test error is the luck of the split (paper, Table 4)."""

from collections.abc import Iterator
from dataclasses import dataclass

from fourmasks.data.ratings import rating_names
from fourmasks.data.splits import default_protocol
from fourmasks.experiments.plan import Run, carry_out
from fourmasks.experiments.profiles import Options, option, threads_option
from fourmasks.mmf.ratings.plan import FIXED
from fourmasks.mmf.ratings.run import load
from fourmasks.mmf.ratings.run import run as run_one
from fourmasks.records.store import Record

EXPERIMENT = "mmf/rating-splits"


@dataclass(frozen=True)
class Config(Options):
    """What the experiment runs."""

    dataset: tuple[str, ...] = option(
        ("simulated",), help="ratings to predict", choices=rating_names(), or_file=True
    )
    method: str = option("mmf-reference", help="method with fixed settings", choices=tuple(FIXED))
    splits: int = option(5, least=1, help="number of splits, from 0, each with one training of seed 0")
    seeds: int = option(3, least=1, help="number of trainings on split 0, their seeds from 0")
    epochs: int = option(12, least=1, help="epochs at most")
    validation: float = option(
        0.02, above=0, below=1, help="share of the training ratings for early stopping"
    )
    threads: int = threads_option()


PROFILES = {
    "smoke": Config(dataset=("simulated-small",), splits=2, seeds=2, epochs=2),
    "book": Config(),
    "paper": Config(dataset=("ml-100k",), splits=20, seeds=10, epochs=100),
}


def run(config: Config, profile: str, device: str = "cpu") -> list[Record]:
    """Make the runs that are missing, and return the records of all."""
    return carry_out(plan(config), config, profile, device)


def plan(config: Config) -> Iterator[Run]:
    """Yield a run on every split with seed 0, and one on split 0 with every seed."""
    pairs = [(split, 0) for split in range(config.splits)] + [(0, seed) for seed in range(1, config.seeds)]
    for dataset in config.dataset:
        place = {"dataset": dataset, "method": config.method, "protocol": default_protocol(dataset)}
        for split_seed, seed in pairs:
            part = {"split_seed": split_seed, "validation": config.validation, "seed": seed}
            parameters = place | part | FIXED[config.method] | {"epochs": config.epochs}
            digest = load(dataset).sha256
            yield Run(EXPERIMENT, run_one, parameters, digest, on_device=True, load=load)
