"""Tables of trained networks from their records: Figures 1 and 2, drift, and the theorems."""

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from fourmasks.data.interactions import interaction_names
from fourmasks.pages.tables import run_rows, spread
from fourmasks.pia.trained.plan import METHODS, THEORY
from fourmasks.pia.trained.sharing import KINDS
from fourmasks.records.store import Record

KEYS = ("dataset", "method", "seed")
TRANSPORT = ("kl", "w1_low", "w1_high", "spread", "bound")
SHARING = ("helped", "inside", "radius", "penalty", "content")
BASE = "multi-vae"  # the network without alignment


def in_order(records: Iterable[Record], experiment: str) -> list[Record]:
    """Return an experiment's records in the order of data sets and methods, then by seed."""

    def place(record):
        dataset, method, seed = (record.parameters[key] for key in KEYS)
        return interaction_names().index(dataset), METHODS.index(method), seed

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


def sharing(frame: pd.DataFrame) -> pd.DataFrame:
    """Return Theorem 2.3 on pairs: a row for each network, its inputs, and kind of pair.

    Parameters
    ----------
    frame : DataFrame
        As `runs` gives it.

    Returns
    -------
    DataFrame
        Columns dataset, method, seed, inputs, pairs, and those of `SHARING`.
    """
    rows = [
        [*(run[key] for key in KEYS), inputs, kind, *(run.get(f"{inputs}_{kind}_{name}") for name in SHARING)]
        for run in frame.to_dict("records")
        for inputs in ("clean", "masked")
        for kind in KINDS
    ]
    return pd.DataFrame(rows, columns=[*KEYS, "inputs", "pairs", *SHARING]).astype(
        dict.fromkeys(SHARING, float)
    )


def transport(records: Iterable[Record]) -> pd.DataFrame:
    """Return both sides of Eq. (6) and the mean KL by the share of items that masks keep, over seeds."""
    keys = ["dataset", "method", "keep"]
    rows = [
        [record.parameters["dataset"], record.parameters["method"], *values]
        for record in in_order(records, THEORY)
        for values in zip(*(record.curves[name] for name in ("keep", *TRANSPORT)), strict=True)
    ]
    return pd.DataFrame(rows, columns=[*keys, *TRANSPORT]).groupby(keys, sort=False).mean()


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


def pairs(records: Iterable[Record], dataset: str, methods: Sequence[str]) -> dict[str, pd.DataFrame]:
    """Return the pairs of Theorem 2.3 that records of a data set keep, by method; seed 0 keeps them.

    Columns are kind, distance, penalty, gradients and items, with a row for each pair.
    """
    found = {}
    for record in in_order(records, THEORY):
        method, columns = record.parameters["method"], record.curves
        if record.parameters["dataset"] == dataset and method in methods and "pair_kind" in columns:
            names = ("distance", "penalty", "gradients", "items")
            frame = pd.DataFrame({name: columns[f"pair_{name}"] for name in names})
            found[method] = frame.assign(kind=[KINDS[kind] for kind in columns["pair_kind"]])
    return found
