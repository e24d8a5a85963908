"""Figures of the recommender experiment: gains with both intervals, user groups, and every run as a point."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib import pyplot

from fourmasks.pages import figures as page
from fourmasks.pages.figures import PALETTE
from fourmasks.pages.names import named
from fourmasks.pages.tables import label
from fourmasks.pia.recommenders.plan import FIXED
from fourmasks.pia.recommenders.tables import GROUP_LABELS

BLUE, ORANGE = PALETTE[:2]
EDGE = 20  # percent, at which the axis of user groups ends: groups of few users have wider intervals


def colour(method: str) -> str:
    """Return blue for PIA, orange for a pull to something else."""
    return BLUE if FIXED[method]["alignment"] == "items" else ORANGE


def gains(tables: Mapping[str, pd.DataFrame]):
    """Draw differences from the plain model by data set; thick over users, thin and with caps over splits.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        By data set: of `uplifts`, a row for each method, from the top.
    """
    methods = list(dict.fromkeys(method for found in tables.values() for method in found["method"]))
    size = (2.6 + 3.6 * len(tables), 1.2 + 0.37 * len(methods))
    figure, axes = pyplot.subplots(1, len(tables), figsize=size, sharey=True, squeeze=False)
    places = {method: place for place, method in enumerate(reversed(methods))}
    for axis, (dataset, found) in zip(axes.flat, tables.items(), strict=True):
        for row in found.itertuples():
            _bars(
                axis, places[row.method], colour(row.method), row.difference, row.half_splits,
                row.difference_users, row.half_users,
            )  # fmt: skip
        axis.set_title(dataset)
    figure.supxlabel("test NDCG@100 above the plain model", fontsize=12)
    axes[0, 0].set_yticks(list(places.values()), list(map(named, places)))
    return figure


def by_activity(tables: Mapping[str, pd.DataFrame]):
    """Draw changes in percent by user group, a row of panels for each method and a column for each data set.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        By data set: of `group_uplifts`.
    """
    items = list(GROUP_LABELS.values())
    methods = list(dict.fromkeys(method for found in tables.values() for method in found["method"]))
    size = (2.0 + 3.6 * len(tables), 0.7 + 1.35 * len(methods))
    shape = {"squeeze": False, "sharex": True, "sharey": True}
    figure, axes = pyplot.subplots(len(methods), len(tables), figsize=size, **shape)
    for panels, method in zip(axes, methods, strict=True):
        for axis, (dataset, found) in zip(panels, tables.items(), strict=True):
            for row in found[found["method"] == method].itertuples():
                share = 100 / row.base
                _bars(
                    axis, len(items) - 1 - items.index(row.items), colour(method), row.percent,
                    row.half_percent, share * row.difference_users, share * row.half_users,
                )  # fmt: skip
            title = f"{named(dataset)}: {named(method)}"
            axis.set_title(title, fontsize=10, color=colour(method), loc="left")
    axes[0, 0].set_yticks(range(len(items)), [f"{label} items" for label in reversed(items)])
    for axis in axes[:, 0]:
        axis.tick_params(axis="y", labelsize=9)
    axes[0, 0].set(xlim=(-EDGE, EDGE), ylim=(-0.6, len(items) - 0.4))
    for axis in axes[-1]:
        axis.set_xlabel("change of test NDCG@100 (%)")
    return figure


def by_split(frame: pd.DataFrame, methods, metrics=("recall_at_20", "ndcg_at_100")):
    """Draw every run as a point, a row for each method; grey lines join the runs on one split.

    Parameters
    ----------
    frame : DataFrame
        Of `runs`, of one data set.
    methods : sequence of str
        From the top; those without runs are left out.
    metrics : sequence of str
        One panel each.
    """
    table = frame.pivot(index="method", columns="split_seed", values=list(metrics))
    table = table.reindex(methods).dropna(how="all")
    size = (2.6 + 2.6 * len(metrics), 0.8 + 0.23 * len(table))
    figure, axes = pyplot.subplots(1, len(metrics), figsize=size, sharey=True)
    for axis, metric in zip(axes, metrics, strict=True):
        page.by_split(axis, table[metric])
        axis.set_xlabel(f"test {label(metric)}")
    return figure


def _bars(axis, place, colour, mean, half, mean_users, half_users):
    """Draw a change: thick its interval over users, thin and with caps that over splits."""
    half, half_users = np.nan_to_num([half, half_users])
    ends = mean_users - half_users, mean_users + half_users
    axis.plot(ends, [place, place], color=colour, linewidth=7, alpha=0.35, marker="", solid_capstyle="butt")
    axis.errorbar(mean, place, xerr=half, color=colour, marker="o", linestyle="", capsize=4)
    axis.axvline(0, color="#000000", linewidth=0.8)
    axis.grid(False, axis="y")
