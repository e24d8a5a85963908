"""Figures of the ablations and of the timing (paper, Figures 4 and 5, Table 6)."""

import numpy as np
import torch

from fourmasks.mmf.models.masks import FAMILIES, Masks
from fourmasks.pages.figures import PALETTE, method_style

CELL = ["dataset", "budget"]


def shapes(n_masks: int = 8, rank: int = 16):
    """Draw three masks of each family as they are where all shifts are zero, a panel for each family."""
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(2, 3, figsize=(9, 4.6), sharex=True)
    for axis, family in zip(axes.flat, FAMILIES, strict=True):
        values = Masks(family, n_masks, rank).values(torch.zeros(1, n_masks))[0]
        for k in (1, n_masks // 2, n_masks):
            axis.plot(np.arange(1, rank + 1), values[k - 1], label=f"k = {k}", markersize=4)
        axis.set(title=family)
    for axis in axes[1]:
        axis.set(xlabel="latent dimension r")
    axes[0, 0].legend()
    return figure


def families(means, spreads):
    """Draw the error of each mask family, a panel for each matrix, a colour for each budget (Figure 4).

    Parameters
    ----------
    means, spreads : DataFrame
        As `tables.family_table` and `spread_table` give them.
    """
    from matplotlib import pyplot

    datasets = list(means.index.unique("dataset"))
    figure, axes = pyplot.subplots(1, len(datasets), figsize=(4.6 * len(datasets), 3.8), squeeze=False)
    for axis, dataset in zip(axes[0], datasets, strict=True):
        masks = means.drop(columns="svd").columns
        for i, (budget, row) in enumerate(means.loc[dataset].iterrows()):
            color, marker = PALETTE[i % len(PALETTE)], "os^Dv"[i % 5]
            bars = spreads.loc[(dataset, budget)][masks].fillna(0)
            place = np.arange(len(masks)) + 0.12 * (i - (len(means.loc[dataset]) - 1) / 2)
            axis.errorbar(place, row[masks], yerr=bars, label=f"B = {budget}", color=color, marker=marker,
                          linestyle="", capsize=3)  # fmt: skip
            axis.axhline(row["svd"], color=color, linestyle="--", linewidth=1.2, label=f"SVD, B = {budget}")
        axis.set(title=dataset, ylabel="relative error", xticks=range(len(masks)))
        axis.set_xticklabels(masks, rotation=30, ha="right")
    figure.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=4)
    return figure


def starts(effect):
    """Draw the error of each family with the shared start and with its own, a panel for each matrix.

    Parameters
    ----------
    effect : DataFrame
        As `tables.start_effect` gives it.
    """
    from matplotlib import pyplot

    cells = list(effect.groupby(CELL, sort=False))
    figure, axes = pyplot.subplots(1, len(cells), figsize=(4.6 * len(cells), 3.8), squeeze=False)
    for axis, ((dataset, budget), part) in zip(axes[0], cells, strict=True):
        places = range(len(part))
        axis.vlines(places, part["own"], part["shared"], color="#777777", linewidth=1.2)
        for name, color, marker in (("shared", PALETTE[1], "s"), ("own", PALETTE[0], "o")):
            axis.plot(places, part[name], label=f"{name} start", color=color, marker=marker, linestyle="")
        axis.set(title=f"{dataset}, B = {budget}", ylabel="relative error", xticks=places)
        axis.set_xticklabels(part.index.get_level_values("mask"), rotation=30, ha="right")
    axes[0, 0].legend()
    return figure


def counts(table):
    """Draw the error against the number of masks, and below it the bound on the rank (Figure 5).

    Parameters
    ----------
    table : DataFrame
        As `tables.count_table` gives it.
    """
    from matplotlib import pyplot

    cells = list(table.groupby(CELL, sort=False))
    figure, axes = pyplot.subplots(
        2, len(cells), figsize=(4.6 * len(cells), 5.2), sharex="col", squeeze=False, height_ratios=(2, 1)
    )
    for ((dataset, budget), part), (upper, lower) in zip(cells, axes.T, strict=True):
        part = part.droplevel(CELL)
        best = part["mean"].idxmin()
        upper.errorbar(part.index, part["mean"], yerr=part["spread"].fillna(0), label="MMF", capsize=3,
                       color=PALETTE[0], marker="o")  # fmt: skip
        upper.plot([best], part["mean"][[best]], label="smallest", color=PALETTE[1], marker="*",
                   markersize=14, linestyle="")  # fmt: skip
        upper.plot(part.index, part["svd"], label="SVD", **method_style("svd") | {"marker": ""})
        upper.set(title=f"{dataset}, B = {budget}", ylabel="relative error")
        lower.plot(part.index, part["bound"], color=PALETTE[2], marker="D")
        lower.set(xlabel="number of masks K", ylabel="K (B − K)")
        for axis in (upper, lower):
            axis.axvline(budget / 2, color="#777777", linestyle=":", linewidth=1.2)
    axes[0, 0].legend()
    return figure


def times(frames: dict):
    """Draw the time of an epoch against the operations in its matrix products (Table 6).

    Parameters
    ----------
    frames : dict of str to DataFrame
        By where the times are from: as `tables.times` and `reported_times` give them. An empty one
        is left out.
    """
    from matplotlib import pyplot

    figure, axis = pyplot.subplots()
    drawn = [(origin, frame) for origin, frame in frames.items() if len(frame)]
    for (origin, frame), color in zip(drawn, PALETTE, strict=False):
        for method, marker in (("mmf", "o"), ("mf-bias", "<"), ("mf-ridge", "v"), ("mf-sgd", "^")):
            part = frame[frame["method"] == method]
            axis.plot(part["operations"], part["ms"], label=f"{method}, {origin}", color=color, marker=marker,
                      fillstyle="full" if method == "mmf" else "none", linestyle="")  # fmt: skip
    axis.set(xscale="log", yscale="log", xlabel="operations of an epoch", ylabel="ms per epoch")
    figure.legend(loc="outside lower center", ncols=4, fontsize=9)
    return figure
