"""The experiment on the paper's worked examples and figures: what they say, as facts."""

from dataclasses import dataclass

from fourmasks.experiments.jobs import run_jobs
from fourmasks.experiments.profiles import option
from fourmasks.records.store import Record, run_or_load
from fourmasks.sparse.examples.run import TRIALS, trial

EXPERIMENT, NO_DATA = "sparse/examples", "none"


@dataclass(frozen=True)
class Config:
    """What the experiment runs."""

    examples: tuple[str, ...] = option(tuple(TRIALS), help="examples and figures", choices=tuple(TRIALS))
    bound: int = option(1, help="Example 4.16: largest size of a, b, c and d")

    def __post_init__(self):
        if not self.examples:
            raise ValueError("examples is empty: expected at least one")
        if self.bound < 1:
            raise ValueError(f"bound = {self.bound}: expected at least 1")


PROFILES = {"smoke": Config(), "book": Config(), "paper": Config(bound=2)}


def run(config: Config, profile: str, device: str = "cpu") -> list[Record]:
    """Compute what is not yet computed, and return all records. Exact, on one thread of the CPU."""

    def stored(example):
        job = {"example": example} | ({"bound": config.bound} if example == "4.16" else {})
        return run_or_load(trial, job, experiment=EXPERIMENT, data_sha256=NO_DATA, profile=profile)

    return run_jobs(config.examples, stored, "examples")
