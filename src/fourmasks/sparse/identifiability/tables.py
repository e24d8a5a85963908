"""Tables of what was refereed: theorems, statements as printed, the parts of Corollary 5.12."""

from collections.abc import Iterable, Mapping

import pandas as pd

from fourmasks.pages.tables import run_rows
from fourmasks.records.store import Record
from fourmasks.sparse.identifiability import corollary, plan, statements

# By kind of instances: the theorems, and what decides them without them.
REFEREES = {
    "fixed": ("Theorems 4.13 and 4.26", "rank of the Jacobian"),
    "algebra": ("Proposition 4.11, Theorems 4.13 and 4.26", "Gröbner bases"),
    "right": ("Theorem 3.14 mended, Propositions 3.16 and 3.17", "all linear systems"),
    "uniform": ("Corollaries 5.6 and 5.12 mended, Propositions 5.8 and 5.10", "single factors"),
    "families": ("Proposition 2.15, Theorem 4.8, Propositions 4.9 and 5.5", "all factors over a field"),
}
# By statement: its place, and what is asked.
ASKED = {
    "proposition-3.1": ("Proposition 3.1", "unique is X up to permutations, and Y given X"),
    "lemma-3.3": ("Lemma 3.3", "not unique if Y has a column that X lacks"),
    "lemma-3.6": ("Lemma 3.6", "zero columns of X may be dropped"),
    "lemma-3.6-mended": (
        "Lemma 3.6, mended",
        "the same, if no support that allows a solution has entries there",
    ),
    "proposition-3.8": ("Proposition 3.8", "the columns of X may be normalised"),
    "lemma-3.10": ("Lemma 3.10", "columns may be permuted"),
    "lemma-4.4": ("Lemma 4.4", "equal lifted tuples mean equivalent factors"),
    "lemma-4.6": ("Lemma 4.6", "factors are unique where their lifted tuple is"),
    "corollary-4.10": ("Corollary 4.10", "the same for fixed supports"),
    "proposition-4.18": ("Proposition 4.18", "one completion exactly if the graph is connected"),
    "remark-4.20": ("Remark 4.20", "one completion inside a graph completes connected parts"),
    "remark-4.20-repeated": ("Remark 4.20, mended", "the same, repeated until nothing changes"),
    "corollary-4.27": ("Corollary 4.27", "disjoint supports are closable and unique"),
    "proposition-4.29-i": ("Proposition 4.29 (i)", "a conflict means that there is no solution"),
    "proposition-4.29-ii": ("Proposition 4.29 (ii)", "an output without missing values is a solution"),
    "proposition-4.29-ii-corrected": ("Proposition 4.29 (ii), mended", "the same, if rank one is asked for"),
    "after-proposition-4.29": ("After Proposition 4.29", "PS-unique factors can be made of such an output"),
    "lemma-4.30": ("Lemma 4.30", "on closable supports Algorithm 1 completes everything"),
    "lemma-5.1": ("Lemma 5.1", "uniformly unique exactly if supports are disjoint"),
    "remark-5.1": ("After Lemma 5.1", "then almost every pair of factors is identifiable"),
    "proposition-5.3": ("Proposition 5.3", "on disjoint supports, up to scaling alone"),
    "lemma-k.1": ("Lemma K.1", "a unique tuple has no zero contributions"),
    "remark-d.3": ("Remark D.3", "grouping equal columns keeps the product"),
}
PARTS = {"row": "(i) by row", "column": "(ii) by column", "both": "(iii) both", "global": "(iv) in all"}


def refereed(records: Iterable[Record]) -> pd.DataFrame:
    """Return for each kind of instances the theorems, the referee, their number, and contradictions."""
    records, rows = list(records), {}
    for kind, (theorems, referee) in REFEREES.items():
        runs = [record.metrics for record in records if record.experiment == plan.EXPERIMENTS[kind]]
        rows[theorems] = (
            referee,
            *(int(sum(run[name] for run in runs)) for name in ("instances", "contradictions")),
        )
    columns = ["referee", "instances", "contradictions"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("theorem")


def printed(records: Iterable[Record], verdicts: Mapping[str, str]) -> pd.DataFrame:
    """Return for each statement as printed what it says, how many instances fail, and the verdict.

    Parameters
    ----------
    records : iterable of Record
        Of the experiment `statements`; statements that they do not ask are left out.
    verdicts : mapping of str to str
        By statement. One that has none, as those that we mended, shows "–".
    """
    rows = run_rows(records, statements.EXPERIMENT, ["statement"]).set_index("statement")
    asked = [name for name in ASKED if name in rows.index]
    cells = [
        (*ASKED[name], *(int(rows.at[name, count]) for count in ("instances", "counterexamples")),
         verdicts.get(name, "–"))
        for name in asked
    ]  # fmt: skip
    columns = ["statement", "what it says", "tried", "fail", "verdict"]
    return pd.DataFrame(cells, columns=columns).set_index("statement")


def by_part(records: Iterable[Record]) -> pd.DataFrame:
    """Return the counts of each part of Corollary 5.12, summed over the sizes."""
    rows = run_rows(records, corollary.EXPERIMENT, ["part", "rows", "columns", "height"])
    names = {
        "instances": "instances",
        "uniform": "unique",
        "printed_contradictions": "contradictions as printed",
        "mended_contradictions": "contradictions as mended",
    }
    table = rows.groupby("part")[list(names)].sum().astype(int).rename(columns=names)
    return table.loc[list(PARTS)].rename(index=PARTS)


def reach(records: Iterable[Record], limit: float) -> pd.DataFrame:
    """Return how many columns an exact Kruskal rank can have within a time, a row for each question.

    Parameters
    ----------
    records : iterable of Record
        Timings.
    limit : float
        Seconds.

    Returns
    -------
    DataFrame
        The most columns that took no longer, the seconds they took, and what the next size would take.
    """
    rows = {}
    for record in sorted(records, key=lambda one: one.parameters["columns"]):
        if record.experiment == corollary.TIMING and record.metrics["cpu_seconds"] <= limit:
            columns, seconds = corollary.following(record)
            rows[record.parameters["question"]] = (
                record.parameters["columns"],
                f"{record.metrics['cpu_seconds']:.3g}",
                columns,
                f"{seconds:.3g}",
            )
    names = ["most columns", "CPU time (s)", "next size", "would take (s)"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=names).rename_axis("question")
