"""Tables and sentences on the gap between Theorems 4.13 and 4.26, from its records."""

from collections.abc import Iterable

from fourmasks.records.store import Record
from fourmasks.sparse.gap.plan import CENSUS, PHASES
from fourmasks.sparse.gap.run import CLASSES
from fourmasks.sparse.supports.classes import supports_of
from fourmasks.sparse.supports.pair import SupportPair

EXAMPLES = ("unique", "several", "moving")  # of the gap, as the census has them


def phases(records: Iterable[Record]):
    """Return a DataFrame with a row for each cell: law, size, atoms, density, instances and shares."""
    import pandas as pd

    rows = [
        {
            "law": r.parameters["law"],
            "size": r.parameters["shape"][0],
            "atoms": r.parameters["rank"],
            "density": r.parameters["density"],
            "instances": int(r.metrics["instances"]),
        }
        | {name: r.metrics[name] for name in (*CLASSES, "countable")}
        | {
            "contradictions": int(
                r.metrics["sufficient_contradictions"] + r.metrics["necessary_contradictions"]
            )
        }
        for r in records
        if r.experiment == PHASES
    ]
    frame = pd.DataFrame(rows)
    return frame.sort_values(["law", "size", "atoms", "density"], ignore_index=True) if rows else frame


def phase_table(frame):
    """Return the shares in percent: rows by size, number of atoms and phase, a column for each density."""
    keys = ["size", "atoms"]
    long = frame.melt([*keys, "density"], list(CLASSES), var_name="phase", value_name="share")
    wide = long.pivot_table(index=[*keys, "phase"], columns="density", values="share", sort=False)
    cells = sorted(set(zip(frame["size"], frame["atoms"], strict=True)))
    return (100 * wide.loc[[(*cell, phase) for cell in cells for phase in CLASSES]]).round().astype(int)


def totals(frame):
    """Return the phases summed over numbers of atoms and densities: a row for each law and size."""
    weighted = frame[["law", "size", "instances", "contradictions"]].copy()
    for name in CLASSES:
        weighted[name] = frame[name] * frame["instances"]
    table = weighted.groupby(["law", "size"]).sum()
    counts = table[[*CLASSES, "contradictions"]].round().astype(int)
    counts.insert(0, "instances", table["instances"])
    return counts


def gap_sentences(frame) -> list[str]:
    """Say for each law and size how wide the gap is, and which side of it the Jacobian is on: three lines."""
    found = []
    for (law, size), row in totals(frame).iterrows():
        gap = row["isolated"] + row["moving"]
        undecided = f"{law}, {size} x {size}: {gap} of {row['instances']} tuples are in the gap"
        if not gap:
            found.append(f"{undecided}.")
            continue
        isolated, free = row["closable"] + row["isolated"], row["moving"] + row["crowded"]
        found += [
            f"{undecided} ({gap / row['instances']:.0%}),"
            f" {row['isolated']} of them ({row['isolated'] / gap:.0%}) with isolated solutions.",
            f"  Theorem 4.26 sees {row['closable']} of {isolated} tuples with isolated solutions.",
            f"  Theorem 4.13 sees {row['crowded']} of {free} tuples whose solutions move.",
        ]
    return found


def counting_sentence(frame) -> str:
    """Say how much of what moves a count of parameters explains."""
    moving = (frame["moving"] * frame["instances"]).sum()
    beyond = ((1 - frame["countable"]) * frame["instances"]).sum()
    free = ((frame["moving"] + frame["crowded"]) * frame["instances"]).sum()
    return (
        f"Of {round(free)} tuples whose solutions move {round(beyond)} have more parameters than entries\n"
        f"  to explain; {round(moving)} keep the conditions of Theorem 4.13."
    )


def census_table(records: Iterable[Record]):
    """Return the census: a row for each size, with the number of classes in each phase."""
    import pandas as pd

    rows = []
    for record in _census(records):
        (m, n), rank = record.parameters["shape"], record.parameters["rank"]
        counts = {name: int(record.metrics[name]) for name in ("classes", *CLASSES)}
        several = {name: int(record.metrics[name]) for name in ("unique", "several", "most")}
        rows.append({"rows": m, "columns": n, "atoms": rank} | counts | several)
    columns = ["rows", "columns", "atoms", "classes", *CLASSES, "unique", "several", "most"]
    return pd.DataFrame(rows, columns=columns).set_index(columns[:3])


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
