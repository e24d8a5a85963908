"""The experiment on the gap between Theorems 4.13 and 4.26, which the paper leaves open (Section 6)."""

from collections.abc import Iterator
from dataclasses import dataclass

from fourmasks.experiments.jobs import run_jobs
from fourmasks.experiments.profiles import option
from fourmasks.records.store import Record, run_or_load
from fourmasks.sparse.gap.run import LAWS, census_trial, phase_trial

PHASES, CENSUS = "sparse/gap-phases", "sparse/gap-census"
NO_DATA = "none"


@dataclass(frozen=True)
class Config:
    """What the experiment runs."""

    laws: tuple[str, ...] = option(("entries",), help="laws of the random supports", choices=LAWS)
    sizes: tuple[int, ...] = option((4, 8), help="numbers of rows, and of columns, of the product")
    ranks: tuple[int, ...] = option((2, 3, 4, 6, 8, 12), help="numbers of atoms")
    densities: tuple[float, ...] = option(
        (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9), help="of the supports of both factors"
    )
    instances: int = option(20, help="random supports for each size, number of atoms, density and law")
    census: tuple[str, ...] = option(
        ("2x2x2", "2x3x2", "3x3x2", "2x2x3", "2x3x3", "3x3x3", "2x4x3"),
        help="sizes whose supports are all sorted, as rows x columns x atoms",
    )
    seed: int = option(0, help="of the random supports and points")

    def __post_init__(self):
        for name in ("laws", "sizes", "ranks", "densities"):
            if not getattr(self, name):
                raise ValueError(f"{name} is empty: expected at least one")
        for name in ("sizes", "ranks"):
            if min(getattr(self, name)) < 1:
                raise ValueError(f"{name} = {getattr(self, name)}: expected at least 1")
        if not all(0 < density <= 1 for density in self.densities):
            raise ValueError(f"densities = {self.densities}: expected more than 0, at most 1")
        if self.instances < 1:
            raise ValueError(f"instances = {self.instances}: expected at least 1")
        if self.seed < 0:
            raise ValueError(f"seed = {self.seed}: expected at least 0")
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
    """Sort what is not yet sorted, and return all records. Exact arithmetic, one thread of the CPU."""
    jobs = list(_jobs(config))

    def stored(job):
        experiment, parameters = job
        trial = phase_trial if experiment == PHASES else census_trial
        return run_or_load(trial, parameters, experiment=experiment, data_sha256=NO_DATA, profile=profile)

    return run_jobs(jobs, stored, "gap")


def _jobs(config: Config) -> Iterator[tuple[str, dict]]:
    """Yield experiment and parameters of every trial."""
    for text in config.census:
        shape, rank = census_size(text)
        yield CENSUS, {"shape": shape, "rank": rank, "seed": config.seed}
    for law in config.laws:
        for size in config.sizes:
            for rank in config.ranks:
                for density in config.densities:
                    cell = {"shape": [size, size], "rank": rank, "density": density, "law": law}
                    yield PHASES, cell | {"instances": config.instances, "seed": config.seed}
