"""The experiment that referees the paper's theorems on random instances (paper, Sections 2 to 5)."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product

from fourmasks.experiments.plan import Run, carry_out
from fourmasks.experiments.profiles import Options, option
from fourmasks.records.store import Record
from fourmasks.sparse.identifiability.run import (
    run_algebra,
    run_families,
    run_fixed,
    run_right,
    run_uniform,
)

RUNS: dict[str, Callable[..., dict]] = {
    "fixed": run_fixed,
    "algebra": run_algebra,
    "right": run_right,
    "uniform": run_uniform,
    "families": run_families,
}
EXPERIMENTS = {kind: f"sparse/referees-{kind}" for kind in RUNS}


@dataclass(frozen=True)
class Config(Options):
    """What the experiment runs."""

    kinds: tuple[str, ...] = option(tuple(RUNS), help="kinds of instances", choices=RUNS)
    sizes: tuple[int, ...] = option(
        (3, 5, 8), least=1, help="numbers of rows, and of columns, of the product"
    )
    ranks: tuple[int, ...] = option((2, 3, 5), least=1, help="numbers of atoms")
    densities: tuple[float, ...] = option((0.2, 0.35, 0.5, 0.65), above=0, most=1, help="of random supports")
    tuples: int = option(25, least=1, help="random supports for each size, rank and density")
    instances: int = option(100, least=1, help="random instances for algebra, right and uniform")
    families: int = option(10, least=1, help="random families, each refereed by all its factors")
    seed: int = option(0, least=0, help="of the random instances")


PROFILES = {
    "smoke": Config(sizes=(3,), ranks=(2,), densities=(0.5,), tuples=5, instances=5),
    "book": Config(tuples=15, instances=25, families=3),
    "paper": Config(
        sizes=(3, 4, 6, 8),
        ranks=(2, 3, 4, 6),
        densities=(0.2, 0.35, 0.5, 0.65, 0.8),
        tuples=150,
        instances=1500,
        families=100,
    ),
}


def run(config: Config, profile: str, device: str = "cpu") -> list[Record]:
    """Referee what is not refereed yet, and return all records. Exact arithmetic, one thread of the CPU."""
    return carry_out(plan(config), config, profile, device)


def plan(config: Config) -> Iterator[Run]:
    """Yield the runs of each kind; on fixed supports one for each size, rank and density."""
    for kind in config.kinds:
        if kind == "fixed":
            for size, rank, density in product(config.sizes, config.ranks, config.densities):
                cell = {"shape": [size, size], "rank": rank, "density": density}
                yield _run(kind, cell | {"instances": config.tuples, "seed": config.seed})
        else:
            count = config.families if kind == "families" else config.instances
            yield _run(kind, {"instances": count, "seed": config.seed})


def _run(kind: str, parameters: dict) -> Run:
    return Run(EXPERIMENTS[kind], RUNS[kind], parameters)
