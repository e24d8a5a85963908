"""What a search for settings found, from its records."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from fourmasks.records import Record


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
