"""Tables of the masks: directions that masks leave to factors, and what holds of triangles."""

from collections.abc import Iterable

import pandas as pd

from fourmasks.four.masks.plan import INPUTS, MASKS, SUPPORTS, TRIANGLES
from fourmasks.pages.tables import run_rows
from fourmasks.records.store import Record

OUTER = ["family", "rank", "n_masks", "shifts", "users", "items", "seed"]
OF_SUPPORTS = ["closable", "generic_conditions", "isolated"]
DECISIONS = [*OF_SUPPORTS, "necessary"]
WORDS = {
    "density": "share kept",
    "closable": "unique (Theorem 4.26)",
    "generic_conditions": "not refuted (Theorem 4.13)",
    "isolated": "isolated (rank of the Jacobian)",
    "necessary": "not refuted, these factors",
}
MASKED = {1.0: "no mask", 0.5: "half of the items kept"}
PIVOTS = {"any": "no pivot is zero", "zero": "one pivot is zero"}


def points(records: Iterable[Record]) -> pd.DataFrame:
    """Return a row for each random point: what it was, and the directions that it leaves."""
    frame = run_rows(records, MASKS, OUTER)
    frame = frame if len(frame) else frame.assign(beyond=[])
    return frame.sort_values(["shifts", "family", "rank", "n_masks", "seed"])


def beyond(frame: pd.DataFrame, shifts: str) -> pd.DataFrame:
    """Return the directions beyond scaling, as "4 to 12" over points: families and ranks by number of masks.

    The last column has R² - R, the directions in which an invertible matrix other than a scaling may stand
    between factors without masks.
    """
    part = frame[frame["shifts"] == shifts]
    table = part.groupby(["family", "rank", "n_masks"])["beyond"].agg(_range).unstack("n_masks")
    table.columns = [f"K = {n_masks}" for n_masks in table.columns]
    ranks = table.index.get_level_values("rank")
    return table.assign(**{"R² − R": ranks**2 - ranks}).rename_axis(["family", "R"])


def triangles(records: Iterable[Record]) -> pd.DataFrame:
    """Return in how many of the random pairs of triangles each theorem says yes, as "25 of 25"."""
    rows = run_rows(records, TRIANGLES, ["size", "pivot", "seed"]).reindex(columns=["pivot", *DECISIONS])
    table = rows.groupby("pivot").agg(_counted)
    return table.rename(index=PIVOTS, columns=WORDS).rename_axis("")


def supports(records: Iterable[Record]) -> pd.DataFrame:
    """Return the share of entries that cut masks keep, and in how many points each theorem says yes."""
    rows = run_rows(records, SUPPORTS, ["family", "rank", "users", "items", "seed"])
    rows = rows.reindex(columns=["family", "rank", "density", *OF_SUPPORTS])
    table = rows.groupby(["family", "rank"]).agg({"density": "mean"} | dict.fromkeys(OF_SUPPORTS, _counted))
    return table.rename(columns=WORDS).rename_axis(["family", "R"])


def inputs(records: Iterable[Record]) -> pd.DataFrame:
    """Return the directions that weights, and factors, of a linear autoencoder keep: R by what is masked."""
    rows = run_rows(records, INPUTS, ["rank", "keep", "users", "items", "seed"])
    rows = rows.reindex(columns=["rank", "keep", "flat", "beyond"])
    table = rows.groupby(["keep", "rank"]).agg(_range).sort_index(ascending=[False, True])
    table.columns = ["of the weights", "of the factors, beyond scaling"]
    return table.rename(index={1.0: "no mask", 0.5: "half of the items kept"}, level="keep").rename_axis(
        ["", "R"]
    )


def _counted(held: pd.Series) -> str:
    return f"{held.sum():.0f} of {len(held)}"


def _range(values: pd.Series) -> str:
    low, high = int(values.min()), int(values.max())
    return f"{low}" if low == high else f"{low} to {high}"
