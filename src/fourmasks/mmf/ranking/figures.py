"""Figures of the ranking experiment."""

import numpy as np

from fourmasks.mmf.ranking.tables import LABELS
from fourmasks.pages.figures import PALETTE, method_style


def by_split(frame, dataset: str, methods: list[str], metrics=("recall_at_10", "ndcg_at_10")):
    """Draw the runs on a data set as points, one panel for each measure; lines join those on one split."""
    from matplotlib import pyplot

    part = frame[frame["dataset"] == dataset]
    figure, axes = pyplot.subplots(1, len(metrics), figsize=(4.6 * len(metrics), 3.8), squeeze=False)
    for axis, metric in zip(axes.flat, metrics, strict=True):
        table = part.pivot_table(index="method", columns="split_seed", values=metric)
        table = table.reindex(methods).dropna(how="all")
        for split in table:
            axis.plot(range(len(table)), table[split], color="#BBBBBB", linewidth=0.8, marker="", zorder=1)
        for place, method in enumerate(table.index):
            style = method_style(method) | {"linestyle": ""}
            axis.plot(np.full(table.shape[1], place), table.loc[method], markersize=6, **style)
        axis.set(title=dataset, ylabel=f"test {LABELS[metric]}")
        axis.set_xticks(range(len(table)), table.index, rotation=40, ha="right", fontsize=9)
    return figure


def intervals(found, controls: tuple[str, ...], metric: str = "NDCG@10"):
    """Draw MMF minus each rival, paired by split, with 95 % intervals.

    Parameters
    ----------
    found : DataFrame
        As `tables.differences` gives it.
    controls : tuple of str
        Rivals that are MMF without its masks, drawn in another colour.
    metric : str, default "NDCG@10"
    """
    from matplotlib import pyplot

    part = found[found["metric"] == metric].reset_index(drop=True)
    figure, axis = pyplot.subplots(figsize=(7.0, 1.2 + 0.4 * len(part)))
    places = np.arange(len(part))[::-1]
    for place, row in zip(places, part.itertuples(), strict=True):
        colour = PALETTE[1] if row.rival in controls else PALETTE[0]
        half = np.nan_to_num(row.half)
        axis.errorbar(row.difference, place, xerr=half, color=colour, marker="o", linestyle="", capsize=4)
    axis.axvline(0, color="#000000", linewidth=0.8)
    axis.set_yticks(places, part["rival"])
    axis.set(xlabel=f"test {metric} of mmf minus that of the rival")
    axis.grid(False, axis="y")
    return figure
