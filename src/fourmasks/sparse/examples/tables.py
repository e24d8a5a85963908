"""Tables of the examples: what is counted beside the paper's word, edges, and stages."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pandas as pd

from fourmasks.records.store import Record
from fourmasks.sparse.completion.literal import Stage
from fourmasks.sparse.examples import pictures
from fourmasks.sparse.supports.pair import SupportPair


def beside(rows: Iterable[Mapping], words: Mapping[str, str]) -> pd.DataFrame:
    """Return claims by place: what is counted, the paper's number, ours, and the verdict.

    Parameters
    ----------
    rows : iterable of mapping
        Of `fourmasks.claims.ledger.ledger`; those without words are left out.
    words : mapping of str to str
        By id of a claim: what its number counts.

    Returns
    -------
    DataFrame
        Indexed by place, in the order of the words.
    """
    known = {row["id"]: row for row in rows}
    cells = [
        (row["place"], said, _number(row["reported"]), _number(row["measured"]), row["verdict"])
        for row, said in ((known[name], said) for name, said in words.items())
    ]
    return pd.DataFrame(cells, columns=["place", "what is counted", "paper", "ours", "verdict"]).set_index(
        "place"
    )


def counts(records: Iterable[Record]) -> pd.Series:
    """Return what the experiment counted: a value for each example and number."""
    metrics = {record.parameters["example"]: record.metrics for record in records}
    values = {
        (name, number): int(found[number]) for name, found in metrics.items() for number in sorted(found)
    }
    return pd.Series(values, name="value").rename_axis(["example", "number"])


def edges(supports: SupportPair, steps: Sequence[tuple[str, np.ndarray, np.ndarray]]) -> pd.DataFrame:
    """Return for each step and atom the number of known edges, those added, and those still missing."""
    rows = {}
    for step, before, after in steps:
        for atom, mask in enumerate(supports.masks()):
            added, missing = (
                np.argwhere(found) for found in (after[atom] & ~before[atom], mask & ~after[atom])
            )
            rows[step, atom + 1] = int(before[atom].sum()), pictures.cells(added), pictures.cells(missing)
    table = pd.DataFrame.from_dict(rows, orient="index", columns=["edges", "added", "missing"])
    return table.set_axis(pd.MultiIndex.from_tuples(rows, names=["step", "atom"]))


def stages(run: Sequence[Stage]) -> pd.DataFrame:
    """Return what each stage of Algorithm 1 finds, with the values, and how much is missing after it."""
    rows = {}
    for number, stage in enumerate(run):
        fresh = np.argwhere(stage.known & ~run[number - 1].known) if number else ()
        values = ", ".join(f"{pictures.cells([place])} = {stage.C[tuple(place)]}" for place in fresh)
        rows[f"{number + 1} {stage.name}"] = values or pictures.NOTHING, int((~stage.known).sum())
    return pd.DataFrame.from_dict(rows, orient="index", columns=["found", "missing"]).rename_axis("stage")


def _number(value):
    return pictures.NOTHING if value is None else value if isinstance(value, str) else f"{value:g}"
