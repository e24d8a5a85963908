"""Figures of supports, of bipartite graphs and of the steps of Algorithm 1 (paper, Figures 1 to 4).

Rows, columns and atoms are labelled from 1, as in the paper. Every cell carries its marks, so that no colour
has to be told from another.
"""

from collections.abc import Sequence

import numpy as np
from matplotlib import pyplot
from matplotlib.colors import to_rgb
from matplotlib.patches import Rectangle

from fourmasks.sparse.completion.literal import Stage
from fourmasks.sparse.supports.pair import SupportPair

COLOURS = ("#E69F00", "#0072B2", "#009E73", "#CC79A7", "#D55E00", "#56B4E9")  # the paper's first three
EMPTY, INK, FAINT = "#F4F4F4", "#222222", "#BBBBBB"


def colour(atom: int) -> str:
    """Return the colour of an atom; there are six, then they come round again."""
    return COLOURS[atom % len(COLOURS)]


def supports_figure(supports: SupportPair):
    """Draw both factors' supports and their product, in which * is an observable entry and ? a shared one."""
    (m, n), rank = supports.shape, supports.rank
    size = (0.62 * (rank + 2 * n) + 2, 0.62 * max(m, rank) + 1)
    figure, axes = pyplot.subplots(1, 3, figsize=size, width_ratios=[rank, n, n])
    unit = np.eye(rank, dtype=bool)
    grid(axes[0], SupportPair(supports.left, unit).masks(), marks=False)
    grid(axes[1], SupportPair(unit, supports.right).masks(), marks=False)
    grid(axes[2], supports.masks())
    axes[0].set(title="left factor", ylabel="row", xlabel="atom")
    axes[1].set(title="right factor, transposed", ylabel="atom", xlabel="column")
    axes[2].set(title="product", ylabel="row", xlabel="column")
    return figure


def grid(axis, masks: np.ndarray, marks: bool = True) -> None:
    """Draw cells coloured by the masks (r, m, n) that have them, with a mark and the numbers of the atoms."""
    for (row, column), count in np.ndenumerate(masks.sum(axis=0)):
        atoms = np.flatnonzero(masks[:, row, column])
        paint(axis, row, column, [colour(atom) for atom in atoms] or [EMPTY])
        if count:
            mark = ("*" if count == 1 else "?") if marks else ""
            text = "\n".join(filter(None, (mark, " ".join(str(atom + 1) for atom in atoms))))
            axis.text(column, row, text, ha="center", va="center", fontsize=9, color=INK)
    frame(axis, masks.shape[1:])


def paint(axis, row: int, column: int, colours: Sequence[str]) -> None:
    """Fill a cell with bands of colours."""
    width = 1 / len(colours)
    for place, band in enumerate(colours):
        alpha = 1 if band == EMPTY else 0.45
        corner = column - 0.5 + place * width, row - 0.5
        axis.add_patch(Rectangle(corner, width, 1, facecolor=band, alpha=alpha, linewidth=0))
    axis.add_patch(Rectangle((column - 0.5, row - 0.5), 1, 1, fill=False, edgecolor="white", linewidth=1.5))


def frame(axis, shape: tuple[int, int]) -> None:
    """Give an axis of cells its limits and its numbers, from 1."""
    axis.set(xlim=(-0.5, shape[1] - 0.5), ylim=(shape[0] - 0.5, -0.5), aspect="equal")
    axis.set_xticks(range(shape[1]), range(1, shape[1] + 1))
    axis.set_yticks(range(shape[0]), range(1, shape[0] + 1))
    axis.grid(False)
    axis.tick_params(length=0)
    axis.spines[:].set_visible(False)


def graph(axis, supports: SupportPair, atom: int, before: np.ndarray, after: np.ndarray) -> None:
    """Draw the bipartite graph of an atom: known edges full, new ones dashed, missing ones dotted.

    Parameters
    ----------
    axis : matplotlib.axes.Axes
    supports : SupportPair
    atom : int
    before, after : bool arrays (m, n)
        Its edges before and after a step.
    """
    rows, columns = supports.rectangle(atom)
    styles = {"known": ("-", colour(atom), 2.0), "new": ("--", INK, 2.0), "missing": (":", FAINT, 1.4)}
    for k in rows:
        for l in columns:  # noqa: E741
            kind = "known" if before[k, l] else "new" if after[k, l] else "missing"
            line, tone, width = styles[kind]
            axis.plot([0, 1], [k, l], linestyle=line, color=tone, linewidth=width, marker="", zorder=1)
    for place, lines, letter in ((0, rows, "r"), (1, columns, "c")):
        shape = "o" if place == 0 else "s"
        axis.scatter([place] * len(lines), lines, s=330, marker=shape, color="white", edgecolor=INK, zorder=2)
        for line in lines:
            axis.text(place, line, f"{letter}{line + 1}", ha="center", va="center", fontsize=8, zorder=3)
    depth = max(supports.shape)
    axis.set(xlim=(-0.25, 1.25), ylim=(depth - 0.5, -0.5), title=f"atom {atom + 1}")
    axis.set_axis_off()


def graphs_figure(supports: SupportPair, steps: Sequence[tuple[str, np.ndarray, np.ndarray]]):
    """Draw the graphs of all atoms, a row of panels for each step.

    Parameters
    ----------
    supports : SupportPair
    steps : sequence of (str, ndarray, ndarray)
        Name, and the edges (r, m, n) before and after.
    """
    size = (2.3 * supports.rank + 0.4, 0.62 * max(supports.shape) * len(steps) + 0.8)
    figure, axes = pyplot.subplots(len(steps), supports.rank, figsize=size, squeeze=False)
    for row, (name, before, after) in zip(axes, steps, strict=True):
        for atom, axis in enumerate(row):
            graph(axis, supports, atom, before[atom], after[atom])
        label(row[0], name)
    return figure


def stages_figure(
    supports: SupportPair, stages: Sequence[Stage], which: Sequence[int] | None = None, graphs: bool = False
):
    """Draw the contributions at stages of Algorithm 1, a row of panels each (Figure 4).

    Parameters
    ----------
    supports : SupportPair
    stages : sequence of Stage
        From the initialization on.
    which : sequence of int or None, default None
        The stages to draw; None for all.
    graphs : bool, default False
        Add a row with the graphs under each.
    """
    which = range(len(stages)) if which is None else which
    per, (m, n) = 2 if graphs else 1, supports.shape
    width, height = 0.62 * n * supports.rank + 1.2, (0.62 * max(m, n) + 0.35) * per * len(which) + 0.4
    # Fixed margins: a layout that is computed takes seconds for so many panels, and all steps are to agree.
    margins = {
        "left": 0.6 / width,
        "right": 1 - 0.1 / width,
        "bottom": 0.35 / height,
        "top": 1 - 0.4 / height,
    }
    figure, axes = pyplot.subplots(
        per * len(which), supports.rank, figsize=(width, height), squeeze=False, layout="none",
        gridspec_kw=margins | {"wspace": 0.12, "hspace": 0.18},
    )  # fmt: skip
    for turn, number in enumerate(which):
        stage, before = stages[number], stages[max(number - 1, 0)].known
        for atom, mask in enumerate(supports.masks()):
            contribution(axes[per * turn, atom], supports, stage, before, atom)
            if graphs:
                edges = before[atom] & mask, stage.known[atom] & mask
                graph(axes[per * turn + 1, atom], supports, atom, *edges)
                axes[per * turn + 1, atom].set_title("")
        axes[per * turn, 0].set_ylabel(stage.name, fontsize=11)
    for atom, axis in enumerate(axes[0]):
        axis.set_title(f"contribution {atom + 1}")
    return figure


def contribution(axis, supports: SupportPair, stage: Stage, before: np.ndarray, atom: int) -> None:
    """Draw what a stage knows of a contribution: numbers, new ones framed, ? for missing ones."""
    mask, known = supports.masks()[atom], stage.known[atom]
    strength = np.where(known, 0.45, 0.15)[..., None]
    tones = np.where(mask[..., None], 1 - strength * (1 - np.array(to_rgb(colour(atom)))), to_rgb(EMPTY))
    axis.imshow(tones)
    axis.hlines(np.arange(1, len(mask)) - 0.5, -0.5, mask.shape[1] - 0.5, color="white", linewidth=1.5)
    axis.vlines(np.arange(1, mask.shape[1]) - 0.5, -0.5, len(mask) - 0.5, color="white", linewidth=1.5)
    for row, column in np.argwhere(mask):
        text = str(stage.C[atom, row, column]) if known[row, column] else "?"
        axis.text(column, row, text, ha="center", va="center", fontsize=10, color=INK)
    for row, column in np.argwhere(mask & known & ~before[atom]):
        corner = column - 0.44, row - 0.44
        axis.add_patch(Rectangle(corner, 0.88, 0.88, fill=False, edgecolor=INK, linewidth=1.8))
    frame(axis, supports.shape)


def mask_figure(masks: Sequence[np.ndarray], names: Sequence[str]):
    """Draw masks as cells, * known and ? not, each with its bipartite graph (Figure 2)."""
    height = 0.62 * max(max(mask.shape) for mask in masks) + 0.8
    figure, axes = pyplot.subplots(1, 2 * len(masks), figsize=(10, height), squeeze=False)
    for place, (mask, name) in enumerate(zip(masks, names, strict=True)):
        cells, lines = axes[0, 2 * place : 2 * place + 2]
        for (row, column), known in np.ndenumerate(mask):
            paint(cells, row, column, [colour(1) if known else EMPTY])
            cells.text(column, row, "*" if known else "?", ha="center", va="center", color=INK)
        frame(cells, mask.shape)
        cells.set_title(name)
        whole = SupportPair(*(np.ones((size, 1), bool) for size in mask.shape))
        graph(lines, whole, 0, mask, mask)
        lines.set_title("")
    return figure


def label(axis, text: str) -> None:
    """Write a name to the left of a row of panels whose axes are off."""
    axis.text(-0.45, (sum(axis.get_ylim())) / 2, text, rotation=90, ha="center", va="center", fontsize=11)
    axis.set_xlim(-0.6, 1.25)
