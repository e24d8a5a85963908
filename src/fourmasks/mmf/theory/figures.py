"""Figures of singular spectra and of similarity maps (paper, Figures 6 and 7)."""

from collections.abc import Iterable

import numpy as np
from matplotlib import pyplot

from fourmasks.pages.figures import method_style
from fourmasks.records.store import Record


def spectra(records: Iterable[Record], datasets: list[str], budget: int, seed: int = 0):
    """Draw the singular values of every reconstruction over their share of the largest (Figure 6).

    Parameters
    ----------
    records : iterable of Record
        Of the experiment "mmf/spectra".
    datasets : list of str
        One panel each.
    budget : int
        Drawn as a vertical line.
    seed : int, default 0
    """
    figure, axes = pyplot.subplots(1, len(datasets), figsize=(4.6 * len(datasets), 3.8), squeeze=False)
    chosen = [r for r in records if r.parameters["seed"] == seed]
    counts = sorted({r.parameters["n_masks"] for r in chosen if r.parameters["method"] == "mmf"})
    colours = dict(zip(counts, pyplot.cm.viridis(np.linspace(0.05, 0.85, len(counts))), strict=True))
    for axis, dataset in zip(axes[0], datasets, strict=True):
        for record in chosen:
            p = record.parameters
            if p["dataset"] != dataset or p["method"] not in ("svd", "block-svd", "mmf"):
                continue
            values = np.array(record.curves["singular_values"])
            style = {"color": colours[p["n_masks"]]} if p["method"] == "mmf" else method_style(p["method"])
            label = f"K = {p['n_masks']}" if p["method"] == "mmf" else p["method"]
            axis.plot(
                np.arange(1, len(values) + 1), values / values[0], label=label, **style | {"marker": ""}
            )
        axis.axvline(budget, color="#56B4E9", linewidth=1.2)
        axis.axhline(1e-2, color="#888888", linewidth=0.8, linestyle=":")
        axis.set(title=dataset, xlabel="number", yscale="log", ylim=(1e-3, 1.5))
    axes[0, 0].set_ylabel("singular value / largest")
    axes[0, -1].legend(fontsize=9)
    return figure


def similarity_maps(maps: dict, dataset: str, models: list[str]):
    """Draw the cosines between the columns of U in two runs, without and with matching (Figure 7).

    Parameters
    ----------
    maps : dict
        As `tables.maps` gives it.
    dataset : str
    models : list of str
        One column of panels each.
    """
    figure, axes = pyplot.subplots(
        2, len(models), figsize=(2.6 * len(models) + 0.6, 5.2), sharex=True, sharey=True, squeeze=False
    )
    for row, matched in zip(axes, (False, True), strict=True):
        for axis, model in zip(row, models, strict=True):
            image = axis.imshow(maps[dataset, model, matched], vmin=0, vmax=1)
            axis.grid(False)
            if not matched:
                axis.set_title(model)
        row[0].set_ylabel(("matched: " if matched else "") + "run A")
    for axis in axes[1]:
        axis.set_xlabel("run B")
    figure.colorbar(image, ax=axes, label="absolute cosine", shrink=0.8)
    return figure
