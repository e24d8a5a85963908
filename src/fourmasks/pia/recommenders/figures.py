"""Figures of the recommender experiment."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib import pyplot


def gains(
    found_by_dataset: Mapping[str, pd.DataFrame],
    column: str,
    labels: Mapping[str, str],
    colours: Mapping[str, str],
) -> pyplot.Figure:
    """Draw differences from the plain model with both of their intervals, a panel for each data set.

    Parameters
    ----------
    found_by_dataset : mapping of str to DataFrame
        As `tables.uplifts` and `tables.group_uplifts` give it.
    column : str
        What tells the rows apart: "method" or "items".
    labels, colours : mapping of str to str
        Of its values, from top to bottom.
    """
    figure, axes = pyplot.subplots(
        1, len(found_by_dataset), figsize=(2.6 + 3.6 * len(found_by_dataset), 1.2 + 0.37 * len(labels)),
        sharey=True, squeeze=False,
    )  # fmt: skip
    places = {name: place for place, name in enumerate(reversed(labels))}
    for axis, (dataset, found) in zip(axes.flat, found_by_dataset.items(), strict=True):
        for row in found.itertuples():
            name = getattr(row, column)
            _interval(axis, row, places[name], colours[name])
        axis.axvline(0, color="#000000", linewidth=0.8)
        axis.set(title=dataset, xlabel="test NDCG@100 above the plain model")
        axis.grid(False, axis="y")
    axes[0, 0].set_yticks(list(places.values()), [labels[name] for name in places])
    return figure


def _interval(axis, row, place, colour):
    """Draw one difference: a thick bar for the interval over users, a thin one with caps over splits."""
    users, splits = np.nan_to_num([row.half_users, row.half_splits])
    ends = row.difference_users - users, row.difference_users + users
    axis.plot(ends, [place, place], color=colour, linewidth=7, alpha=0.35, marker="", solid_capstyle="butt")
    axis.errorbar(row.difference, place, xerr=splits, color=colour, marker="o", linestyle="", capsize=4)
