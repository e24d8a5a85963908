"""Figures of butterfly factorizations: supports, factors, and measures by the size of the transform."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib import pyplot
from matplotlib.colors import to_rgb

from fourmasks.pages.figures import PALETTE
from fourmasks.sparse.butterflies.baselines import OURS
from fourmasks.sparse.supports.pair import SupportPair

STYLES = {
    "hadamard": {"color": PALETTE[0], "marker": "o"},
    "dft": {"color": PALETTE[1], "marker": "s"},
    "dct2": {"color": PALETTE[2], "marker": "D"},
}
TILES = [PALETTE[place] for place in (4, 0, 2, 3, 1, 5)]  # of atoms, which need not be told apart by name
LINES = {OURS: "-", "lazylinop": "--", "pyfaust": ":"}
LEAST = 1e-17  # an error of zero is drawn there


def cut_figure(cut: SupportPair):
    """Draw the supports of both factors of a cut and the atoms of the product, which tile it."""
    (m, n), atoms = cut.shape, cut.masks().argmax(axis=0)
    tones = np.array([to_rgb(TILES[atom % len(TILES)]) for atom in atoms.flat]).reshape(m, n, 3)
    figure, axes = pyplot.subplots(1, 3, figsize=(9.5, 3.3))
    panels = {"X": cut.left, "Yᵀ": cut.right.T, "atoms of the product": tones}
    for axis, (title, image) in zip(axes, panels.items(), strict=True):
        axis.imshow(image, cmap="Greys", vmin=0, vmax=1.3)
        axis.set(title=title, xticks=[], yticks=[])
        axis.grid(False)
    return figure


def factors_figure(factors: Sequence[np.ndarray]):
    """Draw the sizes of the entries of factors, side by side."""
    figure, axes = pyplot.subplots(1, len(factors), figsize=(2.4 * len(factors), 2.8), squeeze=False)
    for number, (axis, factor) in enumerate(zip(axes[0], factors, strict=True), start=1):
        axis.imshow(np.abs(factor), cmap="cividis", vmin=0, vmax=np.abs(factors).max())
        axis.set(title=f"factor {number}", xticks=[], yticks=[])
        axis.grid(False)
    return figure


def by_size(frame: pd.DataFrame, metric: str, label: str):
    """Draw a metric of the factorizations against the size: left two factors, right all log2 n.

    Parameters
    ----------
    frame : pandas.DataFrame
        Columns transform, size, method, factors ("two", "all") and the metric.
    metric : str
    label : str
        Of the vertical axis.
    """
    figure, axes = pyplot.subplots(1, 2, figsize=(9.5, 4.1), sharey=True)
    for axis, factors in zip(axes, ("two", "all"), strict=True):
        chosen = frame[frame["factors"] == factors]
        for (transform, method), part in chosen.groupby(["transform", "method"], sort=False):
            part = part.sort_values("size")
            style = STYLES[transform] | {"linestyle": LINES[method]}
            axis.plot(part["size"], np.maximum(part[metric], LEAST), label=f"{transform}, {method}", **style)
        _sizes(axis, frame["size"], f"{factors} factors")
    axes[0].set_ylabel(label)
    figure.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=3)
    return figure


def speed_figure(frame: pd.DataFrame):
    """Draw how many times faster factors are applied than the dense matrix, a panel by number of vectors.

    Parameters
    ----------
    frame : pandas.DataFrame
        Columns transform, size, vectors, speedup and entries_saved.
    """
    counts, saved = sorted(frame["vectors"].unique()), frame.groupby("size")["entries_saved"].mean()
    size = (4.6 * len(counts), 3.4)
    figure, axes = pyplot.subplots(1, len(counts), figsize=size, sharey=True, squeeze=False)
    for axis, number in zip(axes[0], counts, strict=True):
        for transform, part in frame[frame["vectors"] == number].groupby("transform", sort=False):
            part = part.sort_values("size")
            axis.plot(part["size"], part["speedup"], label=transform, **STYLES[transform])
        axis.plot(saved.index, saved, color="#888888", linestyle=":", marker="", label="entries saved")
        axis.axhline(1, color="#888888", linewidth=1, marker="")
        _sizes(axis, saved.index, f"{number} vector{'' if number == 1 else 's'}")
    axes[0, 0].set_ylabel("dense time / time by factors")
    axes[0, 0].legend(fontsize=9)
    return figure


def _sizes(axis, sizes, title):
    """Label an axis of sizes n, both logarithmic."""
    axis.set(title=title, xlabel="n", xscale="log", yscale="log")
    axis.set_xticks(sorted(set(sizes)), sorted(set(sizes)), rotation=45)
    axis.minorticks_off()
