"""Models compared over several data sets, and by what they cost."""

from collections.abc import Iterable, Mapping
from itertools import permutations

import pandas as pd
from baycomp import SignedRankTest

from fourmasks.pages.tables import differences
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
        Those with fewer than two data sets in common are left out.
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
        if len(gains) > 1:
            rows[pair] = (*_probabilities(gains, rope), len(gains))
    table = pd.DataFrame.from_dict(
        rows, orient="index", columns=["better", "as good", "worse", "data sets"]
    ).astype({"data sets": int})
    table.index = pd.MultiIndex.from_tuples(list(rows), names=["method", "other"])
    return table


def most(n: int, rope: float) -> float:
    """Return the probability of "better" if all of n data sets had the same large difference."""
    return _probabilities(pd.Series([100.0 * (1 + rope)] * n), rope)[0]


def dominated(
    frame: pd.DataFrame, metric: str, price: str, better: str, overlap: Mapping[str, float]
) -> pd.DataFrame:
    """Return which models another one beats surely, and is cheaper than.

    Parameters
    ----------
    frame, metric, better
        See `ranks`, with a column split_seed.
    price : str
        A column of the frame: the lower its mean, the cheaper.
    overlap : mapping of str to float
        See `fourmasks.pages.tables.differences`, whose 95 % interval lies on one side where a model is beaten
        surely.

    Returns
    -------
    DataFrame
        Columns dataset, method and by: of those that dominate it the one that is ahead by most.
    """
    found = differences(frame, metric, permutations(frame["method"].unique(), 2), overlap)
    found["ahead"] = -found["difference"] if better == "lower" else found["difference"]
    prices = frame.groupby(["dataset", "method"])[price].mean()
    mine, other = (
        prices.reindex(pd.MultiIndex.from_frame(found[["dataset", name]])).to_numpy()
        for name in ("method", "baseline")
    )
    surely = found["ahead"] > found["half"]
    found = found[surely & (mine < other)].sort_values("ahead", ascending=False)
    first = found.drop_duplicates(["dataset", "baseline"]).sort_index()
    names = {"baseline": "method", "method": "by"}
    return first[["dataset", "baseline", "method"]].rename(columns=names).reset_index(drop=True)


def price(records: Iterable[Record], experiment: str, place: Mapping, methods: Iterable[str]) -> pd.DataFrame:
    """Return what models cost in one place, as on one data set: means over runs, and their whole search.

    Parameters
    ----------
    records : iterable of Record
    experiment : str
        Of the final runs. Its "-search" has the trials, its "-memory" the memory of a fit.
    place : mapping
        Parameters that the runs have.
    methods : iterable of str
        In which order. Those without runs are left out.

    Returns
    -------
    DataFrame
        Indexed by method; columns training_seconds, inference_seconds, n_parameters and memory_mb, means over
        the runs that have them, the last two rounded, trials, and search (seconds of all of their trainings).
    """
    kept = [record for record in records if place.items() <= record.parameters.items()]
    names = ["training_seconds", "inference_seconds", "n_parameters", "memory_mb"]

    def of(kind):
        rows = [
            {"method": record.parameters["method"]} | {name: record.metrics.get(name) for name in names}
            for record in kept
            if record.experiment == experiment + kind
        ]
        frame = pd.DataFrame(rows, columns=["method", *names]).astype(dict.fromkeys(names, float))
        return frame.groupby("method")

    trials = of("-search")["training_seconds"]
    found = of("").mean().assign(memory_mb=of("-memory")["memory_mb"].mean())
    whole = {"n_parameters": found["n_parameters"], "memory_mb": found["memory_mb"], "trials": trials.count()}
    found = found.assign(**{name: column.round().astype("Int64") for name, column in whole.items()})
    return found.assign(search=trials.sum()).reindex([name for name in methods if name in found.index])


def _means(frame, metric):
    return frame.pivot_table(index="method", columns="dataset", values=metric, sort=False)


def _probabilities(gains, rope):
    gains = gains.to_numpy()
    worse, same, better = SignedRankTest.probs(0 * gains, gains, rope, nsamples=DRAWS, random_state=SEED)
    return float(better), float(same), float(worse)
