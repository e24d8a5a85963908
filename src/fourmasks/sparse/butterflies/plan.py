"""The experiment on butterfly factorizations of fast transforms (paper, Sections 1, 5.1 and 6)."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product

from threadpoolctl import threadpool_limits

from fourmasks.experiments.plan import Run, carry_out
from fourmasks.experiments.profiles import Options, option
from fourmasks.records.store import Record
from fourmasks.sparse.butterflies.baselines import METHODS, missing
from fourmasks.sparse.butterflies.run import (
    run_application,
    run_chain,
    run_disturbed,
    run_factorization,
    run_structure,
)
from fourmasks.sparse.butterflies.transforms import TRANSFORMS, exponent

RUNS: dict[str, Callable[..., dict]] = {
    "factorization": run_factorization,
    "application": run_application,
    "structure": run_structure,
    "disturbed": run_disturbed,
    "chain": run_chain,
}
EXPERIMENTS = {kind: f"sparse/butterfly-{kind}" for kind in RUNS}
TIMED = ("factorization", "application")


@dataclass(frozen=True)
class Config(Options):
    """What the experiment runs."""

    transforms: tuple[str, ...] = option(tuple(TRANSFORMS), help="fast transforms", choices=TRANSFORMS)
    sizes: tuple[int, ...] = option((8, 16, 32, 64, 128, 256, 512, 1024), help="sizes n, powers of two")
    vectors: tuple[int, ...] = option((1, 64), least=1, help="numbers of vectors to apply a transform to")
    repetitions: int = option(1, least=1, help="runs of a factorization, of which the median time counts")
    applications: int = option(10, least=1, help="runs of an application, of which the median time counts")
    structures: tuple[int, ...] = option((8, 16, 32, 64), least=4, help="sizes whose cuts are looked at")
    noises: tuple[float, ...] = option((1e-2,), above=0, help="errors of the entries")
    disturbed: tuple[int, ...] = option((16, 64), help="sizes of the transforms with errors")
    chains: tuple[int, ...] = option((4, 8), least=1, help="lengths of chains with errors")
    seeds: int = option(3, least=1, help="number of seeds of what is random, from 0")

    def check(self):
        for size in (*self.sizes, *self.structures, *self.disturbed):
            exponent(size)  # refuses what is no power of two


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
    """Make the runs that are not there yet, and return the records of all; one thread of the CPU."""
    with threadpool_limits(limits=1):  # of BLAS
        return carry_out(plan(config), config, profile, device)


def plan(config: Config) -> Iterator[Run]:
    """Yield the runs; libraries take part where they are installed."""
    absent = missing()
    for transform in config.transforms:
        for size in config.sizes:
            given = {"transform": transform, "size": size}
            for method, factors in METHODS:
                if method not in absent:
                    how = {"method": method, "factors": factors, "repetitions": config.repetitions}
                    yield _run("factorization", **given, **how)
            for vectors in config.vectors:
                yield _run("application", **given, vectors=vectors, repetitions=config.applications)
        for cell in product(config.disturbed, config.noises, (False, True), range(config.seeds)):
            names = ("size", "noise", "least_squares", "seed")
            yield _run("disturbed", transform=transform, **dict(zip(names, cell, strict=True)))
    for size in config.structures:
        yield _run("structure", size=size)
    for length, seed in product(config.chains, range(config.seeds)):
        yield _run("chain", length=length, seed=seed)


def _run(kind: str, **parameters) -> Run:
    return Run(EXPERIMENTS[kind], RUNS[kind], parameters, alone=kind in TIMED)
