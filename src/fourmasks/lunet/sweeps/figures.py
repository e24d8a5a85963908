"""The figure of the sweeps: the test error for each value of each open choice."""

import numpy as np
import pandas as pd
from matplotlib import pyplot
from matplotlib.figure import Figure

from fourmasks.pages import figures as page

HIGHEST = 1.25  # times the largest error of the default; what is above stands at the edge


def errors_by_choice(frame: pd.DataFrame, dataset: str) -> Figure:
    """Draw the test MSE at the last epoch and where validation would stop, a line for each value of a choice.

    Parameters
    ----------
    frame : DataFrame
        Of `tables.runs`.
    dataset : str
    """
    part = frame[frame["dataset"] == dataset]
    labels = list(part["method"].unique())
    figure, axis = pyplot.subplots(figsize=(7.0, 0.9 + 0.27 * len(labels)))
    edge = HIGHEST * part[part["option"] == "default"]["test_mse"].max()
    places = np.array([len(labels) - 1 - labels.index(label) for label in part["method"]])
    for metric, marker, colour, name in (
        ("test_mse", "o", page.PALETTE[0], "last epoch"),
        ("stopped_test_mse", "x", page.PALETTE[1], "stopped by validation"),
    ):
        values = part[metric].to_numpy()
        axis.plot(values, places, linestyle="", marker=marker, color=colour, markersize=6, label=name)
        for place in np.unique(places[values > edge]):
            beyond = sorted(values[(places == place) & (values > edge)])
            axis.plot(edge, place, ">", color=colour)
            numbers = ", ".join(f"{value:.2f}" for value in beyond)
            axis.annotate(numbers, (edge, place), (9, 0), textcoords="offset points", va="center", fontsize=9)
    axis.set_xlim(right=min(axis.get_xlim()[1], 1.01 * edge))
    axis.set_yticks(range(len(labels)), labels[::-1], fontsize=9)
    axis.set(xlabel=f"test MSE on {dataset}")
    axis.legend(fontsize=9)
    return figure
