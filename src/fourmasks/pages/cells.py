"""Cells of a table as texts: numbers rounded, and read again to find the best among them."""

import re
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

NUMBER = re.compile(r"\s*([+-]?\d[\d,]*\.?\d*(?:e[+-]?\d+)?)", re.IGNORECASE)


def rounded(frame, digits: int = 4):
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


def number(text: str) -> float | None:
    """Return the number that a text begins with, or None."""
    found = NUMBER.match(text)
    return float(found[1].replace(",", "")) if found else None


def best_of(
    frame, ways: Mapping[object, str | None], along: str, blocks: Iterable[Sequence[int]]
) -> dict[tuple[int, int], str]:
    """Return which cells are best, "b", and second best, "u", by row and column.

    Parameters
    ----------
    frame : pandas.DataFrame
        Of texts; each is judged by the number that it begins with.
    ways : mapping of column to "lowest", "highest" or None
        Which is best in a column; in those without one, or that are left out, nothing is.
    along : {"columns", "rows"}
        Whether the best is sought in each column or in each row.
    blocks : iterable of sequence of int
        Rows within each of which columns have a best of their own.
    """
    marks, judged = {}, [ways.get(column) for column in frame.columns]
    if along == "rows":
        for row in range(len(frame)):
            for way in {way for way in judged if way}:
                marks |= _best(frame, [(row, place) for place, own in enumerate(judged) if own == way], way)
        return marks
    for block in blocks:
        for place, way in enumerate(judged):
            marks |= _best(frame, [(row, place) for row in block], way) if way else {}
    return marks


def _best(frame, places, way):
    found = {place: number(frame.iloc[place]) for place in places}
    found = {place: value for place, value in found.items() if value is not None}
    ranked = sorted(set(found.values()), reverse=way == "highest")[:2]
    if len(ranked) < 2:  # where all are equal none is best
        return {}
    return {place: "bu"[ranked.index(value)] for place, value in found.items() if value in ranked}


def _cell(cell, digits):
    import pandas as pd

    if pd.api.types.is_scalar(cell) and pd.isna(cell):
        return "–"
    if isinstance(cell, (float, np.floating)):
        return f"{round(float(cell), digits) + 0.0:.{digits}f}"
    return str(cell)
