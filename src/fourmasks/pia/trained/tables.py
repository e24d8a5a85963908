"""Tables of trained networks from their records: runs, means over seeds, and Proposition 3.2."""

import math
from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from fourmasks.data.interactions import interaction_names
from fourmasks.pages.tables import differences, plus_minus, run_rows, spread
from fourmasks.pia.trained.plan import METHODS, SETTINGS, THEORY, TRIO
from fourmasks.pia.trained.sharing import KINDS
from fourmasks.records.store import Record

KEYS = ("dataset", "method", "seed")
BASE = "multi-vae"  # the network without alignment
SHARING = ("helped", "inside", "radius", "penalty", "content")


def in_order(records: Iterable[Record], experiment: str) -> list[Record]:
    """Return an experiment's records in the order of data sets and methods, then by seed."""
    datasets = {name: number for number, name in enumerate(interaction_names())}

    def place(record):
        dataset, method, seed = (record.parameters[key] for key in KEYS)
        return datasets.get(dataset, len(datasets)), METHODS.index(method), seed

    return sorted((r for r in records if r.experiment == experiment), key=place)


def runs(records: Iterable[Record], experiment: str) -> pd.DataFrame:
    """Return a row for each run of an experiment, in order: data, method, seed and all metrics."""
    return run_rows(in_order(records, experiment), experiment, KEYS)


def summary(frame: pd.DataFrame, metrics: Iterable[str], digits: int = 3) -> pd.DataFrame:
    """Return metrics by data set and method: mean over seeds ± standard deviation.

    Metrics that no run has are left out; one that a method lacks is empty.
    """
    present = [name for name in metrics if name in frame]

    def text(values):
        values = values.dropna()
        return spread(values, digits) if len(values) else None

    return frame.groupby(["dataset", "method"], sort=False)[present].agg(text)


def contraction(records: Iterable[Record]) -> pd.DataFrame:
    """Return Prop. 3.2 on trained networks: one with alignment beside `BASE`, on the same seed.

    Returns
    -------
    DataFrame
        dataset, method and seed; tau_squared, the mean over a few users of (L / (L + 2 λ))², with L of the
        network without alignment and λ the weight in the end; trace and norm, the ratios of variance over
        masks; kept, the share of users whose ratio of traces is at most τ²; unit, β / (β + 2 λ), what the
        change of unit makes by itself; relative, the ratio of the variances over masks in units of the
        variance over users.
    """
    networks = {tuple(r.parameters[key] for key in KEYS): r for r in in_order(records, THEORY)}
    rows = []
    for (dataset, method, seed), after in networks.items():
        weight, before = after.metrics["alignment_weight"], networks.get((dataset, BASE, seed))
        if not weight or before is None:
            continue
        curvatures = np.array(before.curves["curvatures"])
        tau_squared = np.mean((curvatures / (curvatures + 2 * weight)) ** 2)
        (traces, norms), (old_traces, old_norms) = (
            [np.array(one.curves[name]) for name in ("mask_traces", "mask_norms")] for one in (after, before)
        )
        annealed = after.metrics["best_epoch"] / max(after.parameters["anneal_epochs"], 1)
        beta = after.parameters["beta"] * min(1.0, annealed)
        scaled, old_scaled = (
            one.metrics["mask_variance"] / one.metrics["user_variance"] for one in (after, before)
        )
        rows.append(
            dict(zip(KEYS, (dataset, method, seed), strict=True))
            | {
                "tau_squared": tau_squared,
                "trace": traces.sum() / old_traces.sum(),
                "norm": norms.sum() / old_norms.sum(),
                "kept": (traces <= tau_squared * old_traces).mean(),
                "unit": beta / (beta + 2 * weight),
                "relative": scaled / old_scaled,
            }
        )
    names = ["tau_squared", "trace", "norm", "kept", "unit", "relative"]
    return pd.DataFrame(rows, columns=[*KEYS, *names])


def shrinking(frame: pd.DataFrame) -> pd.DataFrame:
    """Return means over seeds of `contraction`: the variance over masks, and what τ² promises."""
    return frame.groupby(["dataset", "method"], sort=False)[["trace", "tau_squared", "relative"]].mean()


def sharing(frame: pd.DataFrame) -> pd.DataFrame:
    """Return Theorem 2.3 on pairs of users: a row for each network, its inputs, and kind of pair.

    Parameters
    ----------
    frame : DataFrame
        Of `runs`, of the theorems.

    Returns
    -------
    DataFrame
        `KEYS`, inputs ("clean" or "masked"), pairs (one of `KINDS`), and `SHARING`: the shares of pairs that
        a step helps, that are inside the radius, and that have one above zero; medians of the penalty and of
        what different items contribute to it, over the norm of the gradient.
    """
    rows = [
        [
            *(run[key] for key in KEYS),
            inputs,
            kind,
            *(run.get(f"{inputs}_{kind}_{name}") for name in SHARING),
        ]
        for run in frame.to_dict("records")
        for inputs in ("clean", "masked")
        for kind in KINDS
    ]
    columns = [*KEYS, "inputs", "pairs", *SHARING]
    return pd.DataFrame(rows, columns=columns).astype(dict.fromkeys(SHARING, float))


def by_network(frame: pd.DataFrame) -> pd.DataFrame:
    """Return `sharing` by network, inputs and kind of pair: means over seeds."""
    keys = ["dataset", "method", "inputs", "pairs"]
    return sharing(frame).groupby(keys, sort=False)[list(SHARING)].mean()


def over_networks(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the shares of pairs helped and inside, over all networks and inputs, and the largest inside."""
    found = sharing(frame).groupby(["dataset", "pairs"], sort=False)
    return found.agg(helped=("helped", "mean"), inside=("inside", "mean"), largest_inside=("inside", "max"))


def pairs(records: Iterable[Record], dataset: str) -> dict[str, pd.DataFrame]:
    """Return the pairs that records of a data set keep, by method; seed 0 keeps them."""
    found = {}
    for record in in_order(records, THEORY):
        method, curves = record.parameters["method"], record.curves
        if record.parameters["dataset"] == dataset and method in SETTINGS and "pair_kind" in curves:
            names = ("distance", "penalty", "gradients", "items")
            table = pd.DataFrame({name: curves[f"pair_{name}"] for name in names})
            found[method] = table.assign(kind=[KINDS[kind] for kind in curves["pair_kind"]])
    return found


def transport(records: Iterable[Record]) -> pd.DataFrame:
    """Return both sides of Eq. (6) and the mean KL by what masks keep: means over seeds."""
    keys, names = ["dataset", "method", "keep"], ["kl", "w1_low", "w1_high", "spread", "bound"]
    rows = [
        (record.parameters["dataset"], record.parameters["method"], *values)
        for record in in_order(records, THEORY)
        for values in zip(*(record.curves[name] for name in ("keep", *names)), strict=True)
    ]
    return pd.DataFrame(rows, columns=[*keys, *names]).groupby(keys, sort=False).mean()


def half_hidden(table: pd.DataFrame) -> pd.DataFrame:
    """Return how mean KL and mean distance with half of the items hidden differ from none, as shares.

    Parameters
    ----------
    table : DataFrame
        Of `transport`.
    """
    half, whole = (table[table.index.isin([keep], "keep")].droplevel("keep") for keep in (0.5, 1.0))
    return (half / whole - 1)[["kl", "w1_high"]].set_axis(["mean KL", "mean distance"], axis=1)


def counted(trio: Record) -> pd.DataFrame:
    """Return the two pairs of Figure 1: items of both, in common, L1, and share of the other's items."""
    user, rows = set(trio.curves["user"]), {}
    for kind in ("near", "related"):
        other = set(trio.curves[kind])
        common = len(user & other)
        rows[kind] = len(user), len(other), common, len(user ^ other), common / len(other)
    columns = ["user's items", "other's items", "in common", "L1", "share of the other's"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns)


def crowd(trios: Iterable[Record]) -> pd.DataFrame:
    """Return what L1 says of related users, by data set: strangers that are nearest, and who is nearer."""
    columns = ["stranger_nearest", "has_related", "nearer_l1", "nearer_cosine"]
    return run_rows(trios, TRIO, ["dataset"]).set_index("dataset").reindex(columns=columns)


def changes(
    frame: pd.DataFrame,
    metrics: Mapping[str, str],
    pairs: Iterable[tuple[str, str]],
    overlap: Mapping[str, float],
) -> pd.DataFrame:
    """Return differences of methods on the same seed, ± half of the 95 % interval, as texts.

    Parameters
    ----------
    frame : DataFrame
        Of `runs`.
    metrics : mapping of str to str
        What is compared, and the name of its column.
    pairs : iterable of (method, baseline)
    overlap : mapping of str to float
        See `fourmasks.pages.tables.differences`.

    Returns
    -------
    DataFrame
        Indexed by data set, method and baseline; a star marks an interval without zero.
    """
    columns, pairs = {}, list(pairs)
    for metric, name in metrics.items():
        found = differences(frame, metric, pairs, overlap, split="seed")
        found = found.set_index(["dataset", "method", "baseline"])
        texts = [_change(row.difference, row.half) for row in found.itertuples()]
        columns[name] = pd.Series(texts, index=found.index, dtype=object)
    return pd.DataFrame(columns)


def _change(difference, half):
    if math.isnan(half):
        return f"{difference:+.3f}"
    star = "*" if abs(difference) > half else ""
    return plus_minus(f"{difference:+.3f}", f"{half:.3f}{star}")
