"""The experiment on the paper's theorems: each of them on random instances, where all of it is known."""

from collections.abc import Iterator
from dataclasses import dataclass

import torch

from fourmasks.experiments.jobs import run_jobs
from fourmasks.experiments.profiles import option
from fourmasks.pia.theorems.masking_trials import GROWTH
from fourmasks.pia.theorems.run import TRIALS, trial
from fourmasks.pia.theory.exponential import FAMILIES
from fourmasks.records.store import Record, run_or_load

EXPERIMENT = "pia/theorems"
NO_DATA = "none"
# What each statement is tried with.
VARIANTS = {
    "sharing": [{"decoder": name} for name in ("tanh", "linear")],
    "slope": [{"decoder": name} for name in ("tanh", "linear")],
    "lemma": [{"output": name} for name in ("std", "variance")],
    "overlap": [{"family": name} for name in FAMILIES],
    "transport": [{"rank": rank} for rank in (1, 8)],
    "information": [{"keep": keep} for keep in (0.25, 0.5, 0.75, 0.9)],
    "distance": [{"most": 20, "draws": 20_000}],
    "alignment": [{}],
    "surrogate": [{"covariance": name} for name in ("general", "commuting")],
    # Patience and factor of all of the paper's experiments (its appendix D.1).
    "growth": [{"reading": name, "patience": 5, "scale": 2.0, "epochs": 200} for name in GROWTH],
}
# Instances of these cost more: only one for so many of the others.
ONE_IN = {"slope": 5, "overlap": 20, "information": 5, "distance": 20}


@dataclass(frozen=True)
class Config:
    """What the experiment runs."""

    statements: tuple[str, ...] = option(tuple(TRIALS), help="what to try", choices=TRIALS)
    instances: int = option(60, help="random instances of each statement; fewer where one costs more")
    seed: int = option(0, help="of the instances")

    def __post_init__(self):
        if not self.statements:
            raise ValueError("statements is empty: expected at least one")
        if self.instances < 1:
            raise ValueError(f"instances = {self.instances}: expected at least 1")
        if self.seed < 0:
            raise ValueError(f"seed = {self.seed}: expected at least 0")


PROFILES = {"smoke": Config(instances=4), "book": Config(), "paper": Config(instances=2000)}


def run(config: Config, profile: str, device: str = "cpu") -> list[Record]:
    """Try what is not yet tried, and return all records. All of it runs on one thread of the CPU."""
    torch.set_num_threads(1)
    jobs = list(_jobs(config))

    def stored(job):
        return run_or_load(trial, job, experiment=EXPERIMENT, data_sha256=NO_DATA, profile=profile)

    return run_jobs(jobs, stored, "theorems")


def _jobs(config: Config) -> Iterator[dict]:
    """Yield the parameters of every trial."""
    for statement in config.statements:
        instances = max(1, config.instances // ONE_IN.get(statement, 1))
        for variant in VARIANTS[statement]:
            yield {"statement": statement} | variant | {"instances": instances, "seed": config.seed}
