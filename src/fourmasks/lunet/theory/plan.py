"""The experiment that asks the statements of the paper's Section 2 of random instances."""

from collections.abc import Iterator
from dataclasses import dataclass

from fourmasks.experiments.plan import Run, carry_out
from fourmasks.experiments.profiles import Options, option
from fourmasks.lunet.theory.run import CHECKS
from fourmasks.lunet.theory.run import run as run_checks
from fourmasks.records.store import Record

EXPERIMENT = "lunet/statements"


@dataclass(frozen=True)
class Config(Options):
    """What the experiment runs."""

    statements: tuple[str, ...] = option(tuple(CHECKS), help="statements to ask", choices=tuple(CHECKS))
    sizes: tuple[int, ...] = option((2, 3, 4, 6, 8, 12), least=1, help="of the matrices that may have an LU")
    instances: int = option(100, least=1, help="random instances for each")
    seed: int = option(0, least=0, help="of the instances")


PROFILES = {"smoke": Config(sizes=(2, 3), instances=5), "book": Config(), "paper": Config(instances=1000)}


def run(config: Config, profile: str, device: str = "cpu") -> list[Record]:
    """Make the trials of the plan that are not there yet, on the CPU, and return the records of all."""
    return carry_out(plan(config), config, profile, device)


def plan(config: Config) -> Iterator[Run]:
    """Yield the trials of every statement."""
    sizes = [{"size": size} for size in config.sizes]
    for statement in config.statements:
        trial = {"statement": statement, "instances": config.instances, "seed": config.seed}
        for own in sizes if statement == "existence" else [{}]:
            yield Run(EXPERIMENT, run_checks, trial | own)
