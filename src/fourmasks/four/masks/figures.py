"""The figure of the masks: directions beyond scaling, by the number of masks."""

import pandas as pd
from matplotlib import pyplot
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, ScalarFormatter

TITLES = {"fixed": "shifts fixed", "learned": "shifts learned"}


def freedom(frame: pd.DataFrame, rank: int) -> Figure:
    """Draw the directions beyond scaling at one rank against K, a line for each family: means over points.

    Parameters
    ----------
    frame : DataFrame
        Of `tables.points`.
    rank : int
    """
    figure, axes = pyplot.subplots(1, 2, figsize=(8.6, 3.8), sharey=True)
    means = frame[frame["rank"] == rank].groupby(["shifts", "family", "n_masks"])["beyond"].mean()
    for axis, (shifts, title) in zip(axes, TITLES.items(), strict=True):
        for family, line in means[shifts].groupby("family"):
            axis.plot(line.index.get_level_values("n_masks"), line, label=family)
        axis.set_xscale("log", base=2)
        axis.set_yscale("symlog", linthresh=1)
        axis.xaxis.set_major_locator(FixedLocator(sorted(frame["n_masks"].unique())))
        for side in (axis.xaxis, axis.yaxis):
            side.set_major_formatter(ScalarFormatter())
        axis.set(title=title, xlabel="masks K", ylim=(-0.2, 2 * means.max()))
    axes[0].set_ylabel("directions beyond scaling")
    figure.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=6)
    return figure
