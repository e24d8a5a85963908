"""Figures of trained networks: Figures 1 and 2, drift, pairs of users, and what masks and alignment do."""

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd
from matplotlib import pyplot
from matplotlib.colors import ListedColormap

from fourmasks.pages.figures import PALETTE
from fourmasks.pages.names import named
from fourmasks.pia.trained.neighbourhoods import COHORTS
from fourmasks.pia.trained.plan import NETWORKS, SETTINGS
from fourmasks.records.store import Record

BLUE, ORANGE, GREY = PALETTE[0], PALETTE[1], "#8C8C8C"
TITLES = dict(zip(SETTINGS, ("1: no mask", "2: masks", "3: masks and PIA"), strict=True))
DRIFT = {"drift": "drift", "view_ratio": "own view / nearest other", "recognised": "recognised"}
KIND_STYLE = {"random": ("#8C8C8C", "."), "near": (PALETTE[0], "o"), "related": (PALETTE[1], "D")}
SPREAD = {
    "tau_squared": "τ²",
    "unit": "change of unit",
    "trace": "variance over masks",
    "relative": "the same, over the variance of users",
}


def trio(record: Record, columns: int = 20):
    """Draw the three users as grids of the items that any of them has, in the same places."""
    sets = [set(record.curves[name]) for name in ("user", "near", "related")]
    has = np.array([[item in own for item in sorted(set.union(*sets))] for own in sets])
    # Groups of items: of all three, of user and near one, of user and related one, of the user, others.
    user, near, related = has
    group = np.select([user & near & related, user & near, user & related, user], range(4), 4)
    has = has[:, np.argsort(group, kind="stable")]
    n = has.shape[1]
    rows = -(-n // columns)
    grid = np.full((3, rows * columns), np.nan)
    # Own items are dark where the first user has them too.
    grid[:, :n] = np.where(has, np.where(has[0], 2, 1), 0)
    figure, axes = pyplot.subplots(1, 3, figsize=(9.5, 0.7 + 0.14 * rows), sharey=True)
    colours = ListedColormap(["#E6E6E6", ORANGE, BLUE])
    for axis, cells, label in zip(axes, grid, ("one user", "near", "far but related"), strict=True):
        axis.pcolormesh(cells.reshape(rows, columns), cmap=colours, vmin=0, vmax=2, edgecolors="white")
        axis.set(title=label, xticks=[], yticks=[], aspect="equal")
        axis.invert_yaxis()
        axis.grid(False)
        axis.spines[:].set_visible(False)
    return figure


def maps(drawn: Iterable[Record]):
    """Draw the t-SNE of each of the paper's settings, one panel each."""
    curves = {record.parameters["method"]: record.curves for record in drawn}
    chosen = [method for method in SETTINGS if method in curves]
    figure, axes = pyplot.subplots(1, len(chosen), figsize=(3.4 * len(chosen), 3.5), squeeze=False)
    for axis, method in zip(axes[0], chosen, strict=True):
        x, y, cohort, items = (np.array(curves[method][name]) for name in ("x", "y", "cohort", "items"))
        for number, (name, colour, marker) in enumerate(zip(COHORTS, PALETTE, "osD", strict=False)):
            there = cohort == number
            label = f"{name}: {items[there].min()}–{items[there].max()} items"
            axis.scatter(x[there], y[there], s=12, color=colour, marker=marker, label=label, linewidths=0)
        axis.set(title=TITLES[method], xticks=[], yticks=[])
        axis.grid(False)
    figure.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=3)
    return figure


def drift(frame: pd.DataFrame, dataset: str):
    """Draw measures side by side: a line for each method, a point for each seed, a bar at their mean."""
    part = frame[frame["dataset"] == dataset]
    methods = list(dict.fromkeys(part["method"]))[::-1]
    size = (2.2 + 2.4 * len(DRIFT), 1.1 + 0.3 * len(methods))
    figure, axes = pyplot.subplots(1, len(DRIFT), figsize=size, sharey=True, squeeze=False)
    for axis, (metric, label) in zip(axes[0], DRIFT.items(), strict=True):
        for place, method in enumerate(methods):
            values = part.loc[part["method"] == method, metric].dropna()
            colour = BLUE if method in SETTINGS else ORANGE if method in NETWORKS else GREY
            axis.plot(values, np.full(len(values), place), "o", color=colour, markersize=5, alpha=0.7)
            if len(values):
                axis.plot([values.mean()] * 2, [place - 0.3, place + 0.3], color=colour, marker="")
        axis.set(xlabel=label, ylim=(-0.6, len(methods) - 0.4))
    axes[0, 0].set_yticks(range(len(methods)), list(map(named, methods)))
    return figure


def pairs(by_method: Mapping[str, pd.DataFrame]):
    """Draw every pair of `tables.pairs`: cosine of the gradients, and the penalty; a row for each network."""
    size = (10.5, 2.9 * len(by_method) + 0.4)
    figure, axes = pyplot.subplots(len(by_method), 3, figsize=size, squeeze=False, sharey="col", sharex="col")
    columns = (
        ("distance", "gradients", "distance of the posteriors", "cosine of the gradients"),
        ("items", "gradients", "cosine of the items", ""),
        ("distance", "penalty", "distance of the posteriors", "penalty D / ‖g_u‖"),
    )
    for row, (method, table) in zip(axes, by_method.items(), strict=True):
        for axis, (x, y, _, ylabel) in zip(row, columns, strict=True):
            for kind, (colour, marker) in KIND_STYLE.items():
                part = table[table["kind"] == kind]
                axis.plot(part[x], part[y], marker, color=colour, markersize=4, alpha=0.6, label=kind)
            axis.axhline(1.0 if y == "penalty" else 0.0, color="#444444", linewidth=0.9)
            axis.set(ylabel=ylabel)
        row[2].set_yscale("log")
        row[0].set_title(named(method), fontsize=11)
    for axis, (_, _, xlabel, _) in zip(axes[-1], columns, strict=True):
        axis.set_xlabel(xlabel)
    figure.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=3)
    return figure


def transport(table: pd.DataFrame):
    """Draw `tables.transport`: mean KL, and both sides of Eq. (6), a row for each data set."""
    datasets = table.index.unique("dataset")
    size = (9, 3.3 * len(datasets))
    figure, axes = pyplot.subplots(len(datasets), 2, figsize=size, squeeze=False, sharex=True)
    for row, dataset in zip(axes, datasets, strict=True):
        methods = table.loc[dataset].groupby(level="method", sort=False)
        for colour, (method, part) in zip(PALETTE, methods, strict=False):
            keep = part.index.get_level_values("keep")
            row[0].plot(keep, part["kl"], color=colour, label=named(method))
            row[1].plot(keep, part["w1_high"], color=colour)
            row[1].plot(keep, part["bound"], color=colour, marker="", linestyle="--")
        row[0].set(title=named(dataset), ylabel="mean KL, nats")
        row[1].set(ylabel="mean distance; bound dashed", yscale="log")
    for axis in axes[-1]:
        axis.set_xlabel("share of items kept ρ")
    figure.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=4)
    return figure


def contraction(part: pd.DataFrame):
    """Draw what alignment does to the spread over masks: ratios to the network without.

    Parameters
    ----------
    part : DataFrame
        Of `tables.contraction`, of one data set.
    """
    methods = list(dict.fromkeys(part["method"]))
    figure, axis = pyplot.subplots(figsize=(7.5, 1.6 + 0.6 * len(methods)))
    for colour, marker, (ratio, label) in zip(PALETTE, "os^D", SPREAD.items(), strict=False):
        places = part["method"].map(methods.index)
        axis.plot(part[ratio], places, marker, color=colour, alpha=0.8, label=label)
    axis.axvline(1, color="#444444", linewidth=0.9)
    axis.set(xscale="log", xlabel="with alignment / without", ylim=(-0.6, len(methods) - 0.4))
    axis.set_yticks(range(len(methods)), list(map(named, methods)))
    figure.legend(*axis.get_legend_handles_labels(), loc="outside lower center", ncols=2)
    return figure
