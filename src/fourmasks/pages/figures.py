"""One look for every figure: style, and display with alt text, caption, provenance, data and code."""

import base64
import hashlib
import html
import io
import re

import numpy as np

from fourmasks.pages import drawn, names, vector
from fourmasks.pages.cells import rounded
from fourmasks.pages.markup import fold, table, verdicts
from fourmasks.pages.names import named
from fourmasks.pages.provenance import provenance, provenance_of_fit

# What notebooks reach as `page.`, besides what stands here.
__all__ = ["named", "provenance", "provenance_of_fit", "rounded", "table", "verdicts"]
__all__ += [
    "METHOD_STYLE",
    "PALETTE",
    "begin",
    "by_split",
    "element",
    "encoded",
    "label_lines",
    "method_style",
    "show",
    "use_style",
]

_notebook = ""  # see `begin`

# Okabe & Ito's colour-blind safe palette, without its yellow, which is too faint for a line on white.
PALETTE = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")

METHOD_STYLE = {
    "mmf": {"color": "#0072B2", "marker": "o", "linestyle": "-"},
    "mmf-lm": {"color": "#0072B2", "marker": "*", "linestyle": "-"},
    "mmf-adam": {"color": "#56B4E9", "marker": "P", "linestyle": "-"},
    "mmf-frozen": {"color": "#CC79A7", "marker": "D", "linestyle": "-."},
    "mmf-frozen-full": {"color": "#CC79A7", "marker": "d", "linestyle": "-"},
    "mmf-shared": {"color": "#56B4E9", "marker": "1", "linestyle": ":"},
    "mmf-shuffled": {"color": "#009E73", "marker": "2", "linestyle": "-."},
    "svd": {"color": "#000000", "marker": "s", "linestyle": "--"},
    "block-svd": {"color": "#D55E00", "marker": "X", "linestyle": "--"},
    "largest-entries": {"color": "#E69F00", "marker": "H", "linestyle": "--"},
    "mf-sgd": {"color": "#E69F00", "marker": "^", "linestyle": ":"},
    "mf-ridge": {"color": "#009E73", "marker": "v", "linestyle": ":"},
    "mf-bias": {"color": "#D55E00", "marker": "<", "linestyle": ":"},
}
# Kept apart from the markers above: an unlisted method never looks like a listed one.
FALLBACK_MARKERS = (">", "h", "p", "8")


def method_style(label: str) -> dict:
    """Return the colour, marker and line style of a method, the same in every figure.

    Parameters
    ----------
    label : str
        Name of a method, in any case. One that `METHOD_STYLE` does not list gets a look computed
        from its name, so that it too is the same in every notebook and on every machine.

    Returns
    -------
    dict
        `color`, `marker` and `linestyle`, ready to be passed to `Axes.plot`.
    """
    name = label.lower()
    if name in METHOD_STYLE:
        return dict(METHOD_STYLE[name])
    digest = hashlib.sha256(name.encode()).digest()
    return {
        "color": PALETTE[digest[0] % len(PALETTE)],
        "marker": FALLBACK_MARKERS[digest[1] % len(FALLBACK_MARKERS)],
        "linestyle": "-",
    }


def use_style() -> None:
    """Set the book's style: white face, readable sizes, colour-blind safe cycle; tables are shown whole."""
    import matplotlib
    import pandas
    from cycler import cycler

    for name, value in {"max_rows": None, "max_columns": None, "max_colwidth": None, "width": 200}.items():
        pandas.set_option(f"display.{name}", value)

    matplotlib.rcdefaults()
    matplotlib.rcParams.update(
        {
            "figure.figsize": (7.0, 4.2),
            "figure.dpi": 100,
            "figure.facecolor": "white",
            "figure.constrained_layout.use": True,
            "savefig.dpi": 120,
            "savefig.facecolor": "white",
            "savefig.transparent": False,
            "axes.facecolor": "white",
            "axes.prop_cycle": cycler(color=PALETTE) + cycler(marker="osDv^<>"),
            "axes.grid": True,
            "axes.axisbelow": True,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.titlesize": 13,
            "axes.labelsize": 12,
            "grid.color": "#D9D9D9",
            "grid.linewidth": 0.6,
            "font.size": 11,
            "xtick.labelsize": 11,
            "ytick.labelsize": 11,
            "legend.fontsize": 11,
            "legend.framealpha": 0.9,
            "legend.edgecolor": "#D9D9D9",
            "lines.linewidth": 1.8,
            "lines.markersize": 6,
            "image.cmap": "cividis",
        }
    )


def begin(notebook: str) -> None:
    """Set the style of a notebook and remember its name, "paper/name", for the links below its figures."""
    global _notebook
    _notebook = notebook
    names.begin(notebook.partition("/")[0])
    use_style()


def show(fig, *, alt: str, caption: str, provenance: str, data=None, folded: bool = False) -> None:
    """Display a figure with caption, provenance, its data and code, and the command that makes it again.

    It is an SVG that follows the theme, or, where that is too large, a PNG for screens of double density.
    Methods, data sets and measures are named in words, and no text is smaller than 9 points: see `vector`.

    Parameters
    ----------
    fig : matplotlib.figure.Figure
        The figure; it is closed, so that the notebook does not draw it a second time.
    alt : str
        What the figure shows, for a reader who cannot see it.
    caption : str
        Text under the figure; also the output's plain-text form.
    provenance : str
        The line made by `provenance`.
    data : pandas.DataFrame, optional
        What the link "data as CSV" saves; default what is drawn, see `drawn`.
    folded : bool, default False
        Whether the figure lies in a closed box, which shows the first sentence of its caption: for details.

    Raises
    ------
    ValueError
        If `alt`, `caption` or `provenance` is empty.
    """
    for name, text in {"alt": alt, "caption": caption, "provenance": provenance}.items():
        if not text or not text.strip():
            raise ValueError(f"{name} is empty: every figure needs its alt text, caption and provenance")
    from IPython.display import display
    from matplotlib import pyplot

    image = element(fig, alt)
    text = drawn.numbers(fig) if data is None else data.to_csv(float_format="%.6g", lineterminator="\n")
    pyplot.close(fig)
    page = (
        f'<figure class="fm-figure"><div class="fm-plot" tabindex="0">{image}</div>'
        f"<figcaption>{html.escape(caption)}{below(provenance, text, caption)}</figcaption></figure>"
    )
    if folded:
        page = fold(caption.partition(". ")[0].rstrip("."), page)
    display({"text/html": page, "text/plain": caption}, raw=True)


def element(fig, alt: str, crop: bool = True) -> str:
    """Return a figure as an element of a page: an SVG, or an image where that has more than 150 kB.

    The figure's texts are changed, see `vector.prepare`; it is not closed. Where it is not cropped, it has
    the size that was asked for, whatever is drawn.
    """
    vector.prepare(fig)
    vector.rasterize(fig)
    image = vector.svg(fig, alt, crop)
    if len(image) > vector.LIMIT:
        fig.patch.set_visible(True)
        for axis in fig.axes:
            axis.patch.set_visible(True)
        pixels = encoded(fig, bbox_inches="tight" if crop else None, dpi=192)
        width = _width(pixels) // 2
        image = (
            f'<img class="fm-pixels" alt="{html.escape(alt)}" width="{width}"'
            f' style="min-width:{min(width, vector.WIDTH)}px"'
            f' src="data:image/png;base64,{pixels}">'
        )
    return image


def below(provenance: str, data: str = "", caption: str = "") -> str:
    """Return what stands below a caption: the provenance, and links to data, code and the command.

    Parameters
    ----------
    provenance : str
        Its profile, where it begins with one, is that of the command.
    data : str, optional
        CSV.
    caption : str, optional
        Its first words name the file with the data.
    """
    links = []
    profile = re.match(r"profile (\w+)", provenance)
    if _notebook:
        short = _notebook.rpartition("/")[2]
        words = re.sub(r"[^a-z0-9]+", "-", caption.partition(".")[0].lower()).strip("-")[:40].strip("-")
        links.append(drawn.link(data, f"{short}-{words}" if words else short))
        links.append(f'<a href="{short}.py">code</a>')
        command = f"fourmasks run {_notebook} --profile {profile[1] if profile else 'book'}"
        links.append(f"rerun: <code>{command}</code>")
    else:
        links.append(drawn.link(data, "figure"))
    line = " · ".join(filter(None, links))
    line = f'<span class="fm-links">{line}</span>' if line else ""
    return f'<span class="fm-provenance">{html.escape(provenance)}{line}</span>'


def label_lines(axis, gap: float = 0.3, **text) -> None:
    """Write the label of each line at its right end, in its colour, in place of a legend.

    Call it when all is drawn and the limits are set. Labels of lines that end close together are moved apart;
    for more than about six lines a legend reads better.

    Parameters
    ----------
    axis : matplotlib.axes.Axes
    gap : float, default 0.3
        Lines of text between two labels, at least.
    **text
        Of `Axes.annotate`.
    """
    lines = [line for line in axis.lines if not line.get_label().startswith("_") and len(line.get_xdata())]
    figure = axis.get_figure()
    figure.draw_without_rendering()
    size = text.pop("fontsize", 10)
    step = (1 + gap) * size * figure.dpi / 72
    ends = []
    for line in lines:
        points = axis.transData.transform(
            np.column_stack([line.get_xdata(orig=False), line.get_ydata(orig=False)])
        )
        points = points[np.isfinite(points).all(axis=1)]
        if len(points):
            ends.append((points[points[:, 0].argmax(), 1], line))
    ends.sort(key=lambda end: end[0])
    places = np.array([end for end, _ in ends], float)
    for _ in range(200):  # neighbours push each other apart
        overlap = step - np.diff(places)
        if not (overlap > 0.01).any():
            break
        push = np.where(overlap > 0, overlap / 2, 0)
        places[:-1] -= push
        places[1:] += push
    for place, (end, line) in zip(places, ends, strict=True):
        height = axis.transAxes.inverted().transform((0, end))[1]
        axis.annotate(
            named(line.get_label()), xy=(1, height), xycoords="axes fraction",
            xytext=(6, (place - end) * 72 / figure.dpi), textcoords="offset points",
            va="center", color=line.get_color(), fontsize=size, annotation_clip=False, **text,
        )  # fmt: skip


def by_split(axis, table) -> None:
    """Draw every run as a point, a row for each method from the top; grey lines join the runs on one split.

    Parameters
    ----------
    axis : matplotlib.axes.Axes
    table : pandas.DataFrame
        What was measured: methods by splits.
    """
    places = np.arange(len(table))
    axis.plot(table, places, color="#BBBBBB", linewidth=0.8, marker="", zorder=1)
    for place, (method, values) in zip(places, table.iterrows(), strict=True):
        style = method_style(method) | {"linestyle": "", "markersize": 5}
        axis.plot(values, np.full(len(values), place), **style)
    axis.set_yticks(places, table.index, fontsize=9)
    axis.set_ylim(len(table) - 0.5, -0.5)


def _width(image):
    from PIL import Image

    return Image.open(io.BytesIO(base64.b64decode(image))).width


def encoded(fig, **options) -> str:
    """Return a figure as a PNG image in base64 that depends on nothing but what is drawn.

    It has 256 colours and a third of the bytes that it would have with all: notebooks keep their images.

    Parameters
    ----------
    fig : matplotlib.figure.Figure
    **options
        Of `Figure.savefig`.
    """
    from PIL import Image

    drawn = io.BytesIO()
    fig.savefig(drawn, format="png", **options)
    return vector.fewer_colours(Image.open(drawn).convert("RGB"))
