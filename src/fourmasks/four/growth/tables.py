"""The table of growth: by which power of users, items and interactions the time of a training grows."""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from fourmasks.four.growth.plan import AXES, EXPERIMENT, METHODS
from fourmasks.pages.tables import run_rows
from fourmasks.records.store import Record


def times(records: Iterable[Record]) -> pd.DataFrame:
    """Return a row for each timing: what grows, its size, and the seconds of an epoch or of a training.

    A run belongs to each of the axes along which the others have the sizes that they have there.
    """
    frame = run_rows(records, EXPERIMENT, ["method", *AXES, "seed"])
    if not len(frame):
        return pd.DataFrame(columns=["method", "axis", "size", "seconds", "seed"])
    whole = frame.get("training_seconds", pd.Series(np.nan, frame.index))
    frame["seconds"] = frame["epoch_seconds"].fillna(whole) if "epoch_seconds" in frame else whole
    parts = []
    for axis in AXES:
        others = [name for name in AXES if name != axis]
        still = frame.groupby(others)[axis].nunique().idxmax()  # where most sizes were timed
        part = frame[(frame[others] == list(still)).all(axis=1)]
        parts.append(part.assign(axis=axis, size=part[axis]))
    columns = ["method", "axis", "size", "seconds", "seed"]
    order = pd.concat(parts)[columns]
    return order.sort_values(
        ["axis", "method", "size"], kind="stable", ignore_index=True,
        key=lambda column: column.map(METHODS.index) if column.name == "method" else column,
    )  # fmt: skip


def slopes(frame: pd.DataFrame, upper: bool = False) -> pd.DataFrame:
    """Return the log-log slopes of `times`: methods by what grows.

    Parameters
    ----------
    frame : DataFrame
        Of `times`.
    upper : bool, default False
        Whether only the larger half of the sizes counts: among small ones the constant cost of a call hides
        what grows.
    """
    rows = {}
    for (method, axis), part in frame.groupby(["method", "axis"], sort=False):
        line = part.groupby("size")["seconds"].median()
        line = line.iloc[len(line) // 2 :] if upper else line
        if len(line) > 1 and (line > 0).all():
            rows.setdefault(method, {})[axis] = np.polyfit(np.log(line.index), np.log(line), 1)[0]
    return pd.DataFrame.from_dict(rows, orient="index").reindex(columns=list(AXES))
