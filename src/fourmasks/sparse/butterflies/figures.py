"""Figures of butterfly factorizations: errors and times by size, what the factors save."""

import numpy as np
import pandas as pd
from matplotlib import pyplot

from fourmasks.pages.figures import PALETTE

TRANSFORM_STYLE = {
    "hadamard": {"color": PALETTE[0], "marker": "o"},
    "dft": {"color": PALETTE[1], "marker": "s"},
    "dct2": {"color": PALETTE[2], "marker": "D"},
}
METHOD_LINE = {"Algorithm 1": "-", "lazylinop": "--", "pyfaust": ":"}
FLOOR = 1e-17  # an error of zero is drawn here


def by_size(frame: pd.DataFrame, metric: str, label: str):
    """Draw a metric of the factorizations against the size: left two factors, right all log₂ n.

    Parameters
    ----------
    frame : DataFrame
        With columns transform, size, method, factors and the metric.
    metric, label : str
        Its column, and what stands at the axis.
    """
    figure, axes = pyplot.subplots(1, 2, figsize=(9.5, 3.4), sharey=True)
    for axis, factors in zip(axes, ("two", "all"), strict=True):
        chosen = frame[frame["factors"] == factors]
        for (transform, method), part in chosen.groupby(["transform", "method"], sort=False):
            part = part.sort_values("size")
            values = np.maximum(part[metric], FLOOR)
            style = TRANSFORM_STYLE[transform] | {"linestyle": METHOD_LINE[method]}
            axis.plot(part["size"], values, label=f"{transform}, {method}", **style)
        axis.set(title=f"{factors} factors", xlabel="n", xscale="log", yscale="log")
        axis.set_xticks(sorted(set(frame["size"])), sorted(set(frame["size"])), rotation=45)
        axis.minorticks_off()
    axes[0].set_ylabel(label)
    axes[0].legend(fontsize=9)
    return figure


def speedups_by_size(frame: pd.DataFrame):
    """Draw how many times faster the factors are applied, one panel for each number of vectors.

    Parameters
    ----------
    frame : DataFrame
        With columns transform, vectors, size, speedup and entries_saved.
    """
    counts = sorted(frame["vectors"].unique())
    size = (4.6 * len(counts), 3.4)
    figure, axes = pyplot.subplots(1, len(counts), figsize=size, sharey=True, squeeze=False)
    for axis, vectors in zip(axes[0], counts, strict=True):
        for transform, part in frame[frame["vectors"] == vectors].groupby("transform", sort=False):
            part = part.sort_values("size")
            axis.plot(part["size"], part["speedup"], label=transform, **TRANSFORM_STYLE[transform])
        saved = frame.groupby("size")["entries_saved"].mean()
        axis.plot(saved.index, saved, color="#888888", linestyle=":", marker="", label="entries saved")
        axis.axhline(1, color="#888888", linewidth=1, marker="")
        axis.set(
            title=f"{vectors} vector{'' if vectors == 1 else 's'}", xlabel="n", xscale="log", yscale="log"
        )
        axis.set_xticks(sorted(part["size"]), sorted(part["size"]), rotation=45)
        axis.minorticks_off()
    axes[0, 0].set_ylabel("dense time / time by factors")
    axes[0, 0].legend(fontsize=9)
    return figure
