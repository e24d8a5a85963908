"""Table 6 from its records: what the alignment adds to an epoch."""

from collections.abc import Iterable

from fourmasks.claims.measurements import estimate
from fourmasks.pia.overhead.plan import EXPERIMENT, METHODS
from fourmasks.records.store import Record


def overheads(records: Iterable[Record]):
    """Return seconds of an epoch without and with the alignment, and by how many percent it is longer.

    Returns
    -------
    DataFrame
        Indexed by data set and method: plain_epoch_seconds, epoch_seconds and overhead_percent, means over
        seeds; half, half of the 95 % interval of the last, NaN for one seed; and seeds.
    """
    import pandas as pd

    found = {}
    for record in records:
        if record.experiment == EXPERIMENT:
            place = record.parameters["dataset"], record.parameters["method"]
            found.setdefault(place, []).append(record.metrics)
    rows = {}
    for place in sorted(found, key=lambda place: (place[0], list(METHODS).index(place[1]))):
        overhead = estimate([metrics["overhead_percent"] for metrics in found[place]])
        rows[place] = {
            name: sum(metrics[name] for metrics in found[place]) / overhead.n_seeds
            for name in ("plain_epoch_seconds", "epoch_seconds")
        } | {"overhead_percent": overhead.mean, "half": overhead.half, "seeds": overhead.n_seeds}
    columns = ["plain_epoch_seconds", "epoch_seconds", "overhead_percent", "half", "seeds"]
    table = pd.DataFrame.from_dict(rows, orient="index", columns=columns)
    table.index = pd.MultiIndex.from_tuples(list(rows), names=["dataset", "method"])
    return table.astype({"half": float})


def sentences(table) -> list[str]:
    """Return for each row of `overheads` in words what the alignment adds."""
    return [
        f"{dataset}: time of an epoch of {method}, against no pull: {row.overhead_percent:+.1f} %"
        + ("" if row.half != row.half else f" ± {row.half:.1f} %")
        for (dataset, method), row in table.iterrows()
    ]
