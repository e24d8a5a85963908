"""Figures of the page on the theorems: singular values (Figure 6) and the factors of two runs (Figure 7)."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from matplotlib import pyplot
from matplotlib.colors import LinearSegmentedColormap

from fourmasks.pages.figures import method_style
from fourmasks.pages.names import named
from fourmasks.records.store import Record

# From few masks to many: each colour stands out on white and on black.
RAMP = LinearSegmentedColormap.from_list("masks", ("#0E8A6D", "#2B7BD6", "#C03BB0"))


def singular_values(records: Iterable[Record], datasets: Sequence[str], budget: int):
    """Draw the singular values of every reconstruction with seed 0, a panel for each matrix."""
    figure, axes = pyplot.subplots(1, len(datasets), figsize=(4.6 * len(datasets), 4.5), squeeze=False)
    chosen = [record for record in records if record.parameters["seed"] == 0]
    counts = sorted({r.parameters["n_masks"] for r in chosen if r.parameters["method"] == "mmf"})
    colours = dict(zip(counts, RAMP(np.linspace(0, 1, len(counts))), strict=True))
    for axis, dataset in zip(axes[0], datasets, strict=True):
        for record in chosen:
            p = record.parameters
            if p["dataset"] != dataset or p["method"] not in ("svd", "block-svd", "mmf"):
                continue
            values = np.array(record.curves["singular_values"])
            is_masked = p["method"] == "mmf"
            style = {"color": colours[p["n_masks"]]} if is_masked else method_style(p["method"])
            label = f"K = {p['n_masks']}" if is_masked else p["method"]
            places = np.arange(1, len(values) + 1)
            axis.plot(places, values / values[0], label=label, **style | {"marker": ""})
        axis.axvline(budget, color="#777777", linewidth=1.2)
        axis.axhline(1e-2, color="#777777", linewidth=1.0, linestyle=(0, (2, 3)))
        axis.set(title=dataset, xlabel="number", yscale="log", ylim=(1e-3, 1.5))
    axes[0, 0].set_ylabel("singular value / largest")
    figure.legend(*axes[0, -1].get_legend_handles_labels(), loc="outside lower center", ncols=4)
    return figure


def similarity_maps(maps: Mapping[tuple[str, str, bool], np.ndarray], dataset: str):
    """Draw the maps of a matrix: a column of panels for each model, without and with matching.

    Parameters
    ----------
    maps : mapping of (dataset, model, matched) to ndarray
        Of `tables.similarities`.
    dataset : str
    """
    models = list(dict.fromkeys(model for name, model, _ in maps if name == dataset))
    size = (2.6 * len(models) + 0.6, 5.2)
    figure, axes = pyplot.subplots(2, len(models), figsize=size, sharex=True, sharey=True, squeeze=False)
    for row, matched in zip(axes, (False, True), strict=True):
        for axis, model in zip(row, models, strict=True):
            image = axis.imshow(maps[dataset, model, matched], vmin=0, vmax=1)
            axis.grid(False)
            if not matched:
                axis.set_title(named(model).replace(", ", ",\n") if model != "mf" else "MF,\nas fitted")
        row[0].set_ylabel("in the best order\nrun A" if matched else "as numbered\nrun A")
    for axis in axes[1]:
        axis.set_xlabel("run B")
    figure.colorbar(image, ax=axes, label="absolute cosine", shrink=0.8)
    return figure
