"""Tables as a reader sees them: HTML with a caption, names in words, units, and the best marked.

A table wider than the page scrolls in its own frame and keeps its first column; the rules are in
`book/_static/fourmasks.css`. A terminal, and nbval, have the same table as text.
"""

import html
import re
from collections.abc import Mapping
from itertools import groupby

import numpy as np

from fourmasks.pages.cells import best_of, number, rounded
from fourmasks.pages.names import head, named

MISSING = ("–", "", "-")
NUMERIC = re.compile(
    r"[<>~≤≥+-]?\s*\d[\d,]*\.?\d*(?:e[+-]?\d+)?\s*%?(?:\s*(?:±|of|to|/|×)\s*[+-]?[\d.,e+-]+)?", re.I
)
BLANK = "\N{NO-BREAK SPACE}"
WORDS, LONG = 12, 36  # characters: from 12 a text wraps but needs some width, from 36 it is prose
UNIT = re.compile(r"(?<=\d) (?=(?:%|min|[sh]|GB|GiB|nats)(?!\w))")
MINUS = re.compile(r"(?<![\w.])-(?=\.?\d)")
LEGEND = "Best in bold, second best underlined"


def table(
    frame,
    digits: int = 4,
    *,
    caption: str = "",
    best: str | Mapping[str, str] | None = None,
    along: str = "columns",
    units: Mapping[str, str] | None = None,
    folded: bool = False,
) -> "Table":
    """Return a table for the page; as the last line of a cell it is displayed, elsewhere by `Table.show`.

    Parameters
    ----------
    frame : pandas.DataFrame or Series
        Numbers, or texts as of `rounded` and `fourmasks.pages.tables.interval`. An outer level of the rows
        becomes headings, unless there is one row to each.
    digits : int, default 4
        Digits after the decimal point of floating-point cells.
    caption : str
        What to see in the table.
    best : {"lowest", "highest"} or mapping of column to one of them, optional
        What is marked: the best in bold and the second best underlined, under each heading apart. A text is
        judged by the number that it begins with, as it is printed, so that equal numbers share a mark.
    along : {"columns", "rows"}, default "columns"
        Whether the best is sought in each column or in each row.
    units : mapping of str to str, optional
        Units of columns by name, which are put in brackets behind it; common ones are in `names.MEASURES`.
    folded : bool, default False
        Whether the table lies in a closed box, which shows its caption: for details.

    Raises
    ------
    ValueError
        If `best` or `along` is none of these, or names a column that is not there.
    """
    frame = frame.to_frame() if frame.ndim == 1 else frame
    wanted = dict.fromkeys(frame.columns, best) if isinstance(best, str) or best is None else dict(best)
    if bad := {way for way in wanted.values() if way not in (None, "lowest", "highest")}:
        raise ValueError(f"best is {bad.pop()!r}; expected 'lowest' or 'highest'")
    if absent := [column for column in wanted if column not in frame.columns]:
        raise ValueError(f"no column {absent[0]!r} in which the best could be marked")
    if along not in ("columns", "rows"):
        raise ValueError(f"along is {along!r}; expected 'columns' or 'rows'")
    return Table(rounded(frame, digits), caption, wanted, along, dict(units or {}), folded)


def verdicts(
    rows, caption: str = "What the paper says, what we measured, and the verdict", folded: bool = False
) -> "Table":
    """Return rows of a ledger as a table: a heading for each place of the paper, a row for each claim.

    It has what a page needs; the scoreboard has seeds, probabilities and records as well.

    Parameters
    ----------
    rows : list of dict
        Of `fourmasks.claims.ledger.ledger`.
    caption : str, optional
    folded : bool, default False
        See `table`.
    """
    from fourmasks.claims.ledger import as_table

    frame = as_table(rows)
    places = list(dict.fromkeys(frame["place"]))
    frame = frame.sort_values("place", key=lambda column: column.map(places.index), kind="stable")
    frame = frame.rename_axis("claim").set_index("place", append=True).swaplevel()
    measured = [
        found if ends in MISSING else f"{found} ({ends})"
        for found, ends in zip(frame["measured"], frame["interval"], strict=True)
    ]
    of = [
        "; ".join(named(text) for text in row if text not in MISSING)
        for row in frame[["metric", "method", "dataset"]].itertuples(index=False)
    ]
    frame = frame.assign(measured=measured, of=of)
    return table(frame[["verdict", "reported", "measured", "of", "why"]], caption=caption, folded=folded)


class Table:
    """A table of texts with its caption: HTML in a notebook, text on a terminal; see `table`."""

    def __init__(self, frame, caption, best, along, units, folded):
        self.frame, self.caption, self.best = frame, caption, best
        self.along, self.units, self.folded = along, units, folded

    def show(self) -> None:
        """Display the table here, as within a loop."""
        from IPython.display import display

        display(self)

    def _repr_mimebundle_(self, include=None, exclude=None):
        return {"text/html": self.html(), "text/plain": str(self)}

    def __repr__(self):
        return str(self)

    def __str__(self):
        frame = self.in_words()
        body = frame.to_string() if len(frame) else "no runs are there yet"
        return f"{self.caption}\n{body}" if self.caption else body

    def in_words(self):
        """Return the frame with methods, data sets and measures in words, as it is shown."""
        frame = self.frame.map(named)
        frame.index = _renamed(frame.index, named)
        frame.columns = _renamed(frame.columns, self._head)
        return frame

    def html(self) -> str:
        """Return the table as HTML."""
        words = html.escape(self.caption)
        if not len(self.frame):
            lead = f"<strong>{words}</strong> " if words else ""
            return f'<p class="fm-empty">{lead}No runs are there yet.</p>'
        marks = best_of(self.frame, self.best, self.along, self._blocks())
        legend = f'<span class="fm-legend">{LEGEND}</span>' if marks else ""
        above = legend if self.folded else words + legend
        caption = f"<caption><div>{above}</div></caption>" if above else ""
        label = f' aria-label="{words}"' if words else ""
        rows = "".join(self._heads()) + "".join(self._body(marks))
        shown = (
            f'<div class="fm-table" role="region" tabindex="0"{label}><table>{caption}{rows}</table></div>'
        )
        return fold(self.caption, shown) if self.folded else shown

    def _head(self, label):
        unit = self.units.get(label)
        return f"{head(label)} ({unit})" if unit else head(label)

    def _kinds(self):
        """Return for each column by place "" if it holds numbers, else "text", "words" or "prose"."""
        kinds = []
        for place in range(self.frame.shape[1]):
            cells = [cell for cell in self.frame.iloc[:, place] if cell not in MISSING]
            if all(NUMERIC.fullmatch(cell.replace(BLANK, " ")) for cell in cells):
                kinds.append("")
            else:
                longest = max(map(len, cells))
                kinds.append("prose" if longest >= LONG else "words" if longest >= WORDS else "text")
        return kinds

    def _grouped(self):
        """Return whether the outer level of the rows becomes headings."""
        index = self.frame.index
        if index.nlevels == 1:
            return False
        blocks = [label for label, _ in groupby(index.get_level_values(0))]
        return len(blocks) == len(set(blocks)) and len(blocks) < len(index)

    def _blocks(self):
        """Return the rows under each heading."""
        rows = range(len(self.frame))
        if not self._grouped():
            return [rows]
        outer = self.frame.index.get_level_values(0)
        return [list(part) for _, part in groupby(rows, key=lambda row: outer[row])]

    def _heads(self):
        """Yield the rows of the head."""
        columns, index = self.frame.columns, self.frame.index
        names = list(index.names)[self._grouped() :]
        kinds, top = self._kinds(), columns.nlevels - 1
        titled = columns.name is not None and columns.nlevels == 1 and str(columns.name)
        span = columns.nlevels + bool(titled)
        corner = "".join(
            f'<th{_rows(span)} class="r" scope="col">{_text("" if name is None else head(str(name)))}</th>'
            for name in names
        )
        yield "<thead>"
        if titled:
            title = _text(head(str(columns.name)))
            yield f"<tr>{corner}{_over(title, len(columns))}</tr>"
            corner = ""
        for level in range(columns.nlevels):
            cells = []
            labels = [(label if isinstance(label, tuple) else (label,)) for label in columns]
            runs = [list(run) for _, run in groupby(enumerate(labels), key=lambda one: one[1][: level + 1])]
            if level == top:
                runs = [[one] for one in enumerate(labels)]
            for run in runs:
                place, label = run[0]
                text = _text(self._head(self._column(label[level], level)))
                if level == top:
                    cells.append(f'<th{_class(kinds[place])} scope="col">{text}</th>')
                else:
                    cells.append(_over(text, len(run)))
            yield f"<tr>{corner}{''.join(cells)}</tr>"
            corner = ""
        yield "</thead>"

    def _column(self, label, level):
        """Return the label of a column; a number of a level among several is told with the level's name."""
        name, text = self.frame.columns.names[level], _label(label)
        return (
            f"{name} {text}" if name and self.frame.columns.nlevels > 1 and number(text) is not None else text
        )

    def _body(self, marks):
        """Yield the rows of the body."""
        frame, kinds, grouped = self.frame, self._kinds(), self._grouped()
        labels = [label if isinstance(label, tuple) else (label,) for label in frame.index]
        spans = _spans([label[grouped:] for label in labels], [label[:grouped] for label in labels])
        width = frame.shape[1] + len(labels[0]) - grouped
        yield "<tbody>"
        for row, label in enumerate(labels):
            if grouped and (row == 0 or labels[row - 1][0] != label[0]):
                name = frame.index.names[0]
                text = named(_label(label[0]))
                text = f"{head(str(name))} {text}" if name and number(text) is not None else text
                if row:
                    yield "</tbody><tbody>"
                heading = f"<span>{_text(text)}</span>"
                yield f'<tr><th class="h" colspan="{width}" scope="rowgroup">{heading}</th></tr>'
            cells = []
            for level, part in enumerate(label[grouped:]):
                if span := spans[row][level]:
                    cells.append(_row_head(_label(part), span, first=level == 0))
            for place in range(frame.shape[1]):
                # A line may break before "±", and nowhere else within a number.
                text = _text(named(frame.iat[row, place])).replace(f"{BLANK}±", " ±")
                mark = marks.get((row, place))
                text = f"<strong>{text}</strong>" if mark == "b" else f"<u>{text}</u>" if mark else text
                cells.append(f"<td{_class(kinds[place])}>{text}</td>")
            yield f"<tr>{''.join(cells)}</tr>"
        yield "</tbody>"


def fold(title: str, content: str) -> str:
    """Return HTML in a closed box that shows a title."""
    return f'<details class="fm-folded"><summary>{html.escape(title)}</summary>{content}</details>'


def _spans(labels, groups):
    """Return for each row and level over how many rows its label goes, 0 where it stands further up."""
    spans = [[1] * len(label) for label in labels]
    for level in range(len(labels[0]) - 1):  # the last level is never put together
        start = 0
        for row in range(1, len(labels)):
            if labels[row][: level + 1] == labels[start][: level + 1] and groups[row] == groups[start]:
                spans[start][level], spans[row][level] = spans[start][level] + 1, 0
            else:
                start = row
    return spans


def _row_head(label, span, first):
    words = named(label)
    ours = f' title="{html.escape(label)}"' if words != label else ""
    width = "long" if len(words) >= LONG else "words" if len(words) >= WORDS else ""
    kinds = " ".join(filter(None, ("k" if first else "", width)))
    stays = _class(kinds)
    return f'<th{_rows(span)}{stays} scope="row"{ours}>{_text(words)}</th>'


def _over(text, width):
    """Return the head of several columns; its text stays in sight where they scroll."""
    return f'<th class="g" colspan="{width}" scope="colgroup"><span>{text}</span></th>'


def _rows(span):
    return f' rowspan="{span}"' if span > 1 else ""


def _class(kind):
    return f' class="{kind}"' if kind else ""


def _text(text):
    return html.escape(MINUS.sub("−", UNIT.sub(BLANK, text)), quote=False)


def _label(label):
    if isinstance(label, (float, np.floating)):
        return f"{label:g}"
    return str(label)


def _renamed(index, words):
    import pandas as pd

    def one(label):
        return words(_label(label))

    names = [None if name is None else head(str(name)) for name in index.names]
    if index.nlevels > 1:
        return pd.MultiIndex.from_tuples([tuple(map(one, label)) for label in index], names=names)
    return pd.Index([one(label) for label in index], name=names[0], dtype=object)
