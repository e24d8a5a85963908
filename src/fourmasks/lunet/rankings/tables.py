"""Tables of the rankings: the four measures, and whether sampled candidates order methods as all items do."""

from collections.abc import Mapping
from itertools import combinations

import pandas as pd

from fourmasks.lunet.rankings.plan import METHODS
from fourmasks.pages.tables import measured

HIT_RATES = {
    "sampled_hr_at_10": ("among 100 sampled items", "HR@10"),
    "sampled_ndcg_at_10": ("among 100 sampled items", "NDCG@10"),
    "full_hr_at_10": ("among all items", "HR@10"),
    "full_ndcg_at_10": ("among all items", "NDCG@10"),
}


def hit_rates(frame: pd.DataFrame, dataset: str) -> pd.DataFrame:
    """Return the four measures on one data set, methods in the order of the plan."""
    found = measured(frame, dataset, METHODS, HIT_RATES)
    return found.set_axis(pd.MultiIndex.from_tuples(HIT_RATES.values()), axis=1)


def reversals(frame: pd.DataFrame, dataset: str, users: int) -> list[tuple[str, str, bool]]:
    """Return pairs of methods of which the first has the higher HR@10 among samples, the second among all.

    Parameters
    ----------
    frame : DataFrame
        With columns dataset, method, sampled_hr_at_10 and full_hr_at_10; a row for each run.
    dataset : str
    users : int
        Each has one held-out item, so that a hit ratio h has the standard error √(h (1 - h) / users).

    Returns
    -------
    list of (str, str, bool)
        Last, whether both differences exceed 1.96 standard errors, those of independent hits: hits of two
        methods on the same users vary together, so that this asks for more than it need.
    """
    means = frame[frame["dataset"] == dataset].groupby("method")[["sampled_hr_at_10", "full_hr_at_10"]].mean()
    found = []
    for one, other in combinations(means.index, 2):
        pair = means.loc[[one, other]]
        apart, errors = means.loc[one] - means.loc[other], (pair * (1 - pair) / users).sum() ** 0.5
        if apart.prod() < 0:
            clear = bool((apart.abs() > 1.96 * errors).all())
            found.append((one, other, clear) if apart.iloc[0] > 0 else (other, one, clear))
    return found


def orders(frame: pd.DataFrame, users: Mapping[str, float]) -> pd.DataFrame:
    """Return by data set how many pairs of methods there are, and how many `reversals`, all and clear ones.

    Parameters
    ----------
    frame : DataFrame
        See `reversals`.
    users : mapping of str to float
        Their number by data set.
    """
    rows = {}
    for dataset, part in frame.groupby("dataset", sort=False):
        n, found = part["method"].nunique(), reversals(frame, dataset, round(users[dataset]))
        clear = sum(beyond for _, _, beyond in found)
        rows[dataset] = (n * (n - 1) // 2, len(found), clear)
    columns = ["pairs of models", "ordered otherwise", "clearly so"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("dataset")
