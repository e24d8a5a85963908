"""How seconds grow beside the count, and what LU layers gain over others: read from the records of costs."""

import statistics
from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from fourmasks.claims.measurements import Estimate, estimate
from fourmasks.lunet.costs.counts import multiplications
from fourmasks.lunet.costs.run import Table, slopes_of
from fourmasks.records.store import Record

CLOSE = 0.25  # slopes as near to each other count as the same
OPERATIONS = (*multiplications(2, 1), "inverse_activation")


def medians(timed: Iterable[Record], prefix: str = "") -> pd.DataFrame:
    """Return seconds by n and d, a column for each operation, medians over seeds; with "bytes_" the bytes."""
    frames = [
        pd.DataFrame({name: record.curves[prefix + name] for name in OPERATIONS}).assign(
            n=record.parameters["batch"], d=record.curves["dimension"]
        )
        for record in timed
    ]
    frame = pd.concat(frames) if frames else pd.DataFrame(columns=[*OPERATIONS, "n", "d"])
    return frame.groupby(["n", "d"]).median()


def over_lu(kind: str, values: Mapping) -> dict:
    """Return seconds, or counts, of dense or coupling layers over those of LU.

    In "both", inverse and log-determinant together, a dense layer factorizes once, and a coupling layer has
    both from one pass.
    """
    both = values["at_once_dense" if kind == "dense" else f"inverse_{kind}"]
    return {
        "inverse": values[f"inverse_{kind}"] / values["inverse_lu"],
        "log-determinant": values[f"logdet_{kind}"] / values["logdet_lu"],
        "both": both / (values["inverse_lu"] + values["logdet_lu"]),
        "step": values[f"step_{kind}"] / values["step_lu"],
    }


def at_largest(timed: list[Record], batch: int, kind: str) -> dict[str, Estimate]:
    """Return `over_lu` of the seconds at the largest dimension, each over seeds."""
    own = [record.curves for record in timed if record.parameters["batch"] == batch]
    found = [over_lu(kind, {name: curves[name][-1] for name in OPERATIONS}) for curves in own]
    return {name: estimate([one[name] for one in found]) for name in found[0]}


def cheaper(ratio: Estimate) -> str:
    """Return what LU is, by the 95 % interval of a ratio over it."""
    if ratio.half is None or abs(ratio.mean - 1) <= ratio.half:
        return "undecided"
    return "cheaper" if ratio.mean > 1 else "dearer"


def crossing(gain: Mapping[int, float], level: float) -> str:
    """Return at how many points measured gains, by number of points, fall below a level.

    Between two numbers of points it is interpolated, on logarithmic axes; "> 64" and "< 1" say that it is
    beyond those that were measured.
    """
    points = sorted(gain.keys())
    below = [n for n in points if gain[n] < level]
    if not below:
        return f"> {points[-1]}"
    if below[0] == points[0]:
        return f"< {points[0]}"
    before, after = points[points.index(below[0]) - 1], below[0]
    ends = np.log([gain[after], gain[before]])
    return f"{np.exp(np.interp(np.log(level), ends, np.log([after, before]))):.0f}"


def explained(table: Table, operation: str, batch: int) -> dict[int, float]:
    """Return by dimension the share of the time that the count, taken down from the largest, explains."""
    largest = max(table)
    speed = table[largest][operation] / multiplications(largest, batch)[operation]
    return {
        size: speed * multiplications(size, batch)[operation] / values[operation]
        for size, values in table.items()
    }


def slopes(timed: list[Record], batch: int) -> pd.DataFrame:
    """Return the slopes of all counted operations, measured and by the count, for one number of points.

    Columns are measured and counted, over all sizes, the first a mean over seeds; last, half (of its 95 %
    interval, NaN for one seed) and counted_last, over the last two sizes; grows, see `growth`; and
    half_explained, the dimension from which on the count explains half of the time.
    """
    own = [record for record in timed if record.parameters["batch"] == batch]
    table, rows = medians(own).T.droplevel("n", axis=1), {}
    for name in multiplications(2, batch) if own else ():
        counted, counted_last = slopes_of({d: multiplications(d, batch) for d in table}, name)
        measured = statistics.fmean(record.metrics[f"slope_{name}"] for record in own)
        last = estimate([record.metrics[f"last_slope_{name}"] for record in own])
        shares = explained(table, name, batch)
        hidden = max((size for size, share in shares.items() if share < 0.5), default=0)
        rows[name] = {
            "measured": measured,
            "counted": counted,
            "last": last.mean,
            "half": np.nan if last.half is None else last.half,
            "counted_last": counted_last,
            "grows": growth(last, counted_last),
            "half_explained": min(size for size in shares if size > hidden),
        }
    return pd.DataFrame.from_dict(rows, orient="index")


def growth(slope: Estimate, counted: float) -> str:
    """Return how time grows beside the count, by the 95 % interval of its slope.

    "as counted" if the whole interval is within `CLOSE` of the counted slope; otherwise "more slowly" or
    "faster" if the counted slope is outside of it, and else "cannot be told".
    """
    if slope.half is None:
        return "cannot be told"
    apart = slope.mean - counted
    if abs(apart) + slope.half <= CLOSE:
        return "as counted"
    if abs(apart) <= slope.half:
        return "cannot be told"
    return "more slowly" if apart < 0 else "faster"
