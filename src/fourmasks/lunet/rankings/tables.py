"""Tables and sentences of the ranking experiment, from its records."""

from collections.abc import Iterable
from itertools import combinations

from fourmasks.lunet.rankings.plan import EXPERIMENT, METHODS, SEARCH, SPACES
from fourmasks.lunet.ratings import tables as rating_tables
from fourmasks.pages import tables as page_tables
from fourmasks.pages.tables import searched
from fourmasks.records.store import Record

OUTER = ("dataset", "method", "split_seed", "seed")
METRICS = {
    "sampled_hr_at_10": "HR@10, sampled",
    "sampled_ndcg_at_10": "NDCG@10, sampled",
    "full_hr_at_10": "HR@10, all items",
    "full_ndcg_at_10": "NDCG@10, all items",
}
# What stands beside the network, and what is taken away or put in its place.
PAIRS = (
    ("lu-net", "factors", "no network, scalar product"),
    ("lu-net", "mlp", "perceptron instead"),
    ("lu-net", "lu-net-implicit", "interactions alone"),
    ("lu-net", "lu-net-explicit", "ratings alone"),
    ("lu-net", "bprmf", "BPR-MF instead"),
    ("lu-net", "ease", "EASE instead"),
    ("lu-net", "popularity", "popularity instead"),
)


def runs(records: Iterable[Record]):
    """Return a DataFrame with a row for each final run: what it was, and its measures."""
    import pandas as pd

    rows = [
        {name: record.parameters[name] for name in OUTER} | record.metrics
        for record in records
        if record.experiment == EXPERIMENT
    ]
    frame = pd.DataFrame(rows, columns=None if rows else [*OUTER, *METRICS])
    return frame.sort_values(["dataset", "method", "seed"], ignore_index=True)


def measured(frame, dataset: str):
    """Return the four measures on one data set, methods in their order, means ± standard deviations."""
    return page_tables.measured(frame, dataset, METHODS, METRICS).set_axis(list(METRICS.values()), axis=1)


def settings(records: Iterable[Record]):
    """Return what the search found: trials, validation NDCG@10, the settings, by data set and method."""
    columns = ["trials", "validation NDCG@10", "settings"]
    return searched(records, SEARCH, SPACES, METHODS, "validation_ndcg_at_10", max).set_axis(columns, axis=1)


def reversals(frame, dataset: str, users: int, measure: str = "hr_at_10") -> list[tuple[str, str, bool]]:
    """Return pairs of methods of which the first is better among samples, the second among all items.

    Parameters
    ----------
    frame : DataFrame
        As `runs` gives it.
    dataset : str
    users : int
        Each has one held-out item, so that a hit ratio h has the standard error √(h (1 - h) / users).
    measure : str, default "hr_at_10"

    Returns
    -------
    list of (str, str, bool)
        Last, whether both differences exceed 1.96 standard errors, those of independent hits: hits of two
        methods on the same users vary together, so that this asks for more than it need.
    """
    part = (
        frame[frame["dataset"] == dataset].groupby("method")[[f"sampled_{measure}", f"full_{measure}"]].mean()
    )
    found = []
    for one, other in combinations(part.index, 2):
        pair = part.loc[[one, other]]
        apart, errors = part.loc[one] - part.loc[other], (pair * (1 - pair) / users).sum() ** 0.5
        if apart.prod() < 0:
            clear = bool((apart.abs() > 1.96 * errors).all())
            found.append((one, other, clear) if apart.iloc[0] > 0 else (other, one, clear))
    return found


def sentence(frame, dataset: str, users: int) -> str:
    """Return in words whether sampled candidates order the methods as all items do; see `reversals`."""
    n = frame[frame["dataset"] == dataset]["method"].nunique()
    if n < 2:
        return f"{dataset}: fewer than two methods are there yet"
    found = reversals(frame, dataset, users)
    text = f"{dataset}: the sample orders {len(found)} of {n * (n - 1) // 2} pairs of methods otherwise"
    clear = [f"{one} over {other}" for one, other, beyond in found if beyond]
    return f"{text}; beyond what {users} users leave open: {', '.join(clear) or 'none'}"


def differences(frame):
    """Return full NDCG@10 of the network minus that of its rivals, on the same candidates and seeds."""
    return rating_tables.differences(frame, PAIRS, "full_ndcg_at_10")
