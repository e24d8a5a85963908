"""The figure of the ranking experiment: MMF against each other method."""

import numpy as np
import pandas as pd
from matplotlib import pyplot

from fourmasks.pages.figures import PALETTE


def against(found: pd.DataFrame, label: str):
    """Draw MMF minus each other method with its interval; MMF without its masks is orange.

    Parameters
    ----------
    found : DataFrame
        Of `tables.against`, of one measure.
    label : str
        Of the horizontal axis.
    """
    places = np.arange(len(found))[::-1]
    figure, axis = pyplot.subplots(figsize=(7.0, 0.9 + 0.36 * len(found)))
    for place, row in zip(places, found.itertuples(), strict=True):
        colour = PALETTE[row.baseline.startswith("mmf")]
        axis.errorbar(row.difference, place, xerr=row.half, color=colour, marker="o", linestyle="", capsize=4)
    axis.axvline(0, color="#000000", linewidth=0.8)
    axis.set_yticks(places, found["baseline"])
    axis.set(xlabel=label)
    axis.grid(False, axis="y")
    return figure
