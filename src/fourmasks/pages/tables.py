"""Tables that experiments share: a row for each run, methods compared over splits, what a search found.

What is said with them, their labels and their prose stand in the notebooks; the one judgement in `words`.
"""

from collections.abc import Iterable, Mapping, Sequence

import pandas as pd

from fourmasks.claims.files import overlaps
from fourmasks.claims.measurements import Estimate, estimate
from fourmasks.pages.provenance import duration
from fourmasks.pages.words import judged
from fourmasks.records.store import Record


def label(metric: str) -> str:
    """Return how a ranking measure is written, as "NDCG@10" for ndcg_at_10."""
    return metric.replace("recall", "Recall").replace("ndcg", "NDCG").replace("_at_", "@")


def plus_minus(number: str, half: str) -> str:
    """Return "number ± half" with spaces at which no line breaks, for narrow columns."""
    return f"{number}\N{NO-BREAK SPACE}±\N{NO-BREAK SPACE}{half}"


def spread(values, digits: int = 4) -> str:
    """Return "mean ± standard deviation" of a Series, or the one value that there is; it does not wrap."""
    mean = f"{round(values.mean(), digits) + 0.0:.{digits}f}"
    return plus_minus(mean, f"{values.std():.{digits}f}") if len(values) > 1 else mean


def interval(found: Estimate, digits: int = 4, sign: str = "") -> str:
    """Return "mean ± half of the 95 % interval", or the mean alone of one seed; with "+" as `sign` signed."""
    mean = f"{round(found.mean, digits) + 0.0:{sign}.{digits}f}"  # no -0.0000
    return mean if found.half is None else plus_minus(mean, f"{found.half:.{digits}f}")


def run_rows(records: Iterable[Record], experiment: str, outer: Sequence[str]) -> pd.DataFrame:
    """Return a row for each run of an experiment: what it was, by its parameters in `outer`, and its metrics.

    Parameters
    ----------
    records : iterable of Record
        Those of other experiments are passed over.
    experiment : str
    outer : sequence of str
        What tells runs apart. A parameter that a run does not have is None.

    Returns
    -------
    DataFrame
        Columns are those of `outer` and the metrics, rows in the order of the records. Without runs it has
        the columns of `outer` alone.

    Raises
    ------
    ValueError
        If there are two runs with the same `outer`: they have other settings, and are not to be averaged.
    """
    rows = {}
    for record in records:
        if record.experiment == experiment:
            place = {name: record.parameters.get(name) for name in outer}
            key = repr(place)
            if key in rows:
                run = ", ".join(f"{name} {value}" for name, value in place.items())
                raise ValueError(
                    f"two runs of {run}: expected one; remove the record with superseded settings"
                )
            rows[key] = place | record.metrics
    return pd.DataFrame(list(rows.values()), columns=None if rows else list(outer))


def missing(frame: pd.DataFrame, planned: Iterable[tuple[str, str, int]]) -> pd.DataFrame:
    """Return which final runs of a plan are not there: methods by data sets, as "2 of 5" where some are.

    Parameters
    ----------
    frame : DataFrame
        With columns dataset, method and seed; a row for each run that is there.
    planned : iterable of (dataset, method, seed)
        All runs that there are to be.

    Returns
    -------
    DataFrame
        How many of how many are missing; an empty text where none is. Data sets and methods of which no run
        is missing are left out.
    """
    there = set(zip(frame["dataset"], frame["method"], frame["seed"], strict=True))
    counts: dict[str, dict[str, list[bool]]] = {}
    for run in planned:
        counts.setdefault(run[0], {}).setdefault(run[1], []).append(run not in there)
    cells = {
        dataset: {
            method: f"{sum(absent)} of {len(absent)}" for method, absent in found.items() if any(absent)
        }
        for dataset, found in counts.items()
    }
    return pd.DataFrame({dataset: found for dataset, found in cells.items() if found}).fillna("")


def differences(
    frame: pd.DataFrame,
    metric: str,
    pairs: Iterable[tuple[str, str]],
    overlap: Mapping[str, float],
    split: str = "split_seed",
    percent: bool = False,
) -> pd.DataFrame:
    """Return by how much methods differ from others in a metric: means of paired differences over splits.

    The interval is the ledger's: the same test on a page and in a verdict.

    Parameters
    ----------
    frame : DataFrame
        With columns dataset, method, the split and the metric; a row for each run.
    metric : str
    pairs : iterable of (method, baseline)
        Those without a split in common are left out.
    overlap : mapping of str to float
        Of the experiment, by data set: `fourmasks.claims.files.overlaps`.
    split : str, default "split_seed"
        The column by which runs are paired.
    percent : bool, default False
        Whether each difference is taken in percent of the baseline's value on the same split.

    Returns
    -------
    DataFrame
        Columns dataset, method, baseline, difference (method minus baseline), half (of the 95 % interval,
        see `fourmasks.claims.statistics`; NaN for one split) and splits; data sets in the order of the
        frame, then pairs in theirs.
    """
    rows, pairs = [], list(pairs)
    for dataset in frame["dataset"].unique():
        part = frame[frame["dataset"] == dataset]
        for method, baseline in pairs:
            mine, other = (
                part[part["method"] == name].set_index(split)[metric] for name in (method, baseline)
            )
            paired = (100 * (mine - other) / other if percent else mine - other).dropna()
            if len(paired):
                found = estimate(paired.tolist(), overlap.get(dataset, 0.0))
                rows.append((dataset, method, baseline, found.mean, found.half, found.n_seeds))
    columns = ["dataset", "method", "baseline", "difference", "half", "splits"]
    return pd.DataFrame(rows, columns=columns).astype({"difference": float, "half": float})


def compared(
    frame: pd.DataFrame,
    experiment: str,
    metric: str,
    pairs: Iterable[tuple[str, str]],
    better: str,
) -> pd.DataFrame:
    """Return `differences` as texts, with what they mean.

    Parameters
    ----------
    frame : DataFrame
        A row for each run.
    experiment : str
    metric : str
    pairs : iterable of (method, baseline)
    better : {"lower", "higher"}
    """
    found = differences(frame, metric, pairs, overlaps(experiment))
    halves = zip(found["difference"], found["half"], strict=True)
    found["judged"] = [
        judged(mean, half, better).removesuffix(" beyond the interval") for mean, half in halves
    ]
    found["difference"] = signed(found)
    return found.set_index(["dataset", "method", "baseline"]).drop(columns="half")


def signed(found: pd.DataFrame) -> list[str]:
    """Return the differences of a frame as texts, with half of the 95 % interval where there is one."""
    return [
        f"{mean:+.4f}" if half != half else plus_minus(f"{mean:+.4f}", f"{half:.4f}")
        for mean, half in zip(found["difference"], found["half"], strict=True)
    ]


def share(part: float, whole: float, half: float | None) -> float | None:
    """Return part / whole, or None where the whole's interval, whole ± half, holds 0 or there is none.

    A share of what may be nothing can have any value and either sign.
    """
    return part / whole if half is not None and abs(whole) > half else None


def measured(
    frame: pd.DataFrame, dataset: str, methods: Iterable[str], metrics: Iterable[str]
) -> pd.DataFrame:
    """Return `spread` over splits, methods by measures; methods without runs are left out."""
    ours = frame[frame["dataset"] == dataset].groupby("method")[list(metrics)].agg(spread)
    return ours.reindex([method for method in methods if method in ours.index]).rename(columns=label)


def order(frame: pd.DataFrame, dataset: str, methods: Iterable[str], metric: str) -> str:
    """Return the methods from the highest mean to the lowest, as "ease > multi-vae"."""
    part = frame[(frame["dataset"] == dataset) & frame["method"].isin(list(methods))]
    return " > ".join(part.groupby("method")[metric].mean().sort_values(ascending=False).index)


def effort(frame: pd.DataFrame, dataset: str, methods: Iterable[str]) -> pd.DataFrame:
    """Return numbers learned and, as means over splits, best epoch, epochs and seconds of training."""
    names = ["n_parameters", "best_epoch", "epochs", "training_seconds"]
    own = frame[frame["dataset"] == dataset].set_index("method").reindex(columns=names).astype(float)
    found = own.groupby("method").mean()
    return found.reindex([method for method in methods if method in found.index])


def searched(
    records: Iterable[Record],
    experiment: str,
    drawn: Mapping[str, Iterable[str]],
    metric: str,
    lowest: bool = False,
) -> pd.DataFrame:
    """Return what a search found: by data set and method the number of trials, the best metric, its settings.

    Parameters
    ----------
    records : iterable of Record
        Those of other experiments are passed over.
    experiment : str
        The search.
    drawn : mapping of str to iterable of str
        For each method, in the order of the rows, the options that were drawn.
    metric : str
        By which the best trial is chosen.
    lowest : bool, default False
        Whether the lowest is the best.

    Returns
    -------
    DataFrame
        Indexed by dataset and method; columns trials, the metric, and settings as text.
    """
    tried: dict[tuple[str, str], list[Record]] = {}
    for record in records:
        if record.experiment == experiment:
            cell = record.parameters["dataset"], record.parameters["method"]
            tried.setdefault(cell, []).append(record)
    rows, methods = {}, list(drawn)
    for cell in sorted(tried, key=lambda cell: (cell[0], methods.index(cell[1]))):
        best = (min if lowest else max)(tried[cell], key=lambda record: record.metrics[metric])
        settings = ", ".join(f"{name} {best.parameters[name]}" for name in drawn[cell[1]])
        rows[cell] = (len(tried[cell]), best.metrics[metric], settings)
    table = pd.DataFrame.from_dict(rows, orient="index", columns=["trials", metric, "settings"])
    table.index = pd.MultiIndex.from_tuples(list(rows), names=["dataset", "method"])
    return table


def beside(rows: Iterable[Mapping], index: Sequence[str], digits: int = 4) -> pd.DataFrame:
    """Return for rows of the ledger what the paper reports, what we measured, and the verdict.

    Parameters
    ----------
    rows : iterable of mapping
        Of `fourmasks.claims.ledger.ledger`. What was not measured is "–".
    index : sequence of str
        Fields of the rows that tell them apart, as "dataset" and "method".
    digits : int, default 4
        Digits after the decimal point of what was measured.

    Returns
    -------
    DataFrame
        Columns "paper", "ours" (with half of the 95 % interval, if there is one) and "verdict".
    """
    cells = [
        [
            *(row[name] for name in index),
            f"{row['reported']:g}" if isinstance(row["reported"], float) else str(row["reported"]),
            _ours(row, digits),
            row["verdict"],
        ]
        for row in rows
    ]
    return pd.DataFrame(cells, columns=[*index, "paper", "ours", "verdict"]).set_index(list(index))


def cost(parts: Mapping[str, Iterable[Record]]) -> pd.DataFrame:
    """Return what runs took, by words for a part of them: their number, time in all and at most, and memory.

    Memory is the peak of the process that made a run, so of what ran before it, too. Parts without runs are
    left out.
    """
    rows = {}
    for part, records in parts.items():
        if records := list(records):
            seconds = [record.seconds for record in records]
            memory = max(record.peak_memory_mb for record in records) / 1024
            rows[part] = [len(records), duration(sum(seconds)), duration(max(seconds)), f"{memory:.1f}"]
    columns = ["runs", "all runs", "longest run", "peak memory (GiB)"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns)


def _ours(row, digits):
    if row["measured"] is None:
        return "–"
    number = f"{round(row['measured'], digits) + 0.0:.{digits}f}"  # no -0.000
    if not row["interval"]:
        return number
    low, high = row["interval"]
    return plus_minus(number, f"{(high - low) / 2:.{digits}f}")
