"""Costs from their records: slopes, what the counted operations explain, gains, and what rounding does."""

import statistics
from collections.abc import Iterable

import numpy as np

from fourmasks.lunet.cost_counts import last_batch, multiplications, ratios
from fourmasks.lunet.cost_trials import Table, slopes_of
from fourmasks.lunet.costs import EXPERIMENT, ROUNDING
from fourmasks.measurements import estimate
from fourmasks.records import Record

CLOSE = 0.25  # slopes as near to each other count as the same
WORDS = {
    "inverse_lu": "inverse, LU",
    "logdet_lu": "log-determinant, LU",
    "inverse_dense": "inverse, dense",
    "logdet_dense": "log-determinant, dense",
    "inverse_coupling": "inverse, coupling",
    "logdet_coupling": "log-determinant, coupling",
    "kept_inverse_lu": "kept inverse, LU",
    "kept_inverse_dense": "kept inverse, dense",
    "at_once_dense": "inverse and determinant at once, dense",
    "step_lu": "step, LU",
    "step_dense": "step, dense",
    "step_coupling": "step, coupling",
    "inverse_activation": "inverse of the activation",
}
GAINS = ("separate", "at_once", "kept", "step")  # what an LU layer gains over a dense one, in several ways


def timings(records: Iterable[Record], device: str = "cpu", threads: int = 1) -> list[Record]:
    """Return the records of seconds on one kind of device, with one number of threads."""
    place = {"device": device, "threads": threads}
    return [r for r in records if r.experiment == EXPERIMENT and place.items() <= r.parameters.items()]


def tables(timed: Iterable[Record], prefix: str = "") -> dict[int, Table]:
    """Return by batch size a table of seconds, medians over seeds; with the prefix "bytes_" of bytes."""
    found = {}
    for record in timed:
        by_size = found.setdefault(record.parameters["batch"], {})
        for place, size in enumerate(record.curves["dimension"]):
            for name in WORDS:
                values = by_size.setdefault(size, {}).setdefault(name, [])
                values.append(record.curves[prefix + name][place])
    return {
        batch: {
            size: {name: statistics.median(values) for name, values in found[batch][size].items()}
            for size in sorted(found[batch])
        }
        for batch in sorted(found)
    }


def explained(table: Table, operation: str, batch: int) -> dict[int, float]:
    """Return by size the share of the time that the count, taken down from the largest size, explains."""
    largest = max(table)
    speed = table[largest][operation] / multiplications(largest, batch)[operation]
    return {
        size: speed * multiplications(size, batch)[operation] / values[operation]
        for size, values in table.items()
    }


def milliseconds(table: Table):
    """Return the milliseconds of a table, operations by dimension."""
    import pandas as pd

    return (1e3 * pd.DataFrame(table)).rename(index=WORDS).rename_axis("milliseconds, d =")


def slopes(timed: list[Record], batch: int):
    """Return the slopes of all counted operations, measured and by the count.

    Returns
    -------
    DataFrame
        "all sizes" and "last doubling": means over seeds; "±" after the second: half of its 95 % interval,
        NaN for one seed; "counted, all sizes" and "counted, last doubling".
    """
    import pandas as pd

    rows = {}
    own = [record for record in timed if record.parameters["batch"] == batch]
    if own:
        sizes = own[0].curves["dimension"]
        counts = {size: multiplications(size, batch) for size in sizes}
        for name in counts[sizes[0]]:
            last = estimate([record.metrics[f"last_slope_{name}"] for record in own])
            counted = slopes_of(counts, name)
            rows[WORDS[name]] = {
                "all sizes": statistics.fmean(record.metrics[f"slope_{name}"] for record in own),
                "last doubling": last.mean,
                "±": np.nan if last.half is None else last.half,
                "counted, all sizes": counted[0],
                "counted, last doubling": counted[1],
            }
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("slope")


def shares(found: dict[int, Table], operations: Iterable[str]):
    """Return what `explained` gives, in percent, by batch size and operation, for each dimension."""
    import pandas as pd

    rows = {
        (batch, WORDS[name]): {size: 100 * share for size, share in explained(table, name, batch).items()}
        for name in operations
        for batch, table in found.items()
    }
    frame = pd.DataFrame.from_dict(rows, orient="index")
    return frame.set_axis(pd.MultiIndex.from_tuples(list(rows), names=["n", "explained, %, d ="]))


def gains(found: dict[int, Table]):
    """Return dense over LU by dimension and number of points, each in a column "measured" and "counted".

    "separate": inverse and log-determinant together, with a factorization for each; "at_once": one for both;
    "kept": the inverse where the matrix has not changed; "step": a step of training.
    """
    import pandas as pd

    rows = {}
    for batch, table in found.items():
        for size, seconds in table.items():
            both = {"measured": ratios(seconds), "counted": ratios(multiplications(size, batch))}
            rows[size, batch] = [both[how][name] for name in GAINS for how in both]
    columns = pd.MultiIndex.from_product([GAINS, ("measured", "counted")])
    frame = pd.DataFrame.from_dict(rows, orient="index", columns=columns)
    return frame.set_axis(pd.MultiIndex.from_tuples(list(rows), names=["d", "n"])).sort_index()


def crossing(gain: dict[int, float], level: float) -> str:
    """Return at how many points measured gains, by number of points, fall below a level.

    Between two numbers of points it is interpolated, on logarithmic axes; "> 64" and "< 1" say that it is
    beyond those that were measured.
    """
    points = sorted(gain)
    below = [n for n in points if gain[n] < level]
    if not below:
        return f"> {points[-1]}"
    if below[0] == points[0]:
        return f"< {points[0]}"
    before, after = points[points.index(below[0]) - 1], below[0]
    ends = np.log([gain[after], gain[before]])
    return f"{np.exp(np.interp(np.log(level), ends, np.log([after, before]))):.0f}"


def limits(found: dict[int, Table]):
    """Return by dimension up to how many points something is gained, counted and measured.

    Something is a factor of 2 for inverse and determinant, where the dense layer factorizes once, and of 1
    for a step. The measured limits are those of `crossing`, the counted ones of `last_batch`.
    """
    import pandas as pd

    frame = gains(found)
    wanted = {"inverse and determinant twice as fast": ("at_once", 2), "step faster": ("step", 1)}
    rows = {}
    for size in frame.index.unique("d"):
        rows[size] = []
        for name, level in wanted.values():
            measured = frame.loc[size][name, "measured"].to_dict()
            rows[size] += [crossing(measured, level), str(last_batch(size, name, level))]
    columns = pd.MultiIndex.from_product([[f"{words}, n up to" for words in wanted], ["measured", "counted"]])
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("d")


def sentences(timed: list[Record], operations=("inverse_lu", "inverse_dense", "logdet_lu", "logdet_dense")):
    """Return in words, for the smallest and the largest batch, where the counted growth shows."""
    found = tables(timed)
    if not found:
        return ["no timings are there yet"]
    lines = []
    for batch in sorted({min(found), max(found)}):
        table, rows = found[batch], slopes(timed, batch)
        sizes = list(table)
        for name in operations:
            row = rows.loc[WORDS[name]]
            part = explained(table, name, batch)
            hidden = [size for size in sizes if part[size] < 0.5]
            half = next((size for size in sizes if size > max(hidden, default=0)), None)
            apart = row["last doubling"] - row["counted, last doubling"]
            verdict = "constants hide the order" if apart < 0 else "it grows faster than counted"
            lines.append(
                f"{WORDS[name]}, n = {batch}: counted d^{row['counted, last doubling']:.2f}, measured"
                f" d^{row['last doubling']:.2f} from {sizes[-2]} to {sizes[-1]}, d^{row['all sizes']:.2f}"
                f" from {sizes[0]} on; the count explains {part[sizes[0]]:.0%} of the time at {sizes[0]},"
                f" at least half from {half} on; {verdict if abs(apart) > CLOSE else 'the order shows'}"
            )
    return [*lines, long_sentence(timed)]


def long_sentence(timed: list[Record]) -> str:
    """Return in words how the log-determinant grows over diagonals alone."""
    lengths = timed[0].curves["long_dimension"]
    found = estimate([record.metrics["slope_long_logdet_lu"] for record in timed])
    within = "" if found.half is None else f" ± {found.half:.2f}"
    start = f"log-determinant over diagonals alone, {lengths[0]} to {lengths[-1]} numbers"
    return f"{start}: d^{found.mean:.2f}{within} in {found.n_seeds} measurements"


def memory(timed: Iterable[Record], batch: int):
    """Return the memory that each operation writes anew, in units of a d x d matrix, by dimension.

    The activation is left out: how often its inverse iterates depends on the points.
    """
    import pandas as pd

    table = tables(timed, "bytes_").get(batch, {})
    frame = pd.DataFrame({size: pd.Series(values) / (4 * size**2) for size, values in table.items()})
    return (
        frame.drop(index="inverse_activation", errors="ignore")
        .rename(index=WORDS)
        .rename_axis("matrices, d =")
    )


def conditions(records: Iterable[Record]):
    """Return condition numbers by spread and dimension, and whether rounding keeps its bound for LU."""
    frame = _rounding(records)
    found = frame[["condition_lower", "condition_upper", "condition_dense"]].map(lambda x: f"{x:.3g}")
    kept = [
        all(row[f"error_{dtype}_lu"] <= row[f"bound_{dtype}"] for dtype in ("float32", "float64"))
        for _, row in frame.iterrows()
    ]
    found = found.assign(kept=["yes" if one else "no" for one in kept])
    return found.set_axis(["cond L", "cond U", "cond A, dense", "LU within its bound"], axis=1)


def errors(records: Iterable[Record], dtype: str):
    """Return the largest relative errors of the way through a layer and back, and the LU layer's bound."""
    frame = _rounding(records)
    names = {f"error_{dtype}_{kind}": kind for kind in ("lu", "dense", "coupling")}
    frame = frame[[*names, f"bound_{dtype}"]].map(lambda x: f"{x:.1e}")
    return frame.set_axis([*names.values(), "bound for lu"], axis=1)


def rounding_sentences(records: Iterable[Record]) -> list[str]:
    """Return in words how the errors grow beside the condition numbers, for each spread."""
    frame = _rounding(records)
    lines = []
    for spread in frame.index.unique("spread"):
        part = frame.loc[spread]
        growth = part.iloc[-1] / part.iloc[0]
        lines.append(
            f"spread {spread:g}, d = {part.index[0]} to {part.index[-1]}: the condition of U grows by a"
            f" factor of {growth['condition_upper']:.1f}, the bound by {growth['bound_float32']:.0f}, the"
            f" error in float32 by {growth['error_float32_lu']:.1f} for LU and by"
            f" {growth['error_float32_dense']:.1f} for dense"
        )
    return lines or ["no measurements of rounding are there yet"]


def _rounding(records):
    """Return the curves of rounding by spread and dimension, the largest over seeds."""
    import pandas as pd

    frames = [
        pd.DataFrame(record.curves).assign(spread=record.parameters["spread"])
        for record in records
        if record.experiment == ROUNDING
    ]
    names = [*(f"condition_{part}" for part in ("lower", "upper", "dense"))]
    for dtype in ("float32", "float64"):
        names += [*(f"error_{dtype}_{kind}" for kind in ("lu", "dense", "coupling")), f"bound_{dtype}"]
    frame = pd.concat(frames) if frames else pd.DataFrame(columns=["spread", "dimension", *names])
    return frame.groupby(["spread", "dimension"])[names].max().rename_axis(["spread", "d"])
