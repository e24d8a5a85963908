"""Tables and sentences of the recommender experiment, from its records."""

import math
from collections.abc import Iterable, Mapping

from fourmasks.pages import tables as page_tables
from fourmasks.pia.recommenders.plan import DATASETS, EXPERIMENT, SEARCH, SPACES
from fourmasks.pia.recommenders.run import GROUPS
from fourmasks.records.store import Record

OUTER = ("dataset", "method", "split_seed", "seed")
METRICS = ("recall_at_20", "recall_at_50", "ndcg_at_100")
LABELS = {metric: page_tables.label(metric) for metric in METRICS}
# As the paper's Table 3 has it, but for the last, whose "100+" shares an end with the third.
GROUP_LABELS = {
    name: f"{least}–{most}" if math.isfinite(most) else f"over {least - 1}"
    for name, (least, most) in GROUPS.items()
}


def runs(records: Iterable[Record]):
    """Return a DataFrame with a row for each final run: what it was, its measures, size and seconds.

    Rows are sorted by data set, split and method, whatever the order of the records.
    """
    import pandas as pd

    finals = [record for record in records if record.experiment == EXPERIMENT]
    rows = [{name: record.parameters[name] for name in OUTER} | record.metrics for record in finals]
    by_group = [f"{name}_of_{group}" for group in GROUPS for name in (*METRICS, "users")]
    fit = ["validation_ndcg_at_100", "n_parameters", "best_epoch", "epochs", "training_seconds"]
    frame = pd.DataFrame(rows, columns=[*OUTER, *METRICS, "users", *by_group, *fit])
    return frame.sort_values(["dataset", "split_seed", "method"], ignore_index=True)


def sizes(records: Iterable[Record]):
    """Return Table 5 of our data: what `pia.data.describe` measured, a row for each data set."""
    import pandas as pd

    rows = {r.parameters["dataset"]: r.metrics for r in records if r.experiment == DATASETS}
    whole = ["users", "items", "interactions", "held_out", "measured"]
    table = pd.DataFrame.from_dict(rows, orient="index", columns=[*whole, "density", "over_20_targets"])
    return table.astype(dict.fromkeys(whole, int)).rename_axis("dataset").sort_values("users")


def settings(records: Iterable[Record], dataset: str):
    """Return what the search found on a data set: trials, validation NDCG@100, the settings as text."""
    import pandas as pd

    tried = {}
    for record in records:
        if record.experiment == SEARCH and record.parameters["dataset"] == dataset:
            tried.setdefault(record.parameters["method"], []).append(record)
    rows = {}
    for method in (name for name in SPACES if name in tried):
        best = max(tried[method], key=_validation)
        drawn = ", ".join(f"{name} {best.parameters[name]}" for name in SPACES[method])
        rows[method] = (len(tried[method]), _validation(best), drawn)
    columns = ["trials", "validation NDCG@100", "settings"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("method")


def beside(frame, reported: Mapping, theirs: str, datasets: Iterable[str], methods: Iterable[str]):
    """Return Table 1: the paper's numbers on its data beside ours on ours, methods by measures.

    Parameters
    ----------
    frame : DataFrame
        As `runs` gives it.
    reported : mapping of (dataset, method, metric) to float
    theirs : str
        The paper's data set that is quoted; it is none of ours.
    datasets, methods : iterable of str
        Columns and rows, in this order.
    """
    import pandas as pd

    ours = {name: page_tables.measured(frame, name, methods, METRICS) for name in datasets}
    rows = {}
    for method in methods:
        cells = {}
        for metric, label in LABELS.items():
            number = reported.get((theirs, method, metric))
            cells[label, f"{theirs} (paper)"] = "–" if number is None else f"{number:.3f}"
            for name, table in ours.items():
                cells[label, name] = table.loc[method, label] if method in table.index else "–"
        rows[method] = cells
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("method")


def groups(frame, dataset: str, methods: Iterable[str]):
    """Return Table 3: measures by user group and method, means ± standard deviations, and mean users."""
    import pandas as pd

    part = frame[frame["dataset"] == dataset]
    rows = {}
    for group, label in GROUP_LABELS.items():
        for method in methods:
            own = part[part["method"] == method].dropna(subset=[f"users_of_{group}"])
            if len(own):
                cells = {LABELS[name]: page_tables.spread(own[f"{name}_of_{group}"]) for name in METRICS}
                rows[label, method] = cells | {"users": f"{own[f'users_of_{group}'].mean():.1f}"}
    table = pd.DataFrame.from_dict(rows, orient="index", columns=[*LABELS.values(), "users"])
    table.index = pd.MultiIndex.from_tuples(list(rows), names=["items", "method"])
    return table


def capped(records: Iterable[Record], dataset: str) -> str:
    """Return as one sentence how many final runs were ended by the largest number of epochs, by method."""
    ended = {}
    for record in records:
        p = record.parameters
        if record.experiment == EXPERIMENT and p["dataset"] == dataset and "patience" in p:
            ended.setdefault(p["method"], []).append(record.metrics["epochs"] == p["epochs"])
    if not ended:
        return f"{dataset}: no runs are there yet"
    counts = [f"{method} {sum(ends)} of {len(ends)}" for method, ends in sorted(ended.items()) if any(ends)]
    return f"{dataset}: runs that the largest number of epochs ended: {', '.join(counts) or 'none'}"


def _validation(record):
    return record.metrics["validation_ndcg_at_100"]
