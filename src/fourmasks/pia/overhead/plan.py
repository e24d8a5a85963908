"""What the alignment adds to the time of an epoch (paper, Section D.2, Table 6)."""

from collections.abc import Iterator
from dataclasses import dataclass

from fourmasks.data.interactions import interaction_names
from fourmasks.experiments.jobs import run_jobs
from fourmasks.experiments.profiles import option
from fourmasks.pia.overhead.run import METHODS, load, train
from fourmasks.records.store import Record, run_or_load
from fourmasks.system.device import resolve_device

EXPERIMENT = "pia/overhead"


@dataclass(frozen=True)
class Config:
    """What the experiment measures."""

    dataset: tuple[str, ...] = option(("simulated",), help="interactions", choices=interaction_names())
    methods: tuple[str, ...] = option(tuple(METHODS), help="what is timed", choices=METHODS)
    epochs: int = option(5, help="epochs of each model that count; one more comes before them")
    batch_size: int = option(500, help="users per step, the paper's")
    seeds: int = option(1, help="number of seeds, from 0: each is one more measurement")
    threads: int = option(1, help="threads on the CPU")

    def __post_init__(self):
        for name in ("epochs", "batch_size", "seeds", "threads"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} = {getattr(self, name)}: expected at least 1")


PROFILES = {
    "smoke": Config(dataset=("simulated-small",), epochs=1),
    "book": Config(),
    "paper": Config(dataset=("ml-100k", "ml-1m"), seeds=3),
}


def run(config: Config, profile: str, device: str = "cpu") -> list[Record]:
    """Measure what is not yet measured, and return all records.

    Device and threads are among the parameters of a run: here they are part of what is measured.
    """
    place = {"device": resolve_device(device).type, "threads": config.threads}
    jobs = [parameters | place for parameters in _jobs(config)]

    def stored(parameters):
        digest = load(parameters["dataset"]).sha256
        given = {"experiment": EXPERIMENT, "data_sha256": digest, "profile": profile, "device": device}
        return run_or_load(train, parameters, **given)

    return run_jobs(jobs, stored, "overhead")


def _jobs(config: Config) -> Iterator[dict]:
    for seed in range(config.seeds):
        for dataset in config.dataset:
            for method in config.methods:
                yield {
                    "dataset": dataset,
                    "method": method,
                    "seed": seed,
                    "epochs": config.epochs,
                    "batch_size": config.batch_size,
                }
