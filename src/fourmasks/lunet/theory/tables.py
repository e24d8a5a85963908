"""Tables of the statements: how many instances contradict each, printed and corrected, and the verdict."""

from collections.abc import Iterable, Mapping

import pandas as pd

from fourmasks.lunet.theory.plan import EXPERIMENT
from fourmasks.pages.tables import run_rows
from fourmasks.records.store import Record

# In the paper's order: its place, or that of our page on theory; the statement; its claim, if it is one.
STATEMENTS = {
    "equation-2.2": ("Eq. (2.2)", "the printed formula inverts a layer", "lunet-equation2-2-inverse"),
    "existence": ("Section 2.2", "a non-singular matrix has an LU", "lunet-section2-2-existence"),
    "uniqueness": ("Section 2.2", "the LU is unique", "lunet-section2-2-uniqueness"),
    "equation-2.4": (
        "Eq. (2.4)",
        "the determinant is the product of the diagonal",
        "lunet-equation2-4-determinant",
    ),
    "equation-2.6": ("Eq. (2.6)", "LeakySoftplus takes every value once", "lunet-equation2-6-bijection"),
    "classical-activations": (
        "Section 2.3",
        "it has neither drawback of the classical ones",
        "lunet-section2-3-classical",
    ),
    "equation-2.8": (
        "Eq. (2.8)",
        "inverses in reverse order invert the network",
        "lunet-equation2-8-inverse",
    ),
    "equation-2.9": ("Eq. (2.9)", "the general form takes every value once", "lunet-equation2-9-bijection"),
    "equation-2.9-gradient": ("Eq. (2.9)", "its slope is nowhere zero", "lunet-equation2-9-gradient"),
    "equation-2.13": (
        "Eq. (2.13)",
        "the loss is bounded below, Y is 0 or 1 (failures: Y is the rating)",
        "lunet-equation2-13-binary",
    ),
    "equation-2.9-units": ("ours", "Eq. (2.9), β > 0, is (2.6) in other units", None),
    "log-determinant": ("ours", "log-determinant of the network", None),
}


def asked(records: Iterable[Record], claims: Iterable[Mapping] = ()) -> pd.DataFrame:
    """Return how many instances a statement was asked of, how many contradict it, and the verdict.

    Parameters
    ----------
    records : iterable of Record
    claims : iterable of mapping, optional
        Rows of the ledger. Without them there are no verdicts.
    """
    columns = {"instances": "instances", "failures": "failures", "corrected_failures": "corrected"}
    rows = run_rows(records, EXPERIMENT, ("statement", "size")).reindex(columns=["statement", *columns])
    found = rows.groupby("statement").sum(min_count=1).rename(columns=columns)
    names = [name for name in STATEMENTS if name in found.index]
    found = found.loc[names].map(lambda count: "–" if count != count else f"{count:.0f}")
    verdicts = {row["id"]: row["verdict"] for row in claims}
    if verdicts:
        found["verdict"] = [verdicts.get(STATEMENTS[name][2], "–") for name in names]
    places = [STATEMENTS[name][:2] for name in names]
    found.index = pd.MultiIndex.from_tuples(places, names=["place", "statement"])
    return found


def shares(records: Iterable[Record]) -> pd.DataFrame:
    """Return by size how many non-singular matrices there were, how many without an LU, and their share."""
    columns = {"size": "d", "instances": "matrices", "failures": "without LU"}
    rows = run_rows(records, EXPERIMENT, ("statement", "size")).reindex(columns=columns).dropna()
    found = rows.astype(int).rename(columns=columns).set_index("d").sort_index()
    return found.assign(share=found["without LU"] / found["matrices"])
