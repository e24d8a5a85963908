"""The figure of the rankings: the hit ratio among sampled items against that among all."""

import pandas as pd
from matplotlib import pyplot
from matplotlib.figure import Figure

from fourmasks.pages import figures as page


def sampled_and_full(frame: pd.DataFrame) -> Figure:
    """Draw HR@10 among all items against HR@10 among sampled ones, a point for each method, means over seeds.

    Parameters
    ----------
    frame : DataFrame
        With columns dataset, method, sampled_hr_at_10 and full_hr_at_10; a row for each run.
    """
    names = list(frame["dataset"].unique())
    figure, axes = pyplot.subplots(1, len(names), figsize=(4.8 * len(names), 3.9), squeeze=False)
    for axis, name in zip(axes.flat, names, strict=True):
        part = frame[frame["dataset"] == name]
        means = part.groupby("method")[["sampled_hr_at_10", "full_hr_at_10"]].mean()
        for place, (method, row) in enumerate(means.sort_values("full_hr_at_10").iterrows()):
            colour = page.method_style(method)["color"]
            axis.plot(*row, "o", color=colour, markersize=6)
            # Near neighbours are named to either side.
            rightwards = place % 2 or row.iloc[0] < means.iloc[:, 0].median()
            side, where = (6, "left") if rightwards else (-6, "right")
            style = {"fontsize": 8, "color": colour, "ha": where, "va": "center"}
            axis.annotate(method, row, (side, 0), textcoords="offset points", **style)
        axis.margins(x=0.35)
        axis.set(title=name, xlabel="HR@10 among 100 sampled items", ylabel="HR@10 among all items")
    return figure
