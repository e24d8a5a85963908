"""Figures 1 and 2, and the numbers beside them by method."""

from collections.abc import Sequence

import numpy as np

from fourmasks.pages.figures import PALETTE
from fourmasks.pia.trained.plan import NETWORKS, SETTINGS
from fourmasks.pia.trained.tables import COHORTS, trio_cells
from fourmasks.records.store import Record

COLUMNS = 20  # cells in a row of a grid
BLUE, ORANGE, GREY = PALETTE[0], PALETTE[1], "#8C8C8C"
TITLES = dict(zip(SETTINGS, ("1: no mask", "2: masks", "3: masks and PIA"), strict=True))


def trio(record: Record):
    """Draw the three users of Figure 1 as grids of the items that any of them has, in the same places.

    Parameters
    ----------
    record : Record
        Of the experiment "pia/trio".
    """
    from matplotlib import pyplot
    from matplotlib.colors import ListedColormap

    has, labels = trio_cells(record)
    n = has.shape[1]
    rows = -(-n // COLUMNS)
    grid = np.full((3, rows * COLUMNS), np.nan)
    # Own items are dark where the first user has them too.
    grid[:, :n] = np.where(has, np.where(has[0], 2, 1), 0)
    figure, axes = pyplot.subplots(1, 3, figsize=(9.5, 0.7 + 0.14 * rows), sharey=True)
    colours = ListedColormap(["#E6E6E6", ORANGE, BLUE])
    for axis, cells, label in zip(axes, grid, labels, strict=True):
        axis.pcolormesh(cells.reshape(rows, COLUMNS), cmap=colours, vmin=0, vmax=2, edgecolors="white")
        axis.set(title=label, xticks=[], yticks=[], aspect="equal")
        axis.invert_yaxis()
        axis.grid(False)
        axis.spines[:].set_visible(False)
    return figure


def maps(records: Sequence[Record], dataset: str):
    """Draw the t-SNE of each of the paper's settings, one panel each (Figure 2).

    Parameters
    ----------
    records : sequence of Record
        Of the experiment "pia/latent"; those with coordinates are drawn.
    dataset : str
    """
    from matplotlib import pyplot

    drawn = {
        r.parameters["method"]: r.curves
        for r in records
        if r.parameters["dataset"] == dataset and "x" in r.curves
    }
    chosen = [method for method in SETTINGS if method in drawn]
    figure, axes = pyplot.subplots(1, len(chosen), figsize=(3.4 * len(chosen), 3.5), squeeze=False)
    for axis, method in zip(axes[0], chosen, strict=True):
        x, y, cohort, items = (np.array(drawn[method][name]) for name in ("x", "y", "cohort", "items"))
        for number, (name, colour, marker) in enumerate(zip(COHORTS, PALETTE, "osD", strict=False)):
            there = cohort == number
            label = f"{name}: {items[there].min()}–{items[there].max()} items"
            axis.scatter(x[there], y[there], s=12, color=colour, marker=marker, label=label, linewidths=0)
        axis.set(title=TITLES[method], xticks=[], yticks=[])
        axis.grid(False)
    figure.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=3)
    return figure


def by_method(frame, dataset: str, metrics: dict[str, str]):
    """Draw metrics side by side: a line for each method, a point for each seed, a bar at their mean.

    Parameters
    ----------
    frame : DataFrame
        As from `tables.runs`.
    dataset : str
    metrics : dict of str to str
        Names, and what the axis is called.
    """
    from matplotlib import pyplot

    part = frame[frame["dataset"] == dataset]
    methods = list(dict.fromkeys(part["method"]))[::-1]
    size = (2.2 + 2.4 * len(metrics), 1.1 + 0.3 * len(methods))
    figure, axes = pyplot.subplots(1, len(metrics), figsize=size, sharey=True, squeeze=False)
    for axis, (metric, label) in zip(axes[0], metrics.items(), strict=True):
        for place, method in enumerate(methods):
            values = part.loc[part["method"] == method, metric].dropna()
            colour = BLUE if method in SETTINGS else ORANGE if method in NETWORKS else GREY
            axis.plot(values, np.full(len(values), place), "o", color=colour, markersize=5, alpha=0.7)
            if len(values):
                axis.plot([values.mean()] * 2, [place - 0.3, place + 0.3], color=colour, marker="")
        axis.set(xlabel=label, ylim=(-0.6, len(methods) - 0.4))
    axes[0, 0].set_yticks(range(len(methods)), methods)
    return figure
