"""Which runs of the ablations are compared, and what an epoch costs, from their records."""

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from fourmasks.claims.files import Claim
from fourmasks.data.matrices import DENSE, SIZES
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


def order_changes(effect: pd.DataFrame) -> pd.DataFrame:
    """Return for each matrix and budget the best family with either start, and how many pairs change order.

    Parameters
    ----------
    effect : DataFrame
        As `start_effect` gives it.
    """
    found = {}
    for cell, part in effect.groupby(CELL, sort=False):
        families = part.index.get_level_values("mask")
        signs = [
            np.sign(np.subtract.outer(part[name].values, part[name].values)) for name in ("shared", "own")
        ]
        changed, pairs = (signs[0] != signs[1]).sum() // 2, len(part) * (len(part) - 1) // 2
        found[cell] = {
            "best with the shared start": families[part["shared"].argmin()],
            "best with own starts": families[part["own"].argmin()],
            "pairs that change order": f"{changed} of {pairs}",
        }
    return pd.DataFrame(found).T.rename_axis(CELL)


def search_table(records: Iterable[Record]) -> pd.DataFrame:
    """Return the error of each start by matrix and family, and the start that was chosen."""
    frame = runs(records, [plan.SEARCH])
    frame["start"] = starts(frame)
    table = frame.pivot(index=["dataset", "mask"], columns="start", values="relative_error")
    rows = [(name, mask) for name in frame["dataset"].unique() for mask in FAMILIES]
    table = table.reindex([row for row in rows if row in table.index])
    given = [start for start in plan.STARTS if start in table]
    return table[given].assign(chosen=table.idxmin(axis=1)).rename_axis(columns=None)


def ranking(frame: pd.DataFrame) -> pd.DataFrame:
    """Return families of each matrix and budget, best mean first, and at how many seeds the first is best."""
    table = {}
    for cell, part in frame[frame["mask"] != "svd"].groupby(CELL, sort=False):
        by_seed = part.pivot(index="seed", columns="mask", values="relative_error")
        order = list(by_seed.mean().sort_values().index)
        wins = int((by_seed.idxmin(axis=1) == order[0]).sum())
        table[cell] = {"best first": ", ".join(order), "first at": f"{wins} of {len(by_seed)} seeds"}
    return pd.DataFrame(table).T.rename_axis(CELL)


def count_runs(records: Iterable[Record], config: plan.Config) -> pd.DataFrame:
    """Return the runs of Figure 5: one family at one budget with all numbers of masks, and the SVD."""
    frame = runs(records)
    chosen = frame["mask"].isin(["svd", config.count_mask]) & (frame["method"] != "mmf-adam")
    return frame[chosen & (frame["budget"] == config.count_budget)]


def count_table(frame: pd.DataFrame) -> pd.DataFrame:
    """Return mean and spread over seeds of the error by number of masks, beside the bound K R on the rank."""
    masked = frame[frame["mask"] != "svd"].astype({"n_masks": int})
    by_count = masked.groupby([*CELL, "n_masks"], sort=False)["relative_error"]
    table = by_count.agg(mean="mean", spread="std").reset_index()
    svd = frame[frame["mask"] == "svd"].groupby("dataset")["relative_error"].mean()
    bound = table["n_masks"] * (table["budget"] - table["n_masks"])
    table = table.assign(svd=table["dataset"].map(svd), bound=bound)
    return table.set_index([*CELL, "n_masks"])


def optimum(frame: pd.DataFrame) -> pd.DataFrame:
    """Return where each matrix has its best number of masks, and how flat the error is around it."""
    rows = {}
    for (dataset, budget), part in frame[frame["mask"] != "svd"].groupby(CELL, sort=False):
        by_seed = part.pivot(index="seed", columns="n_masks", values="relative_error")
        means = by_seed.mean()
        best, flat = int(means.idxmin()), means[means <= 1.01 * means.min()].index.astype(int)
        middle = means.iloc[np.abs(means.index - budget / 2).argmin()]
        rows[dataset, budget] = {
            "best K": best,
            "K/B": best / budget,
            "best K by seed": ", ".join(str(int(k)) for k in by_seed.idxmin(axis=1)),
            "within 1 %": f"{flat.min()} to {flat.max()}",
            "gain over B/2 (%)": float(100 * (1 - means.min() / middle)),
        }
    return pd.DataFrame(rows).T.rename_axis(CELL)


def times(records: Iterable[Record]) -> pd.DataFrame:
    """Return a row for each measurement: what was timed, and the ms of an epoch, or of the whole SVD."""
    outer = ["dataset", "method", "budget", "share", "seed", "device", "threads"]
    frame = run_rows(records, timing.EXPERIMENT, outer)
    return _with_costs(frame.assign(ms=frame.filter(["epoch_ms", "total_ms"]).max(axis=1)))


def reported_times(claims: Iterable[Claim]) -> pd.DataFrame:
    """Return the paper's Table 6 as `times` returns ours."""
    budget = timing.PROFILES["paper"].budget
    rows = [
        (claim.dataset[0], claim.method, budget, claim.match.get("share"), 0, claim.reported)
        for claim in claims
        if claim.place == "Table 6" and claim.form == "value"
    ]
    return _with_costs(pd.DataFrame(rows, columns=["dataset", "method", "budget", "share", "seed", "ms"]))


def time_table(frame: pd.DataFrame, value: str = "ms") -> pd.DataFrame:
    """Return medians over seeds of a column of `times`: a row for each method, a column for each matrix."""
    table = frame.pivot_table(index="label", columns="dataset", values=value, aggfunc="median", sort=False)
    return table[[name for name in DENSE if name in table]].rename_axis(index="method")


def beside_times(reported: pd.DataFrame, ours: pd.DataFrame, shares: Iterable[float]) -> pd.DataFrame:
    """Return reported times and ours side by side on each matrix, of MMF for some shares of masks only."""
    shares = tuple(shares)
    parts = {
        name: time_table(frame[frame["share"].isna() | frame["share"].isin(shares)])
        for name, frame in (("paper", reported), ("ours", ours))
    }
    both = pd.concat(parts, axis=1).swaplevel(axis=1)
    columns = [(name, part) for name in parts["paper"] for part in parts]
    return both.reindex(columns=columns).rename_axis(columns=(None, None))


def overheads(frames: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return `overhead` of several frames: a row for each."""
    rows = {}
    for name, frame in frames.items():
        parts = overhead(frame)
        rows[name] = {
            "always (ms)": parts["overhead_ms"],
            "billion operations a second": parts["gflops"],
            "constant part of the longest epoch (%)": 100 * parts["share"],
        }
    return pd.DataFrame(rows).T


def _with_costs(frame):
    """Return measurements with labels and operations, in the order of the paper's Table 6."""
    given = zip(frame["method"], frame["dataset"], frame["budget"], frame["share"], strict=True)
    operations = [timing.operations(m, 2 ** DENSE[name], b, share) for m, name, b, share in given]
    shares = "MMF, K/B = " + frame["share"].astype(str)
    frame = frame.assign(
        label=frame["method"].where(frame["method"] != "mmf", shares),
        operations=np.array(operations, dtype=float),
        place=frame["method"].map(timing.METHODS.index),
    )
    return frame.sort_values(["place", "share", "seed"], kind="stable")


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
