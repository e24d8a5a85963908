"""The experiment that asks the paper's statements, as printed, of random instances."""

from dataclasses import dataclass

from fourmasks.experiments.jobs import run_jobs
from fourmasks.experiments.profiles import option
from fourmasks.records.store import Record, run_or_load
from fourmasks.sparse.identifiability.run_statements import CHECKS, statement_trial

EXPERIMENT, NO_DATA = "sparse/statements", "none"


@dataclass(frozen=True)
class Config:
    """What the experiment runs."""

    statements: tuple[str, ...] = option(tuple(CHECKS), help="statements to ask", choices=tuple(CHECKS))
    instances: int = option(8, help="random instances for each")
    seed: int = option(0, help="of the instances")

    def __post_init__(self):
        if not self.statements:
            raise ValueError("statements is empty: expected at least one")
        if self.instances < 1:
            raise ValueError(f"instances = {self.instances}: expected at least 1")
        if self.seed < 0:
            raise ValueError(f"seed = {self.seed}: expected at least 0")


PROFILES = {"smoke": Config(instances=2), "book": Config(), "paper": Config(instances=150)}


def run(config: Config, profile: str, device: str = "cpu") -> list[Record]:
    """Ask what is not yet asked, and return all records. Exact, on one thread of the CPU."""

    def stored(statement):
        job = {"statement": statement, "instances": config.instances, "seed": config.seed}
        return run_or_load(statement_trial, job, experiment=EXPERIMENT, data_sha256=NO_DATA, profile=profile)

    return run_jobs(config.statements, stored, "statements")
