"""Figures 2 and 3 and the stages of Figure 4: masks, bipartite graphs, and what Algorithm 1 knows."""

from collections.abc import Iterable, Sequence

import numpy as np
from matplotlib import pyplot
from matplotlib.colors import to_rgb
from matplotlib.patches import Rectangle

from fourmasks.sparse.completion.literal import Stage
from fourmasks.sparse.examples import pictures
from fourmasks.sparse.examples.pictures import EMPTY, INK
from fourmasks.sparse.supports.pair import SupportPair


def graph(axis, supports: SupportPair, atom: int, before: np.ndarray, after: np.ndarray) -> None:
    """Draw the bipartite graph of an atom: known edges full, new ones dashed, missing ones dotted.

    Parameters
    ----------
    axis : matplotlib.axes.Axes
    supports : SupportPair
    atom : int
        From 0.
    before, after : numpy.ndarray of bool
        Masks (m, n): the edges known before a step and after it.
    """
    rows, columns = supports.rectangle(atom)
    known = ("-", pictures.colour(atom), 2.0)
    for k in rows:
        for l in columns:  # noqa: E741
            style = known if before[k, l] else ("--", INK, 2.0) if after[k, l] else (":", "#BBBBBB", 1.4)
            line, tone, width = style
            axis.plot([0, 1], [k, l], linestyle=line, color=tone, linewidth=width, marker="", zorder=1)
    for place, lines, letter, shape in ((0, rows, "r", "o"), (1, columns, "c", "s")):
        axis.scatter([place] * len(lines), lines, s=330, marker=shape, color="white", edgecolor=INK, zorder=2)
        for line in lines:
            axis.text(place, line, f"{letter}{line + 1}", ha="center", va="center", fontsize=8, zorder=3)
    axis.set(xlim=(-0.25, 1.25), ylim=(max(supports.shape) - 0.5, -0.5))
    axis.set_axis_off()


def masks_figure(masks: Sequence[np.ndarray], names: Iterable[str]):
    """Draw masks of a rank-one matrix, each with its graph beside it (Figure 2)."""
    height = 0.62 * max(max(mask.shape) for mask in masks) + 0.8
    figure, axes = pyplot.subplots(1, 2 * len(masks), figsize=(10, height))
    for squares, lines, mask, name in zip(axes[::2], axes[1::2], masks, names, strict=True):
        for (row, column), known in np.ndenumerate(mask):
            pictures.paint(squares, row, column, [pictures.colour(1) if known else EMPTY])
            squares.text(column, row, "*" if known else "?", ha="center", va="center", color=INK)
        pictures.frame(squares, mask.shape)
        squares.set_title(name)
        graph(lines, SupportPair(*(np.ones((size, 1), bool) for size in mask.shape)), 0, mask, mask)
    return figure


def completion_figure(supports: SupportPair, steps: Sequence[tuple[str, np.ndarray, np.ndarray]]):
    """Draw the graphs of all atoms at steps of the completion, a row for each (Figure 3).

    Parameters
    ----------
    supports : SupportPair
    steps : sequence of (name, before, after)
        Masks (r, m, n) of the edges known before and after the step.
    """
    size = (2.3 * supports.rank + 0.4, 0.62 * max(supports.shape) * len(steps) + 0.8)
    figure, axes = pyplot.subplots(len(steps), supports.rank, figsize=size, squeeze=False)
    for row, (name, before, after) in zip(axes, steps, strict=True):
        for atom, axis in enumerate(row):
            graph(axis, supports, atom, before[atom], after[atom])
            axis.set_title(f"atom {atom + 1}")
        middle = sum(row[0].get_ylim()) / 2
        row[0].text(-0.45, middle, name, rotation=90, ha="center", va="center", fontsize=11)
        row[0].set_xlim(-0.6, 1.25)
    return figure


def stages_figure(supports: SupportPair, run: Sequence[Stage], which: Iterable[int], graphs: bool = False):
    """Draw the contributions at stages of a run of Algorithm 1, a row of panels each (Figure 4).

    Parameters
    ----------
    supports : SupportPair
    run : sequence of Stage
        Of `completion.literal.stages`.
    which : iterable of int
        The stages that are drawn, from 0.
    graphs : bool, default False
        Whether the graphs of the atoms stand under each row.
    """
    which = list(which)
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
        stage, before = run[number], run[max(number - 1, 0)].known
        for atom, mask in enumerate(supports.masks()):
            _contribution(axes[per * turn, atom], supports, stage, before, atom)
            if graphs:
                edges = before[atom] & mask, stage.known[atom] & mask
                graph(axes[per * turn + 1, atom], supports, atom, *edges)
        axes[per * turn, 0].set_ylabel(stage.name, fontsize=11)
    for atom, axis in enumerate(axes[0]):
        axis.set_title(f"contribution {atom + 1}")
    return figure


def stage_in_words(run: Sequence[Stage], number: int) -> str:
    """Return what a stage shows, for a reader who cannot see its figure."""
    stage, before = run[number], run[max(number - 1, 0)].known
    parts = [f"Stage {number + 1}, {stage.name}."]
    for atom, known in enumerate(stage.known):
        fresh = np.argwhere(known & ~before[atom])
        values = ", ".join(f"{pictures.cells([place])} is {stage.C[(atom, *place)]}" for place in fresh)
        left = pictures.cells(np.argwhere(~known))
        parts.append(f"Contribution {atom + 1}: {values or 'nothing new'}; missing: {left}.")
    return " ".join(parts)


def _contribution(axis, supports, stage, before, atom):
    """Draw what a stage knows of a contribution: numbers, new ones framed, ? for missing ones."""
    mask, known = supports.masks()[atom], stage.known[atom]
    strength = np.where(known, 0.45, 0.15)[..., None]
    full = 1 - strength * (1 - np.array(to_rgb(pictures.colour(atom))))
    axis.imshow(np.where(mask[..., None], full, to_rgb(EMPTY)))
    axis.hlines(np.arange(1, len(mask)) - 0.5, -0.5, mask.shape[1] - 0.5, color="white", linewidth=1.5)
    axis.vlines(np.arange(1, mask.shape[1]) - 0.5, -0.5, len(mask) - 0.5, color="white", linewidth=1.5)
    for row, column in np.argwhere(mask):
        text = str(stage.C[atom, row, column]) if known[row, column] else "?"
        axis.text(column, row, text, ha="center", va="center", fontsize=10, color=INK)
    for row, column in np.argwhere(mask & known & ~before[atom]):
        corner = column - 0.44, row - 0.44
        axis.add_patch(Rectangle(corner, 0.88, 0.88, fill=False, edgecolor=INK, linewidth=1.8))
    pictures.frame(axis, supports.shape)
