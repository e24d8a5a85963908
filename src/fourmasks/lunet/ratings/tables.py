"""Tables of the rating experiment, from its records."""

from collections.abc import Iterable

import pandas as pd

from fourmasks.lunet.ratings.plan import EXPERIMENT, METHODS
from fourmasks.pages.tables import run_rows
from fourmasks.records.store import Record

OUTER = ["dataset", "method", "split_seed", "seed"]


def runs(records: Iterable[Record]) -> pd.DataFrame:
    """Return a row for each final run, as `run_rows` does, by data set, by method in their order, by seed."""
    frame = run_rows(records, EXPERIMENT, OUTER)
    return _sorted(frame if len(frame) else frame.assign(test_mse=[]))  # which pages ask for


def curves(records: Iterable[Record], methods: Iterable[str]) -> pd.DataFrame:
    """Return a row for each epoch of the final runs of networks: what it was, the epoch, and its curves."""
    methods = set(methods)
    parts = [
        pd.DataFrame(own | record.curves).rename_axis("epoch").reset_index()
        for record in records
        for own in [{name: record.parameters.get(name) for name in OUTER}]
        if record.experiment == EXPERIMENT and own["method"] in methods
    ]
    frame = pd.concat(parts) if parts else pd.DataFrame(columns=[*OUTER, "epoch", "test_mse"])
    return _sorted(frame.assign(epoch=frame["epoch"] + 1))


def _sorted(frame):
    return frame.sort_values(
        ["dataset", "method", "seed"],
        key=lambda column: column.map(METHODS.index) if column.name == "method" else column,
        kind="stable",
        ignore_index=True,
    )
