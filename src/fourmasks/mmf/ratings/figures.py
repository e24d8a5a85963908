"""Figures of the experiments on ratings and on rankings."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib import pyplot

from fourmasks.mmf.ratings.scaling import slope
from fourmasks.pages.figures import PALETTE, method_style


def by_split(panels: Mapping[str, pd.DataFrame], label: str):
    """Draw every run as a point, methods side by side; lines join the runs on one split.

    Parameters
    ----------
    panels : mapping of str to DataFrame
        By title: what was measured, methods by splits.
    label : str
        Of the vertical axes.
    """
    columns = min(2, len(panels))
    rows = -(-len(panels) // columns)
    figure, axes = pyplot.subplots(rows, columns, figsize=(4.6 * columns, 0.6 + 2.8 * rows), squeeze=False)
    for axis, (title, table) in zip(axes.flat, panels.items(), strict=False):
        for split in table:
            axis.plot(range(len(table)), table[split], color="#BBBBBB", linewidth=0.8, marker="", zorder=1)
        for place, method in enumerate(table.index):
            style = method_style(method) | {"linestyle": ""}
            axis.plot(np.full(table.shape[1], place), table.loc[method], markersize=6, **style)
        axis.set(title=title, ylabel=label)
        axis.set_xticks(range(len(table)), table.index, rotation=40, ha="right", fontsize=8)
    for axis in axes.flat[len(panels) :]:
        axis.remove()
    return figure


def by_step(gains: pd.DataFrame, names: Sequence[str]):
    """Draw by how much each step lowers the test RMSE, a panel for each data set; steps to masks are orange.

    Parameters
    ----------
    gains : DataFrame
        With columns dataset, step, before, after, gain and half (of the interval).
    names : sequence of str
        The data sets.
    """
    rows = -(-len(names) // 2)
    figure, axes = pyplot.subplots(rows, 2, figsize=(9.2, 2.7 * rows), squeeze=False)
    for axis, name in zip(axes.flat, names, strict=False):
        part = gains[gains["dataset"] == name]
        places = np.arange(len(part))[::-1]
        colours = [PALETTE[step.startswith("masks")] for step in part["step"]]
        bars = {"xerr": part["half"], "color": colours, "ecolor": "#000000", "capsize": 3}
        axis.barh(places, part["gain"], height=0.6, **bars)
        axis.axvline(0, color="#000000", linewidth=0.8)
        axis.set(title=name, xlabel="reduction of the test RMSE")
        axis.set_yticks(places, part["step"])
        axis.grid(False, axis="y")
    for axis in axes.flat[len(names) :]:
        axis.remove()
    return figure


def by_size(panels: Mapping[str, pd.DataFrame]):
    """Draw the seconds of an epoch against a size, with growth in proportion as a dashed line.

    Parameters
    ----------
    panels : mapping of str to DataFrame
        By label of the horizontal axis: columns size and seconds, as of `scaling`.
    """
    figure, axes = pyplot.subplots(1, len(panels), figsize=(4.2 * len(panels), 3.4), squeeze=False)
    for axis, (label, frame) in zip(axes[0], panels.items(), strict=True):
        size, last = frame["size"].sort_values(), frame.loc[frame["size"].idxmax()]
        axis.loglog(frame["size"], frame["seconds"], linestyle="", marker="o", label="measured")
        line = {"linestyle": "--", "marker": "", "color": "#777777"}
        axis.loglog(size, last["seconds"] * size / last["size"], label="proportional", **line)
        axis.set(title=f"slope {slope(frame):.2f}", xlabel=label, ylabel="seconds per epoch")
    axes[0, 0].legend()
    return figure
