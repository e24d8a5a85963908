"""Which runs of the ablations are compared, and what an epoch costs, from their records."""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from fourmasks.data.matrices import SIZES
from fourmasks.mmf.masks import plan, timing
from fourmasks.mmf.models.masks import FAMILIES
from fourmasks.pages.tables import run_rows
from fourmasks.records.store import Record

CELL = ["dataset", "budget"]
START = ["learning_rate", "shift_spread"]


def runs(records: Iterable[Record], experiments: Iterable[str] = (plan.EXPERIMENT,)) -> pd.DataFrame:
    """Return a row for each run, by matrix, budget and seed; the SVD counts as a family of masks."""
    records, outer = list(records), [*CELL, "seed", "method", "mask", "n_masks", *START]
    frame = pd.concat([run_rows(records, experiment, outer) for experiment in experiments])
    frame["mask"] = frame["mask"].where(frame["method"] != "svd", "svd")
    place = {name: number for number, name in enumerate(SIZES)}
    return frame.sort_values(
        [*CELL, "seed", "n_masks"], key=lambda c: c.map(place) if c.name == "dataset" else c
    )


def starts(frame: pd.DataFrame) -> pd.Series:
    """Return the name of each run's start."""
    return frame[START].apply(plan.start_of, axis=1)


def family_runs(records: Iterable[Record], config: plan.Config) -> pd.DataFrame:
    """Return the runs of Figure 4: every family with the same number of masks, and the SVD."""
    frame = _compared(runs(records), config)
    return frame[frame["budget"].isin(config.budgets) & (frame["method"] != "mmf-adam")]


def shared_runs(records: Iterable[Record], config: plan.Config) -> pd.DataFrame:
    """Return the control's runs: every family with one shared start, at the smallest budget.

    Those of a family whose own start is the shared one are the same as in Figure 4.
    """
    frame = runs(records, (plan.SHARED, plan.EXPERIMENT))
    frame = frame[(frame["method"] == "mmf-lm") & (frame["budget"] == min(config.budgets))]
    return _compared(frame[starts(frame) == config.shared_start], config)


def family_table(frame: pd.DataFrame, aggregate: str = "mean") -> pd.DataFrame:
    """Return mean errors, or another aggregate over seeds: matrices and budgets by families."""
    cells = frame.groupby([*CELL, "mask"], sort=False)["relative_error"].agg(aggregate)
    table = cells.unstack("mask", sort=False)
    return table[[name for name in (*FAMILIES, "svd") if name in table]]


def start_effect(own: pd.DataFrame, shared: pd.DataFrame) -> pd.DataFrame:
    """Return what a start of its own does for each family: its mean error with either start, and its place.

    Parameters
    ----------
    own, shared : DataFrame
        As `family_runs` and `shared_runs` give them. Budgets and seeds of only one of the two are left out.

    Returns
    -------
    DataFrame
        A row for each matrix, budget and family: shared, own; lower by (%), how far the own start's mean is
        below the shared one's; place with shared, place with own, 1 for the smallest error.
    """
    run = [*CELL, "mask", "seed"]
    own, shared = (frame[[*run, "relative_error"]] for frame in (own, shared))
    pairs = shared.merge(own, on=run, suffixes=("_shared", "_own"))
    tables = {
        name: family_table(pairs.rename(columns={f"relative_error_{name}": "relative_error"})).stack()
        for name in ("shared", "own")
    }
    table = pd.DataFrame(tables).dropna()
    places = table.groupby(CELL, sort=False).rank().astype(int).add_prefix("place with ")
    return table.assign(**{"lower by (%)": 100 * (1 - table["own"] / table["shared"])}).join(places)


def _compared(frame, config):
    """Return the runs with the share of masks at which families are compared, and those of the SVD."""
    n_masks = frame["budget"].map(lambda budget: timing.masks_of(config.share, budget))
    masked = frame["mask"].isin(config.masks) & (frame["n_masks"] == n_masks)
    return frame[masked | (frame["mask"] == "svd")]


def overhead(frame: pd.DataFrame) -> dict[str, float]:
    """Split MMF's time per epoch into a part that is always there and one that grows with the operations.

    Fitted to all measurements, ms = overhead + operations / speed, by least squares on relative errors, so
    that small matrices count as much as large ones.

    Parameters
    ----------
    frame : DataFrame
        With columns method, ms and operations; those of other methods than "mmf" are passed over.

    Returns
    -------
    dict
        overhead_ms; gflops, the speed; share, the overhead's part of the longest epoch that is fitted.
    """
    masked = frame[frame["method"] == "mmf"]
    ms, work = masked["ms"].to_numpy(float), masked["operations"].to_numpy(float)
    slope, constant = np.polyfit(work, ms, 1, w=1 / ms)
    return {
        "overhead_ms": float(constant),
        "gflops": float(1e-6 / slope),
        "share": float(constant / (constant + slope * work.max())),
    }
