"""Figures of the recommender experiment."""

import numpy as np

from fourmasks.pages.figures import PALETTE, method_style
from fourmasks.pia.recommenders.tables import LABELS
from fourmasks.pia.recommenders.uplifts import PIA, PULLS, STEPS

GREY = "#BBBBBB"


def by_split(frame, dataset: str, methods: list[str], metrics=("recall_at_20", "ndcg_at_100")):
    """Draw the runs on a data set as points, one panel for each measure; lines join those on one split."""
    from matplotlib import pyplot

    part = frame[frame["dataset"] == dataset]
    figure, axes = pyplot.subplots(len(metrics), 1, figsize=(8.4, 2.9 * len(metrics)), squeeze=False)
    for axis, metric in zip(axes.flat, metrics, strict=True):
        table = part.pivot_table(index="method", columns="split_seed", values=metric)
        table = table.reindex(methods).dropna(how="all")
        for split in table:
            axis.plot(range(len(table)), table[split], color=GREY, linewidth=0.8, marker="", zorder=1)
        for place, method in enumerate(table.index):
            style = method_style(method) | {"linestyle": ""}
            axis.plot(np.full(table.shape[1], place), table.loc[method], markersize=6, **style)
        axis.set(ylabel=f"test {LABELS[metric]}")
        axis.set_xticks(range(len(table)), table.index if axis is axes[-1, 0] else [])
        axis.tick_params(axis="x", labelrotation=50, labelsize=9)
    axes[0, 0].set_title(dataset)
    for label in axes[-1, 0].get_xticklabels():
        label.set(ha="right", rotation_mode="anchor")
    return figure


def gains(found_by_dataset: dict):
    """Draw what PIA and each control add to the plain model, a panel for each data set.

    Parameters
    ----------
    found_by_dataset : dict of str to DataFrame
        As `uplifts.steps` gives it.
    """
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(
        1, len(found_by_dataset), figsize=(2.6 + 3.6 * len(found_by_dataset), 3.4), sharey=True, squeeze=False
    )
    places = {method: place for place, method in enumerate(reversed(STEPS))}
    for axis, (dataset, found) in zip(axes.flat, found_by_dataset.items(), strict=True):
        for row in found.itertuples():
            _interval(axis, row, places[row.method], _colour(row.method))
        axis.axvline(0, color="#000000", linewidth=0.8)
        axis.set(title=dataset, xlabel="test NDCG@100 above the plain model")
        axis.grid(False, axis="y")
    axes[0, 0].set_yticks(list(places.values()), [STEPS[method] for method in places])
    return figure


def group_gains(found_by_dataset: dict):
    """Draw PIA minus the plain model by user group, a panel for each data set (Table 3).

    Parameters
    ----------
    found_by_dataset : dict of str to DataFrame
        As `uplifts.group_uplifts` gives it, for one pair.
    """
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(
        1, len(found_by_dataset), figsize=(1.2 + 3.6 * len(found_by_dataset), 2.8), squeeze=False
    )
    for axis, (dataset, found) in zip(axes.flat, found_by_dataset.items(), strict=True):
        for place, row in enumerate(found.itertuples()):
            _interval(axis, row, len(found) - place, PALETTE[0])
        axis.axvline(0, color="#000000", linewidth=0.8)
        axis.set_yticks(range(len(found), 0, -1), [f"{label} items" for label in found["items"]])
        axis.set(title=dataset, xlabel="test NDCG@100 above the plain model")
        axis.grid(False, axis="y")
    return figure


def _interval(axis, row, place, colour):
    """Draw one difference: a thick bar for the interval over users, a thin one with caps over splits."""
    users, splits = np.nan_to_num([row.half_users, row.half_seeds])
    ends = row.difference_users - users, row.difference_users + users
    axis.plot(ends, [place, place], color=colour, linewidth=7, alpha=0.35, marker="", solid_capstyle="butt")
    axis.errorbar(row.difference, place, xerr=splits, color=colour, marker="o", linestyle="", capsize=4)


def _colour(method):
    if method == PIA:
        return PALETTE[0]
    return PALETTE[1] if method in PULLS else PALETTE[2]
