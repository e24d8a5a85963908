"""Phase diagrams: the share of random supports in each phase, by density and number of atoms."""

import pandas as pd
from matplotlib import pyplot

from fourmasks.sparse.gap.run import CLASSES

TITLES = {"closable": "closable", "isolated": "gap, isolated", "moving": "gap, moving", "crowded": "crowded"}


def phase_maps(frame: pd.DataFrame):
    """Draw the share of each phase by density and number of atoms, for one law: a row of maps for each size.

    Parameters
    ----------
    frame : pandas.DataFrame
        Rows of one law, of `tables.phases`.
    """
    sizes = sorted(frame["size"].unique())
    size = (11, 0.26 * frame["atoms"].nunique() * len(sizes) + 0.6 * len(sizes) + 0.8)
    figure, axes = pyplot.subplots(len(sizes), len(CLASSES), figsize=size, squeeze=False)
    for row, side in zip(axes, sizes, strict=True):
        part = frame[frame["size"] == side]
        for axis, phase in zip(row, CLASSES, strict=True):
            table = part.pivot_table(index="atoms", columns="density", values=phase)
            image = axis.imshow(table, vmin=0, vmax=1, aspect="auto", origin="lower")
            every = 1 if len(table.columns) < 6 else 4
            places = range(0, len(table.columns), every)
            axis.set_xticks(places, [f"{density:g}" for density in table.columns[::every]])
            axis.set_yticks(range(len(table.index)), table.index)
            axis.tick_params(labelsize=8, length=0)
            axis.grid(False)
        row[0].set_ylabel(f"{side} x {side}\natoms")
    for axis, phase in zip(axes[0], CLASSES, strict=True):
        axis.set_title(TITLES[phase], fontsize=11)
    for axis in axes[-1]:
        axis.set_xlabel("density")
    figure.colorbar(image, ax=axes, label="share of tuples", shrink=0.8)
    return figure
