"""How time grows: one of users, items and interactions becomes 64 times as many, the others stay."""

from collections.abc import Iterator
from dataclasses import dataclass

from fourmasks.experiments.plan import Run, carry_out
from fourmasks.experiments.profiles import Options, option, threads_option
from fourmasks.four.growth.run import SETTINGS, run_size
from fourmasks.records.store import Record

EXPERIMENT = "four/growth"
METHODS = tuple(SETTINGS)
AXES = ("users", "items", "interactions")


@dataclass(frozen=True)
class Config(Options):
    """What the experiment runs: sizes double from the least on."""

    methods: tuple[str, ...] = option(("mf-tuned", "ease"), help="models to time", choices=METHODS)
    axes: tuple[str, ...] = option(AXES, help="what grows", choices=AXES)
    doublings: int = option(3, least=1, help="how often it doubles")
    least: tuple[int, ...] = option(
        (100, 40, 2_000), least=1, help="users, items and interactions, where they begin to grow"
    )
    others: tuple[int, ...] = option(
        (400, 100, 2_000), least=1, help="users, items and interactions, where something else grows"
    )
    seeds: int = option(1, least=1, help="number of seeds of the data, from 0")
    threads: int = threads_option()

    def check(self):
        for name in ("least", "others"):
            if len(getattr(self, name)) != len(AXES):
                raise ValueError(
                    f"{name} = {getattr(self, name)}: expected three numbers, of {', '.join(AXES)}"
                )


PROFILES = {
    "smoke": Config(methods=("averages",), axes=("users",), doublings=1),
    "book": Config(),
    "paper": Config(
        methods=METHODS, doublings=6, least=(250, 60, 20_000), others=(4_000, 1_000, 50_000), seeds=2
    ),
}


def run(config: Config, profile: str) -> list[Record]:
    """Make the runs that are missing, and return the records of all."""
    return carry_out(plan(config), config, profile)


def plan(config: Config) -> Iterator[Run]:
    """Yield the runs: they measure time, so that each stands alone."""
    for seed in range(config.seeds):
        for axis in config.axes:
            for doubling in range(config.doublings + 1):
                sizes = dict(zip(AXES, config.others, strict=True))
                sizes[axis] = config.least[AXES.index(axis)] * 2**doubling
                for method in config.methods:
                    yield Run(EXPERIMENT, run_size, {"method": method, "seed": seed} | sizes, alone=True)
