"""Tables and sentences of the ranking experiment, from its records."""

from collections.abc import Iterable
from itertools import combinations

from fourmasks import comparison
from fourmasks.lunet.rankings import EXPERIMENT, METHODS, SEARCH, SPACES
from fourmasks.lunet.search_report import searched
from fourmasks.records import Record

OUTER = ("dataset", "method", "split_seed", "seed")
METRICS = {
    "sampled_hr_at_10": "HR@10, sampled",
    "sampled_ndcg_at_10": "NDCG@10, sampled",
    "full_hr_at_10": "HR@10, all items",
    "full_ndcg_at_10": "NDCG@10, all items",
}


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
    return comparison.measured(frame, dataset, METHODS, METRICS).set_axis(list(METRICS.values()), axis=1)


def settings(records: Iterable[Record]):
    """Return what the search found: trials, validation NDCG@10, the settings, by data set and method."""
    columns = ["trials", "validation NDCG@10", "settings"]
    return searched(records, SEARCH, SPACES, METHODS, "validation_ndcg_at_10", max).set_axis(columns, axis=1)


def reversals(frame, dataset: str, measure: str = "hr_at_10") -> list[tuple[str, str]]:
    """Return pairs of methods of which the first is better among samples, the second among all items."""
    part = (
        frame[frame["dataset"] == dataset].groupby("method")[[f"sampled_{measure}", f"full_{measure}"]].mean()
    )
    found = []
    for one, other in combinations(part.index, 2):
        apart = part.loc[one] - part.loc[other]
        if apart.prod() < 0:
            found.append((one, other) if apart.iloc[0] > 0 else (other, one))
    return found


def sentence(frame, dataset: str) -> str:
    """Return in words whether sampled candidates order the methods as all items do."""
    n = frame[frame["dataset"] == dataset]["method"].nunique()
    if n < 2:
        return f"{dataset}: fewer than two methods are there yet"
    found = reversals(frame, dataset)
    text = f"{dataset}: the sample orders {len(found)} of {n * (n - 1) // 2} pairs of methods otherwise"
    return text + (f": {', '.join(f'{one} over {other}' for one, other in found)}" if found else "")
