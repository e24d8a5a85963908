"""The interactive figures: what they show of the records, and the static pictures that stand in for them.

The scripts are in `book/_static/interactive*.js`. `data` is what they read of the committed records, written
when the site is staged, because a page that is opened as a file can load scripts and nothing else.
`python -m fourmasks.book.interactive` draws the static pictures anew, with Chromium.
"""

import json
import math
import re
import sys
import tempfile
from pathlib import Path
from statistics import fmean

from fourmasks.book.built import browser
from fourmasks.records.store import Record, load_records
from fourmasks.system.files import write_whole
from fourmasks.system.paths import data_folder, project_root

WIDGETS = ("masks", "distance", "digits", "supports")
STATIC = Path("book", "_static")
HELPER, DATA = STATIC / "interactive.js", STATIC / "interactive-data.js"
PRECISIONS = ("float32", "float64")
# What the style sheet of the site gives the drawings, with the colours of a light page.
STYLE = """
text{font:13px sans-serif;fill:#222}
.fm-grid,.fm-axis,.fm-line,.fm-cell{fill:none;stroke:#222}
.fm-grid{stroke:#ddd}.fm-cell{stroke:#888}
.fm-line{stroke-width:2}.fm-line.fm-faint{stroke:#999;stroke-width:1}.fm-line.fm-dash{stroke-dasharray:5 4}
.fm-line.fm-a{stroke:#0072b2}.fm-line.fm-b{stroke:#d55e00}.fm-line.fm-c{stroke:#007a5a}
.fm-dot.fm-a,.fm-bar.fm-a{fill:#0072b2}.fm-dot.fm-b,.fm-bar.fm-b{fill:#d55e00}.fm-dot.fm-c{fill:#007a5a}
.fm-dot.fm-open{fill-opacity:.25}.fm-dot.fm-open.fm-a{stroke:#0072b2}.fm-dot.fm-open.fm-b{stroke:#d55e00}
.fm-dot.fm-open.fm-c{stroke:#007a5a}.fm-dot.fm-here{fill:#222}
.fm-atom-1{fill:#f5d38c}.fm-atom-2{fill:#8cbfdc}.fm-atom-3{fill:#8cd2bd}
"""


def data(folder: Path | None = None) -> dict:
    """Return what the widgets show of records, by widget.

    Parameters
    ----------
    folder : Path, optional
        Of the records; default the committed ones, whatever `FOURMASKS_RECORDS` says.
    """
    folder = folder or data_folder() / "records"

    def load(*experiments: str) -> list[Record]:
        return [record for name in experiments for record in load_records(name, folder)]

    return {
        "distance": distances(load("pia/theory"), load("pia/latent")),
        "digits": digits(load("lunet/ratings", "lunet/sweeps"), load("lunet/rounding")),
    }


def distances(theory: list[Record], latent: list[Record]) -> list[dict]:
    """Return for each data set and method how far trained networks put users apart, by the share kept.

    Parameters
    ----------
    theory : list of Record
        Of pia/theory: the mean distance of two users' latent places, along the share of items kept.
    latent : list of Record
        Of pia/latent: the drift of neighbourhoods at one rate.

    Returns
    -------
    list of dict
        name; keep; ratio, to the distance without masks, mean over seeds; seeds, their number; drift, mean
        over seeds, or None, drift_keep, the share kept there, and neighbours, their number. Multi-VAE first.
    """
    found = []
    for dataset, method in _groups(theory):
        records = [record for record in theory if _group(record) == (dataset, method)]
        keep = records[0].curves["keep"]
        none = keep.index(1.0)
        curves = [record.curves["w1_low"] for record in records]
        same = [record for record in latent if _group(record) == (dataset, method)]
        found.append(
            {
                "name": f"{dataset}, {method}",
                "keep": keep,
                "ratio": [_rounded(fmean(c[k] / c[none] for c in curves)) for k in range(len(keep))],
                "seeds": len(records),
                "drift": _rounded(fmean(r.metrics["drift"] for r in same)) if same else None,
                "drift_keep": 1 - same[0].parameters["mask_rate"] if same else None,
                "neighbours": same[0].parameters["neighbours"] if same else None,
            }
        )
    return found


def digits(networks: list[Record], rounding: list[Record]) -> dict[str, list[dict]]:
    """Return condition numbers and errors of inverting, in both precisions.

    Parameters
    ----------
    networks : list of Record
        Of LU networks; those without condition numbers are left out.
    rounding : list of Record
        Of lunet/rounding: single layers.

    Returns
    -------
    dict
        trained, untrained and layers: dicts with log10_condition, float32 and float64. The condition number
        is the product of those of all triangles, for networks in the spectral norm, for layers in the maximum
        norm; an error is relative to the input. Networks that start alike appear once.
    """
    found: dict[str, list[dict]] = {"trained": [], "untrained": [], "layers": []}
    for record in networks:
        for group, prefix in (("trained", ""), ("untrained", "untrained_")):
            if f"{prefix}log10_condition" in record.metrics:
                errors = [record.metrics[f"{prefix}reconstruction_error_{name}"] for name in PRECISIONS]
                found[group].append(_point(record.metrics[f"{prefix}log10_condition"], errors))
    for record in rounding:
        columns = ("condition_lower", "condition_upper", *(f"error_{name}_lu" for name in PRECISIONS))
        for lower, upper, *errors in zip(*(record.curves[name] for name in columns), strict=True):
            found["layers"].append(_point(math.log10(lower * upper), errors))
    return {group: [dict(point) for point in dict.fromkeys(points)] for group, points in found.items()}


def script(contents: dict) -> str:
    """Return the script that gives the widgets their data."""
    return f"fourmasks.data = {json.dumps(contents, separators=(',', ':'), allow_nan=False)};\n"


def stage_data(destination: Path) -> set[Path]:
    """Write the data into the sources of the site, if these have widgets; return the files' paths in them."""
    if not (project_root() / HELPER).is_file():
        return set()
    content = script(data()).encode()
    if not (destination / DATA).is_file() or (destination / DATA).read_bytes() != content:
        write_whole(destination / DATA, content)
    return {DATA}


def page(names: tuple[str, ...] = WIDGETS, body: str = "") -> str:
    """Return a page with the scripts and data in it, for drawing and for tests."""
    folder = project_root() / STATIC
    files = [folder / "interactive.js", *(folder / f"interactive-{name}.js" for name in names)]
    first, *others = (path.read_text(encoding="utf-8") for path in files)
    scripts = "".join(f"<script>{text}</script>" for text in (first, script(data()), *others))
    return f'<!doctype html><meta charset="utf-8"><title>figures</title>{body}{scripts}'


def standalone(drawing: str) -> str:
    """Return a drawing as an SVG file, which has to bring its style."""
    return re.sub(r"(<svg[^>]*>)", rf"\1<style>{STYLE}</style>", drawing, count=1) + "\n"


def draw() -> dict[str, str]:
    """Return the static picture of each widget: what its script draws first, drawn by Chromium."""
    show = "".join(f'<template id="{name}"></template>' for name in WIDGETS)
    fill = (
        f"for (const n of {json.dumps(WIDGETS)}) document.getElementById(n).innerHTML = fourmasks.picture(n);"
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "figures.html")
        path.write_text(page(body=show) + f"<script>{fill}</script>", encoding="utf-8")
        done = browser.run(path.as_uri(), f"--user-data-dir={folder}/profile", "--dump-dom", timeout=120)
    done.check_returncode()
    found = dict(re.findall(r'<template id="(\w+)">(<svg.*?</svg>)', done.stdout, re.DOTALL))
    return {name: standalone(as_xml(found[name])) for name in WIDGETS}


def as_xml(drawing: str) -> str:
    """Return a drawing that a browser wrote as HTML with its empty elements closed as the scripts do."""
    return re.sub(r"></(?:path|rect|circle)>", "/>", drawing)


def main() -> int:
    """Draw the static pictures into `book/_static`."""
    for name, text in draw().items():
        path = project_root() / STATIC / f"interactive-{name}.svg"
        write_whole(path, text)
        sys.stderr.write(f"{path}: {len(text):,} bytes\n")
    return 0


def _group(record: Record) -> tuple[str, str]:
    return record.parameters["dataset"], record.parameters["method"]


def _groups(records: list[Record]) -> list[tuple[str, str]]:
    """Return data sets and methods; the method with the shortest name, the plain one, comes first."""
    return sorted({_group(record) for record in records}, key=lambda group: (len(group[1]), group))


def _point(condition: float, errors: list[float]) -> tuple:
    values = zip(("log10_condition", *PRECISIONS), (condition, *errors), strict=True)
    return tuple((name, _rounded(value)) for name, value in values)


def _rounded(value: float) -> float:
    """Return a number with four digits: more than a picture shows."""
    return float(f"{value:.4g}")


if __name__ == "__main__":
    sys.exit(main())
