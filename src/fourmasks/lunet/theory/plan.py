"""The experiment that asks the statements of the paper's Section 2 of random instances."""

from collections.abc import Iterator
from dataclasses import dataclass

import torch

from fourmasks.experiments.jobs import run_jobs
from fourmasks.experiments.profiles import option
from fourmasks.lunet.theory.run import CHECKS, statement_trial
from fourmasks.records.store import Record, run_or_load

EXPERIMENT, NO_DATA = "lunet/statements", "none"


@dataclass(frozen=True)
class Config:
    """What the experiment runs."""

    statements: tuple[str, ...] = option(tuple(CHECKS), help="statements to ask", choices=tuple(CHECKS))
    sizes: tuple[int, ...] = option((2, 3, 4, 6, 8, 12), help="of the matrices that may have an LU")
    instances: int = option(100, help="random instances for each")
    seed: int = option(0, help="of the instances")

    def __post_init__(self):
        for name in ("statements", "sizes"):
            if not getattr(self, name):
                raise ValueError(f"{name} is empty: expected at least one")
        for size in self.sizes:
            if size < 1:
                raise ValueError(f"sizes = {size}: expected at least 1")
        if self.instances < 1:
            raise ValueError(f"instances = {self.instances}: expected at least 1")
        if self.seed < 0:
            raise ValueError(f"seed = {self.seed}: expected at least 0")


PROFILES = {"smoke": Config(sizes=(2, 3), instances=5), "book": Config(), "paper": Config(instances=1000)}


def run(config: Config, profile: str, device: str = "cpu") -> list[Record]:
    """Ask what is not yet asked, and return all records. All of it runs on one thread of the CPU."""
    torch.set_num_threads(1)

    def stored(job):
        return run_or_load(statement_trial, job, experiment=EXPERIMENT, data_sha256=NO_DATA, profile=profile)

    return run_jobs(list(_jobs(config)), stored, "statements")


def _jobs(config: Config) -> Iterator[dict]:
    """Yield the parameters of every trial."""
    for statement in config.statements:
        job = {"statement": statement, "instances": config.instances, "seed": config.seed}
        if statement == "existence":
            yield from (job | {"size": size} for size in config.sizes)
        else:
            yield job
