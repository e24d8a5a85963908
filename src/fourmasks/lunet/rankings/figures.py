"""The figure of the rankings: the hit ratio among sampled items beside that among all."""

import pandas as pd
from matplotlib import pyplot
from matplotlib.figure import Figure

from fourmasks.pages import figures as page

LABELS = {"sampled_hr_at_10": "HR@10 among 100 sampled items", "full_hr_at_10": "HR@10 among all items"}


def sampled_and_full(frame: pd.DataFrame) -> Figure:
    """Draw HR@10 among sampled items beside that among all, a row for each method, means over seeds.

    Parameters
    ----------
    frame : DataFrame
        With columns dataset, method, sampled_hr_at_10 and full_hr_at_10; a row for each run. From the top,
        methods are in the order of the full ranking.
    """
    means = frame.groupby(["dataset", "method"])[list(LABELS)].mean().sort_values("full_hr_at_10")
    names = list(frame["dataset"].unique())
    counts = [len(means.loc[name]) for name in names]
    shape = {"squeeze": False, "sharex": "col", "sharey": "row", "height_ratios": counts}
    size = (8.4, 0.8 * len(names) + 0.27 * sum(counts) + 0.3)
    figure, axes = pyplot.subplots(len(names), 2, figsize=size, **shape)
    for row, name in zip(axes, names, strict=True):
        part = means.loc[name]
        for axis, metric in zip(row, LABELS, strict=True):
            axis.plot(part[metric], range(len(part)), "o", color=page.PALETTE[0])
            axis.set_title(name)
        row[0].set_yticks(range(len(part)), part.index)
        row[0].set_ylim(-0.6, len(part) - 0.4)
    for axis, label in zip(axes[-1], LABELS.values(), strict=True):
        axis.set_xlabel(label)
    return figure
