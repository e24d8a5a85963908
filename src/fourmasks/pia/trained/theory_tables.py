"""Tables and sentences on the theorems on trained networks, from their records."""

from collections.abc import Iterable, Sequence

import numpy as np

from fourmasks.pia.trained.plan import THEORY
from fourmasks.pia.trained.tables import in_order, runs
from fourmasks.records.store import Record

INPUTS, KINDS = ("clean", "masked"), ("random", "near", "related")
SHARING = ("helped", "inside", "radius", "penalty", "content")
INFLUENCE = ("help_distance", "help_overlap", "helped_decoder", "helped_all", "same_sign")
LIPSCHITZ = ("lipschitz_pairs", "lipschitz_single", "reach")
SURROGATE = ("hessian_variation", "smallest_curvature", "minimiser_spread", "left_over")
TRANSPORT = ("kl", "w1_low", "w1_high", "spread", "bound")
BASE = "multi-vae"


def trained(records: Iterable[Record]):
    """Return a DataFrame with a row for each network that the theorems were measured on."""
    return runs(records, THEORY)


def sharing_table(frame):
    """Return Theorem 2.3 on pairs, means over seeds: a row for each method, inputs, and kind of pair."""
    import pandas as pd

    rows = []
    for (dataset, method), part in frame.groupby(["dataset", "method"], sort=False):
        for inputs in INPUTS:
            for kind in KINDS:
                names = {f"{inputs}_{kind}_{name}": name for name in SHARING}
                found = part.reindex(columns=list(names)).rename(columns=names).mean()
                rows.append([dataset, method, inputs, kind, *found])
    index = ["dataset", "method", "inputs", "pairs"]
    return pd.DataFrame(rows, columns=[*index, *SHARING]).set_index(index)


def sharing_sentences(frame) -> list[str]:
    """Say for each data set how many pairs a step helps, and how many the theorem sees, over all networks."""
    found = []
    for dataset, part in frame.groupby("dataset", sort=False):
        for kind in KINDS:
            columns = [[f"{inputs}_{kind}_{name}" for inputs in INPUTS] for name in ("helped", "inside")]
            if set(sum(columns, [])) <= set(part.columns):
                helped, inside = (part[names].to_numpy() for names in columns)
                found.append(
                    f"{dataset}, {kind} pairs: a step helps in {np.nanmean(helped):.1%} of them, and"
                    f" {np.nanmean(inside):.1%} inside the sharing radius, at most {np.nanmax(inside):.1%}"
                    " for any network"
                )
    return found


def transport_table(records: Iterable[Record]):
    """Return both sides of Eq. (6) and the mean KL by the share of items that masks keep, over seeds."""
    import pandas as pd

    rows = [
        {"dataset": r.parameters["dataset"], "method": r.parameters["method"], "keep": keep}
        | {name: r.curves[name][place] for name in TRANSPORT}
        for r in in_order(records, THEORY)
        for place, keep in enumerate(r.curves["keep"])
    ]
    keys = ["dataset", "method", "keep"]
    return pd.DataFrame(rows, columns=[*keys, *TRANSPORT]).groupby(keys, sort=False).mean()


def transport_sentences(records: Iterable[Record]) -> list[str]:
    """Say for each network what hiding half of the items does to the mean KL and to distances."""
    table = transport_table(records)
    found = []
    for (dataset, method), part in table.groupby(level=["dataset", "method"], sort=False):
        part = part.droplevel(["dataset", "method"])
        if {0.5, 1.0} <= set(part.index):
            change = part.loc[0.5] / part.loc[1.0] - 1
            found.append(
                f"{dataset}, {method}: with half of the items hidden the mean KL changes by"
                f" {change['kl']:+.0%}, the mean distance of two users by {change['w1_high']:+.0%}"
            )
    return found


def contraction_runs(records: Iterable[Record], base: str = BASE):
    """Return Prop. 3.2 on trained networks: one with alignment beside one without, on the same seed.

    Returns
    -------
    DataFrame
        dataset, method and seed; tau_squared, the mean over a few users of (L / (L + 2 λ))², with L of the
        network without alignment and λ the weight in the end; trace and norm, the ratios of variance over
        masks; kept, the share of users whose ratio of traces is at most τ²; unit, β / (β + 2 λ), what the
        change of unit makes by itself; relative, the ratio of the variances over masks in units of the
        variance over users.
    """
    import pandas as pd

    chosen = in_order(records, THEORY)
    without = {_cell(r): r for r in chosen if r.parameters["method"] == base}
    rows = []
    for r in chosen:
        weight, before = r.metrics["alignment_weight"], without.get(_cell(r))
        if not weight or before is None:
            continue
        tau = np.mean([(big / (big + 2 * weight)) ** 2 for big in before.curves["curvatures"]])
        traces, norms = (
            [np.array(part.curves[name]) for part in (r, before)] for name in ("mask_traces", "mask_norms")
        )
        beta = r.parameters["beta"] * min(
            1.0, r.metrics["best_epoch"] / max(r.parameters["anneal_epochs"], 1)
        )
        scaled = [part.metrics["mask_variance"] / part.metrics["user_variance"] for part in (r, before)]
        rows.append(
            {name: r.parameters[name] for name in ("dataset", "method", "seed")}
            | {
                "tau_squared": tau,
                "trace": traces[0].sum() / traces[1].sum(),
                "norm": norms[0].sum() / norms[1].sum(),
                "kept": (traces[0] <= tau * traces[1]).mean(),
                "unit": beta / (beta + 2 * weight),
                "relative": scaled[0] / scaled[1],
            }
        )
    names = ["tau_squared", "trace", "norm", "kept", "unit", "relative"]
    return pd.DataFrame(rows, columns=["dataset", "method", "seed", *names])


def contraction_sentences(frame) -> list[str]:
    """Say for each aligned network whether its spread over masks shrank, absolutely and beside its users."""
    found = []
    for (dataset, method), part in frame.groupby(["dataset", "method"], sort=False):
        means = part[["tau_squared", "trace", "relative"]].mean()
        found.append(
            f"{dataset}, {method}: the variance over masks is {means['trace']:.3f} times that without"
            f" alignment (τ² = {means['tau_squared']:.3f}); over the variance of users it is"
            f" {means['relative']:.2f} times as large"
        )
    return found


def pairs_of(record: Record):
    """Return the pairs of Theorem 2.3 that a record keeps, a row each; none if it keeps none."""
    import pandas as pd

    columns = ("pair_kind", "pair_distance", "pair_penalty", "pair_gradients", "pair_items")
    frame = pd.DataFrame({name.removeprefix("pair_"): record.curves.get(name, []) for name in columns})
    return frame.assign(kind=[KINDS[int(number)] for number in frame["kind"]])


def drawn_pairs(records: Iterable[Record], dataset: str, methods: Sequence[str]) -> dict:
    """Return the pairs that records of a data set keep, by method, for the methods that have any."""
    kept = {
        r.parameters["method"]: pairs_of(r)
        for r in in_order(records, THEORY)
        if r.parameters["dataset"] == dataset and "pair_kind" in r.curves
    }
    return {method: kept[method] for method in methods if method in kept}


def _cell(record):
    return record.parameters["dataset"], record.parameters["seed"]
