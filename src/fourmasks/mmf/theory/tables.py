"""Tables on the theorems, the spectra and the stability of factors, from their records."""

from collections.abc import Iterable

import numpy as np

from fourmasks.learning.metrics import effective_rank
from fourmasks.mmf.models.masks import Masks
from fourmasks.mmf.theory.expressivity import independence, wronskian
from fourmasks.records.store import Record

THRESHOLDS = (1e-1, 1e-2, 1e-3)


# ---------------------------------------------------------------- theorems


def rank_table(records: Iterable[Record]):
    """Return Theorem 1's deficits: a row for each family and parametrisation, a column for each tie."""
    return _by_model(records, "rank_deficit", ["shifts"])


def conditions_table(records: Iterable[Record]):
    """Return at how many r (C2) fails, and the deficit of the proof's own parameters where it holds."""
    chosen = [r for r in records if r.parameters["shifts"] == "own"]
    frame = _frame(chosen, ["mask", "parametrisation", "rank"], ["dependent_dimensions", "witness_deficit"])
    frame = frame[frame["dependent_dimensions"].notna()]
    fails = [
        f"{int(n)} of {rank}" for n, rank in zip(frame["dependent_dimensions"], frame["rank"], strict=True)
    ]
    frame = frame.assign(**{"(C2) fails at": fails})
    return frame.set_index(["mask", "parametrisation"])[["(C2) fails at", "witness_deficit"]]


def independence_table(families: Iterable[str], n_masks: int, rank: int, parametrisation: str, at: float):
    """Return for each family and dimension the smallest singular value of `independence`, and a Wronskian.

    The last column is the smallest absolute Wronskian over the dimensions at the shift `at`; none for the
    triangle, which is not analytic.
    """
    import pandas as pd
    import torch

    points = np.linspace(0, rank if parametrisation == "paper" else 2.0, 400)
    table = {}
    for family in families:
        masks = Masks(family, n_masks, rank, parametrisation, dtype=torch.float64)
        row = dict(enumerate(independence(masks, points)))
        if family != "triangle":
            found = [wronskian(family, n_masks, rank, parametrisation, r, at) for r in range(rank)]
            row["Wronskian"] = min(map(abs, found))
        table[family] = row
    return pd.DataFrame(table).T.rename_axis("mask").rename_axis("dimension", axis=1)


def symmetry_table(records: Iterable[Record], metric: str):
    """Return a metric of Theorem 2's trials: a row for each family, a column for each model."""
    return _by_model(records, metric, ["n_masks", "shifts"])


def _by_model(records, metric, columns):
    keys = ["mask", "parametrisation", *columns]
    frame = _frame(records, keys, [metric])
    frame = frame[frame[metric].notna()]
    frame = frame.assign(model=_labels(frame, columns))
    table = frame.pivot_table(
        index=["mask", "parametrisation"], columns="model", values=metric, sort=False, observed=True
    )
    return table.rename_axis(columns=None)


def _labels(frame, columns):
    if columns == ["shifts"]:
        return frame["shifts"]
    return [f"K = {k}, {shifts}" for k, shifts in zip(frame["n_masks"], frame["shifts"], strict=True)]


def in_order(records: Iterable[Record], config) -> list[Record]:
    """Return the records on the matrices of a config, in its order of matrices and methods, then by K."""

    def place(record):
        p = record.parameters
        cell = config.dataset.index(p["dataset"]), config.methods.index(p["method"])
        return *cell, p.get("n_masks") or 0, p["seed"]

    return sorted((r for r in records if r.parameters["dataset"] in config.dataset), key=place)


# ---------------------------------------------------------------- Figure 6


def spectra_runs(records: Iterable[Record]):
    """Return a DataFrame with a row for each run: what it was, its ranks, and its error."""
    metrics = ["effective_rank", "entropy_rank", "numerical_rank", "relative_error"]
    frame = _frame(records, ["dataset", "method", "budget", "n_masks", "seed"], metrics)
    rank = frame["n_masks"] * (frame["budget"] - frame["n_masks"] * (frame["method"] != "mmf-frozen"))
    return frame.assign(bound=rank.where(frame["n_masks"].notna(), frame["budget"]))


def spectra_table(frame):
    """Return means over seeds by matrix, method and K; `bound` is the largest rank possible."""
    keys = ["dataset", "method", "n_masks"]
    columns = ["bound", "numerical_rank", "effective_rank", "entropy_rank", "relative_error"]
    return frame.fillna({"n_masks": 0}).groupby(keys, sort=False)[columns].mean().reset_index()


def threshold_table(records: Iterable[Record]):
    """Return mean numbers of singular values of MMF above several shares of the largest, by K."""
    import pandas as pd

    rows = [
        {"dataset": r.parameters["dataset"], "n_masks": r.parameters["n_masks"]}
        | {
            f"above {share:g}": effective_rank(np.array(r.curves["singular_values"]), share)
            for share in THRESHOLDS
        }
        for r in records
        if r.parameters["method"] == "mmf"
    ]
    keys = ["dataset", "n_masks"]
    columns = [*keys, *(f"above {share:g}" for share in THRESHOLDS)]
    return pd.DataFrame(rows, columns=columns).groupby(keys, sort=False).mean()


def growth_sentences(frame) -> list[str]:
    """Say for each matrix how the effective rank grows from the smallest to the largest K, beside K R."""
    found = []
    masked = frame[frame["method"] == "mmf"]
    for dataset, part in masked.groupby("dataset", sort=False):
        means = part.groupby("n_masks")[["effective_rank", "bound"]].mean().sort_index()
        first, last = means.index[0], means.index[-1]
        grown = means.loc[last] / means.loc[first]
        shares = means["effective_rank"] / means["bound"]
        found.append(
            f"{dataset}: from K = {first:g} to {last:g} the effective rank grows"
            f" {grown['effective_rank']:.2f} times,"
            f" K R {grown['bound']:.2f} times; it is {shares.min():.0%} to {shares.max():.0%} of K R."
        )
    return found


# ---------------------------------------------------------------- Figure 7


def stability_runs(records: Iterable[Record]):
    """Return a DataFrame with a row for each comparison of two runs."""
    keys = ["dataset", "method", "n_masks", "matched", "seed"]
    metrics = [
        "diagonal",
        "off_diagonal",
        "dominant",
        "output_difference",
        "relative_error",
        "error_gap",
        "n_iter",
    ]
    frame = _frame(records, keys, metrics)
    return frame.assign(model=_models(frame))


def stability_table(frame):
    """Return means over pairs of runs: the diagonal without and with matching, and how far both agree."""
    columns = ["dominant", "off_diagonal", "output_difference", "relative_error", "error_gap", "n_iter"]
    plain, matched = (
        frame[frame["matched"] == value]
        .groupby(["dataset", "model"], sort=False)[["diagonal", *columns]]
        .mean()
        for value in (False, True)
    )
    table = plain[columns].assign(diagonal=plain["diagonal"], matched=matched["diagonal"])
    return table[["diagonal", "matched", *columns]].reset_index()


def stability_sentences(frame) -> list[str]:
    """Say for each matrix which model has the most alike factors, and whether MMF's two runs agree."""
    found = []
    for dataset, table in stability_table(frame).groupby("dataset", sort=False):
        best = table.loc[table["diagonal"].idxmax()]
        parts = [f"{dataset}: the strongest diagonal is that of {best['model']} ({best['diagonal']:.2f})"]
        for row in table[table["model"].str.startswith("mmf")].itertuples():
            parts.append(
                f"{row.model}: {row.diagonal:.2f}, but its two products differ by {row.output_difference:.0%}"
                f" of their size at errors that differ by {row.error_gap:.2%}"
            )
        found.append("; ".join(parts) + ".")
    return found


def maps(records: Iterable[Record], seed: int = 0) -> dict[tuple[str, str, bool], np.ndarray]:
    """Return the R x R maps of one pair of runs by matrix, model and whether matched."""
    records = [r for r in records if r.parameters["seed"] == seed]
    found = {}
    for record in records:
        p = record.parameters
        if "similarity" in record.curves:
            found[_cell(p), False] = np.reshape(record.curves["similarity"], (p["rank"], p["rank"]))
    for record in records:
        if "order" in record.curves and (_cell(record.parameters), False) in found:
            cell = _cell(record.parameters)
            found[cell, True] = found[cell, False][:, record.curves["order"]]
    return {(*cell, matched): values for (cell, matched), values in found.items()}


def _cell(parameters):
    return parameters["dataset"], _model(parameters["method"], parameters["n_masks"])


def _models(frame):
    return [_model(m, k) for m, k in zip(frame["method"], frame["n_masks"], strict=True)]


def _model(method, n_masks):
    return f"mmf, K = {n_masks:g}" if method == "mmf" else method


def _frame(records, keys, metrics):
    import pandas as pd

    rows = [
        {key: r.parameters.get(key) for key in keys} | {name: r.metrics.get(name) for name in metrics}
        for r in records
    ]
    return pd.DataFrame(rows, columns=[*keys, *metrics])
