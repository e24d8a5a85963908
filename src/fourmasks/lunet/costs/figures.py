"""Figures of costs: seconds against the dimension, and what LU layers gain by the number of points."""

from collections.abc import Iterable

import pandas as pd
from matplotlib import pyplot
from matplotlib.figure import Figure

from fourmasks.lunet.costs.counts import multiplications
from fourmasks.lunet.costs.run import KINDS
from fourmasks.pages import figures as page

LOOKS = {
    "lu": (page.method_style("lu-net")["color"], "o"),
    "dense": (page.PALETTE[0], "D"),
    "coupling": (page.method_style("coupling")["color"], "s"),
}
DRAWN = {"inverse": "inverse", "logdet": "log-determinant", "step": "step of training"}
GAINS = {"at_once": "inverse and log-determinant", "step": "step of training"}


def seconds_by_dimension(seconds: pd.DataFrame, batches: Iterable[int]) -> Figure:
    """Draw seconds against the dimension, a row for each number of points; dashed lines are the counts.

    Parameters
    ----------
    seconds : DataFrame
        Of `growth.medians`.
    batches : iterable of int
        Numbers of points. A count has the speed of the largest layer.
    """
    batches = list(batches)
    size = (11.0, 0.5 + 2.7 * len(batches))
    figure, axes = pyplot.subplots(len(batches), len(DRAWN), figsize=size, squeeze=False, sharex=True)
    for row, batch in zip(axes, batches, strict=True):
        part = seconds.loc[batch]
        counts = pd.DataFrame({d: multiplications(d, batch) for d in part.index}).T
        for axis, (operation, words) in zip(row, DRAWN.items(), strict=True):
            for kind in KINDS:
                (colour, marker), name = LOOKS[kind], f"{operation}_{kind}"
                axis.plot(part[name], color=colour, marker=marker, markersize=5, label=kind)
                expected = part[name].iloc[-1] / counts[name].iloc[-1] * counts[name]
                axis.plot(expected, color=colour, marker="", linestyle="--", linewidth=1)
            axis.set(title=f"{words}, n = {batch}", xscale="log", yscale="log")
            axis.set_xticks(part.index, part.index, fontsize=9)
            axis.minorticks_off()
        row[0].set_ylabel("seconds")
        row[0].legend(fontsize=9)
    for axis in axes[-1]:
        axis.set_xlabel("dimension $d$")
    return figure


def gains_by_points(gains: pd.DataFrame) -> Figure:
    """Draw dense over LU against the number of points, a line for each of the four largest dimensions.

    Parameters
    ----------
    gains : DataFrame
        Of `tables.dense_over_lu`; dashed lines are the counts.
    """
    figure, axes = pyplot.subplots(1, 2, figsize=(10.0, 3.8), sharex=True)
    batches = sorted(gains.index.unique("n"))
    for axis, (name, title) in zip(axes, GAINS.items(), strict=True):
        largest = sorted(gains.index.unique("d"))[-4:]
        for size, colour, marker in zip(largest, page.PALETTE, "osDv^<>", strict=False):
            part, style = gains.loc[size][name], {"color": colour, "linewidth": 1.2}
            axis.plot(part["measured"], marker=marker, label=f"d = {size}", **style)
            axis.plot(part["counted"], marker="", linestyle="--", **style)
        axis.axhline(1.0, color="#777777", linestyle=":", linewidth=1.2, marker="")
        axis.set(title=title, xlabel="points at once, $n$", xscale="log", yscale="log")
        axis.set_xticks(batches, batches)
        axis.minorticks_off()
    axes[0].set_ylabel("dense over LU")
    axes[0].legend(fontsize=9)
    return figure
