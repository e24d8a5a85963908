"""Whether measures among sampled candidates order methods as those among all items do."""

from itertools import combinations

import pandas as pd


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
