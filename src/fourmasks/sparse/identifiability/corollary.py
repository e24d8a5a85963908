"""The experiment on Corollary 5.12: against its definition, and how far exact Kruskal ranks go."""

from dataclasses import dataclass
from math import comb

from fourmasks.experiments.jobs import run_jobs
from fourmasks.experiments.profiles import option
from fourmasks.records.store import Record, run_or_load
from fourmasks.sparse.identifiability.run_corollary import PARTS, QUESTIONS, corollary_trial, timing_trial

EXPERIMENT, TIMING = "sparse/corollary", "sparse/kruskal-timing"
NO_DATA = "none"
# From the first size on, with this step.
COLUMNS = {"rank": (8, 2), "s = 2": (10, 15), "s = 3": (10, 4)}


@dataclass(frozen=True)
class Config:
    """What the experiment runs."""

    sizes: tuple[str, ...] = option(
        ("1x1x1", "1x2x1", "1x2x2", "2x2x1", "2x2x2", "1x3x1", "2x3x1"),
        help="m x r x n: shapes of the left factor, and rows of the right one",
    )
    limit: float = option(0.5, help="seconds that an exact Kruskal rank may take")
    seed: int = option(0, help="of the matrices that are timed")

    def __post_init__(self):
        for size in self.sizes:
            numbers(size)
        if not self.limit > 0:
            raise ValueError(f"limit = {self.limit}: expected a positive number of seconds")
        if self.seed < 0:
            raise ValueError(f"seed = {self.seed}: expected at least 0")


def numbers(size: str) -> tuple[int, int, int]:
    """Return m, r and n from a text such as "2x3x1"; `ValueError` if it is none."""
    try:
        rows, columns, height = (int(part) for part in size.split("x"))
    except ValueError:
        raise ValueError(f"size {size!r}: expected m x r x n, such as 2x3x1") from None
    if min(rows, columns, height) < 1:
        raise ValueError(f"size {size!r}: expected numbers of at least 1")
    return rows, columns, height


PROFILES = {
    "smoke": Config(sizes=("1x2x2",), limit=0.01),
    "book": Config(),
    "paper": Config(sizes=(*Config.sizes, "2x3x2", "3x3x1", "2x2x3"), limit=60.0),
}


def run(config: Config, profile: str, device: str = "cpu") -> list[Record]:
    """Compute what is not yet computed, and return all records. One thread of the CPU."""
    jobs = [(part, numbers(size)) for size in config.sizes for part in PARTS]

    def stored(job):
        if job in QUESTIONS:
            return _timed(job, config, profile)
        part, (rows, columns, height) = job
        job = {"part": part, "rows": rows, "columns": columns, "height": height}
        return run_or_load(corollary_trial, job, experiment=EXPERIMENT, data_sha256=NO_DATA, profile=profile)

    return run_jobs([*jobs, *QUESTIONS], stored, "corollary")


def sets_of(question: str, columns: int) -> int:
    """Return how many sets of columns have the size that decides a question."""
    return comb(columns, columns // 2 if question == "rank" else 2 * int(question.split()[-1]))


def _timed(question, config, profile):
    """Return the timings of a question, for larger and larger matrices, until the next one would take more
    than the limit: at the rate of the last."""
    first, step = COLUMNS[question]
    records, columns, expected = [], first, 0.0
    while expected <= config.limit:
        job = {"question": question, "columns": columns, "seed": config.seed}
        records.append(
            run_or_load(timing_trial, job, experiment=TIMING, data_sha256=NO_DATA, profile=profile)
        )
        found, columns = records[-1].metrics, columns + step
        expected = found["cpu_seconds"] * sets_of(question, columns) / found["sets"]
    return records
