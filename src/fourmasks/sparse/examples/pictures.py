"""Supports as a figure and as a table, and matrices as text (paper, Figure 1).

Rows, columns and atoms count from 1, as in the paper. Every cell carries its marks, so that no colour has to
be told from another.
"""

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd
from matplotlib import pyplot
from matplotlib.patches import Rectangle

from fourmasks.sparse.supports.pair import SupportPair

COLOURS = ("#E69F00", "#0072B2", "#009E73", "#CC79A7", "#D55E00", "#56B4E9")  # the paper's first three
EMPTY, INK = "#F4F4F4", "#222222"
NOTHING = "none"


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


def cells(places) -> str:
    """Return "(2, 1), (3, 1)" for places counted from 0."""
    return ", ".join(f"({', '.join(str(int(i) + 1) for i in place)})" for place in places) or NOTHING


def supports_table(supports: SupportPair) -> pd.DataFrame:
    """Return Figure 1's data: for each atom its rows, columns, observable and shared entries."""
    masks = supports.masks()
    alone = masks.sum(axis=0) == 1
    rows = {}
    for atom, mask in enumerate(masks):
        lines = (", ".join(str(line + 1) for line in side) for side in supports.rectangle(atom))
        rows[atom + 1] = [*lines, cells(np.argwhere(mask & alone)), cells(np.argwhere(mask & ~alone))]
    names = ["rows", "columns", "observable *", "shared ?"]
    return pd.DataFrame.from_dict(rows, orient="index", columns=names).rename_axis("atom")


def matrices_text(matrices: Iterable) -> str:
    """Return matrices of exact numbers side by side, as text."""
    blocks = []
    for matrix in matrices:
        texts = [[str(value) for value in row] for row in np.asarray(matrix).tolist()]
        width = max(len(text) for row in texts for text in row)
        blocks.append(["[" + " ".join(text.rjust(width) for text in row) + "]" for row in texts])
    height = max(map(len, blocks))
    padded = [block + [" " * len(block[0])] * (height - len(block)) for block in blocks]
    return "\n".join("   ".join(lines).rstrip() for lines in zip(*padded, strict=True))
