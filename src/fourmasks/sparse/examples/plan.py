"""The experiment on the paper's worked examples and figures: what they say, as facts."""

from collections.abc import Iterator
from dataclasses import dataclass

from fourmasks.experiments.plan import Run, carry_out
from fourmasks.experiments.profiles import Options, option
from fourmasks.records.store import Record
from fourmasks.sparse.examples.run import EXAMPLES, run_example

EXPERIMENT = "sparse/examples"


@dataclass(frozen=True)
class Config(Options):
    """What the experiment runs."""

    examples: tuple[str, ...] = option(tuple(EXAMPLES), help="examples and figures", choices=EXAMPLES)
    bound: int = option(1, least=1, help="Example 4.16: largest size of a, b, c and d")


PROFILES = {"smoke": Config(), "book": Config(), "paper": Config(bound=2)}


def run(config: Config, profile: str, device: str = "cpu") -> list[Record]:
    """Compute the examples that are not there yet, and return the records of all. Exact, one thread."""
    return carry_out(plan(config), config, profile, device)


def plan(config: Config) -> Iterator[Run]:
    """Yield the runs, one for each example."""
    for example in config.examples:
        bound = {"bound": config.bound} if example == "4.16" else {}
        yield Run(EXPERIMENT, run_example, {"example": example} | bound)
