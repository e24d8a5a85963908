"""Figures of the ablations: mask families, numbers of masks, and the time of an epoch."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
import torch
from matplotlib import pyplot

from fourmasks.mmf.masks.tables import CELL, family_table
from fourmasks.mmf.models.masks import FAMILIES, Masks
from fourmasks.pages.figures import PALETTE, method_style
from fourmasks.pages.names import named


def six_families():
    """Draw masks 1, 4 and 8 of eight with zero shift, a panel for each family."""
    figure, axes = pyplot.subplots(2, 3, figsize=(9, 4.6), sharex=True)
    for axis, family in zip(axes.flat, FAMILIES, strict=True):
        values = Masks(family, 8, 16).values(torch.zeros(1, 8))[0]
        for k in (1, 4, 8):
            axis.plot(np.arange(1, 17), values[k - 1], label=f"k = {k}", markersize=4)
        axis.set(title=family)
    for axis in axes[1]:
        axis.set(xlabel="latent dimension r")
    axes[0, 0].legend()
    return figure


def families(frame: pd.DataFrame):
    """Draw each family's error, a panel for each matrix, a colour for each budget.

    Parameters
    ----------
    frame : DataFrame
        Of `tables.family_runs`.
    """
    means, spreads = family_table(frame), family_table(frame, "std")
    datasets = list(means.index.unique("dataset"))
    figure, axes = pyplot.subplots(1, len(datasets), figsize=(4.6 * len(datasets), 3.8), squeeze=False)
    for axis, dataset in zip(axes[0], datasets, strict=True):
        masks = means.drop(columns="svd").columns
        for i, (budget, row) in enumerate(means.loc[dataset].iterrows()):
            color, marker = PALETTE[i % len(PALETTE)], "os^Dv"[i % 5]
            bars = spreads.loc[(dataset, budget)][masks].fillna(0)
            place = np.arange(len(masks)) + 0.12 * (i - (len(means.loc[dataset]) - 1) / 2)
            style = {"label": f"B = {budget}", "color": color, "marker": marker, "linestyle": ""}
            axis.errorbar(place, row[masks], yerr=bars, capsize=3, **style)
            axis.axhline(row["svd"], color=color, linestyle="--", linewidth=1.2, label=f"SVD, B = {budget}")
        _name_families(axis, masks)
        axis.set(title=dataset, ylabel="relative error")
    figure.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=4)
    return figure


def start_effect(effect: pd.DataFrame):
    """Draw each family's error with the shared start and with its own, a panel for each matrix and budget.

    Parameters
    ----------
    effect : DataFrame
        Of `tables.start_effect`.
    """
    cells = list(effect.groupby(CELL, sort=False))
    figure, axes = pyplot.subplots(1, len(cells), figsize=(4.6 * len(cells), 3.8), squeeze=False)
    for axis, ((name, budget), part) in zip(axes[0], cells, strict=True):
        places = range(len(part))
        axis.vlines(places, part["own"], part["shared"], color="#777777", linewidth=1.2)
        for start, color, marker in (("shared", PALETTE[1], "s"), ("own", PALETTE[0], "o")):
            axis.plot(places, part[start], label=f"{start} start", color=color, marker=marker, linestyle="")
        _name_families(axis, part.index.get_level_values("mask"))
        axis.set(title=f"{named(name)}, B = {budget}", ylabel="relative error")
    axes[0, 0].legend()
    return figure


def counts(table: pd.DataFrame):
    """Draw the error against the number of masks, and below it the bound on the rank.

    Parameters
    ----------
    table : DataFrame
        Of `tables.count_table`.
    """
    cells = list(table.groupby(CELL, sort=False))
    figure, axes = pyplot.subplots(
        2, len(cells), figsize=(4.6 * len(cells), 5.2), sharex="col", squeeze=False, height_ratios=(2, 1)
    )
    star = {"color": PALETTE[1], "marker": "*", "markersize": 14, "linestyle": ""}
    for ((dataset, budget), part), (upper, lower) in zip(cells, axes.T, strict=True):
        part = part.droplevel(CELL)
        best, bars = part["mean"].idxmin(), part["spread"].fillna(0)
        style = {"label": "MMF", "color": PALETTE[0], "marker": "o"}
        upper.errorbar(part.index, part["mean"], yerr=bars, capsize=3, **style)
        upper.plot([best], part["mean"][[best]], label="smallest", **star)
        upper.plot(part.index, part["svd"], label="SVD", **method_style("svd") | {"marker": ""})
        upper.set(title=f"{named(dataset)}, B = {budget}", ylabel="relative error")
        lower.plot(part.index, part["bound"], color=PALETTE[2], marker="D")
        lower.set(xlabel="number of masks K", ylabel="K (B − K)")
        for axis in (upper, lower):
            axis.axvline(budget / 2, color="#777777", linestyle=":", linewidth=1.2)
    axes[0, 0].legend()
    return figure


def times(frames: Mapping[str, pd.DataFrame]):
    """Draw the time of an epoch against its operations, a colour for each origin of the measurements.

    Parameters
    ----------
    frames : mapping of str to DataFrame
        Of `tables.times` or `tables.reported_times`, by what they are called.
    """
    figure, axis = pyplot.subplots()
    markers = {"mmf": "o", "mf-bias": "<", "mf-ridge": "v", "mf-sgd": "^"}
    for (origin, frame), color in zip(frames.items(), PALETTE, strict=False):
        for method, marker in markers.items():
            part = frame[frame["method"] == method]
            style = {"color": color, "marker": marker, "fillstyle": "full" if method == "mmf" else "none"}
            label = f"{named(method)}; {origin}"
            axis.plot(part["operations"], part["ms"], label=label, linestyle="", **style)
    axis.set(xscale="log", yscale="log", xlabel="operations of an epoch", ylabel="ms per epoch")
    figure.legend(loc="outside lower center", ncols=4, fontsize=9)
    return figure


def _name_families(axis, masks):
    axis.set_xticks(range(len(masks)))
    axis.set_xticklabels(masks, rotation=30, ha="right")
