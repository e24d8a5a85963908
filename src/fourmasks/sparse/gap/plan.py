"""The experiment on the gap between Theorems 4.13 and 4.26, which the paper leaves open (Section 6)."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

from fourmasks.experiments.plan import Run, carry_out
from fourmasks.experiments.profiles import Options, option
from fourmasks.records.store import Record
from fourmasks.sparse.gap.run import LAWS, run_census, run_phases

PHASES, CENSUS = "sparse/gap-phases", "sparse/gap-census"


@dataclass(frozen=True)
class Config(Options):
    """What the experiment runs."""

    laws: tuple[str, ...] = option(("entries",), help="laws of the random supports", choices=LAWS)
    sizes: tuple[int, ...] = option((4, 8), least=1, help="numbers of rows, and of columns, of the product")
    ranks: tuple[int, ...] = option((2, 3, 4, 6, 8, 12), least=1, help="numbers of atoms")
    densities: tuple[float, ...] = option(
        (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9), above=0, most=1, help="of the supports of both factors"
    )
    instances: int = option(20, least=1, help="random supports for each size, number of atoms, density, law")
    census: tuple[str, ...] = option(
        ("2x2x2", "2x3x2", "3x3x2", "2x2x3", "2x3x3", "3x3x3", "2x4x3"),
        help="sizes whose supports are all sorted, as rows x columns x atoms",
        may_be_empty=True,
    )
    seed: int = option(0, least=0, help="of the random supports and points")

    def check(self):
        for size in self.census:
            census_size(size)


def census_size(text: str) -> tuple[list[int], int]:
    """Return shape and number of atoms from a text such as "2x3x2".

    Raises
    ------
    ValueError
        If it is no such text, or has more rows than columns.
    """
    try:
        rows, columns, rank = (int(part) for part in text.split("x"))
    except ValueError:
        raise ValueError(f"census size {text!r}: expected rows x columns x atoms, such as 2x3x2") from None
    if not (1 <= rows <= columns and rank >= 1):
        raise ValueError(f"census size {text!r}: expected positive numbers, not more rows than columns")
    return [rows, columns], rank


PROFILES = {
    "smoke": Config(sizes=(4,), ranks=(2, 4), densities=(0.3, 0.6), instances=3, census=("2x2x2", "2x3x2")),
    "book": Config(),
    "paper": Config(
        laws=LAWS,
        sizes=(4, 8, 16),
        ranks=(2, 3, 4, 6, 8, 12, 16),
        densities=(0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9),
        instances=40,
        census=(*Config.census, "3x4x3", "4x4x3", "2x3x4"),
    ),
}


def run(config: Config, profile: str, device: str = "cpu") -> list[Record]:
    """Sort the supports that are not sorted yet, and return all records. Exact, one thread of the CPU."""
    return carry_out(plan(config), config, profile, device)


def plan(config: Config) -> Iterator[Run]:
    """Yield the runs: the census of each size, then the random supports of each cell of the maps."""
    for text in config.census:
        shape, rank = census_size(text)
        yield Run(CENSUS, run_census, {"shape": shape, "rank": rank, "seed": config.seed})
    for law, size, rank, density in product(config.laws, config.sizes, config.ranks, config.densities):
        cell = {"shape": [size, size], "rank": rank, "density": density, "law": law}
        yield Run(PHASES, run_phases, cell | {"instances": config.instances, "seed": config.seed})
