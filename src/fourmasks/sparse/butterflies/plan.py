"""The experiment on butterfly factorizations of fast transforms (paper, Sections 1, 5.1 and 6)."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from threadpoolctl import threadpool_limits

from fourmasks.experiments.jobs import run_jobs
from fourmasks.experiments.profiles import option
from fourmasks.records.store import Record, run_or_load
from fourmasks.sparse.butterflies.peers import METHODS, missing
from fourmasks.sparse.butterflies.run import (
    application_trial,
    chain_trial,
    disturbed_trial,
    factorization_trial,
    structure_trial,
)
from fourmasks.sparse.butterflies.transforms import TRANSFORMS, exponent

NO_DATA = "none"
TRIALS: dict[str, Callable[..., dict]] = {
    "factorization": factorization_trial,
    "application": application_trial,
    "structure": structure_trial,
    "disturbed": disturbed_trial,
    "chain": chain_trial,
}
EXPERIMENTS = {trial: f"sparse/butterfly-{trial}" for trial in TRIALS}


@dataclass(frozen=True)
class Config:
    """What the experiment runs."""

    transforms: tuple[str, ...] = option(tuple(TRANSFORMS), help="fast transforms", choices=tuple(TRANSFORMS))
    sizes: tuple[int, ...] = option((8, 16, 32, 64, 128, 256, 512, 1024), help="sizes n, powers of two")
    vectors: tuple[int, ...] = option((1, 64), help="numbers of vectors that a transform is applied to")
    repetitions: int = option(1, help="runs of each factorization, of which the median time counts")
    applications: int = option(10, help="runs of each application, of which the median time counts")
    structures: tuple[int, ...] = option((8, 16, 32, 64), help="sizes whose cuts are looked at")
    noises: tuple[float, ...] = option((1e-2,), help="errors of the entries")
    disturbed: tuple[int, ...] = option((16, 64), help="sizes of the transforms with errors")
    chains: tuple[int, ...] = option((4, 8), help="lengths of chains with errors")
    seeds: int = option(3, help="number of seeds of what is random, from 0")

    def __post_init__(self):
        for name in ("sizes", "structures", "disturbed"):
            for size in getattr(self, name):
                exponent(size)
        if any(size < 4 for size in self.structures):
            raise ValueError(f"structures = {self.structures}: expected at least 4")
        for name in ("repetitions", "applications", "seeds"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} = {getattr(self, name)}: expected at least 1")
        for name in ("vectors", "chains"):
            if min(getattr(self, name), default=1) < 1:
                raise ValueError(f"{name} = {getattr(self, name)}: expected at least 1")
        if not all(noise > 0 for noise in self.noises):
            raise ValueError(f"noises = {self.noises}: expected positive numbers")


PROFILES = {
    "smoke": Config(
        sizes=(8, 16), vectors=(1,), applications=2, structures=(8,), noises=(1e-2,), disturbed=(8,),
        chains=(4,), seeds=1,
    ),
    "book": Config(),
    "paper": Config(
        repetitions=5, applications=100, structures=(8, 16, 32, 64, 128, 256), noises=(1e-6, 1e-4, 1e-2),
        disturbed=(16, 64, 256), chains=(4, 8, 16, 24), seeds=5,
    ),
}  # fmt: skip


def run(config: Config, profile: str, device: str = "cpu") -> list[Record]:
    """Compute what is not yet computed, and return all records; peers take part where they are installed.

    One thread of the CPU for everything.
    """
    jobs = list(_jobs(config))

    def stored(job):
        trial, parameters = job
        given = {"experiment": EXPERIMENTS[trial], "data_sha256": NO_DATA, "profile": profile}
        return run_or_load(TRIALS[trial], parameters, **given)

    with threadpool_limits(limits=1):
        return run_jobs(jobs, stored, "butterflies")


def _jobs(config: Config) -> Iterator[tuple[str, dict]]:
    """Yield kind and parameters of every trial."""
    absent = missing()
    for transform in config.transforms:
        for size in config.sizes:
            cell = {"transform": transform, "size": size}
            for method, factors in METHODS:
                if method not in absent:
                    job = cell | {"method": method, "factors": factors}
                    yield "factorization", job | {"repetitions": config.repetitions}
            for vectors in config.vectors:
                yield "application", cell | {"vectors": vectors, "repetitions": config.applications}
        for size in config.disturbed:
            for noise in config.noises:
                for least_squares in (False, True):
                    job = {"transform": transform, "size": size, "noise": noise}
                    for seed in range(config.seeds):
                        yield "disturbed", job | {"least_squares": least_squares, "seed": seed}
    for size in config.structures:
        yield "structure", {"size": size}
    for length in config.chains:
        for seed in range(config.seeds):
            yield "chain", {"length": length, "seed": seed}
