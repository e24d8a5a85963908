"""The time of exact Kruskal ranks by the number of columns."""

import pandas as pd
from matplotlib import pyplot

from fourmasks.pages.figures import PALETTE


def timing_figure(timings: pd.DataFrame, limit: float):
    """Draw seconds against columns, a line for each question, and the limit.

    Parameters
    ----------
    timings : pandas.DataFrame
        Columns question, columns and cpu_seconds.
    limit : float
        Seconds, a dashed line.
    """
    figure, axis = pyplot.subplots(figsize=(7, 3.6))
    lines = zip(timings.sort_values("columns").groupby("question"), PALETTE, "osD", strict=False)
    for (question, part), colour, marker in lines:
        style = {"color": colour, "marker": marker, "label": f"question {question}"}
        axis.plot(part["columns"], part["cpu_seconds"], **style)
    axis.axhline(limit, color="#888888", linestyle="--", linewidth=1.2, marker="")
    axis.set(xlabel="columns", ylabel="seconds", yscale="log")
    axis.legend()
    return figure
