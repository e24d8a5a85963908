"""Tables that several pages share: methods compared over splits, and what a search for settings found."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from fourmasks.records.store import Record


def label(metric: str) -> str:
    """Return how a ranking measure is written, as "NDCG@10" for ndcg_at_10."""
    return metric.replace("recall", "Recall").replace("ndcg", "NDCG").replace("_at_", "@")


def spread(values, digits: int = 4) -> str:
    """Return "mean ± standard deviation" of a Series, or the one value that there is; it does not wrap."""
    mean = f"{round(values.mean(), digits) + 0.0:.{digits}f}"
    return plus_minus(mean, f"{values.std():.{digits}f}") if len(values) > 1 else mean


def plus_minus(number: str, half: str) -> str:
    """Return "number ± half" with spaces at which no line breaks, for narrow columns."""
    return f"{number}\N{NO-BREAK SPACE}±\N{NO-BREAK SPACE}{half}"


def measured(frame, dataset: str, methods: Iterable[str], metrics: Iterable[str]):
    """Return a DataFrame of `spread` over splits, methods by measures; methods without runs are left out."""
    ours = frame[frame["dataset"] == dataset].groupby("method")[list(metrics)].agg(spread)
    return ours.reindex([method for method in methods if method in ours.index]).rename(columns=label)


def order(frame, dataset: str, methods: Iterable[str], metric: str) -> str:
    """Return the methods from the highest mean to the lowest, as "ease > multi-vae"."""
    part = frame[(frame["dataset"] == dataset) & frame["method"].isin(list(methods))]
    return " > ".join(part.groupby("method")[metric].mean().sort_values(ascending=False).index)


def effort(frame, dataset: str, methods: Iterable[str]):
    """Return numbers learned and, as means over splits, best epoch, epochs and seconds of training."""
    names = ["n_parameters", "best_epoch", "epochs", "training_seconds"]
    own = frame[frame["dataset"] == dataset].set_index("method").reindex(columns=names).astype(float)
    found = own.groupby("method").mean()
    return found.reindex([method for method in methods if method in found.index])


def searched(
    records: Iterable[Record],
    experiment: str,
    spaces: Mapping[str, Mapping],
    methods: Sequence[str],
    metric: str,
    choose: Callable,
):
    """Return by data set and method how many trials there were, and the metric and settings of the best.

    Parameters
    ----------
    records : iterable of Record
        Those of other experiments are passed over.
    experiment : str
        The search.
    spaces : mapping of str to mapping
        For each method the options that were drawn.
    methods : sequence of str
        All of them, in the order of the rows.
    metric : str
        By which the best trial is chosen.
    choose : callable
        `min` or `max`.
    """
    import pandas as pd

    tried = {}
    for record in records:
        if record.experiment == experiment:
            cell = record.parameters["dataset"], record.parameters["method"]
            tried.setdefault(cell, []).append(record)
    rows = {}
    for cell in sorted(tried, key=lambda cell: (cell[0], methods.index(cell[1]))):
        best = choose(tried[cell], key=lambda record: record.metrics[metric])
        drawn = ", ".join(f"{name} {best.parameters[name]}" for name in spaces[cell[1]])
        rows[cell] = (len(tried[cell]), best.metrics[metric], drawn)
    table = pd.DataFrame.from_dict(rows, orient="index", columns=["trials", metric, "settings"])
    table.index = pd.MultiIndex.from_tuples(list(rows), names=["dataset", "method"])
    return table
