"""Figures of the reconstruction experiment: masks (Figure 2), errors (Figure 3), solvers against time."""

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd
from matplotlib import pyplot

from fourmasks.mmf.reconstruction.tables import by_method
from fourmasks.pages.figures import method_style
from fourmasks.pages.names import named
from fourmasks.records.store import Record


def masks_of_rows(masks: np.ndarray, shown: Iterable[int]):
    """Draw masks as ridges over the latent dimensions, a panel for each k.

    Parameters
    ----------
    masks : ndarray (I, K, R)
    shown : iterable of int
        The rows that are drawn.
    """
    shown = list(shown)
    positions = np.arange(1, masks.shape[2] + 1)
    heights = 0.8 * np.abs(masks) / np.abs(masks).max()
    figure, axes = pyplot.subplots(1, masks.shape[1], figsize=(9, 4), sharex=True, sharey=True, squeeze=False)
    for k, axis in enumerate(axes[0]):
        for level, row in enumerate(shown):
            top = level + heights[row, k]
            axis.fill_between(positions, level, top, alpha=0.35, linewidth=0, color="#0072B2")
            axis.plot(positions, top, color="#0072B2", linewidth=1.2, marker="")
        axis.set(title=f"k = {k + 1}", xlabel="latent dimension r")
        axis.grid(False)
    axes[0, 0].set(ylabel="instance", yticks=range(len(shown)), yticklabels=shown)
    return figure


def error_against_budget(frame: pd.DataFrame):
    """Draw every method's relative error against the budget, a panel for each matrix.

    Parameters
    ----------
    frame : DataFrame
        Of `tables.final_runs`.
    """
    means, spreads = (by_method(frame, aggregate=kind) for kind in ("mean", "std"))
    datasets = list(means.index.unique("dataset"))
    columns = min(3, len(datasets))
    rows = -(-len(datasets) // columns)
    figure, axes = pyplot.subplots(rows, columns, figsize=(3.3 * columns, 2.6 * rows + 0.7), squeeze=False)
    for axis, dataset in zip(axes.flat, datasets, strict=False):
        for method, curve in means.loc[dataset].dropna(how="all", axis=1).items():
            curve = curve.dropna()
            bars = spreads.loc[dataset][method][curve.index].fillna(0)
            style = {"label": method, "markersize": 5, "linewidth": 1.4} | method_style(method)
            axis.errorbar(curve.index, curve, yerr=bars, **style)
        axis.set(title=dataset, xlabel="budget B", ylabel="relative error")
    for axis in axes.flat[len(datasets) :]:
        axis.set_axis_off()
    handles = [axis.get_legend_handles_labels() for axis in axes.flat]
    seen = {label: handle for pair in handles for handle, label in zip(*pair, strict=True)}
    figure.legend(seen.values(), seen.keys(), loc="outside lower center", ncols=min(4, len(seen)))
    return figure


def error_against_time(timed: Mapping[tuple[str, str], Record]):
    """Draw the best error so far against time, a panel for each matrix.

    Parameters
    ----------
    timed : mapping of (dataset, method) to Record
        Of `tables.solvers`.
    """
    names = list(dict.fromkeys(name for name, _ in timed))
    figure, axes = pyplot.subplots(1, len(names), figsize=(3.3 * len(names), 3.2), squeeze=False)
    panels = dict(zip(names, axes.flat, strict=True))
    for (name, method), record in timed.items():
        title = f"{named(name)}, B = {record.parameters['budget']}"
        panels[name].set(title=title, xlabel="seconds", ylabel="relative error", xscale="log")
        best = np.minimum.accumulate(record.curves["relative_error"])
        panels[name].plot(
            record.curves["seconds"], best, **method_style(method) | {"marker": "", "label": method}
        )
    axes[0, 0].legend()
    return figure
