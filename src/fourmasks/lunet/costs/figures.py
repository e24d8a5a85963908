"""Figures of what inverse and determinant cost."""

import pandas as pd
from matplotlib import pyplot

from fourmasks.lunet.costs.counts import multiplications
from fourmasks.lunet.costs.growth import beside_counts, gains
from fourmasks.lunet.costs.run import KINDS
from fourmasks.pages.figures import PALETTE, method_style

STYLES = {
    "lu": (method_style("lu-net")["color"], "o"),
    "dense": (PALETTE[0], "D"),
    "coupling": (method_style("coupling")["color"], "s"),
}
PARTS = {"inverse": "inverse", "logdet": "log-determinant", "step": "step of training"}


def growth(seconds: pd.DataFrame, batches: list[int]):
    """Draw seconds against the dimension by kind of layer, a row for each number of points.

    Dashed lines are the counted multiplications, at the speed of the largest layer: where the points lie
    above them something other than the count takes the time.

    Parameters
    ----------
    seconds : DataFrame
        As `growth.medians` gives it.
    batches : list of int
        Numbers of points, of those in `seconds`.
    """
    size = (11.0, 0.5 + 3.1 * len(batches))
    figure, axes = pyplot.subplots(len(batches), len(PARTS), figsize=size, squeeze=False, sharex=True)
    for row, batch in zip(axes, batches, strict=True):
        for axis, (part, words) in zip(row, PARTS.items(), strict=True):
            for kind in KINDS:
                _line(axis, seconds.loc[batch][f"{part}_{kind}"], batch, kind)
            axis.set(title=f"{words}, n = {batch}", xscale="log", yscale="log")
            sizes = seconds.loc[batch].index
            axis.set_xticks(sizes, sizes, fontsize=9)
            axis.minorticks_off()
        row[0].set_ylabel("seconds")
        row[0].legend(fontsize=9)
    for axis in axes[-1]:
        axis.set_xlabel("dimension $d$")
    return figure


def _line(axis, seconds, batch, kind):
    colour, marker = STYLES[kind]
    counts = pd.Series({size: multiplications(size, batch)[seconds.name] for size in seconds.index})
    axis.plot(seconds.index, seconds, color=colour, marker=marker, markersize=5, label=kind)
    style = {"color": colour, "marker": "", "linestyle": "--", "linewidth": 1}
    axis.plot(seconds.index, seconds.iloc[-1] / counts.iloc[-1] * counts, **style)


def gain_by_points(seconds: pd.DataFrame, sizes: list[int]):
    """Draw how many times longer a dense layer takes than an LU layer, against the number of points.

    On the left inverse and log-determinant, where the dense layer factorizes once; on the right a step of
    training. Dashed lines are the counted ratios; below 1 the dense layer is the faster one.

    Parameters
    ----------
    seconds : DataFrame
        As `growth.medians` gives it.
    sizes : list of int
        Dimensions, of those in `seconds`.
    """
    frame, batches = beside_counts(gains, seconds), seconds.index.unique("n")
    figure, axes = pyplot.subplots(1, 2, figsize=(10.0, 4.0), sharex=True)
    titles = {"at_once": "inverse and log-determinant", "step": "step of training"}
    for axis, (name, title) in zip(axes, titles.items(), strict=True):
        for size, colour, marker in zip(sizes, PALETTE, "osDv^<>", strict=False):
            part = frame.loc[size][name]
            style = {"color": colour, "linewidth": 1.2}
            axis.plot(part.index, part["measured"], marker=marker, label=f"d = {size}", **style)
            axis.plot(part.index, part["counted"], marker="", linestyle="--", **style)
        axis.axhline(1.0, color="#777777", linestyle=":", linewidth=1.2, marker="")
        axis.set(title=title, xlabel="points at once, $n$", xscale="log", yscale="log")
        axis.set_xticks(batches, batches)
        axis.minorticks_off()
    axes[0].set_ylabel("dense over LU")
    axes[0].legend(fontsize=9)
    return figure
