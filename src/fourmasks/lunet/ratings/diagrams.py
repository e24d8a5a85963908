"""The paper's two drawings, drawn anew: the framework (Figure 1) and the network (Figure 2)."""

from matplotlib import pyplot
from matplotlib.patches import Rectangle

from fourmasks.pages.figures import PALETTE

BLUE, ORANGE, GREEN, BLACK = PALETTE[0], PALETTE[1], PALETTE[2], PALETTE[6]


def framework():
    """Draw how ratings and interactions become a table, predictions and recommendations (Figure 1)."""
    figure, axis = _canvas(10.0, 2.4)
    boxes = {
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
    boxes = {name: _box(axis, *place, text, colour) for name, (place, text, colour) in boxes.items()}
    for link in ("ratings table", "clicks table", "table model", "model rating", "model odds"):
        _arrow(axis, *(boxes[name] for name in link.split()))
    return figure


def architecture(n_layers: int = 3):
    """Draw the network: triangles of weights, bends between them, and the way back (Figure 2).

    Parameters
    ----------
    n_layers : int, default 3
        M; the last layer has no bend.
    """
    width = 2.9 + 2.9 * n_layers
    figure, axis = _canvas(width, 2.0)
    before = _box(axis, 0.4, 1.2, 0.6, 1.3, "$u_i$\n\n\n$v_j$", BLUE)
    axis.text(0.4, 1.95, "$x_{ij}$", ha="center")
    for layer in range(1, n_layers + 1):
        left = 1.1 + 2.9 * (layer - 1)
        box = _box(axis, left + 0.95, 1.2, 1.9, 0.9, "", GREEN)
        _triangles(axis, left + 0.1, 0.9)
        axis.text(left + 1.65, 1.2, "$+ b$", ha="center", va="center")
        axis.text(left + 0.95, 1.8, f"layer {layer}", ha="center", fontsize=10)
        _arrow(axis, before, box)
        before = box
        if layer < n_layers:
            before = _box(axis, left + 2.4, 1.2, 0.4, 0.4, "$\\phi$", ORANGE)
            _arrow(axis, box, before)
    end = _box(axis, width - 2.0, 1.2, 0.5, 1.3, "$z$", BLUE)
    readout = _box(axis, width - 0.7, 1.2, 1.2, 0.7, "read-out\n$\\hat Y_{ij}$", BLACK)
    _arrow(axis, before, end)
    _arrow(axis, end, readout)
    style = {"arrowstyle": "->", "linestyle": "--", "lw": 1.2}
    axis.annotate("", xy=(0.4, 0.35), xytext=(width - 2.0, 0.35), arrowprops=style)
    back = "back: solve with $L$, then with $U$, and invert $\\phi$"
    axis.text((width - 1.6) / 2, 0.05, back, ha="center", fontsize=10)
    return figure


def _canvas(width, height):
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
        axis.fill(*zip(*points, strict=True), color=PALETTE[5], alpha=0.6, lw=0)
        square = [(x + a * size, bottom + b * size) for a, b in ((0, 0), (1, 0), (1, 1), (0, 1), (0, 0))]
        axis.plot(*zip(*square, strict=True), color="#777777", lw=0.8, marker="")
        shift = -0.12 if name == "$L$" else 0.12
        axis.text(x + size / 2 + shift, bottom + size / 2 + shift, name, ha="center", va="center")
