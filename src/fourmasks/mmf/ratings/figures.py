"""Figures of the experiments on ratings and on rankings."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib import pyplot

from fourmasks.mmf.ratings.scaling import slope
from fourmasks.pages import figures as page
from fourmasks.pages.figures import PALETTE


def by_split(panels: Mapping[str, pd.DataFrame], label: str):
    """Draw every run as a point, a panel for each table; lines join the runs on one split.

    Parameters
    ----------
    panels : mapping of str to DataFrame
        By title: what was measured, methods by splits.
    label : str
        Of the horizontal axes.
    """
    columns = min(2, len(panels))
    rows = -(-len(panels) // columns)
    size = (2.6 + 2.6 * columns, (0.9 + 0.21 * max(map(len, panels.values()))) * rows)
    figure, axes = pyplot.subplots(rows, columns, figsize=size, squeeze=False, sharey=True)
    methods = list(dict.fromkeys(method for table in panels.values() for method in table.index))
    for axis, (title, table) in zip(axes.flat, panels.items(), strict=False):
        page.by_split(axis, table.reindex(methods))
        axis.set(title=title, xlabel=label)
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
        sizes = sorted(set(frame["size"]))
        axis.set_xticks(sizes, sizes)
        axis.xaxis.minorticks_off()
    axes[0, 0].legend()
    return figure
