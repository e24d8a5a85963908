"""Tables of trained networks from their records: runs, means over seeds, and Proposition 3.2."""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from fourmasks.data.interactions import interaction_names
from fourmasks.pages.tables import run_rows, spread
from fourmasks.pia.trained.plan import METHODS, THEORY
from fourmasks.records.store import Record

KEYS = ("dataset", "method", "seed")
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
