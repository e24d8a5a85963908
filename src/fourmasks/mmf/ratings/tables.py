"""Tables of the rating experiment, from its records."""

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from fourmasks.mmf.ratings.plan import DATASETS, EXPERIMENT, METHODS, PROFILES
from fourmasks.pages.tables import run_rows
from fourmasks.records.store import Record

OUTER = ["dataset", "method", "protocol", "split_seed", "seed"]
UNMASKED = ("mmf-constant", "mmf-unmasked")  # they have the settings of an MMF, and no masks


def runs(records: Iterable[Record]) -> pd.DataFrame:
    """Return a row for each final run, by data set, by method in their order, by split."""
    frame = run_rows(records, EXPERIMENT, OUTER)
    return _in_order(frame, "dataset", "method", "split_seed")


def sizes(records: Iterable[Record]) -> pd.DataFrame:
    """Return Table 2: users, items, ratings and density of each data set."""
    counts = ["users", "items", "ratings"]
    table = _in_order(run_rows(records, DATASETS, ["dataset"]), "dataset").set_index("dataset")
    return table[[*counts, "density"]].astype(dict.fromkeys(counts, int))


def targets(frame: pd.DataFrame, reported: Mapping[str, float], near: float = 0.003) -> pd.DataFrame:
    """Return how close the runs of MMF came to what the paper reports for it.

    Parameters
    ----------
    frame : DataFrame
        As `runs` gives it.
    reported : mapping of dataset to float
        A test RMSE.
    near : float, default 0.003
        What may be missing for "reached".

    Returns
    -------
    DataFrame
        For each data set: reported; the kind of MMF with the lowest mean test RMSE, and that mean; the method
        of any kind with the lowest; reached.
    """
    means = frame.pivot_table(index="method", columns="dataset", values="test_rmse")[list(reported)]
    masked = means[means.index.str.startswith("mmf-") & ~means.index.isin(UNMASKED)]
    table = pd.DataFrame(
        {
            "reported": pd.Series(reported),
            "best MMF": masked.idxmin(),
            "its RMSE": masked.min(),
            "best of all": means.idxmin(),
            "RMSE of that": means.min(),
        }
    )
    return table.assign(reached=np.where(table["its RMSE"] <= table["reported"] + near, "yes", "no"))


def _in_order(frame, *columns):
    """Return a frame sorted by columns, methods and the paper's data sets in their own order."""
    order = {"dataset": [*PROFILES["paper"].dataset, *frame["dataset"]], "method": METHODS}
    return frame.sort_values(
        list(columns),
        key=lambda column: column.map(order[column.name].index) if column.name in order else column,
        kind="stable",
        ignore_index=True,
    )
