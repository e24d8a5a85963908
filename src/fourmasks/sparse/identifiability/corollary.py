"""The experiment on Corollary 5.12: against its definition, and how far exact Kruskal ranks go."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from math import comb

from fourmasks.experiments.plan import Run, Search, carry_out
from fourmasks.experiments.profiles import Options, option
from fourmasks.records.store import Record
from fourmasks.sparse.identifiability.run_corollary import PARTS, QUESTIONS, run_part, run_timing

EXPERIMENT, TIMING = "sparse/corollary", "sparse/kruskal-timing"
# From the first size on, with this step.
COLUMNS = {"rank": (8, 2), "s = 2": (10, 15), "s = 3": (10, 4)}


@dataclass(frozen=True)
class Config(Options):
    """What the experiment runs."""

    sizes: tuple[str, ...] = option(
        ("1x1x1", "1x2x1", "1x2x2", "2x2x1", "2x2x2", "1x3x1", "2x3x1"),
        help="m x r x n: shapes of the left factor, and rows of the right one",
        may_be_empty=True,
    )
    limit: float = option(0.5, above=0, help="seconds that an exact Kruskal rank may take")
    seed: int = option(0, least=0, help="of the matrices that are timed")

    def check(self):
        for size in self.sizes:
            numbers(size)


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
    """Make the runs that are not there yet, and return the records of all. One thread of the CPU."""
    return carry_out(plan(config), config, profile, device)


def plan(config: Config) -> Iterator[Run | Search]:
    """Yield the runs of the corollary, each part of it on each size, and the timings of each question."""
    for size, part in product(config.sizes, PARTS):
        rows, columns, height = numbers(size)
        given = {"part": part, "rows": rows, "columns": columns, "height": height}
        yield Run(EXPERIMENT, run_part, given)
    for question in QUESTIONS:
        yield _timings(question, config)


def _timings(question: str, config: Config) -> Search:
    """Return the timings of growing sizes: the time that one took says whether to go on."""

    def one(columns):
        given = {"question": question, "columns": columns, "seed": config.seed}
        return Run(TIMING, run_timing, given, alone=True)

    def further(made):
        columns, expected = following(made[-1])
        return [one(columns)] if expected <= config.limit else []

    return Search([one(COLUMNS[question][0])], further=further)


def following(record: Record) -> tuple[int, float]:
    """Return the number of columns after that of a timing, and the seconds that it would take at its rate."""
    question, columns = record.parameters["question"], record.parameters["columns"]
    columns += COLUMNS[question][1]
    return columns, record.metrics["cpu_seconds"] * sets_of(question, columns) / record.metrics["sets"]


def sets_of(question: str, columns: int) -> int:
    """Return how many sets of columns have the size that decides a question."""
    return comb(columns, columns // 2 if question == "rank" else 2 * int(question.split()[-1]))
