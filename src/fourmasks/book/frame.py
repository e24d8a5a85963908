"""The frame of the tables that the extensions write: HTML, in the style of all tables of the site."""

from collections.abc import Iterable, Sequence
from html import escape


def table(heads: Sequence[str], lines: Iterable[Sequence[str]], label: str, kind: str = "") -> str:
    """Return a table as HTML.

    Parameters
    ----------
    heads : sequence of str
        Names of the columns.
    lines : iterable of sequence of str
        The cells of each row, which are HTML; the first is the row's name.
    label : str
        What the table is, for those who hear it.
    kind : str, default ""
        A further CSS class.
    """
    head = "".join(f'<th scope="col" class="text">{escape(name)}</th>' for name in heads)
    rows = [
        [f'<th scope="row" class="k">{first}</th>', *(f'<td class="text">{cell}</td>' for cell in rest)]
        for first, *rest in lines
    ]
    body = "".join(f"<tr>{''.join(cells)}</tr>\n" for cells in rows)
    classes = " ".join(filter(None, ("fm-table fm-answers", kind)))
    return (
        f'<div class="{classes}" role="region" tabindex="0" aria-label="{escape(label)}">'
        f"<table><thead><tr>{head}</tr></thead>\n<tbody>{body}</tbody></table></div>"
    )
