"""Figures of the recommender's experiments."""

import numpy as np
import pandas as pd
from matplotlib import pyplot

from fourmasks.pages.figures import PALETTE, method_style

LEVELS = {"averages": "--", "biased-mf": ":"}  # without epochs: horizontal lines
HIGHEST = 1.25  # times the averages' error; what is above is not drawn, or at the edge
KINDS = {"loss": "loss, Eq. (2.11)", "mse": "squared error"}


def loss_curves(curves: pd.DataFrame, frame: pd.DataFrame, kind: str = "mse"):
    """Draw Figures 3 to 6: training and test by epoch, a row for each data set.

    Parameters
    ----------
    curves, frame : DataFrame
        As `tables.curves` and `tables.runs` give them.
    kind : {"mse", "loss"}
        Squared errors, beside which horizontal lines show the mean test MSE of the methods in `LEVELS`; or
        the hybrid loss.
    """
    datasets = curves["dataset"].unique()
    size = (9.0, 0.6 + 3.0 * len(datasets))
    figure, axes = pyplot.subplots(len(datasets), 2, figsize=size, squeeze=False)
    for row, dataset in zip(axes, datasets, strict=True):
        for axis, part in zip(row, ("train", "test"), strict=True):
            for method, theirs in curves[curves["dataset"] == dataset].groupby("method", sort=False):
                _curve(axis, theirs.groupby("epoch")[f"{part}_{kind}"], method)
            axis.set(title=f"{dataset}, {part}", xlabel="epoch", ylabel=KINDS[kind])
        if kind == "mse":
            _levels(row[1], frame[frame["dataset"] == dataset].groupby("method")["test_mse"].mean())
        row[1].legend(fontsize=8)
    return figure


def _levels(axis, means):
    """Draw the lines of `LEVELS`, and end the axis where the interesting errors do."""
    there = [method for method in LEVELS if method in means.index]
    for method in there:
        axis.axhline(means[method], color="#777777", linestyle=LEVELS[method], linewidth=1.2, label=method)
    if there:
        low, high = axis.get_ylim()
        axis.set_ylim(min(low, means[there].min() - 0.005), min(high, HIGHEST * means[there].max()))


def _curve(axis, by_epoch, method):
    means, style = by_epoch.mean().dropna(), method_style(method) | {"marker": ""}
    if len(means):
        axis.plot(means.index, means, label=method, **style)
        band = by_epoch.min().dropna(), by_epoch.max().dropna()
        axis.fill_between(means.index, *band, color=style["color"], alpha=0.15, lw=0)


def errors(frame, datasets: list[str], methods: list[str], reported=None):
    """Draw the test MSE of every run, methods side by side; grey lines join runs on one split.

    `reported` maps (dataset, method) to what the paper has, drawn as a cross. Errors far above that of the
    averages stand as triangles at the upper edge.
    """
    size = (4.8 * len(datasets), 4.0)
    figure, axes = pyplot.subplots(1, len(datasets), figsize=size, squeeze=False)
    for axis, dataset in zip(axes.flat, datasets, strict=True):
        part = frame[(frame["dataset"] == dataset) & frame["method"].isin(methods)]
        table = part.pivot_table(index="method", columns="split_seed", values="test_mse")
        table = table.reindex([method for method in methods if method in table.index])
        highest = HIGHEST * table.loc["averages"].max() if "averages" in table.index else np.inf
        for split in table:
            axis.plot(range(len(table)), table[split], color="#BBBBBB", linewidth=0.8, marker="", zorder=1)
        for place, method in enumerate(table.index):
            style = method_style(method) | {"linestyle": ""}
            above = table.loc[method] > highest
            axis.plot(np.full(table.shape[1], place), table.loc[method], markersize=6, **style)
            axis.plot(np.full(above.sum(), place), np.full(above.sum(), highest), "^", color=style["color"])
            if reported and (dataset, method) in reported:
                axis.plot(place, reported[dataset, method], "x", color="#000000", markersize=9, label="paper")
        axis.set(title=dataset, ylabel="test MSE")
        axis.set_ylim(top=min(axis.get_ylim()[1], 1.01 * highest))
        axis.set_xticks(range(len(table)), table.index, rotation=40, ha="right", fontsize=9)
        handles, labels = axis.get_legend_handles_labels()
        if labels:
            axis.legend(handles[:1], labels[:1], fontsize=9)
    return figure


def sweep(frame, dataset: str):
    """Draw the test MSE for the values of each option, at the last epoch and where validation would stop.

    Errors far above that of the default stand at the right edge, with their number.

    Parameters
    ----------
    frame : DataFrame
        As `sweeps.tables.runs` gives it.
    dataset : str
    """
    part = frame[frame["dataset"] == dataset]
    labels = list(part["method"].unique())
    figure, axis = pyplot.subplots(figsize=(7.0, 0.9 + 0.27 * len(labels)))
    kinds = (
        ("test_mse", "o", PALETTE[0], "last epoch"),
        ("stopped_test_mse", "x", PALETTE[1], "stopped by validation"),
    )
    edge = HIGHEST * part[part["option"] == "default"]["test_mse"].max()
    places = np.array([len(labels) - 1 - labels.index(label) for label in part["method"]])
    for metric, marker, colour, name in kinds:
        values = part[metric].to_numpy()
        axis.plot(values, places, linestyle="", marker=marker, color=colour, markersize=6, label=name)
        for value, place in zip(values[values > edge], places[values > edge], strict=True):
            axis.plot(edge, place, ">", color=colour)
            axis.annotate(f"{value:.2f}   ", (edge, place), ha="right", va="center", fontsize=8)
    axis.set_xlim(right=min(axis.get_xlim()[1], 1.01 * edge))
    axis.set_yticks(range(len(labels)), labels[::-1], fontsize=9)
    axis.set(xlabel=f"test MSE on {dataset}")
    axis.legend(fontsize=9)
    return figure
