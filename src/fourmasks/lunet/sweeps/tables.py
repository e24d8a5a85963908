"""Tables of the sweeps, from their records."""

import pandas as pd

from fourmasks.claims.files import overlaps
from fourmasks.lunet.sweeps.plan import EXPERIMENT, VARIED
from fourmasks.pages.tables import differences


def extremes(frame: pd.DataFrame, dataset: str) -> pd.DataFrame:
    """Return for each option its worst value, its best, and `differences` of the test MSE between the two.

    The default is among the values; what counts are means over the splits that all of them have.
    """
    part = frame[frame["dataset"] == dataset]
    errors = part.pivot_table(index="split_seed", columns="method", values="test_mse", sort=False)
    pairs = {}
    for option in (name for name in VARIED if name in set(part["option"])):
        names = part.loc[part["option"].isin(["default", option]), "method"].unique()
        means = errors[names].dropna().mean()
        pairs[option] = means.idxmax(), means.idxmin()
    found = differences(part, "test_mse", list(pairs.values()), overlaps(EXPERIMENT))
    found = found.assign(option=list(pairs))
    found = found.rename(columns={"method": "worst", "baseline": "best"}).set_index("option")
    return found.sort_values("difference", ascending=False)
