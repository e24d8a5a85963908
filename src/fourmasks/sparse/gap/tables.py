"""Tables on the gap between Theorems 4.13 and 4.26, from its records."""

from collections.abc import Iterable

import pandas as pd

from fourmasks.pages.tables import run_rows
from fourmasks.records.store import Record
from fourmasks.sparse.gap.plan import CENSUS, PHASES
from fourmasks.sparse.gap.run import CLASSES, CONTRADICTIONS
from fourmasks.sparse.supports.classes import supports_of
from fourmasks.sparse.supports.pair import SupportPair

EXAMPLES = ("unique", "several", "moving")  # of the gap, as the census has them


def phases(records: Iterable[Record]) -> pd.DataFrame:
    """Return a row for each cell: law, size, atoms, density, instances, shares, contradictions."""
    rows = run_rows(records, PHASES, ["law", "shape", "rank", "density"]).rename(columns={"rank": "atoms"})
    rows["size"] = rows["shape"].str[0]
    rows["contradictions"] = rows.reindex(columns=CONTRADICTIONS).sum(axis=1)
    cell = ["law", "size", "atoms", "density"]
    frame = rows.reindex(columns=[*cell, "instances", *CLASSES, "countable", "contradictions"])
    return frame.astype({"instances": int, "contradictions": int}).sort_values(cell, ignore_index=True)


def totals(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the phases, as `phases` has them, summed to numbers of tuples: a row for each law and size."""
    counts = frame[list(CLASSES)].mul(frame["instances"], axis=0).round().astype(int)
    cells = frame[["law", "size", "instances"]].join(counts).join(frame["contradictions"])
    return cells.groupby(["law", "size"]).sum()


def census_table(records: Iterable[Record]) -> pd.DataFrame:
    """Return the census: a row for each size, the smallest first, with its classes by phase."""
    found = run_rows(_census(records), CENSUS, ["shape", "rank"]).rename(columns={"rank": "atoms"})
    found["rows"], found["columns"] = found["shape"].str[0], found["shape"].str[1]
    names = ["classes", *CLASSES, "unique", "several", "most"]
    return found.set_index(["rows", "columns", "atoms"]).reindex(columns=names).astype(int)


def smallest_examples(records: Iterable[Record]) -> dict[str, SupportPair]:
    """Return the smallest supports of each part of the gap: fewest rows and columns, then fewest atoms.

    Keys are those of `EXAMPLES` that occur: one solution though not closable, several, a continuum though
    Theorem 4.13's conditions hold.
    """
    found = {}
    for record in _census(records):
        for name in EXAMPLES:
            if f"{name}_rows" in record.curves and name not in found:
                sides = (record.curves[f"{name}_{side}"] for side in ("rows", "columns"))
                found[name] = supports_of(*sides, record.parameters["rank"])
    return {name: found[name] for name in EXAMPLES if name in found}


def _census(records):
    """Return the records of the census, the smallest sizes first."""
    return sorted(
        (r for r in records if r.experiment == CENSUS),
        key=lambda r: (sum(r.parameters["shape"]), r.parameters["rank"], r.parameters["shape"]),
    )
