"""What the alignment adds to the time of an epoch (paper, Section D.2, Table 6)."""

from collections.abc import Iterator
from dataclasses import dataclass

from fourmasks.data.interactions import interaction_names
from fourmasks.experiments.plan import Run, carry_out
from fourmasks.experiments.profiles import Options, option
from fourmasks.pia.overhead.run import METHODS, load
from fourmasks.pia.overhead.run import run as run_epochs
from fourmasks.records.store import Record
from fourmasks.system.device import device_type

EXPERIMENT = "pia/overhead"


@dataclass(frozen=True)
class Config(Options):
    """What the experiment measures."""

    dataset: tuple[str, ...] = option(
        ("simulated",), help="interactions", choices=interaction_names(), or_file=True
    )
    methods: tuple[str, ...] = option(tuple(METHODS), help="what is timed", choices=METHODS)
    epochs: int = option(5, least=1, help="epochs of each model that count; one more comes before them")
    batch_size: int = option(500, least=1, help="users per step, the paper's")
    seeds: int = option(1, least=1, help="number of seeds, from 0: each is one more measurement")
    threads: int = option(1, least=1, help="threads on the CPU")


PROFILES = {
    "smoke": Config(dataset=("simulated-small",), epochs=1),
    "book": Config(epochs=3),
    "paper": Config(dataset=("ml-100k", "ml-1m"), seeds=3),
}


def run(config: Config, profile: str, device: str = "cpu") -> list[Record]:
    """Make the measurements that are not there yet, and return the records of all."""
    return carry_out(plan(config, device), config, profile, device)


def plan(config: Config, device: str = "cpu") -> Iterator[Run]:
    """Yield every measurement. Device and threads are among its parameters: here they are part of it."""
    common = {"epochs": config.epochs, "batch_size": config.batch_size}
    common |= {"device": device_type(device), "threads": config.threads}
    digests = {dataset: load(dataset).sha256 for dataset in config.dataset}
    for seed in range(config.seeds):
        for dataset, digest in digests.items():
            for method in config.methods:
                place = {"dataset": dataset, "method": method, "seed": seed}
                parameters = place | common
                yield Run(EXPERIMENT, run_epochs, parameters, digest, on_device=True, load=load, alone=True)
