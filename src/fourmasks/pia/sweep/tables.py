"""Figures 3 to 6 as tables, from the records of the sweep over PIA's weight and its growth."""

from collections.abc import Iterable

import pandas as pd

from fourmasks.pages.tables import run_rows
from fourmasks.pia.sweep.plan import AXES, EXPERIMENT, PATIENCE, SCALE
from fourmasks.records.store import Record

METRICS = {
    "validation_ndcg_at_100": "validation NDCG@100",
    "ndcg_at_100": "test NDCG@100",
    "recall_at_20": "test Recall@20",
    "recall_at_50": "test Recall@50",
}


def runs(records: Iterable[Record]) -> pd.DataFrame:
    """Return a row for each run: data set, seed, the three settings, and metrics, as `METRICS` names them."""
    return run_rows(records, EXPERIMENT, ("dataset", "seed", *AXES)).rename(columns=METRICS)


def grids(frame: pd.DataFrame, dataset: str) -> dict[float, pd.DataFrame]:
    """Return Figures 3 to 5, by weight: the mean validation NDCG@100 over seeds, patience by factor.

    A factor of 1 keeps the weight, whatever the patience: its one run fills the column. A weight at which
    one patience and one factor were tried has no grid.
    """
    weight, *axes = AXES
    found = {}
    for value, part in frame[frame["dataset"] == dataset].groupby(weight):
        table = part.pivot_table(index=axes[0], columns=axes[1], values=METRICS["validation_ndcg_at_100"])
        if table.size > 1:
            if 1.0 in table:
                table[1.0] = table[1.0].max()
            found[value] = table
    return found


def by_weight(frame: pd.DataFrame, dataset: str) -> pd.DataFrame:
    """Return Figure 6: mean measures over seeds by weight, at the paper's patience and factor."""
    weight, patience, scale = AXES
    part = frame[(frame["dataset"] == dataset) & (frame[patience] == PATIENCE) & (frame[scale] == SCALE)]
    return part.reindex(columns=[weight, *METRICS.values()]).groupby(weight).mean()
