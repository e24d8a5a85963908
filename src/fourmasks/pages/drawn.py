"""The numbers that a figure shows, as CSV: whoever doubts a picture, or wants another one, has its data."""

import base64
import csv
import gzip
import io
import math
from functools import partial
from urllib.parse import quote

LIMIT = 80_000  # bytes of a link: a page holds many of them
SAFE = ",.-:;()!*'/?@="  # characters of a CSV that a link holds as they are
COLUMNS = ("panel", "series", "x", "y", "±")


def numbers(fig) -> str:
    """Return what the axes of a figure show: lines, bars, points and images, a row for each point.

    Returns
    -------
    str
        CSV with the columns panel, series, x, y and, if there are error bars, ± (half of one). The series of
        an image are its rows, x their columns. Empty if the figure shows no numbers.
    """
    rows = [row for axis, name in _panels(fig) for row in _rows(axis, name)]
    if not rows:
        return ""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    width = 5 if any(len(row) > 4 for row in rows) else 4
    writer.writerow(COLUMNS[:width])
    writer.writerows([*row, *[""] * (width - len(row))] for row in rows)
    return out.getvalue()


def link(text: str, name: str) -> str:
    """Return a link that holds a CSV and saves it, compressed if it is long.

    Returns
    -------
    str
        Empty if there is no CSV, or if it would be too long all the same.
    """
    if not text:
        return ""
    words, kind, address = "data as CSV", "csv", "data:text/csv;charset=utf-8," + quote(text, safe=SAFE)
    if len(address) > LIMIT:
        packed = base64.b64encode(gzip.compress(text.encode(), mtime=0)).decode()
        words, kind, address = f"{words}, compressed", "csv.gz", f"data:application/gzip;base64,{packed}"
    if len(address) > LIMIT:
        return ""
    return f'<a class="fm-data" download="{name}.{kind}" href="{address}">{words}</a>'


def _panels(fig):
    shown = [axis for axis in fig.axes if axis.get_visible() and getattr(axis, "_colorbar", None) is None]
    for place, axis in enumerate(shown, start=1):
        yield (
            axis,
            _line(axis.get_title()) or (str(place) if len(shown) > 1 else _line(axis.get_ylabel()) or "1"),
        )


def _rows(axis, panel):
    ticks = [tick_labels(axis.xaxis), tick_labels(axis.yaxis)]
    for container in axis.containers:
        label = _own(container.get_label())
        horizontal = getattr(container, "orientation", "vertical") == "horizontal"
        errors = _halves(getattr(container, "errorbar", None), horizontal)
        for place, bar in enumerate(getattr(container, "patches", ())):
            if horizontal:
                middle, end = bar.get_y() + bar.get_height() / 2, bar.get_x() + bar.get_width()
                x, y = _number(end), _named(middle, ticks[1])
            else:
                middle, end = bar.get_x() + bar.get_width() / 2, bar.get_y() + bar.get_height()
                x, y = _named(middle, ticks[0]), _number(end)
            yield (panel, label, x, y, *errors[place : place + 1])
    for number, line in enumerate(axis.lines, start=1):
        x, y = line.get_xdata(orig=False), line.get_ydata(orig=False)
        if line.get_transform() != axis.transData or not line.get_visible() or len(x) == 0:
            continue  # a line across the axis, or one of the frame
        if line.get_marker() in ("|", "_", 2, 3, 0, 1) and line.get_linestyle() in ("None", "none"):
            continue  # caps of error bars
        label = _own(line.get_label()) or f"line {number}"
        for one, other in zip(x, y, strict=True):
            if math.isfinite(one) and math.isfinite(other):
                yield panel, label, _named(one, ticks[0]), _named(other, ticks[1])
    for number, points in enumerate(axis.collections, start=1):
        offsets = points.get_offsets()
        if points.get_offset_transform() != axis.transData or len(offsets) == 0:
            continue
        label = _own(points.get_label()) or f"points {number}"
        for one, other in offsets:
            yield panel, label, _named(float(one), ticks[0]), _named(float(other), ticks[1])
    for image in axis.images:
        cells = image.get_array()
        if cells is not None and cells.ndim == 2 and cells.size <= 2500:
            for row, values in enumerate(cells.tolist()):
                for column, value in enumerate(values):
                    if value is not None:
                        x, y = _named(column, ticks[0]), _named(row, ticks[1])
                        yield panel, f"row {y}", x, _number(value)


def _halves(errors, horizontal):
    """Return half the length of each error bar of a container."""
    if errors is None:
        return []
    _, _, lines = errors.lines
    place = 0 if horizontal else 1
    segments = lines[0].get_segments() if lines else []
    return [_number(abs(part[1][place] - part[0][place]) / 2) if len(part) == 2 else "" for part in segments]


def tick_labels(side) -> dict:
    """Return the labels of an axis by their places, if they were set as texts.

    It is what matplotlib draws from: who changes it changes the labels.
    """
    function = getattr(side.get_major_formatter(), "func", None)
    given = function.args if isinstance(function, partial) else ()
    return given[0] if given and isinstance(given[0], dict) else {}


def _named(value, labels):
    return _line(labels.get(float(value), "")) or _number(value)


def _number(value):
    return f"{float(value):.6g}"


def _own(label):
    return "" if label.startswith("_") else _line(label)


def _line(text):
    return " ".join(str(text).split())
