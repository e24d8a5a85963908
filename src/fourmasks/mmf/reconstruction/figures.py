"""Figures of the reconstruction experiment (paper, Figures 2 and 3)."""

import numpy as np

from fourmasks.pages.figures import method_style
from fourmasks.records.store import Record

ORDER = (
    *("mmf-lm", "mmf-adam", "mmf-frozen", "svd", "block-svd", "largest-entries"),
    *("mf-sgd", "mf-ridge", "mf-bias"),
)


def mask_ridges(masks: np.ndarray, instances: list[int]):
    """Draw each instance's masks as ridges over the latent dimensions, one panel for each k (Figure 2).

    Parameters
    ----------
    masks : ndarray of shape (I, K, R)
    instances : list of int
        Which rows, from bottom to top.

    Returns
    -------
    matplotlib.figure.Figure
    """
    from matplotlib import pyplot

    n_masks = masks.shape[1]
    figure, axes = pyplot.subplots(1, n_masks, figsize=(9, 4), sharex=True, sharey=True, squeeze=False)
    positions = np.arange(1, masks.shape[2] + 1)
    height = 0.8 / max(np.abs(masks).max(), 1e-12)
    for k, axis in enumerate(axes[0]):
        for level, instance in enumerate(instances):
            ridge = level + height * np.abs(masks[instance, k])
            axis.fill_between(positions, level, ridge, color="#0072B2", alpha=0.35, linewidth=0)
            axis.plot(positions, ridge, color="#0072B2", linewidth=1.2, marker="")
        axis.set(title=f"k = {k + 1}", xlabel="latent dimension r")
        axis.grid(False)
    axes[0, 0].set(ylabel="instance", yticks=range(len(instances)), yticklabels=instances)
    return figure


def error_against_budget(means, datasets: list[str], columns: int = 2):
    """Draw the relative error of every method against the budget, one panel for each matrix (Figure 3).

    Parameters
    ----------
    means : DataFrame
        As `tables.errors` gives it.
    datasets : list of str
    columns : int, default 2
        Panels side by side.
    """
    from matplotlib import pyplot

    columns = min(columns, len(datasets))
    rows = -(-len(datasets) // columns)
    figure, axes = pyplot.subplots(rows, columns, figsize=(4.0 * columns, 3.0 * rows), squeeze=False)
    for axis, dataset in zip(axes.flat, datasets, strict=False):
        part = means[means["dataset"] == dataset]
        for method in ORDER:
            curve = part[part["method"] == method].sort_values("budget")
            if len(curve):
                axis.errorbar(
                    curve["budget"], curve["mean"], yerr=curve["spread"].fillna(0), label=method,
                    markersize=5, linewidth=1.4, **method_style(method),
                )  # fmt: skip
        axis.set(title=dataset, xlabel="budget B", ylabel="relative error")
    for axis in axes.flat[len(datasets) :]:
        axis.set_axis_off()
    seen = {
        label: handle
        for axis in axes.flat
        for handle, label in zip(*axis.get_legend_handles_labels(), strict=True)
    }
    figure.legend(seen.values(), seen.keys(), loc="outside lower center", ncols=min(5, len(seen)))
    return figure


def training_curves(records: list[Record], budget_of: dict[str, int]):
    """Draw relative error against seconds for the runs of seed 0 that have such a curve.

    Parameters
    ----------
    records : list of Record
    budget_of : dict of str to int
        The budget to draw for each dataset.
    """
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(1, len(budget_of), figsize=(3.3 * len(budget_of), 3.2), squeeze=False)
    for axis, (dataset, budget) in zip(axes[0], budget_of.items(), strict=True):
        chosen = {"dataset": dataset, "budget": budget, "seed": 0}
        for record in records:
            if "seconds" in record.curves and chosen.items() <= record.parameters.items():
                style = method_style(record.parameters["method"]) | {"marker": ""}
                best = np.minimum.accumulate(record.curves["relative_error"])
                axis.plot(record.curves["seconds"], best, label=record.parameters["method"], **style)
        axis.set(title=f"{dataset}, B = {budget}", xlabel="seconds", ylabel="relative error", xscale="log")
    axes[0, 0].legend()
    return figure
