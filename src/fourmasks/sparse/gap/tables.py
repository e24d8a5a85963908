"""Tables of the gap: all supports of a size by phase, and how wide the gap is on random supports."""

from collections.abc import Iterable

import pandas as pd

from fourmasks.pages.tables import run_rows
from fourmasks.records.store import Record
from fourmasks.sparse.gap.plan import CENSUS, PHASES
from fourmasks.sparse.gap.run import CLASSES, CONTRADICTIONS
from fourmasks.sparse.supports.classes import supports_of
from fourmasks.sparse.supports.pair import SupportPair


def census_records(records: Iterable[Record]) -> list[Record]:
    """Return the records of the census, the smallest sizes first."""
    own = [record for record in records if record.experiment == CENSUS]
    return sorted(
        own, key=lambda r: (sum(r.parameters["shape"]), r.parameters["rank"], r.parameters["shape"])
    )


def census(records: Iterable[Record]) -> pd.DataFrame:
    """Return a row for each size (rows, columns, atoms): how many classes of supports are in each phase."""
    rows = run_rows(census_records(records), CENSUS, ["shape", "rank"]).rename(columns={"rank": "atoms"})
    rows["rows"], rows["columns"] = rows["shape"].str[0], rows["shape"].str[1]
    names = ["classes", *CLASSES, "unique", "several", "most"]
    return rows.set_index(["rows", "columns", "atoms"]).reindex(columns=names).astype(int)


def smallest(records: Iterable[Record], kinds: Iterable[str]) -> dict[str, SupportPair]:
    """Return the smallest supports of each kind ("unique", "several", "moving") that the census found."""
    found = {}
    own = census_records(records)
    for kind in kinds:
        with_one = [record for record in own if f"{kind}_rows" in record.curves]
        if with_one:
            sides = (with_one[0].curves[f"{kind}_{side}"] for side in ("rows", "columns"))
            found[kind] = supports_of(*sides, with_one[0].parameters["rank"])
    return found


def phases(records: Iterable[Record]) -> pd.DataFrame:
    """Return a row for each cell: law, size, atoms, density, instances, shares of phases, contradictions."""
    rows = run_rows(records, PHASES, ["law", "shape", "rank", "density"])
    rows = rows.rename(columns={"rank": "atoms"}).assign(size=rows["shape"].str[0])
    rows["contradictions"] = rows.reindex(columns=CONTRADICTIONS).sum(axis=1)
    cell = ["law", "size", "atoms", "density"]
    frame = rows.reindex(columns=[*cell, "instances", *CLASSES, "countable", "contradictions"])
    return frame.astype({"instances": int, "contradictions": int}).sort_values(cell, ignore_index=True)


def shares(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the share of each phase in percent, by law, size, atoms and phase, a column for each density."""
    cell = ["law", "size", "atoms"]
    table = frame.pivot(index=cell, columns="density", values=list(CLASSES)).stack(0, future_stack=True)
    return (100 * table).round().astype("Int64").rename_axis(index=[*cell, "phase"])


def totals(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the phases of `phases` summed to numbers of tuples: a row for each law and size."""
    counts = frame[list(CLASSES)].mul(frame["instances"], axis=0).round().astype(int)
    cells = frame[["law", "size", "instances"]].join(counts).join(frame["contradictions"])
    return cells.groupby(["law", "size"]).sum()


def widths(frame: pd.DataFrame) -> pd.DataFrame:
    """Return how wide the gap is, in percent: a row for each law and size.

    Columns are the number of tuples; the share of them in the gap; of those in the gap, the share with
    isolated solutions; of all with isolated solutions, the share that Theorem 4.26 sees; of all whose
    solutions move, the share that Theorem 4.13 sees.
    """
    n = totals(frame)
    gap, fixed, free = (
        n["isolated"] + n["moving"],
        n["closable"] + n["isolated"],
        n["moving"] + n["crowded"],
    )
    parts = {
        "in the gap (%)": gap / n["instances"],
        "of these isolated (%)": n["isolated"] / gap,
        "Theorem 4.26 sees, of isolated (%)": n["closable"] / fixed,
        "Theorem 4.13 sees, of moving (%)": n["crowded"] / free,
    }
    table = pd.DataFrame({"tuples": n["instances"]})
    for name, share in parts.items():
        table[name] = [f"{100 * value:.0f}" if value == value else "–" for value in share]
    return table
