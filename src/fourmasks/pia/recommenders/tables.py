"""Tables of the recommender experiment: how far methods are above others, over splits and user by user."""

import math
from collections.abc import Iterable

import numpy as np
import pandas as pd
from scipy.stats import ttest_1samp

from fourmasks.claims.files import overlaps
from fourmasks.claims.measurements import estimate
from fourmasks.pages.tables import differences, run_rows
from fourmasks.pia.recommenders.plan import EXPERIMENT
from fourmasks.pia.recommenders.run import GROUPS
from fourmasks.records.store import Record

OUTER = ("dataset", "method", "split_seed", "seed")
METRICS = ("recall_at_20", "recall_at_50", "ndcg_at_100")
# As the paper's Table 3 has it, but for the last, whose "100+" shares an end with the third.
GROUP_LABELS = {
    name: f"{least}–{most}" if math.isfinite(most) else f"over {least - 1}"
    for name, (least, most) in GROUPS.items()
}


def runs(records: Iterable[Record]) -> pd.DataFrame:
    """Return a row for each final run, by data set, split and method: what it was, and all its metrics."""
    frame = run_rows(records, EXPERIMENT, OUTER)
    return frame.sort_values(["dataset", "split_seed", "method"], ignore_index=True)


def uplifts(
    records: Iterable[Record], dataset: str, pairs: Iterable[tuple[str, str]], group: str = ""
) -> pd.DataFrame:
    """Return by how much the NDCG@100 of methods is above that of others, with two kinds of intervals.

    Parameters
    ----------
    records : iterable of Record
    dataset : str
    pairs : iterable of (method, baseline)
        Those that were not run on a split in common are left out.
    group : str, optional
        One of `GROUPS`; by default all users.

    Returns
    -------
    DataFrame
        With a row for each pair: method, baseline; base, the baseline's mean; difference, the mean over
        splits of the differences of means over users; half_splits, half of the 95 % interval over splits,
        corrected for their overlap (each has a seed of its own; NaN for one split); percent and
        half_percent, the same in percent of the baseline on the same split, as in the ledger; splits;
        difference_users and half_users, mean of the differences user by user, all splits together, and half
        of its interval; p_users, of the paired t test on them; and users, how many they are. A user who is
        in the test of two splits counts twice. The users' interval says what other test users would change,
        the splits' what other users for training and other random numbers would change too.
    """
    records, name = list(records), f"ndcg_at_100_of_{group}" if group else "ndcg_at_100"
    frame = runs(records).query("dataset == @dataset").reindex(columns=[*OUTER, name])
    values = frame.pivot(index="split_seed", columns="method", values=name)
    pairs, overlap, rows = list(pairs), overlaps(EXPERIMENT), []
    found = differences(frame, name, pairs, overlap)
    found[["percent", "half_percent"]] = differences(frame, name, pairs, overlap, percent=True)[
        ["difference", "half"]
    ]
    for row in found.itertuples():
        apart = _user_differences(records, dataset, row.method, row.baseline, group)
        if not apart:
            continue
        over_users = estimate(apart)
        base = values[[row.method, row.baseline]].dropna()[row.baseline].mean()
        rows.append(
            (row.method, row.baseline, base, row.difference, row.half)
            + (row.percent, row.half_percent, row.splits)
            + (over_users.mean, over_users.half, _p_value(apart), over_users.n_seeds)
        )
    columns = "method baseline base difference half_splits percent half_percent splits"
    columns = [*columns.split(), "difference_users", "half_users", "p_users", "users"]
    halves = ["half_splits", "half_percent", "half_users"]
    return pd.DataFrame(rows, columns=columns).astype(dict.fromkeys(halves, float))


def group_uplifts(records: Iterable[Record], dataset: str, pairs: Iterable[tuple[str, str]]) -> pd.DataFrame:
    """Return `uplifts` for each user group that has users, with its label in the column "items"."""
    records, pairs = list(records), list(pairs)
    found = [
        uplifts(records, dataset, pairs, group).assign(items=label) for group, label in GROUP_LABELS.items()
    ]
    return pd.concat([part for part in found if len(part)] or found[:1], ignore_index=True)


def _user_differences(records, dataset, method, baseline, group) -> list[float]:
    """Return differences of NDCG@100 user by user, split by split and group by group."""
    curves = {
        (r.parameters["method"], r.parameters["split_seed"]): r.curves
        for r in records
        if r.experiment == EXPERIMENT and r.parameters["dataset"] == dataset
    }
    found = []
    for split in sorted(split for name, split in curves if name == method and (baseline, split) in curves):
        mine, other = curves[method, split], curves[baseline, split]
        for name in [f"ndcg_at_100_of_{one}" for one in ([group] if group else GROUPS)]:
            found.extend(np.subtract(mine.get(name, []), other.get(name, [])).tolist())
    return found


def _p_value(values):
    spread = len(values) > 1 and np.ptp(values) > 0
    return float(ttest_1samp(values, 0).pvalue) if spread else math.nan
