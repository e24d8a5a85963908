"""Models compared over several data sets, and by what they cost."""

from collections.abc import Iterable, Mapping

import pandas as pd
from baycomp import SignedRankTest

from fourmasks.records.store import Record

SEED, DRAWS = 0, 10_000  # from the posterior


def ranks(frame: pd.DataFrame, metric: str, better: str) -> pd.DataFrame:
    """Return the places of the models on each data set by their means, 1 the best, and the mean place.

    Parameters
    ----------
    frame : DataFrame
        With columns dataset, method and the metric; a row for each run.
    metric : str
    better : {"lower", "higher"}

    Returns
    -------
    DataFrame
        Methods by data sets, with "mean rank" last, by which they are sorted. Models that were not run on
        every data set are left out.
    """
    means = _means(frame, metric).dropna()
    places = means.rank(ascending=better == "lower")
    return places.assign(**{"mean rank": places.mean(axis=1)}).sort_values("mean rank")


def chances(
    frame: pd.DataFrame, metric: str, pairs: Iterable[tuple[str, str]], rope: float, better: str
) -> pd.DataFrame:
    """Return how probable it is that a model is better than another on data such as these, as good, or worse.

    The Bayesian signed-rank test (Benavoli, Corani, Demšar and Zaffalon, 2017) on the differences of means in
    percent, one for each data set. It takes data sets for draws from those that there might be.

    Parameters
    ----------
    frame, metric, better
        See `ranks`.
    pairs : iterable of (method, other)
        Those without a data set in common are left out.
    rope : float
        Differences of at most so many percent count as none.

    Returns
    -------
    DataFrame
        Indexed by method and other; columns better, as good, worse (probabilities), and data sets (number).
    """
    means, rows = _means(frame, metric), {}
    for pair in pairs:
        if not means.index.isin(pair).sum() == len(pair):
            continue
        one, other = (means.loc[name] for name in pair)
        gains = (100 * (other - one if better == "lower" else one - other) / other).dropna()
        if len(gains):
            rows[pair] = (*_probabilities(gains, rope), len(gains))
    table = pd.DataFrame.from_dict(
        rows, orient="index", columns=["better", "as good", "worse", "data sets"]
    ).astype({"data sets": int})
    table.index = pd.MultiIndex.from_tuples(list(rows), names=["method", "other"])
    return table


def most(n: int, rope: float) -> float:
    """Return the probability of "better" if all of n data sets had the same large difference."""
    return _probabilities(pd.Series([100.0 * (1 + rope)] * n), rope)[0]


def dominated(frame: pd.DataFrame, metric: str, price: str, better: str) -> pd.DataFrame:
    """Return which models have another at least as good and at least as cheap, and one of the two strictly.

    Parameters
    ----------
    frame, metric, better
        See `ranks`. Means over runs count.
    price : str
        A column of the frame: the lower, the cheaper.

    Returns
    -------
    DataFrame
        Columns dataset, method and by, the best of those that dominate it.
    """
    rows = []
    for dataset, part in frame.groupby("dataset", sort=False):
        means = part.groupby("method")[[metric, price]].mean()
        means["loss"] = means[metric] if better == "lower" else -means[metric]
        for method, own in means.iterrows():
            as_good = means[(means["loss"] <= own["loss"]) & (means[price] <= own[price])]
            others = as_good[(as_good["loss"] < own["loss"]) | (as_good[price] < own[price])]
            if len(others):
                rows.append((dataset, method, others["loss"].idxmin()))
    return pd.DataFrame(rows, columns=["dataset", "method", "by"])


def price(records: Iterable[Record], final: str, search: str, place: Mapping) -> pd.DataFrame:
    """Return what models cost in one place, as on one data set: means over runs, and their whole search.

    Parameters
    ----------
    records : iterable of Record
    final, search : str
        The two experiments.
    place : mapping
        Parameters that the runs have.

    Returns
    -------
    DataFrame
        Indexed by method; columns training_seconds, inference_seconds, n_parameters (NaN where a model does
        not say), memory (MiB, the peak of the process), trials and search (seconds of all of them).
    """
    kept = [record for record in records if place.items() <= record.parameters.items()]
    names = ["training_seconds", "inference_seconds", "n_parameters"]
    rows = [
        {"method": record.parameters["method"], "memory": record.peak_memory_mb}
        | {name: record.metrics.get(name) for name in names}
        for record in kept
        if record.experiment == final
    ]
    tried = [
        {"method": record.parameters["method"], "seconds": record.seconds}
        for record in kept
        if record.experiment == search
    ]
    columns = ["method", *names, "memory"]
    found = pd.DataFrame(rows, columns=columns).groupby("method").mean()
    seconds = pd.DataFrame(tried, columns=["method", "seconds"]).groupby("method")["seconds"]
    return found.assign(trials=seconds.count(), search=seconds.sum())


def _means(frame, metric):
    return frame.pivot_table(index="method", columns="dataset", values=metric, sort=False)


def _probabilities(gains, rope):
    gains = gains.to_numpy()
    worse, same, better = SignedRankTest.probs(0 * gains, gains, rope, nsamples=DRAWS, random_state=SEED)
    return float(better), float(same), float(worse)
