"""Tables of the reconstruction experiment, from its records."""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from fourmasks.data.matrices import matrix_names
from fourmasks.mmf.reconstruction.plan import EXPERIMENT
from fourmasks.pages.tables import run_rows
from fourmasks.records.store import Record

CELL = ["dataset", "budget"]
METHODS = (
    *("mmf-lm", "mmf-adam", "mmf-frozen", "svd", "block-svd", "largest-entries"),
    *("mf-sgd", "mf-ridge", "mf-bias"),
)


def runs(records: Iterable[Record]) -> pd.DataFrame:
    """Return a row for each run, by matrix and by budget."""
    frame = run_rows(records, EXPERIMENT, [*CELL, "method", "seed"])
    place = {name: number for number, name in enumerate(matrix_names())}
    return frame.sort_values([*CELL, "seed"], key=lambda c: c.map(place) if c.name == "dataset" else c)


def by_method(frame: pd.DataFrame, column: str, aggregate="mean") -> pd.DataFrame:
    """Return a column aggregated over seeds: a row for each matrix and budget, methods side by side."""
    table = frame.groupby([*CELL, "method"], sort=False)[column].agg(aggregate).unstack("method")
    rows = pd.MultiIndex.from_frame(frame[CELL].drop_duplicates())
    return table.loc[rows, [method for method in METHODS if method in table]]


def gains(frame: pd.DataFrame, baseline: str = "svd") -> pd.DataFrame:
    """Return the gain of every run over a baseline on the same matrix: (e_base - e) / e_base, in percent.

    A deterministic baseline on a real matrix has one run; it stands for all seeds.
    """
    base = frame[frame["method"] == baseline].set_index([*CELL, "seed"])["relative_error"].to_dict()
    runs = zip(frame["dataset"], frame["budget"], frame["seed"], strict=True)
    errors = [base.get((*cell, seed), base.get((*cell, 0), np.nan)) for *cell, seed in runs]
    found = frame.assign(gain=100 * (1 - frame["relative_error"] / np.array(errors)))
    return found[found["method"] != baseline].dropna(subset="gain")
