"""The experiment that referees the paper's theorems on random instances (paper, Sections 2 to 5)."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from fourmasks.experiments.jobs import run_jobs
from fourmasks.experiments.profiles import option
from fourmasks.records.store import Record, run_or_load
from fourmasks.sparse.identifiability.run import (
    algebra_trial,
    family_trial,
    fixed_trial,
    right_trial,
    uniform_trial,
)

NO_DATA = "none"
TRIALS: dict[str, Callable[..., dict]] = {
    "fixed": fixed_trial,
    "algebra": algebra_trial,
    "right": right_trial,
    "uniform": uniform_trial,
    "families": family_trial,
}
EXPERIMENTS = {trial: f"sparse/referees-{trial}" for trial in TRIALS}


@dataclass(frozen=True)
class Config:
    """What the experiment runs."""

    trials: tuple[str, ...] = option(tuple(TRIALS), help="kinds of trials", choices=tuple(TRIALS))
    sizes: tuple[int, ...] = option((3, 5, 8), help="numbers of rows, and of columns, of the product")
    ranks: tuple[int, ...] = option((2, 3, 5), help="numbers of atoms")
    densities: tuple[float, ...] = option((0.2, 0.35, 0.5, 0.65), help="of random supports")
    tuples: int = option(25, help="random supports for each size, rank and density")
    instances: int = option(100, help="random instances for algebra, right and uniform")
    families: int = option(10, help="random families, each refereed by all its factors")
    seed: int = option(0, help="of the random instances")

    def __post_init__(self):
        for name in ("trials", "sizes", "ranks", "densities"):
            if not getattr(self, name):
                raise ValueError(f"{name} is empty: expected at least one")
        for name in ("sizes", "ranks"):
            if min(getattr(self, name)) < 1:
                raise ValueError(f"{name} = {getattr(self, name)}: expected at least 1")
        for name in ("tuples", "instances", "families"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} = {getattr(self, name)}: expected at least 1")
        if not all(0 < density <= 1 for density in self.densities):
            raise ValueError(f"densities = {self.densities}: expected more than 0, at most 1")
        if self.seed < 0:
            raise ValueError(f"seed = {self.seed}: expected at least 0")


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
    """Referee what is not yet refereed, and return all records. Exact arithmetic, one thread of the CPU."""
    jobs = list(_jobs(config))

    def stored(job):
        trial, parameters = job
        given = {"experiment": EXPERIMENTS[trial], "data_sha256": NO_DATA, "profile": profile}
        return run_or_load(TRIALS[trial], parameters, **given)

    return run_jobs(jobs, stored, "referees")


def _jobs(config: Config) -> Iterator[tuple[str, dict]]:
    """Yield kind and parameters of every trial."""
    for trial in config.trials:
        if trial != "fixed":
            count = config.families if trial == "families" else config.instances
            yield trial, {"instances": count, "seed": config.seed}
            continue
        for size in config.sizes:
            for rank in config.ranks:
                for density in config.densities:
                    job = {"shape": [size, size], "rank": rank, "density": density}
                    yield trial, job | {"instances": config.tuples, "seed": config.seed}
