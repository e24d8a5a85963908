"""Figures of the rating experiment: the model (Figures 1, 2), errors by split, losses by epoch (3 to 6)."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib import pyplot
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from fourmasks.lunet.ratings.plan import METHODS
from fourmasks.pages import figures as page

BLUE, ORANGE, GREEN, BLACK = page.PALETTE[0], page.PALETTE[1], page.PALETTE[2], page.PALETTE[6]
LEVELS = {"averages": "--", "biased-mf": ":"}  # without epochs: horizontal lines
HIGHEST = 1.25  # times the averages' error; what is above is not drawn, or at the edge
KINDS = {"loss": "loss, Eq. (2.11)", "mse": "squared error"}


def two_kinds_of_feedback() -> Figure:
    """Draw Figure 1: ratings and interactions, one network, two losses."""
    figure, axis = _canvas(10.0, 2.4)
    places = {
        "ratings": ((1.0, 1.8, 1.9, 0.8), "explicit: ratings\n$Y_{ij} \\in \\{1, \\dots, 5\\}$", BLUE),
        "clicks": ((1.0, 0.6, 1.9, 0.8), "implicit: rated or not\n$Y_{ij} \\in \\{0, 1\\}$", ORANGE),
        "table": ((3.4, 1.2, 1.9, 1.0), "table $Y$\nusers × items,\nmostly empty", BLACK),
        "model": ((5.8, 1.2, 1.9, 1.0), "embeddings $u_i$, $v_j$\nnetwork $f$\nread-out", GREEN),
        "rating": ((8.5, 1.8, 2.7, 0.8), "rating $\\hat Y_{ij}$\nMSE, weight $\\gamma$", BLUE),
        "odds": (
            (8.5, 0.6, 2.7, 0.8),
            "probability $\\sigma(\\cdot)$, ranking\nCE, weight $1 - \\gamma$",
            ORANGE,
        ),
    }
    boxes = {name: _box(axis, *place, text, colour) for name, (place, text, colour) in places.items()}
    for link in ("ratings table", "clicks table", "table model", "model rating", "model odds"):
        _arrow(axis, *(boxes[name] for name in link.split()))
    return figure


def network(layers: int = 3) -> Figure:
    """Draw Figure 2: the network, its triangular matrices, and the way back; the last layer has no bend."""
    width = 2.9 + 2.9 * layers
    figure, axis = _canvas(width, 2.0)
    before = _box(axis, 0.4, 1.2, 0.6, 1.3, "$u_i$\n\n\n$v_j$", BLUE)
    axis.text(0.4, 1.95, "$x_{ij}$", ha="center")
    for layer in range(1, layers + 1):
        left = 1.1 + 2.9 * (layer - 1)
        whole = _box(axis, left + 0.95, 1.2, 1.9, 0.9, "", GREEN)
        _triangles(axis, left + 0.1, 0.9)
        axis.text(left + 1.65, 1.2, "$+ b$", ha="center", va="center")
        axis.text(left + 0.95, 1.8, f"layer {layer}", ha="center", fontsize=10)
        _arrow(axis, before, whole)
        before = whole
        if layer < layers:
            before = _box(axis, left + 2.4, 1.2, 0.4, 0.4, "$\\phi$", ORANGE)
            _arrow(axis, whole, before)
    end = _box(axis, width - 2.0, 1.2, 0.5, 1.3, "$z$", BLUE)
    readout = _box(axis, width - 0.7, 1.2, 1.2, 0.7, "read-out\n$\\hat Y_{ij}$", BLACK)
    _arrow(axis, before, end)
    _arrow(axis, end, readout)
    style = {"arrowstyle": "->", "linestyle": "--", "lw": 1.2}
    axis.annotate("", xy=(0.4, 0.35), xytext=(width - 2.0, 0.35), arrowprops=style)
    back = "back: solve with $L$, then with $U$, and invert $\\phi$"
    axis.text((width - 1.6) / 2, 0.05, back, ha="center", fontsize=10)
    return figure


def errors_by_split(frame: pd.DataFrame, reported: Mapping[tuple[str, str], float]) -> Figure:
    """Draw the test MSE of every run, a row for each method and a panel for each data set.

    Parameters
    ----------
    frame : DataFrame
        Of `tables.runs`.
    reported : mapping of (dataset, method) to float
        The paper's values: crosses. At errors far above the averages' an arrow stands at the edge.
    """
    names = list(frame["dataset"].unique())
    methods = [method for method in METHODS if method in set(frame["method"])]
    size = (2.4 + 2.7 * len(names), 1.2 + 0.25 * len(methods))
    figure, axes = pyplot.subplots(1, len(names), figsize=size, squeeze=False, sharey=True)
    for axis, name in zip(axes.flat, names, strict=True):
        part = frame[frame["dataset"] == name]
        table = part.pivot_table(index="method", columns="split_seed", values="test_mse").reindex(methods)
        highest = HIGHEST * table.loc["averages"].max() if "averages" in methods else np.inf
        page.by_split(axis, table)
        for place, method in enumerate(methods):
            if (table.loc[method] > highest).any():
                colour = page.method_style(method)["color"]
                axis.plot(highest, place, marker="$\\rightarrow$", markersize=12, color=colour)
            if (name, method) in reported:
                axis.plot(reported[name, method], place, "x", color="#000000", markersize=9, label="paper")
        axis.set(title=name, xlabel="test MSE")
        axis.set_xlim(right=min(axis.get_xlim()[1], 1.02 * highest))
        handles, labels = axis.get_legend_handles_labels()
    if labels:
        figure.legend(handles[:1], labels[:1], loc="outside lower center")
    return figure


def loss_curves(curves: pd.DataFrame, frame: pd.DataFrame, kind: str = "mse") -> Figure:
    """Draw training and test by epoch, a row for each data set, a line for each method.

    Parameters
    ----------
    curves, frame : DataFrame
        Of `tables.curves` and `tables.runs`. Beside squared errors stand the methods of `LEVELS`.
    kind : {"mse", "loss"}, default "mse"
    """
    datasets = curves["dataset"].unique()
    size = (9.0, 1.4 + 2.7 * len(datasets))
    figure, axes = pyplot.subplots(len(datasets), 2, figsize=size, squeeze=False)
    for row, dataset in zip(axes, datasets, strict=True):
        for axis, part in zip(row, ("train", "test"), strict=True):
            for method, theirs in curves[curves["dataset"] == dataset].groupby("method", sort=False):
                _curve(axis, theirs.groupby("epoch")[f"{part}_{kind}"], method)
            axis.set(title=f"{dataset}, {part}", xlabel="epoch", ylabel=KINDS[kind])
        if kind == "mse":
            _levels(row[1], frame[frame["dataset"] == dataset].groupby("method")["test_mse"].mean())
    figure.legend(*axes[0, 1].get_legend_handles_labels(), loc="outside lower center", ncols=3)
    return figure


def round_trips(frame: pd.DataFrame) -> Figure:
    """Draw the relative error of the way to the output and back against the product of condition numbers."""
    figure, axis = pyplot.subplots(figsize=(6.4, 3.8))
    for precision, colour in (("float32", BLUE), ("float64", ORANGE)):
        for prefix, when, marker in (("untrained_", "untrained", "x"), ("", "trained", "o")):
            conditions = 10 ** frame[f"{prefix}log10_condition"]
            error = frame[f"{prefix}reconstruction_error_{precision}"]
            style = {"linestyle": "", "marker": marker, "color": colour, "label": f"{precision}, {when}"}
            axis.loglog(conditions[error > 0], error[error > 0], **style)
    axis.set(xlabel="product of the condition numbers", ylabel="relative error of $f^{-1}(f(x))$")
    axis.legend(fontsize=8)
    return figure


def _canvas(width, height):
    """Return a figure and its axis, of one unit to the inch and without a frame."""
    figure, axis = pyplot.subplots(figsize=(width, height + 0.3))
    axis.set(xlim=(0, width), ylim=(-0.1, height + 0.2))
    axis.axis("off")
    return figure, axis


def _box(axis, x, y, width, height, text, colour):
    """Draw a box around (x, y) and return its centre and its width."""
    corner = (x - width / 2, y - height / 2)
    axis.add_patch(Rectangle(corner, width, height, facecolor="white", edgecolor=colour, linewidth=1.5))
    axis.text(x, y, text, ha="center", va="center", fontsize=10)
    return x, y, width


def _arrow(axis, start, end):
    """Draw an arrow from the right side of one box to the left side of another."""
    tail, head = (start[0] + start[2] / 2, start[1]), (end[0] - end[2] / 2, end[1])
    axis.annotate("", xy=head, xytext=tail, arrowprops={"arrowstyle": "->", "lw": 1.3})


def _triangles(axis, left, bottom, size=0.6):
    """Draw L and U side by side: what the mask on the weights leaves is filled."""
    for x, corners, name in (
        (left, ((0, 0), (0, 1), (1, 0)), "$L$"),
        (left + size + 0.08, ((0, 1), (1, 1), (1, 0)), "$U$"),
    ):
        points = [(x + a * size, bottom + b * size) for a, b in corners]
        axis.fill(*zip(*points, strict=True), color=page.PALETTE[5], alpha=0.6, lw=0)
        square = [(x + a * size, bottom + b * size) for a, b in ((0, 0), (1, 0), (1, 1), (0, 1), (0, 0))]
        axis.plot(*zip(*square, strict=True), color="#777777", lw=0.8, marker="")
        shift = -0.12 if name == "$L$" else 0.12
        axis.text(x + size / 2 + shift, bottom + size / 2 + shift, name, ha="center", va="center")


def _levels(axis, means):
    """Draw the lines of `LEVELS`, and end the axis where the interesting errors do."""
    there = [method for method in LEVELS if method in means.index]
    for method in there:
        axis.axhline(means[method], color="#777777", linestyle=LEVELS[method], linewidth=1.2, label=method)
    if there:
        low, high = axis.get_ylim()
        axis.set_ylim(min(low, means[there].min() - 0.005), min(high, HIGHEST * means[there].max()))


def _curve(axis, by_epoch, method):
    """Draw means over seeds, and a band from the lowest to the highest."""
    means, style = by_epoch.mean().dropna(), page.method_style(method) | {"marker": ""}
    if len(means):
        axis.plot(means.index, means, label=method, **style)
        band = by_epoch.min().dropna(), by_epoch.max().dropna()
        axis.fill_between(means.index, *band, color=style["color"], alpha=0.15, lw=0)
