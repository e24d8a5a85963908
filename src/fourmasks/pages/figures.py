"""One look for every figure: style, display with alt text and provenance, rounded tables."""

import base64
import hashlib
import html
import io
import math

import numpy as np

from fourmasks.records.sources import git_commit
from fourmasks.records.store import is_stale
from fourmasks.system.device import device_label

# Okabe & Ito's colour-blind safe palette, without its yellow, which is too faint for a line on white.
PALETTE = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")

METHOD_STYLE = {
    "mmf": {"color": "#0072B2", "marker": "o", "linestyle": "-"},
    "mmf-lm": {"color": "#0072B2", "marker": "*", "linestyle": "-"},
    "mmf-adam": {"color": "#56B4E9", "marker": "P", "linestyle": "-"},
    "mmf-frozen": {"color": "#CC79A7", "marker": "D", "linestyle": "-."},
    "svd": {"color": "#000000", "marker": "s", "linestyle": "--"},
    "block-svd": {"color": "#D55E00", "marker": "X", "linestyle": "--"},
    "largest-entries": {"color": "#E69F00", "marker": "H", "linestyle": "--"},
    "mf-sgd": {"color": "#E69F00", "marker": "^", "linestyle": ":"},
    "mf-ridge": {"color": "#009E73", "marker": "v", "linestyle": ":"},
    "mf-bias": {"color": "#D55E00", "marker": "<", "linestyle": ":"},
}
# Kept apart from the markers above: an unlisted method never looks like a listed one.
FALLBACK_MARKERS = (">", "h", "p", "d", "8")


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


def show(fig, *, alt: str, caption: str, provenance: str) -> None:
    """Display a figure as one HTML output with alt text, caption and provenance, and close it.

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

    image = encoded(fig, bbox_inches="tight")
    pyplot.close(fig)
    page = (
        f'<figure class="fm-figure"><img alt="{html.escape(alt)}" src="data:image/png;base64,{image}">'
        f"<figcaption>{html.escape(caption)}"
        f'<span class="fm-provenance">{html.escape(provenance)}</span></figcaption></figure>'
    )
    display({"text/html": page, "text/plain": caption}, raw=True)


def encoded(fig, **options) -> str:
    """Return a figure as a PNG image in base64, which depends on nothing but what is drawn.

    It has 256 colours and a third of the bytes that it would have with all: notebooks keep their images.

    Parameters
    ----------
    fig : matplotlib.figure.Figure
    **options
        Of `Figure.savefig`.
    """
    from PIL import Image

    drawn, reduced = io.BytesIO(), io.BytesIO()
    fig.savefig(drawn, format="png", **options)
    picture = Image.open(drawn).convert("RGB")
    picture.quantize(256, dither=Image.Dither.NONE).save(reduced, format="png", optimize=True)
    return base64.b64encode(reduced.getvalue()).decode("ascii")


def provenance(records, *, profile: str, data: str) -> str:
    """Return the line that says where a figure's numbers come from.

    Parameters
    ----------
    records : sequence of Record
        The training runs behind the figure.
    profile : str
        Name of the profile they ran under.
    data : str
        The data in words, for example "s6, s7 (synthetic)".

    Returns
    -------
    str
        Profile, data, seeds, devices with thread counts, training time summed over the runs, commits
        and, when any run is older than the code that made it, how many are stale.

    Raises
    ------
    ValueError
        If there are no records.
    """
    records = list(records)
    if not records:
        raise ValueError("no records: a figure's provenance needs the runs that it was drawn from")
    seeds = sorted({r.parameters["seed"] for r in records if r.parameters.get("seed") is not None})
    devices = sorted({f"{r.device}, {_count(r.threads, 'thread')}" for r in records})
    commits = sorted({_short(r.commit) for r in records})
    parts = [
        f"profile {profile}",
        f"data {data}",
        _seeds(seeds),
        "; ".join(devices),
        _duration(math.fsum(r.seconds for r in records)),
        f"commit{'s' * (len(commits) > 1)} {', '.join(commits)}",
    ]
    if stale := sum(map(is_stale, records)):
        parts.append(f"STALE: {stale} of {len(records)} records are older than the code")
    return " · ".join(part for part in parts if part)


def provenance_of_fit(*, profile: str, data: str, seed: int, device: str, seconds: float) -> str:
    """Return the line for a figure of a model that was fitted on the spot and has no record."""
    import torch

    place = f"{device_label(device)}, {_count(torch.get_num_threads(), 'thread')}"
    parts = [f"profile {profile}", f"data {data}", f"seed {seed}", place, _duration(seconds)]
    return " · ".join([*parts, f"commit {_short(git_commit())}"])


def _count(number, noun):
    return f"{number} {noun}{'s' * (number != 1)}"


def _short(commit):
    revision, plus, dirty = commit.partition("+")
    return revision[:7] + plus + dirty


def _seeds(seeds):
    if len(seeds) < 2:
        return f"seed {seeds[0]}" if seeds else ""
    if seeds == list(range(seeds[0], seeds[-1] + 1)):
        return f"seeds {seeds[0]}–{seeds[-1]}"
    return f"seeds {', '.join(map(str, seeds))}"


def _duration(seconds):
    if seconds < 120:
        return f"{seconds:.1f} s"
    return f"{seconds / 60:.1f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"


def table(frame, digits: int = 4):
    """Return a copy of a table in which every cell is text, rounded, ready to be shown and compared.

    Parameters
    ----------
    frame : pandas.DataFrame
        The table.
    digits : int, default 4
        Digits after the decimal point of floating-point cells.

    Returns
    -------
    pandas.DataFrame
        Same index and columns; a missing value is "–", and a number that rounds to zero has no sign.
    """
    return frame.map(lambda cell: _cell(cell, digits))


def _cell(cell, digits):
    import pandas as pd

    if pd.api.types.is_scalar(cell) and pd.isna(cell):
        return "–"
    if isinstance(cell, (float, np.floating)):
        return f"{round(float(cell), digits) + 0.0:.{digits}f}"
    return str(cell)
