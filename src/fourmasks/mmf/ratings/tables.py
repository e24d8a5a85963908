"""Tables of the rating experiment: the data, errors by method, and how near MMF comes to the paper."""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from fourmasks.mmf.ratings import plan
from fourmasks.pages.tables import run_rows, spread
from fourmasks.records.store import Record

NEAR = 0.003  # of RMSE: as good as reached
UNMASKED = ("mmf-constant", "mmf-unmasked")  # they have the settings of an MMF, and no masks


def in_order(frame: pd.DataFrame, *columns: str) -> pd.DataFrame:
    """Return a frame sorted by columns, methods and the paper's data sets in their own order."""
    own = {"dataset": [*plan.PROFILES["paper"].dataset, *frame["dataset"]], "method": plan.METHODS}
    return frame.sort_values(
        list(columns),
        key=lambda column: column.map(own[column.name].index) if column.name in own else column,
        kind="stable",
        ignore_index=True,
    )


def final_runs(records: Iterable[Record]) -> pd.DataFrame:
    """Return a row for each final run, by data set, by method, by split."""
    frame = run_rows(records, plan.EXPERIMENT, ["dataset", "method", "protocol", "split_seed", "seed"])
    return in_order(frame, "dataset", "method", "split_seed")


def sizes(records: Iterable[Record]) -> pd.DataFrame:
    """Return Table 2: users, items, ratings and density of each data set."""
    counts = ["users", "items", "ratings"]
    table = in_order(run_rows(records, plan.DATASETS, ["dataset"]), "dataset").set_index("dataset")
    return table[[*counts, "density"]].astype(dict.fromkeys(counts, int))


def errors(frame: pd.DataFrame, names: Iterable[str]) -> dict[str, pd.DataFrame]:
    """Return the test RMSE of every run by data set: methods by splits."""
    of = {name: frame[frame["dataset"] == name] for name in names}
    tables = {
        name: own.pivot(index="method", columns="split_seed", values="test_rmse") for name, own in of.items()
    }
    return {
        name: table.reindex([m for m in plan.METHODS if m in table.index]) for name, table in tables.items()
    }


def mean_errors(frame: pd.DataFrame) -> pd.DataFrame:
    """Return means and standard deviations of the test RMSE as texts: methods by data sets."""
    cells = frame.groupby(["dataset", "method"], sort=False)["test_rmse"].agg(spread)
    table = cells.unstack("dataset", sort=False).fillna("–")
    return table.reindex([method for method in plan.METHODS if method in table.index])


def nearest(frame: pd.DataFrame, reported: pd.Series) -> pd.DataFrame:
    """Return which MMF has the lowest mean test RMSE on each data set, and whether that is the reported one.

    Parameters
    ----------
    frame : DataFrame
        Of `final_runs`.
    reported : Series
        What the paper reports for MMF, by data set; the rows are in its order.
    """
    means = frame.pivot_table(index="method", columns="dataset", values="test_rmse")[list(reported.index)]
    masked = means[means.index.str.startswith("mmf-") & ~means.index.isin(UNMASKED)]
    columns = {
        "reported": reported,
        "best MMF": masked.idxmin(),
        "its RMSE": masked.min(),
        "best of all": means.idxmin(),
        "RMSE of that": means.min(),
        "reached": pd.Series(np.where(masked.min() <= reported + NEAR, "yes", "no"), reported.index),
    }
    return pd.DataFrame(columns, index=reported.index)
