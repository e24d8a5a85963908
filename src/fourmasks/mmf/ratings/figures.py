"""Figures of the experiments on ratings and on rankings."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib import pyplot

from fourmasks.pages.figures import method_style


def by_split(panels: Mapping[str, pd.DataFrame], label: str):
    """Draw every run as a point, methods side by side; lines join the runs on one split.

    Parameters
    ----------
    panels : mapping of str to DataFrame
        By title: what was measured, methods by splits.
    label : str
        Of the vertical axes.
    """
    columns = min(2, len(panels))
    rows = -(-len(panels) // columns)
    figure, axes = pyplot.subplots(rows, columns, figsize=(4.6 * columns, 0.6 + 2.8 * rows), squeeze=False)
    for axis, (title, table) in zip(axes.flat, panels.items(), strict=False):
        for split in table:
            axis.plot(range(len(table)), table[split], color="#BBBBBB", linewidth=0.8, marker="", zorder=1)
        for place, method in enumerate(table.index):
            style = method_style(method) | {"linestyle": ""}
            axis.plot(np.full(table.shape[1], place), table.loc[method], markersize=6, **style)
        axis.set(title=title, ylabel=label)
        axis.set_xticks(range(len(table)), table.index, rotation=40, ha="right", fontsize=8)
    for axis in axes.flat[len(panels) :]:
        axis.remove()
    return figure
