"""Figures of densities: the likelihood by the number of layers, and a flow in the plane."""

import numpy as np
import pandas as pd
import torch
from matplotlib import pyplot
from matplotlib.figure import Figure

from fourmasks.lunet.density.run import METHODS
from fourmasks.lunet.density.tables import HELD, HELD_OUT
from fourmasks.lunet.flows.flow import Flow
from fourmasks.pages import figures as page

DASHES = dict(zip(METHODS, ("-", "-", "--", ":", "-."), strict=True))
COLOURS = {
    "lu": page.method_style("lu-net")["color"],
    "coupling": page.method_style("coupling")["color"],
    "gaussian": page.PALETTE[6],
    "mixture": page.PALETTE[2],
    "kernel": page.PALETTE[0],
}
GRID, POINTS = 120, 500


def by_layers(frame: pd.DataFrame) -> Figure:
    """Draw the likelihood of flows by M, a panel for each set of points; without layers it is a level line.

    Parameters
    ----------
    frame : DataFrame
        Of `tables.runs`. Bands span the seeds.
    """
    names = list(frame["dataset"].unique())
    columns = min(3, len(names))
    rows = -(-len(names) // columns)
    size = (3.6 * columns + 0.6, 2.9 * rows + 1.0)
    figure, axes = pyplot.subplots(rows, columns, figsize=size, squeeze=False)
    for axis in axes.flat[len(names) :]:
        axis.set_axis_off()
    for axis, points in zip(axes.flat, names, strict=False):
        _panel(axis, frame[frame["dataset"] == points])
        axis.set_title(points, fontsize=11)
    figure.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside lower center", ncols=3)
    for axis in axes[:, 0]:
        axis.set_ylabel("nats per point")
    return figure


@torch.no_grad()
def flow_in_the_plane(flow: Flow, points: np.ndarray, name: str) -> Figure:
    """Draw a flow: density, samples beside points, circles mapped back, points mapped forth.

    Parameters
    ----------
    flow : Flow
        Of dimension 2.
    points : ndarray of shape (n, 2)
        Held out. The circles hold the shares `HELD` of a normal distribution.
    name : str
        Of the points.
    """
    figure, axes = pyplot.subplots(2, 2, figsize=(8.4, 8.0))
    (density, sampled), (back, forth) = axes
    low, high = points.min(axis=0) - 0.6, points.max(axis=0) + 0.6
    rings = [_circle(share) for share in HELD]
    points = points[:: -(-len(points) // POINTS)]  # as many as there are samples

    x, y = (np.linspace(*ends, GRID) for ends in zip(low, high, strict=True))
    places = torch.from_numpy(np.stack([part.ravel() for part in np.meshgrid(x, y)], 1))
    values = flow.log_prob(places).exp().numpy().reshape(GRID, GRID)
    density.pcolormesh(x, y, values, shading="auto", rasterized=True)
    density.plot(*points.T, ".", color="white", markersize=2.5, alpha=0.6)

    drawn = flow.sample(len(points), torch.Generator().manual_seed(0)).numpy()
    sampled.plot(*points.T, ".", color="#999999", markersize=3, label="held-out points")
    sampled.plot(*drawn.T, ".", color=page.PALETTE[1], markersize=3, label="samples")
    sampled.legend(markerscale=2)

    back.plot(*points.T, ".", color="#999999", markersize=3)
    radii = np.linspace(0, np.sqrt(-2 * np.log(1 - HELD[-1])), 100)[:, None]
    turns = np.arange(12) * np.pi / 6
    rays = [radii * np.array([[np.cos(turn), np.sin(turn)]]) for turn in turns]
    for lines, colour, width in ((rays, page.PALETTE[5], 0.8), (rings, page.PALETTE[0], 1.6)):
        for line in lines:
            back.plot(*flow.inverse(torch.from_numpy(line)).numpy().T, color=colour, lw=width, marker="")

    forth.plot(*flow(torch.from_numpy(points)).numpy().T, ".", color=page.PALETTE[0], markersize=3)
    for ring in rings:
        forth.plot(*ring.T, color=page.PALETTE[1], linewidth=1.2, marker="")

    titles = (f"{name}: density", "samples", "$f^{-1}$ of circles and rays", "$f$ of held-out points")
    for axis, title in zip(axes.flat, titles, strict=True):
        axis.set_title(title, fontsize=11)
        axis.grid(False)
        axis.set(xlim=(low[0], high[0]), ylim=(low[1], high[1]))
    forth.set(xlim=(-4.5, 4.5), ylim=(-4.5, 4.5))
    return figure


def _panel(axis, part):
    """Draw the lines for one set of points; bands span the seeds."""
    for method, theirs in part.groupby("method", sort=False):
        values = theirs.groupby("n_layers")[HELD_OUT].agg(["mean", "min", "max"])
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


def _circle(share):
    """Return the circle around the origin that holds a share of the standard normal distribution."""
    turn = np.linspace(0, 2 * np.pi, 200)
    return np.sqrt(-2 * np.log(1 - share)) * np.stack((np.cos(turn), np.sin(turn)), 1)
