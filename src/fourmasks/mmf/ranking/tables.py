"""Tables and sentences of the ranking experiment, from its records."""

from collections.abc import Iterable, Mapping

from fourmasks.claims.measurements import estimate
from fourmasks.mmf.ranking.plan import COMMON, EXPERIMENT, METHODS, OUTER, SEARCH
from fourmasks.pages import tables as page_tables
from fourmasks.records.store import Record

METRICS = ("recall_at_10", "ndcg_at_10", "recall_at_20", "ndcg_at_20")
LABELS = {metric: page_tables.label(metric) for metric in METRICS}


def runs(records: Iterable[Record]):
    """Return a DataFrame with a row for each final run: what it was, its measures, size and seconds."""
    import pandas as pd

    rows = [
        {name: record.parameters[name] for name in OUTER} | record.metrics
        for record in records
        if record.experiment == EXPERIMENT
    ]
    names = [*OUTER, *METRICS, "validation_ndcg_at_10", "n_parameters", "best_epoch", "epochs"]
    return pd.DataFrame(rows, columns=[*names, "training_seconds"])


def settings(records: Iterable[Record], dataset: str):
    """Return what the search found on a data set: trials, NDCG@10 on validation likes, settings as text."""
    import pandas as pd

    tried = {}
    for record in records:
        if record.experiment == SEARCH and record.parameters["dataset"] == dataset:
            tried.setdefault(record.parameters["method"], []).append(record)
    rows = {}
    for method, found in sorted(tried.items(), key=lambda item: METHODS.index(item[0])):
        best = max(found, key=_validation)
        drawn = {k: v for k, v in sorted(best.parameters.items()) if k not in OUTER + COMMON}
        rows[method] = (len(found), _validation(best), ", ".join(f"{k} {v}" for k, v in drawn.items()))
    columns = ["trials", "validation NDCG@10", "settings"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("method")


def beside(frame, dataset: str, reported: Mapping, methods: Iterable[str]):
    """Return Table 5: reported and measured values side by side, methods by measures.

    Parameters
    ----------
    frame : DataFrame
        As `runs` gives it.
    dataset : str
    reported : mapping of (method, metric) to float
    methods : iterable of str
        Rows, in this order.
    """
    import pandas as pd

    ours = page_tables.measured(frame, dataset, methods, METRICS)
    rows = {}
    for method in methods:
        cells = {}
        for metric, label in LABELS.items():
            number = reported.get((method, metric))
            cells[label, "paper"] = "–" if number is None else f"{number:.4f}"
            cells[label, "ours"] = ours.loc[method, label] if method in ours.index else "–"
        rows[method] = cells
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("method")


def differences(frame, dataset: str, rivals: Iterable[str], metrics: Iterable[str] = METRICS, method="mmf"):
    """Return a method's measures minus those of its rivals: mean over splits, half of the 95 % interval.

    Returns
    -------
    DataFrame
        Columns rival, metric, difference, half (Student's, NaN for one split) and splits; both runs of a pair
        have the same split and seed. Rivals without runs in common are left out.
    """
    import pandas as pd

    part = frame[frame["dataset"] == dataset]
    rows = []
    for rival in rivals:
        for metric in metrics:
            values = part.pivot_table(index="split_seed", columns="method", values=metric)
            if {method, rival} <= set(values):
                paired = (values[method] - values[rival]).dropna()
                if len(paired):
                    found = estimate(paired.tolist())
                    rows.append((rival, LABELS[metric], found.mean, found.half, found.n_seeds))
    table = pd.DataFrame(rows, columns=["rival", "metric", "difference", "half", "splits"])
    return table.astype({"difference": float, "half": float})


def sentence(frame, dataset: str, rival: str, metric: str = "ndcg_at_10") -> str:
    """Return in words how MMF compares with a rival on one data set."""
    found = differences(frame, dataset, [rival], [metric])
    if found.empty:
        return f"{dataset}: no runs of mmf and {rival} on the same split"
    difference, half = found["difference"].item(), found["half"].item()
    text = f"{dataset}: {LABELS[metric]} of mmf minus {rival} is {difference:+.4f}"
    if half != half:
        return f"{text} (one split, no interval)"
    if abs(difference) <= half:
        return f"{text} ± {half:.4f}: no difference beyond the interval"
    return f"{text} ± {half:.4f}: {'better' if difference > 0 else 'worse'} beyond the interval"


def _validation(record):
    return record.metrics["validation_ndcg_at_10"]
