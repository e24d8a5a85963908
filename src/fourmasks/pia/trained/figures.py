"""Figures of trained networks: Figures 1 and 2, numbers by method, and the theorems on them."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib import pyplot
from matplotlib.colors import ListedColormap

from fourmasks.pages.figures import PALETTE
from fourmasks.pia.trained.neighbourhoods import COHORTS
from fourmasks.pia.trained.plan import NETWORKS, SETTINGS
from fourmasks.records.store import Record

COLUMNS = 20  # cells in a row of a grid
BLUE, ORANGE, GREY = PALETTE[0], PALETTE[1], "#8C8C8C"
TITLES = dict(zip(SETTINGS, ("1: no mask", "2: masks", "3: masks and PIA"), strict=True))
KIND_STYLE = {"random": (GREY, "."), "near": (BLUE, "o"), "related": (ORANGE, "D")}


def trio(record: Record) -> pyplot.Figure:
    """Draw the three users of Figure 1 as grids of the items that any of them has, in the same places.

    Parameters
    ----------
    record : Record
        Of the experiment "pia/trio".
    """
    has = trio_cells(record)
    n = has.shape[1]
    rows = -(-n // COLUMNS)
    grid = np.full((3, rows * COLUMNS), np.nan)
    # Own items are dark where the first user has them too.
    grid[:, :n] = np.where(has, np.where(has[0], 2, 1), 0)
    figure, axes = pyplot.subplots(1, 3, figsize=(9.5, 0.7 + 0.14 * rows), sharey=True)
    colours = ListedColormap(["#E6E6E6", ORANGE, BLUE])
    for axis, cells, label in zip(axes, grid, ("one user", "near", "far but related"), strict=True):
        axis.pcolormesh(cells.reshape(rows, COLUMNS), cmap=colours, vmin=0, vmax=2, edgecolors="white")
        axis.set(title=label, xticks=[], yticks=[], aspect="equal")
        axis.invert_yaxis()
        axis.grid(False)
        axis.spines[:].set_visible(False)
    return figure


def trio_cells(record: Record) -> np.ndarray:
    """Return who of the trio has which item, (3, items).

    The items come in groups: those of all three, of the user and the near one, of the user and the related
    one, of the user alone, and the rest.
    """
    sets = [set(record.curves[name]) for name in ("user", "near", "related")]
    has = np.array([[item in s for item in sorted(set.union(*sets))] for s in sets])
    user, near, related = has
    group = np.select([user & near & related, user & near, user & related, user], range(4), 4)
    return has[:, np.argsort(group, kind="stable")]


def maps(records: Sequence[Record], dataset: str) -> pyplot.Figure:
    """Draw the t-SNE of each of the paper's settings, one panel each (Figure 2).

    Parameters
    ----------
    records : sequence of Record
        Of the experiment "pia/latent"; those with coordinates are drawn.
    dataset : str
    """
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


def by_method(frame: pd.DataFrame, dataset: str, metrics: dict[str, str]) -> pyplot.Figure:
    """Draw metrics side by side: a line for each method, a point for each seed, a bar at their mean.

    Parameters
    ----------
    frame : DataFrame
        As from `tables.runs`.
    dataset : str
    metrics : dict of str to str
        Names, and what the axis is called.
    """
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


def pairs(tables: dict[str, pd.DataFrame]) -> pyplot.Figure:
    """Draw every pair: cosine of the gradients by distance and by items in common, a row for each network.

    Parameters
    ----------
    tables : dict of str to DataFrame
        As from `tables.pairs`.
    """
    figure, axes = pyplot.subplots(
        len(tables), 3, figsize=(10.5, 2.9 * len(tables) + 0.4), squeeze=False, sharey="col", sharex="col"
    )
    columns = (
        ("distance", "gradients", "distance of the posteriors", "cosine of the gradients"),
        ("items", "gradients", "cosine of the items", ""),
        ("distance", "penalty", "distance of the posteriors", "penalty D / ‖g_u‖"),
    )
    for row, (method, table) in zip(axes, tables.items(), strict=True):
        for axis, (x, y, _, ylabel) in zip(row, columns, strict=True):
            for kind, (colour, marker) in KIND_STYLE.items():
                part = table[table["kind"] == kind]
                axis.plot(part[x], part[y], marker, color=colour, markersize=4, alpha=0.6, label=kind)
            axis.axhline(1.0 if y == "penalty" else 0.0, color="#444444", linewidth=0.9)
            axis.set(ylabel=ylabel)
        row[2].set_yscale("log")
        row[0].set_title(method, fontsize=11)
    for axis, (_, _, xlabel, _) in zip(axes[-1], columns, strict=True):
        axis.set_xlabel(xlabel)
    figure.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=3)
    return figure


def transport(table: pd.DataFrame) -> pyplot.Figure:
    """Draw both sides of Eq. (6) and the mean KL by what masks keep, a row for each data set.

    Parameters
    ----------
    table : DataFrame
        As from `tables.transport`.
    """
    datasets = table.index.unique("dataset")
    figure, axes = pyplot.subplots(
        len(datasets), 2, figsize=(9, 3.3 * len(datasets)), squeeze=False, sharex=True
    )
    for row, dataset in zip(axes, datasets, strict=True):
        methods = table.loc[dataset].groupby(level="method", sort=False)
        for colour, (method, part) in zip(PALETTE, methods, strict=False):
            keep = part.index.get_level_values("keep")
            row[0].plot(keep, part["kl"], color=colour, label=method)
            row[1].plot(keep, part["w1_high"], color=colour)
            row[1].plot(keep, part["bound"], color=colour, marker="", linestyle="--")
        row[0].set(title=dataset, ylabel="mean KL, nats")
        row[1].set(ylabel="mean distance; bound dashed", yscale="log")
    for axis in axes[-1]:
        axis.set_xlabel("share of items kept ρ")
    figure.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=4)
    return figure
