"""The experiment that asks the paper's statements, as printed, of random instances."""

from collections.abc import Iterator
from dataclasses import dataclass

from fourmasks.experiments.plan import Run, carry_out
from fourmasks.experiments.profiles import Options, option
from fourmasks.records.store import Record
from fourmasks.sparse.identifiability.run_statements import CHECKS, run_statement

EXPERIMENT = "sparse/statements"


@dataclass(frozen=True)
class Config(Options):
    """What the experiment runs."""

    statements: tuple[str, ...] = option(tuple(CHECKS), help="statements to ask", choices=CHECKS)
    instances: int = option(8, least=1, help="random instances for each")
    seed: int = option(0, least=0, help="of the instances")


PROFILES = {"smoke": Config(instances=2), "book": Config(), "paper": Config(instances=150)}


def run(config: Config, profile: str, device: str = "cpu") -> list[Record]:
    """Ask what is not asked yet, and return all records. Exact, on one thread of the CPU."""
    return carry_out(plan(config), config, profile, device)


def plan(config: Config) -> Iterator[Run]:
    """Yield the runs, one for each statement."""
    for statement in config.statements:
        given = {"statement": statement, "instances": config.instances, "seed": config.seed}
        yield Run(EXPERIMENT, run_statement, given)
