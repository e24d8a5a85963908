"""Tables of the ablations and of the timing, from their records (paper, Figures 4 and 5, Table 6)."""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from fourmasks.data.matrices import DENSE, SIZES
from fourmasks.mmf.masks import plan, timing
from fourmasks.mmf.models.masks import FAMILIES
from fourmasks.pages.tables import run_rows
from fourmasks.records.store import Record

CELL = ["dataset", "budget"]
RUN = [*CELL, "seed", "method", "mask", "n_masks"]
START = ["learning_rate", "shift_spread"]
FLAT = 1.01  # a mean error within this factor of the smallest counts as no worse


# ---------------------------------------------------------------- mask families


def runs(records: Iterable[Record], experiments: Iterable[str] = (plan.EXPERIMENT,)) -> pd.DataFrame:
    """Return a row for each run, by matrix, budget and seed; the SVD counts as a family of masks."""
    records = list(records)
    frame = pd.concat([run_rows(records, experiment, RUN + START) for experiment in experiments])
    frame["mask"] = frame["mask"].where(frame["method"] != "svd", "svd")
    place = {name: number for number, name in enumerate(SIZES)}
    return frame.sort_values(
        [*CELL, "seed", "n_masks"], key=lambda c: c.map(place) if c.name == "dataset" else c
    )


def search_table(records: Iterable[Record]) -> pd.DataFrame:
    """Return the error of each start by matrix and family, and the start that was chosen."""
    frame = runs(records, [plan.SEARCH])
    frame["start"] = _starts(frame)
    table = frame.pivot(index=["dataset", "mask"], columns="start", values="relative_error")
    rows = [(name, mask) for name in frame["dataset"].unique() for mask in FAMILIES]
    table = table.reindex([row for row in rows if row in table.index])
    starts = [start for start in plan.STARTS if start in table]
    return table[starts].assign(chosen=table.idxmin(axis=1)).rename_axis(columns=None)


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
    return _compared(frame[_starts(frame) == config.shared_start], config)


def family_table(frame: pd.DataFrame, aggregate: str = "mean") -> pd.DataFrame:
    """Return mean errors, or another aggregate over seeds: matrices and budgets by families."""
    cells = frame.groupby([*CELL, "mask"], sort=False)["relative_error"].agg(aggregate)
    table = cells.unstack("mask", sort=False)
    return table[[name for name in (*FAMILIES, "svd") if name in table]]


def ranking(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the families of each matrix and budget, best first, and how surely the first is the best.

    The last column says at how many seeds, that is on how many matrices, the first has the smallest error.
    """
    table = {}
    for cell, part in frame[frame["mask"] != "svd"].groupby(CELL, sort=False):
        by_seed = part.pivot(index="seed", columns="mask", values="relative_error")
        order = list(by_seed.mean().sort_values().index)
        wins = int((by_seed.idxmin(axis=1) == order[0]).sum())
        table[cell] = {"best first": ", ".join(order), "first at": f"{wins} of {len(by_seed)} seeds"}
    return pd.DataFrame(table).T.rename_axis(CELL)


def start_effect(own: pd.DataFrame, shared: pd.DataFrame) -> pd.DataFrame:
    """Return what a start of its own does for each family: its mean error with either start, and its place.

    Parameters
    ----------
    own, shared : DataFrame
        As `family_runs` and `shared_runs` give them. Seeds that only one of the two has are left out, and
        so are budgets.

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


def _starts(frame):
    return frame[START].apply(plan.start_of, axis=1)


def _compared(frame, config):
    """Return the runs with the share of masks at which families are compared, and those of the SVD."""
    n_masks = frame["budget"].map(lambda budget: timing.masks_of(config.share, budget))
    masked = frame["mask"].isin(config.masks) & (frame["n_masks"] == n_masks)
    return frame[masked | (frame["mask"] == "svd")]


# ---------------------------------------------------------------- number of masks


def count_runs(records: Iterable[Record], config: plan.Config) -> pd.DataFrame:
    """Return the runs of Figure 5: one family at one budget with all numbers of masks; and the SVD."""
    frame = runs(records)
    counted = frame["mask"].isin(["svd", config.count_mask]) & (frame["method"] != "mmf-adam")
    return frame[counted & (frame["budget"] == config.count_budget)]


def count_table(frame: pd.DataFrame) -> pd.DataFrame:
    """Return mean and spread over seeds of the error by number of masks, beside the bound K R on the rank."""
    masked = frame[frame["mask"] != "svd"].astype({"n_masks": int})
    by_count = masked.groupby([*CELL, "n_masks"], sort=False)["relative_error"]
    table = by_count.agg(mean="mean", spread="std").reset_index()
    svd = frame[frame["mask"] == "svd"].groupby("dataset")["relative_error"].mean()
    bound = table["n_masks"] * (table["budget"] - table["n_masks"])
    return table.assign(svd=table["dataset"].map(svd), bound=bound).set_index([*CELL, "n_masks"])


def optimum(frame: pd.DataFrame) -> pd.DataFrame:
    """Return where each matrix has its best number of masks, and how flat the error is around it.

    Columns
    -------
    best K : that of the smallest mean error; K/B : the same as a share of the budget; best K by seed;
    within 1 % : the smallest and the largest K whose mean is at most 1 % above the smallest;
    gain over B/2 : how far the best mean is below that at the K nearest to B / 2, in percent.
    """
    rows = {}
    for (dataset, budget), part in frame[frame["mask"] != "svd"].groupby(CELL, sort=False):
        by_seed = part.pivot(index="seed", columns="n_masks", values="relative_error")
        means = by_seed.mean()
        best, flat = int(means.idxmin()), means[means <= FLAT * means.min()].index.astype(int)
        middle = means.iloc[np.abs(means.index - budget / 2).argmin()]
        rows[dataset, budget] = {
            "best K": best,
            "K/B": best / budget,
            "best K by seed": ", ".join(str(int(k)) for k in by_seed.idxmin(axis=1)),
            "within 1 %": f"{flat.min()} to {flat.max()}",
            "gain over B/2 (%)": float(100 * (1 - means.min() / middle)),
        }
    return pd.DataFrame(rows).T.rename_axis(CELL)


# ---------------------------------------------------------------- time per epoch


def times(records: Iterable[Record]) -> pd.DataFrame:
    """Return a row for each measurement: what was timed, and what it gave.

    `label` is the method's name in the paper's Table 6. `ms` is of an epoch, or of the whole SVD; `gflops`
    the speed at which the large products of the epoch would have been made had it done nothing else.
    """
    frame = run_rows(
        records, timing.EXPERIMENT, ["dataset", "method", "budget", "share", "seed", "device", "threads"]
    )
    return _with_costs(frame.assign(ms=frame.filter(["epoch_ms", "total_ms"]).max(axis=1)))


def reported_times(claims: Iterable, budget: int = 40) -> pd.DataFrame:
    """Return the paper's Table 6 in the form of `times`, from its claims."""
    rows = [
        (claim.dataset[0], claim.method, budget, claim.match.get("share"), 0, claim.reported)
        for claim in claims
        if claim.place == "Table 6" and claim.form == "value"
    ]
    frame = pd.DataFrame(rows, columns=["dataset", "method", "budget", "share", "seed", "ms"])
    frame = _with_costs(frame)
    cells = frame.set_index(["label", "dataset"])["ms"]
    smallest, bias = cells.xs("s6", level="dataset"), cells["mf-bias"]
    ratio = (frame["ms"] / frame["dataset"].map(bias)).where(frame["method"] != "svd")
    return frame.assign(growth_from_s6=frame["ms"] / frame["label"].map(smallest), ratio_to_mf_bias=ratio)


def time_table(frame: pd.DataFrame, value: str = "ms") -> pd.DataFrame:
    """Return medians over seeds of a column of `times`: a row for each method, a column for each matrix."""
    table = frame.pivot_table(index="label", columns="dataset", values=value, aggfunc="median", sort=False)
    return table[[name for name in DENSE if name in table]]


def overhead(frame: pd.DataFrame) -> dict[str, float]:
    """Split MMF's time per epoch into a part that is always there and one that grows with the operations.

    Fitted to all measurements of `times`, ms = overhead + operations / speed, by least squares on relative
    errors, so that small matrices count as much as large ones.

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


def _with_costs(frame):
    """Return measurements with labels and operations, in the order of the paper's Table 6."""
    given = zip(frame["method"], frame["dataset"], frame["budget"], frame["share"], strict=True)
    operations = [timing.operations(m, 2 ** DENSE[name], b, share) for m, name, b, share in given]
    shares = "mmf, K/B = " + frame["share"].astype(str)
    frame = frame.assign(
        label=frame["method"].where(frame["method"] != "mmf", shares),
        operations=np.array(operations, dtype=float),
        place=frame["method"].map(timing.METHODS.index),
    )
    frame = frame.assign(gflops=1e-6 * frame["operations"] / frame["ms"])
    return frame.sort_values(["place", "share", "seed"], kind="stable").drop(columns="place")
