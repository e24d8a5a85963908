"""Figures of the ablations (paper, Figures 4 and 5)."""

import numpy as np
import pandas as pd
from matplotlib import pyplot

from fourmasks.mmf.masks.tables import CELL
from fourmasks.pages.figures import PALETTE, method_style


def families(means: pd.DataFrame, spreads: pd.DataFrame):
    """Draw the error of each mask family, a panel for each matrix, a colour for each budget (Figure 4).

    Parameters
    ----------
    means, spreads : DataFrame
        Of errors, as `tables.family_table` gives them.
    """
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


def counts(table: pd.DataFrame):
    """Draw the error against the number of masks, and below it the bound on the rank (Figure 5).

    Parameters
    ----------
    table : DataFrame
        As `tables.count_table` gives it.
    """
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
