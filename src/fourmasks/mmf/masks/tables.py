"""Tables of the ablations and of the timing, from their records (paper, Figures 4 and 5, Table 6)."""

from collections.abc import Iterable
from itertools import combinations

import numpy as np

from fourmasks.data.matrices import DENSE
from fourmasks.mmf.masks import plan, timing
from fourmasks.mmf.models.masks import FAMILIES
from fourmasks.records.store import Record

CELL = ["dataset", "budget"]
SMOOTH = ("sine", "cosine", "gaussian")
RATIOS = ("growth_from_s6", "ratio_to_mf_bias")
FLAT = 1.01  # a mean error within this factor of the smallest counts as no worse


# ---------------------------------------------------------------- mask families


def runs(records: Iterable[Record]):
    """Return a DataFrame with a row for each run: what it was and its relative error."""
    import pandas as pd

    names = ["dataset", "budget", "seed", "method", "mask", "n_masks"]
    rows = [
        {name: record.parameters.get(name) for name in names}
        | {"relative_error": record.metrics["relative_error"]}
        for record in records
    ]
    place = {name: i for i, name in enumerate(plan.SIZES)}
    return pd.DataFrame(rows, columns=[*names, "relative_error"]).sort_values(
        [*names[:3], "n_masks"], key=lambda column: column.map(place) if column.name == "dataset" else column
    )


def search_table(records: Iterable[Record]):
    """Return the error of each start by matrix and family, and the start that was chosen."""
    import pandas as pd

    searched = [record for record in records if record.experiment == plan.SEARCH]
    chosen = plan.chosen_starts(searched)
    found = {
        (r["dataset"], r["mask"], plan.start_of(r)): record.metrics["relative_error"]
        for record in searched
        if (r := record.parameters)
    }
    rows = [(dataset, mask) for dataset in plan.SIZES for mask in FAMILIES if (dataset, mask) in chosen]
    table = {row: {start: found.get((*row, start), np.nan) for start in plan.STARTS} for row in rows}
    frame = pd.DataFrame(table).T.rename_axis(["dataset", "mask"]).dropna(axis=1, how="all")
    return frame.assign(chosen=[chosen[row] for row in rows])


def family_runs(records: Iterable[Record], config: plan.Config):
    """Return the runs of Figure 4: every family with the same number of masks; the SVD is one named svd."""
    frame = _compared(_trained(records), config)
    return frame[frame["budget"].isin(config.budgets) & (frame["method"] != "mmf-adam")]


def shared_runs(records: Iterable[Record], config: plan.Config):
    """Return the control's runs: every family with one shared start, at the smallest budget.

    Those of a family whose own start is the shared one are the same as in Figure 4.
    """
    masked = [record for record in records if record.parameters["method"] == "mmf-lm"]
    frame = runs(
        record
        for record in masked
        if record.experiment == plan.SHARED
        or record.experiment == plan.EXPERIMENT
        and plan.start_of(record.parameters) == config.shared_start
    )
    return _compared(frame[frame["budget"] == min(config.budgets)], config)


def reference_runs(records: Iterable[Record]):
    """Return the runs that were trained as the reference implementation trains."""
    frame = _trained(records)
    return frame[frame["method"] == "mmf-adam"]


def family_table(frame):
    """Return mean errors over seeds: a row for each matrix and budget, a column for each family."""
    table = frame.pivot_table(index=CELL, columns="mask", values="relative_error", sort=False)
    return table[[name for name in (*FAMILIES, "svd") if name in table]]


def spread_table(frame):
    """Return standard deviations over seeds, in the form of `family_table`."""
    table = frame.pivot_table(index=CELL, columns="mask", values="relative_error", aggfunc="std", sort=False)
    return table.reindex_like(family_table(frame))


def ranking(frame):
    """Return the families of each matrix and budget, best first, and how surely the first is the best.

    The last column says at how many seeds, that is on how many matrices, the first has the smallest error.
    """
    import pandas as pd

    table = {}
    for cell, part in frame[frame["mask"] != "svd"].groupby(CELL, sort=False):
        by_seed = part.pivot(index="seed", columns="mask", values="relative_error")
        order = list(by_seed.mean().sort_values().index)
        wins = int((by_seed.idxmin(axis=1) == order[0]).sum())
        table[cell] = {"best first": ", ".join(order), "first at": f"{wins} of {len(by_seed)} seeds"}
    return pd.DataFrame(table).T.rename_axis(CELL)


def smooth_wins(frame):
    """Return against how many of the other families each smooth one has the smaller mean error."""
    means = family_table(frame).drop(columns="svd", errors="ignore")
    others = means[[name for name in means if name not in SMOOTH]]
    return means[[name for name in SMOOTH if name in means]].apply(
        lambda errors: (others.gt(errors, axis=0).sum(axis=1)).map(f"{{}} of {others.shape[1]}".format)
    )


def start_effect(own, shared):
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
    import pandas as pd

    run = [*CELL, "mask", "seed"]
    pairs = shared[[*run, "relative_error"]].merge(own[[*run, "relative_error"]], on=run)
    columns = {"shared": "relative_error_x", "own": "relative_error_y"}
    table = pd.DataFrame(
        {
            name: family_table(pairs.rename(columns={column: "relative_error"})).stack()
            for name, column in columns.items()
        }
    ).dropna()
    places = table.groupby(CELL, sort=False).rank().astype(int).add_prefix("place with ")
    return table.assign(**{"lower by (%)": 100 * (1 - table["own"] / table["shared"])}).join(places)


def reversals(effect) -> list[str]:
    """Return a sentence for each matrix and budget of `start_effect`: how the families' order changes."""
    sentences = []
    for (dataset, budget), part in effect.groupby(CELL, sort=False):
        part = part.droplevel(CELL)
        pairs = list(combinations(part.index, 2))
        turned = sum(_signs(part["shared"], pair) != _signs(part["own"], pair) for pair in pairs)
        sentences.append(
            f"{dataset}, B = {budget}: best is {part['shared'].idxmin()} with the shared start,"
            f" {part['own'].idxmin()} with own starts;"
            f" {turned} of {len(pairs)} pairs of families change order"
        )
    return sentences


def _signs(errors, pair):
    return errors[pair[0]] < errors[pair[1]]


# ---------------------------------------------------------------- number of masks


def count_runs(records: Iterable[Record], config: plan.Config):
    """Return the runs of Figure 5: one family at one budget with all numbers of masks; and the SVD."""
    frame = _trained(records)
    counted = frame["mask"].isin(["svd", config.count_mask]) & (frame["method"] != "mmf-adam")
    return frame[counted & (frame["budget"] == config.count_budget)]


def count_table(frame):
    """Return mean and spread over seeds of the error by number of masks, beside the bound K R on the rank."""
    masked = frame[frame["mask"] != "svd"].astype({"n_masks": int})
    by_count = masked.groupby([*CELL, "n_masks"], sort=False)["relative_error"]
    table = by_count.agg(mean="mean", spread="std").reset_index()
    svd = frame[frame["mask"] == "svd"].groupby("dataset")["relative_error"].mean()
    bound = table["n_masks"] * (table["budget"] - table["n_masks"])
    table = table.assign(svd=table["dataset"].map(svd), bound=bound)
    return table.set_index([*CELL, "n_masks"])


def optimum(frame):
    """Return where each matrix has its best number of masks, and how flat the error is around it.

    Columns
    -------
    best K : that of the smallest mean error; K/B : the same as a share of the budget; best K by seed;
    within 1 % : the smallest and the largest K whose mean is at most 1 % above the smallest;
    gain over B/2 : how far the best mean is below that at the K nearest to B / 2, in percent.
    """
    import pandas as pd

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


def _compared(frame, config):
    """Return the runs with the share of masks at which families are compared, and those of the SVD."""
    n_masks = frame["budget"].map(lambda budget: timing.masks_of(config.share, budget))
    masked = frame["mask"].isin(config.masks) & (frame["n_masks"] == n_masks)
    return frame[masked | (frame["mask"] == "svd")]


def _trained(records):
    """Return the runs of the experiment, in which the SVD counts as a family."""
    frame = runs(record for record in records if record.experiment == plan.EXPERIMENT)
    return frame.assign(mask=frame["mask"].where(frame["method"] != "svd", "svd"))


# ---------------------------------------------------------------- time per epoch


def times(records: Iterable[Record]):
    """Return a DataFrame with a row for each measurement: what was timed, and what it gave.

    `label` is the method's name in the paper's Table 6. `ms` is of an epoch, or of the whole SVD; `gflops`
    the speed at which the large products of the epoch would have been made had it done nothing else.
    """
    import pandas as pd

    rows = []
    for record in records:
        if record.experiment == timing.EXPERIMENT:
            given, metrics = record.parameters, record.metrics
            row = {name: given.get(name) for name in ("dataset", "method", "share", "seed", "device")}
            ms = metrics.get("epoch_ms", metrics.get("total_ms"))
            row |= _cost(given["dataset"], given["method"], given["budget"], given.get("share"), ms)
            rows.append(row | {name: metrics.get(name) for name in RATIOS})
    return _in_order(pd.DataFrame(rows))


def reported_times(claims: Iterable, budget: int = 40):
    """Return the paper's Table 6 in the form of `times`, from its claims; empty where they hold none."""
    import pandas as pd

    rows = []
    for claim in claims:
        if claim.place == "Table 6" and claim.kind == "value":
            (dataset,), method, share = claim.dataset, claim.method, claim.match.get("share")
            row = {"dataset": dataset, "method": method, "share": share, "seed": 0, "device": "paper"}
            rows.append(row | _cost(dataset, method, budget, share, claim.reported))
    frame = pd.DataFrame(rows)
    if rows:
        cells = frame.set_index(["label", "dataset"])["ms"]
        small, rival = cells.xs("s6", level="dataset"), cells["mf-bias"]
        frame = frame.assign(growth_from_s6=frame["ms"] / frame["label"].map(small))
        ratio = (frame["ms"] / frame["dataset"].map(rival)).where(frame["method"] != "svd")
        frame = frame.assign(ratio_to_mf_bias=ratio)
    return _in_order(frame)


def time_table(frame, value: str = "ms"):
    """Return medians over seeds of a column of `times`: a row for each method, a column for each matrix."""
    table = frame.pivot_table(index="label", columns="dataset", values=value, aggfunc="median", sort=False)
    return table[[name for name in DENSE if name in table]]


def overhead(frame):
    """Split MMF's time per epoch into a part that is always there and one that grows with the operations.

    Fitted to all measurements of `times`, ms = overhead + operations / speed, by least squares on relative
    errors, so that small matrices count as much as large ones.

    Returns
    -------
    dict
        overhead_ms; gflops, the speed; share, the overhead's part of the longest epoch that is fitted. All
        are NaN where there are less than two numbers of operations to tell the two parts by.
    """
    masked = frame[frame["method"] == "mmf"]
    ms, work = masked["ms"].to_numpy(float), masked["operations"].to_numpy(float)
    if len(set(work)) < 2:
        return dict.fromkeys(("overhead_ms", "gflops", "share"), np.nan)
    slope, constant = np.polyfit(work, ms, 1, w=1 / ms)
    return {
        "overhead_ms": float(constant),
        "gflops": float(1e-6 / slope),
        "share": float(constant / (constant + slope * work.max())),
    }


def _cost(dataset, method, budget, share, ms):
    operations = timing.operations(method, 2 ** DENSE[dataset], budget, share)
    label = f"mmf, K/B = {share}" if method == "mmf" else method
    gflops = operations and 1e-6 * operations / ms
    return {"label": label, "ms": ms, "operations": operations, "gflops": gflops}


def _in_order(frame):
    """Return a frame in the order of the paper's Table 6."""
    if frame.empty:
        return frame
    places = frame["method"].map(timing.METHODS.index)
    return frame.assign(place=places).sort_values(["place", "share", "seed"]).drop(columns="place")
