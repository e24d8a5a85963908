"""Tables on the theorems' referees, the paper's statements as printed, and Corollary 5.12."""

from collections.abc import Iterable

from fourmasks.records.store import Record
from fourmasks.sparse.identifiability import corollary, plan, statements

REFEREED = {
    "fixed": ("4.13, 4.26", "rank of the Jacobian"),
    "algebra": ("4.11, 4.13, 4.26", "Gröbner bases"),
    "right": ("3.14 mended, 3.16, 3.17", "all linear systems"),
    "uniform": ("5.6, 5.8, 5.10, 5.12 mended", "single factors"),
    "families": ("2.15, 4.8, 4.9, 5.5", "all factors over a field"),
}


def referee_table(records: Iterable[Record]):
    """Return for each kind of trial what is refereed, by what, how often, and the contradictions."""
    import pandas as pd

    rows = []
    records = list(records)
    for trial, (theorems, referee) in REFEREED.items():
        found = [r.metrics for r in records if r.experiment == plan.EXPERIMENTS[trial]]
        if found:
            counts = {name: int(sum(m[name] for m in found)) for name in ("instances", "contradictions")}
            rows.append({"trial": trial, "statements": theorems, "referee": referee} | counts)
    columns = ["trial", "statements", "referee", "instances", "contradictions"]
    return pd.DataFrame(rows, columns=columns).set_index("trial")


def statement_table(records: Iterable[Record]):
    """Return for each statement, in the paper's order, how many instances it was asked of, and how often
    it failed."""
    import pandas as pd

    found = {
        r.parameters["statement"]: {name: int(r.metrics[name]) for name in ("instances", "counterexamples")}
        for r in records
        if r.experiment == statements.EXPERIMENT
    }
    rows = [{"statement": name} | found[name] for name in statements.CHECKS if name in found]
    return pd.DataFrame(rows, columns=["statement", "instances", "counterexamples"]).set_index("statement")


def failing_sentence(table) -> str:
    """Name the statements with counterexamples."""
    failing = table.index[table["counterexamples"] > 0]
    return (
        f"{len(failing)} of {len(table)} statements have counterexamples:\n  {', '.join(failing)}."
        if len(failing)
        else f"None of {len(table)} statements has a counterexample."
    )


def corollary_table(records: Iterable[Record]):
    """Return Corollary 5.12 beside its definition: a row for each part, summed over the sizes."""
    import pandas as pd

    parts = {"row": "(i) row", "column": "(ii) column", "both": "(iii) both", "global": "(iv) global"}
    names = ("instances", "uniform", "printed", "printed_contradictions", "mended_contradictions")
    rows = {}
    for record in records:
        if record.experiment == corollary.EXPERIMENT:
            row = rows.setdefault(parts[record.parameters["part"]], dict.fromkeys(names, 0))
            for name in names:
                row[name] += int(record.metrics[name])
    return pd.DataFrame.from_dict(rows, orient="index", columns=names).rename_axis("part")


def timing_table(records: Iterable[Record]):
    """Return how long exact Kruskal ranks took: a row for each question and number of columns."""
    import pandas as pd

    rows = [
        {
            "question": r.parameters["question"],
            "columns": r.parameters["columns"],
            "sets": int(r.metrics["sets"]),
            "rank": int(r.metrics["rank"]),
            "cpu_seconds": r.metrics["cpu_seconds"],
        }
        for r in records
        if r.experiment == corollary.TIMING
    ]
    names = ["question", "columns", "sets", "rank", "cpu_seconds"]
    frame = pd.DataFrame(rows, columns=names).sort_values(["question", "columns"])
    return frame.set_index(["question", "columns"])


def timing_sentences(records: Iterable[Record], limit: float) -> list[str]:
    """Say for each question up to which size it was answered within the limit, and what the next asks."""
    found = []
    frame = timing_table(records).reset_index()
    for question, part in frame.groupby("question", sort=False):
        within = part[part["cpu_seconds"] <= limit]
        if not len(within):
            found.append(f"{question}: no size within {limit:g} s.")
            continue
        last = within.iloc[-1]
        following = last["columns"] + corollary.COLUMNS[question][1]
        expected = last["cpu_seconds"] * corollary.sets_of(question, int(following)) / last["sets"]
        reached = f"{question}: {last['columns']} columns in {last['cpu_seconds']:.3g} s"
        found.append(f"{reached}; {following} would take about {expected:.3g} s.")
    return found
