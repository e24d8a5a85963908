"""The experiment on the paper's theorems: each of them on random instances, where all of it is known."""

from collections.abc import Iterator
from dataclasses import dataclass

from fourmasks.experiments.plan import Run, carry_out
from fourmasks.experiments.profiles import Options, option
from fourmasks.pia.theorems.masking_trials import GROWTH
from fourmasks.pia.theorems.run import TRIALS
from fourmasks.pia.theorems.run import run as run_trials
from fourmasks.pia.theory.exponential import FAMILIES
from fourmasks.records.store import Record

EXPERIMENT = "pia/theorems"
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
class Config(Options):
    """What the experiment runs."""

    statements: tuple[str, ...] = option(tuple(TRIALS), help="what to try", choices=TRIALS)
    instances: int = option(
        60, least=1, help="random instances of each statement; fewer where one costs more"
    )
    seed: int = option(0, least=0, help="of the instances")


PROFILES = {"smoke": Config(instances=4), "book": Config(instances=20), "paper": Config(instances=2000)}


def run(config: Config, profile: str, device: str = "cpu") -> list[Record]:
    """Make the trials of the plan that are not there yet, on the CPU, and return the records of all."""
    return carry_out(plan(config), config, profile, device)


def plan(config: Config) -> Iterator[Run]:
    """Yield the trials of every statement."""
    for statement in config.statements:
        instances = max(1, config.instances // ONE_IN.get(statement, 1))
        for variant in VARIANTS[statement]:
            parameters = {"statement": statement} | variant | {"instances": instances, "seed": config.seed}
            yield Run(EXPERIMENT, run_trials, parameters)
