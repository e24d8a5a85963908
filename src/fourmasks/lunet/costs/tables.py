"""Costs from their records: slopes, what the counted operations explain, gains, and what rounding does."""

import statistics
from collections.abc import Callable, Iterable

import numpy as np

from fourmasks.claims.measurements import Estimate, estimate
from fourmasks.lunet.costs.counts import last_batch, multiplications, ratios
from fourmasks.lunet.costs.plan import EXPERIMENT, ROUNDING
from fourmasks.lunet.costs.run import KINDS, Table, slopes_of
from fourmasks.pages.tables import plus_minus
from fourmasks.records.store import Record

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
    "at_once_dense": "both at once, dense",
    "step_lu": "step, LU",
    "step_dense": "step, dense",
    "step_coupling": "step, coupling",
    "inverse_activation": "inverse of the activation",
}
GAINS = ("separate", "at_once", "kept", "step")  # what an LU layer gains over a dense one, in several ways
RIVALS = [kind for kind in KINDS if kind != "lu"]
NO_TIMINGS = "no timings are there yet"


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
        Over all sizes, the mean over seeds and what is counted; over the last two, the mean, half of its 95 %
        interval (NaN for one seed), what is counted, and how the time "grows" by `growth`; and the dimension
        from which on the count explains half of the time.
    """
    import pandas as pd

    columns = pd.MultiIndex.from_tuples(
        [("all sizes", "measured"), ("all sizes", "counted")]
        + [("last two sizes", name) for name in ("measured", "± 95 %", "counted", "grows")]
        + [("half explained", "from d =")]
    )
    rows = {}
    own = [record for record in timed if record.parameters["batch"] == batch]
    for name in multiplications(2, batch) if own else ():
        whole, counted, last, counted_last = _slopes(own, name)
        half = np.nan if last.half is None else last.half
        known = (last.mean, half, counted_last, growth(last, counted_last))
        rows[WORDS[name]] = (whole, counted, *known, explained_from(tables(own)[batch], name, batch))
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("slope")


def _slopes(own, name) -> tuple[float, float, Estimate, float]:
    """Return an operation's slope over all sizes and what is counted, and the same over the last two."""
    batch = own[0].parameters["batch"]
    counts = {size: multiplications(size, batch) for size in own[0].curves["dimension"]}
    counted, counted_last = slopes_of(counts, name)
    whole = statistics.fmean(record.metrics[f"slope_{name}"] for record in own)
    return whole, counted, estimate([record.metrics[f"last_slope_{name}"] for record in own]), counted_last


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


def explained_from(table: Table, operation: str, batch: int) -> int:
    """Return the dimension from which on the count explains half of the time."""
    found = explained(table, operation, batch)
    hidden = max((size for size, share in found.items() if share < 0.5), default=0)
    return min(size for size in found if size > hidden)


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
    return _ratios(found, lambda values: {name: ratios(values)[name] for name in GAINS})


def coupling_ratios(found: dict[int, Table]):
    """Return coupling over LU, as `gains` does, with the columns of `over_lu`."""
    return _ratios(found, lambda values: over_lu("coupling", values))


def over_lu(kind: str, values: dict[str, float]) -> dict[str, float]:
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


def _ratios(found, function: Callable[[dict], dict]):
    """Return by dimension and number of points what a function makes of seconds, and of counts."""
    import pandas as pd

    rows = {
        (size, batch): {"measured": function(seconds), "counted": function(multiplications(size, batch))}
        for batch, table in found.items()
        for size, seconds in table.items()
    }
    names = next(iter(rows.values()))["counted"] if rows else ()
    columns = pd.MultiIndex.from_product([names, ("measured", "counted")])
    cells = {place: [both[how][name] for name, how in columns] for place, both in rows.items()}
    frame = pd.DataFrame.from_dict(cells, orient="index", columns=columns)
    return frame.set_axis(pd.MultiIndex.from_tuples(list(rows), names=["d", "n"])).sort_index()


def at_largest(timed: list[Record], batch: int, kind: str) -> dict[str, Estimate]:
    """Return `over_lu` of the seconds at the largest dimension, each over seeds."""
    own = [record.curves for record in timed if record.parameters["batch"] == batch]
    found = [over_lu(kind, {name: curves[name][-1] for name in WORDS}) for curves in own]
    return {name: estimate([one[name] for one in found]) for name in found[0]}


def verdicts(timed: list[Record], kind: str):
    """Return `at_largest` ± half of the 95 % interval, and `cheaper`, numbers of points by operation."""
    import pandas as pd

    found = {batch: at_largest(timed, batch, kind) for batch in tables(timed)}
    return (
        pd.DataFrame.from_dict(found, orient="index")
        .map(lambda one: f"{_within(one)}, {cheaper(one)}")
        .rename_axis("n")
    )


def cheaper(ratio: Estimate) -> str:
    """Return what LU is, by the 95 % interval of a ratio over it."""
    if ratio.half is None or abs(ratio.mean - 1) <= ratio.half:
        return "undecided"
    return "cheaper" if ratio.mean > 1 else "dearer"


def coupling_sentence(timed: list[Record]) -> str:
    """Return in words for which numbers of points LU is cheaper than coupling, or dearer, by operation."""
    if not timed:
        return NO_TIMINGS
    size, batches = timed[0].curves["dimension"][-1], tables(timed)
    said = {}
    for batch in batches:
        for name, one in at_largest(timed, batch, "coupling").items():
            said.setdefault(name, {}).setdefault(cheaper(one), []).append(str(batch))
    parts = [
        f"{name} {' and '.join(f'{words} for n = ' + ', '.join(those) for words, those in found.items())}"
        for name, found in said.items()
    ]
    return f"lu against coupling at d = {size}: {'; '.join(parts)}"


def _within(found: Estimate) -> str:
    """Return "mean ± half of the 95 % interval", or the one value that there is."""
    mean = f"{found.mean:.2f}"
    return mean if found.half is None else plus_minus(mean, f"{found.half:.2f}")


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


def long_sentence(timed: list[Record]) -> str:
    """Return in words how the log-determinant grows over diagonals alone."""
    if not timed:
        return NO_TIMINGS
    lengths = timed[0].curves["long_dimension"]
    found = estimate([record.metrics["slope_long_logdet_lu"] for record in timed])
    start = f"log-determinant over diagonals alone, {lengths[0]} to {lengths[-1]} numbers"
    return f"{start}: d^{_within(found)} in {found.n_seeds} measurements"


def in_short(timed: list[Record], rounded: Iterable[Record]) -> list[str]:
    """Return the answers to the notebook's five questions, a sentence each, and one on coupling layers."""
    found = tables(timed)
    if not found:
        return [NO_TIMINGS]
    few, many = min(found), max(found)
    size = max(found[few])
    where = f"at d = {size}, for n = {few} and n = {many}"
    return [
        f"1. Multiplications over those of lu, {where}: {_counted(size, (few, many))}.",
        f"2. Growth over the last two sizes, n = {few}: {_growths(timed, few)}; {long_sentence(timed)}.",
        f"3. Time of inverse and determinant over that of lu, {where}: {_timed(timed, (few, many), 'both')}.",
        f"4. Time of a step over that of lu, {where}: {_timed(timed, (few, many), 'step')}.",
        f"5. {_memory(timed, few, size)}. {_accuracy(rounded)}.",
        f"{coupling_sentence(timed)}.",
    ]


def _counted(size, batches) -> str:
    counts = [multiplications(size, batch) for batch in batches]
    return "; ".join(
        f"{words}, {kind} {' and '.join(f'{over_lu(kind, one)[name]:.2f}' for one in counts)}"
        for name, words in (("both", "inverse and determinant"), ("step", "step"))
        for kind in RIVALS
    )


def _timed(timed, batches, name) -> str:
    return "; ".join(
        f"{kind} {' and '.join(_within(at_largest(timed, batch, kind)[name]) for batch in batches)}"
        for kind in RIVALS
    )


def _growths(timed, batch) -> str:
    own, said = [record for record in timed if record.parameters["batch"] == batch], []
    for name, words in (("inverse", "inverse"), ("logdet", "log-determinant")):
        for kind in ("lu", "dense"):
            *_, last, counted = _slopes(own, f"{name}_{kind}")
            half = explained_from(tables(own)[batch], f"{name}_{kind}", batch)
            said.append(
                f"{words}, {kind} d^{_within(last)}, counted d^{counted:.2f}, {growth(last, counted)}, half"
                f" explained from d = {half}"
            )
        by_kind = [[r.metrics[f"last_slope_{name}_{kind}"] for r in own] for kind in ("dense", "lu")]
        steeper = estimate([dense - lu for dense, lu in zip(*by_kind, strict=True)])
        said.append(f"dense steeper by {_within(steeper)}")
    return "; ".join(said)


def _memory(timed, batch, size) -> str:
    matrices = memory(timed, batch)[size]
    inverse, step = (
        ", ".join(f"{kind} {matrices[WORDS[f'{part}_{kind}']]:.2f}" for kind in KINDS)
        for part in ("inverse", "step")
    )
    return f"Matrices written at d = {size}, n = {batch}, by the inverse: {inverse}; by a step: {step}"


def _accuracy(rounded) -> str:
    frame = _rounding(rounded)
    if frame.empty:
        return "Rounding is not measured yet"
    worst = ", ".join(f"{kind} {frame[f'error_float32_{kind}'].max():.0e}" for kind in KINDS)
    kept = sum(_kept(frame))
    return f"Largest relative error in float32: {worst}; lu within its bound in {kept} of {len(frame)} cases"


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
    found = found.assign(kept=["yes" if one else "no" for one in _kept(frame)])
    return found.set_axis(["cond L", "cond U", "cond A, dense", "LU within its bound"], axis=1)


def _kept(frame) -> list[bool]:
    """Return whether rounding keeps its bound for LU, in both precisions, for each row of `_rounding`."""
    return [
        all(row[f"error_{dtype}_lu"] <= row[f"bound_{dtype}"] for dtype in ("float32", "float64"))
        for _, row in frame.iterrows()
    ]


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
