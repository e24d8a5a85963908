"""Tables of the sweep over PIA's weight and its growth: grids of means, and how flat they are."""

from collections.abc import Iterable

import pandas as pd

from fourmasks.pages.tables import run_rows
from fourmasks.pia.sweep.plan import AXES, EXPERIMENT, PATIENCE, SCALE
from fourmasks.records.store import Record

SCORE = "validation NDCG@100"
SWEPT = {
    "validation_ndcg_at_100": SCORE,
    "ndcg_at_100": "test NDCG@100",
    "recall_at_20": "test Recall@20",
    "recall_at_50": "test Recall@50",
}


def runs(records: Iterable[Record]) -> pd.DataFrame:
    """Return a row for each run of the sweep: data set, seed, the three settings, and measures."""
    return run_rows(records, EXPERIMENT, ("dataset", "seed", *AXES)).rename(columns=SWEPT)


def grids(frame: pd.DataFrame, dataset: str) -> dict[float, pd.DataFrame]:
    """Return mean validation NDCG@100 over seeds, patience by factor, for each weight with several of both.

    Parameters
    ----------
    frame : DataFrame
        Of `runs`.
    dataset : str
    """
    weight, patience, factor = AXES
    found = {}
    for value, part in frame[frame["dataset"] == dataset].groupby(weight):
        table = part.pivot_table(index=patience, columns=factor, values=SCORE)
        if table.size > 1:
            if 1.0 in table:  # there the weight stays, whatever the patience: one run stands for the column
                table[1.0] = table[1.0].max()
            found[value] = table
    return found


def flatness(found: dict[float, pd.DataFrame]) -> pd.DataFrame:
    """Return for each grid its lowest and highest value, where that is, and the share within 1 % of it."""
    rows = {}
    for weight, grid in found.items():
        values = grid.stack()
        best, (patience, factor) = values.max(), values.idxmax()
        near = f"{(values >= 0.99 * best).mean():.0%}"
        rows[weight] = (values.min(), best, patience, f"{factor:g}", near)
    columns = ["lowest", "highest", "at patience", "at factor", "within 1 % of it"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("weight")


def by_weight(frame: pd.DataFrame, dataset: str) -> pd.DataFrame:
    """Return means over seeds of all measures by the weight, at the paper's patience and factor."""
    weight, patience, factor = AXES
    part = frame[(frame[patience] == PATIENCE) & (frame[factor] == SCALE) & (frame["dataset"] == dataset)]
    return part.reindex(columns=[weight, *SWEPT.values()]).groupby(weight).mean()
