"""Figures of butterfly factorizations: factors, errors, times, what the factors save."""

from collections.abc import Sequence

import numpy as np

from fourmasks.pages.figures import PALETTE
from fourmasks.sparse.completion.drawings import colour
from fourmasks.sparse.supports.pair import SupportPair

TRANSFORM_STYLE = {
    "hadamard": {"color": PALETTE[0], "marker": "o"},
    "dft": {"color": PALETTE[1], "marker": "s"},
    "dct2": {"color": PALETTE[2], "marker": "D"},
}
METHOD_LINE = {"Algorithm 1": "-", "lazylinop": "--", "pyfaust": ":"}
FLOOR = 1e-17  # an error of zero is drawn here


def cut_figure(supports: SupportPair):
    """Draw the supports of a cut: X, Yᵀ, and the atoms, one colour each, that tile the product."""
    from matplotlib import pyplot

    masks = supports.masks()
    owner = np.where(masks.any(axis=0), masks.argmax(axis=0), -1)
    tones = np.array([[int(colour(i)[p : p + 2], 16) for p in (1, 3, 5)] for i in range(supports.rank)]) / 255
    tones = np.vstack([tones, [[0.96] * 3]])
    figure, axes = pyplot.subplots(1, 3, figsize=(9.5, 3.3))
    names = ("X", "Yᵀ", "atoms of the product")
    for axis, image, name in zip(axes, (supports.left, supports.right.T, tones[owner]), names, strict=True):
        axis.imshow(image, cmap="Greys" if image.ndim == 2 else None, vmin=0, vmax=1.3)
        axis.set(title=name, xticks=[], yticks=[])
        axis.grid(False)
    return figure


def factors_figure(factors: Sequence[np.ndarray]):
    """Draw the sizes of the entries of the factors of a product, from left to right."""
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(1, len(factors), figsize=(2.4 * len(factors), 2.8), squeeze=False)
    largest = max(np.abs(factor).max() for factor in factors)
    for number, (axis, factor) in enumerate(zip(axes[0], factors, strict=True), start=1):
        axis.imshow(np.abs(factor), cmap="cividis", vmin=0, vmax=largest)
        axis.set(title=f"factor {number}", xticks=[], yticks=[])
        axis.grid(False)
    return figure


def errors_by_size(frame):
    """Draw the relative error against the size: left two factors, right log₂ n.

    Parameters
    ----------
    frame : DataFrame
        As `tables.factorizations` gives it.
    """
    return _by_size(frame, "error", "relative error")


def seconds_by_size(frame):
    """Draw the seconds against the size: left two factors, right log₂ n."""
    return _by_size(frame, "cpu_seconds", "seconds")


def speedups_by_size(frame):
    """Draw how many times faster the factors are applied, one panel for each number of vectors.

    Parameters
    ----------
    frame : DataFrame
        As `tables.applications` gives it.
    """
    from matplotlib import pyplot

    counts = sorted(frame["vectors"].unique())
    size = (4.6 * len(counts), 3.4)
    figure, axes = pyplot.subplots(1, len(counts), figsize=size, sharey=True, squeeze=False)
    for axis, vectors in zip(axes[0], counts, strict=True):
        for transform, part in frame[frame["vectors"] == vectors].groupby("transform", sort=False):
            part = part.sort_values("size")
            axis.plot(part["size"], part["speedup"], label=transform, **TRANSFORM_STYLE[transform])
        saved = frame.groupby("size")["entries_saved"].mean()
        axis.plot(saved.index, saved, color="#888888", linestyle=":", marker="", label="entries saved")
        axis.axhline(1, color="#888888", linewidth=1, marker="")
        axis.set(
            title=f"{vectors} vector{'' if vectors == 1 else 's'}", xlabel="n", xscale="log", yscale="log"
        )
        axis.set_xticks(sorted(part["size"]), sorted(part["size"]), rotation=45)
        axis.minorticks_off()
    axes[0, 0].set_ylabel("dense time / time by factors")
    axes[0, 0].legend(fontsize=9)
    return figure


def _by_size(frame, metric, label):
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(1, 2, figsize=(9.5, 3.4), sharey=True)
    for axis, factors in zip(axes, ("two", "all"), strict=True):
        chosen = frame[frame["factors"] == factors]
        for (transform, method), part in chosen.groupby(["transform", "method"], sort=False):
            part = part.sort_values("size")
            values = np.maximum(part[metric], FLOOR)
            style = TRANSFORM_STYLE[transform] | {"linestyle": METHOD_LINE[method]}
            axis.plot(part["size"], values, label=f"{transform}, {method}", **style)
        axis.set(title=f"{factors} factors", xlabel="n", xscale="log", yscale="log")
        axis.set_xticks(sorted(set(frame["size"])), sorted(set(frame["size"])), rotation=45)
        axis.minorticks_off()
    axes[0].set_ylabel(label)
    axes[0].legend(fontsize=9)
    return figure
