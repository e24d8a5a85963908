"""Which masks, ranks and triangles are asked about."""

from collections.abc import Iterator
from dataclasses import dataclass

from fourmasks.experiments.plan import Run, carry_out
from fourmasks.experiments.profiles import Options, option
from fourmasks.four.masks.run import run_inputs, run_masks, run_supports, run_triangles
from fourmasks.mmf.models.masks import FAMILIES
from fourmasks.records.store import Record

MASKS, SUPPORTS = "four/masks", "four/masks-supports"
TRIANGLES, INPUTS = "four/masks-triangles", "four/masks-inputs"
KEEP = (1.0, 0.5)  # the probability that a mask on the input keeps an item: without a mask, and with one


@dataclass(frozen=True)
class Config(Options):
    """What the experiment runs."""

    families: tuple[str, ...] = option(("gaussian", "cosine"), help="mask families", choices=tuple(FAMILIES))
    ranks: tuple[int, ...] = option((2, 3), least=1, help="R")
    n_masks: tuple[int, ...] = option((1, 2), least=1, help="K")
    users: int = option(12, least=1, help="rows of the matrix")
    items: int = option(11, least=1, help="columns of the matrix")
    sizes: tuple[int, ...] = option((2, 3), least=2, help="sizes of triangles")
    seeds: int = option(2, least=1, help="number of random points, from seed 0")


PROFILES = {
    "smoke": Config(families=("cosine",), ranks=(2,), sizes=(2,), seeds=1),
    "book": Config(),
    "paper": Config(
        families=tuple(FAMILIES), ranks=(2, 4, 8), n_masks=(1, 2, 4, 8), users=40, items=36,
        sizes=(2, 3, 4, 6, 8), seeds=5,
    ),
}  # fmt: skip


def run(config: Config, profile: str) -> list[Record]:
    """Make the runs that are missing, and return the records of all."""
    return carry_out(plan(config), config, profile)


def plan(config: Config) -> Iterator[Run]:
    """Yield the runs: families, ranks, numbers of masks and kinds of shifts; cut masks; inputs; triangles."""
    shape = {"users": config.users, "items": config.items}
    for seed in range(config.seeds):
        for family in config.families:
            for rank in config.ranks:
                yield Run(SUPPORTS, run_supports, {"family": family, "rank": rank} | shape | {"seed": seed})
                for n_masks in config.n_masks:
                    for shifts in ("fixed", "learned"):
                        point = {"family": family, "rank": rank, "n_masks": n_masks, "shifts": shifts}
                        yield Run(MASKS, run_masks, point | shape | {"seed": seed})
        few = {"users": config.items // 2, "items": config.items}  # so that data alone leave weights free
        for rank in config.ranks:
            for keep in KEEP:
                yield Run(INPUTS, run_inputs, {"rank": rank, "keep": keep} | few | {"seed": seed})
        for size in config.sizes:
            for pivot in ("any", "zero"):
                yield Run(TRIANGLES, run_triangles, {"size": size, "pivot": pivot, "seed": seed})
