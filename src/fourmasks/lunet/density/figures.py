"""Figures of the density experiment."""

import numpy as np
import torch
from matplotlib import pyplot

from fourmasks.lunet.density.run import METHODS
from fourmasks.pages.figures import PALETTE, method_style

GRID, SAMPLES = 160, 1000
HELD = (0.5, 0.9, 0.99)  # share of the normal distribution that lies in each circle
DASHES = dict(zip(METHODS, ("-", "-", "--", ":", "-."), strict=True))
COLOURS = {
    "lu": method_style("lu-net")["color"],
    "coupling": method_style("coupling")["color"],
    "gaussian": PALETTE[6],
    "mixture": PALETTE[2],
    "kernel": PALETTE[0],
}


def maps(flow, points: np.ndarray, name: str):
    """Draw a flow in the plane: density, samples beside points, circles mapped back, points mapped forth.

    Parameters
    ----------
    flow : Flow
        Of two dimensions.
    points : ndarray (n, 2)
        Held-out points.
    name : str
        Of the points.
    """
    figure, axes = pyplot.subplots(2, 2, figsize=(8.4, 8.0))
    low, high = points.min(axis=0) - 0.6, points.max(axis=0) + 0.6
    _density(axes[0, 0], flow, points, low, high)
    drawn = flow.sample(min(SAMPLES, len(points)), torch.Generator().manual_seed(0)).numpy()
    axes[0, 1].plot(*points.T, ".", color="#999999", markersize=3, label="held-out points")
    axes[0, 1].plot(*drawn.T, ".", color=PALETTE[1], markersize=3, label="samples")
    axes[0, 1].legend(fontsize=8, markerscale=2)
    _circles(axes[1, 0], flow, points)
    with torch.no_grad():
        images = flow(torch.from_numpy(points)).numpy()
    axes[1, 1].plot(*images.T, ".", color=PALETTE[0], markersize=3)
    for circle in _rings():
        axes[1, 1].plot(*circle.T, color=PALETTE[1], linewidth=1.2, marker="")
    titles = (f"{name}: density", "samples", "$f^{-1}$ of circles and rays", "$f$ of held-out points")
    for axis, title in zip(axes.flat, titles, strict=True):
        axis.set_title(title, fontsize=11)
        axis.grid(False)
    for axis in axes.flat[:3]:
        axis.set(xlim=(low[0], high[0]), ylim=(low[1], high[1]))
    axes[1, 1].set(xlim=(-4.5, 4.5), ylim=(-4.5, 4.5))
    return figure


@torch.no_grad()
def _density(axis, flow, points, low, high):
    x, y = (np.linspace(*ends, GRID) for ends in zip(low, high, strict=True))
    places = torch.from_numpy(np.stack([part.ravel() for part in np.meshgrid(x, y)], 1))
    values = flow.log_prob(places).exp().numpy().reshape(GRID, GRID)
    axis.pcolormesh(x, y, values, shading="auto", rasterized=True)
    axis.plot(*points.T, ".", color="white", markersize=1.5, alpha=0.6)


def _rings() -> list[np.ndarray]:
    """Return circles around the origin that hold shares of the standard normal distribution."""
    turn = np.linspace(0, 2 * np.pi, 400)
    unit = np.stack((np.cos(turn), np.sin(turn)), 1)
    return [np.sqrt(-2 * np.log(1 - share)) * unit for share in HELD]


@torch.no_grad()
def _circles(axis, flow, points):
    axis.plot(*points.T, ".", color="#BBBBBB", markersize=2)
    radii = np.linspace(0, np.sqrt(-2 * np.log(1 - HELD[-1])), 200)[:, None]
    turns = np.arange(12) * np.pi / 6
    rays = [radii * np.array([[np.cos(turn), np.sin(turn)]]) for turn in turns]
    for lines, colour, width in ((rays, PALETTE[5], 0.8), (_rings(), PALETTE[0], 1.6)):
        for line in lines:
            axis.plot(*flow.inverse(torch.from_numpy(line)).numpy().T, color=colour, lw=width, marker="")


def by_layers(frame, names: list[str]):
    """Draw the held-out log-likelihood of flows by M, one panel for each set of points.

    Methods without layers are horizontal lines; bands span the seeds.

    Parameters
    ----------
    frame : DataFrame
        As `tables.runs` gives it.
    names : list of str
        Of points.
    """
    columns = min(3, len(names))
    rows = -(-len(names) // columns)
    size = (3.6 * columns + 0.6, 3.2 * rows + 0.3)
    figure, axes = pyplot.subplots(rows, columns, figsize=size, squeeze=False)
    for axis in axes.flat[len(names) :]:
        axis.set_axis_off()
    for axis, points in zip(axes.flat, names, strict=False):
        part = frame[frame["dataset"] == points]
        _panel(axis, part)
        axis.set_title(points, fontsize=11)
    axes[0, 0].legend(fontsize=7)
    for axis in axes[:, 0]:
        axis.set_ylabel("nats per point")
    return figure


def _panel(axis, part):
    for method, theirs in part.groupby("method", sort=False):
        values = theirs.groupby("n_layers")["test_log_likelihood"].agg(["mean", "min", "max"])
        style = {"color": COLOURS[method], "linestyle": DASHES[method], "label": method}
        if list(values.index) == [0]:
            axis.axhline(values["mean"].item(), linewidth=1.3, **style)
            continue
        axis.plot(values.index, values["mean"], marker="o" if method == "lu" else "s", **style)
        band = values["min"], values["max"]
        axis.fill_between(values.index, *band, color=COLOURS[method], alpha=0.15, lw=0)
    layers = sorted(set(part["n_layers"]) - {0})
    axis.set_xscale("log", base=2)
    axis.set_xticks(layers, layers)
    axis.minorticks_off()
    axis.set_xlabel("M")
