"""The values of a claim as short texts, for sentences (`claim_role`) and for the scoreboard; tables as HTML.

Numbers have the digits of the ledger's table, or fewer where their interval does not bear so many.
"""

import math
import re
from collections.abc import Iterable, Sequence
from html import escape

from fourmasks.claims.statistics import LEVEL
from fourmasks.claims.verdicts import INCONCLUSIVE, LEAST_SPLITS, VERDICTS
from fourmasks.pages import names

LEDGER, SCOREBOARD = "claims.json", "book/scoreboard"  # the file of all rows, and the page that shows them
# In the site's order; the last is our own comparison.
PAPERS = {"mmf": "MMF", "pia": "PIA-VAE", "lunet": "LU-Net", "sparse": "Sparse", "four": "Four ways"}
SYMBOLS = dict(zip(VERDICTS, "✓✗?≠○⊘", strict=True))
MISSING = "not measured"
SURE_ALONE = "sure alone, by a test to one side, not among all claims of its table; "
SMALL = 1e-4  # below it a number is written with a power of ten
OPTION = re.compile(r"\b(?:dataset|method|metric) ([\w+-]+)")  # as remarks on a verdict name it
UNNAMED = re.compile(r"( in| of)?\b ?(\w+_\w+)")  # an identifier, with what ties it to the words before
EXPONENTS = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")


def number(value: float, half: float | None = None) -> str:
    """Return a number as text, of four significant digits at most.

    Parameters
    ----------
    value : float
    half : float, optional
        Half of its interval: two significant digits of that are the last that count. Without it, a whole
        number is shown whole.
    """
    if half and value and abs(value) + half < SMALL:
        text = f"{value:.{max(0, min(3, 1 + _size(value) - _size(half)))}e}"
    elif half:
        digits = 3 - _size(value or 1.0)
        text = f"{value:.{max(0, min(digits, 1 - _size(half)))}f}"
    else:
        whole = float(value).is_integer() or abs(value) >= 1e4
        text = f"{value:.0f}" if whole else f"{value:.4g}"
    digits, _, exponent = text.partition("e")
    power = f" × 10{str(int(exponent)).translate(EXPONENTS)}" if exponent else ""
    sign = "−" if digits.startswith("-") and float(digits) else ""
    return sign + digits.lstrip("-") + power


def verdict(row: dict) -> str:
    """Return the verdict."""
    return row["verdict"]


def measured(row: dict) -> str:
    """Return our number."""
    return MISSING if row["measured"] is None else number(row["measured"], _half(row))


def interval(row: dict) -> str:
    """Return the interval of our number, "0.8421 to 0.8443"."""
    if not row["interval"]:
        return MISSING
    return " to ".join(number(end, _half(row)) for end in row["interval"])


def reported(row: dict) -> str:
    """Return what the paper reports, a number or words."""
    return row["reported"] if isinstance(row["reported"], str) else number(row["reported"])


def n(row: dict) -> str:
    """Return on how many splits or seeds our number rests."""
    return str(row["n_seeds"])


def count(row: dict) -> str:
    """Return the same as a short sentence, "n = 5", that does not break."""
    return f"n\N{NO-BREAK SPACE}=\N{NO-BREAK SPACE}{n(row)}"


def doubt(row: dict) -> str:
    """Return in short why a claim is inconclusive and what would settle it; empty for other verdicts."""
    if row["verdict"] != INCONCLUSIVE:
        return ""
    further = row["further"]
    remedy = f"{further} more would settle it" if further else "more runs would not settle it"
    if row["p"] is None or row["p"] > LEVEL:
        return remedy
    return (
        SURE_ALONE if row["p_adjusted"] > LEVEL else f"a range with two ends needs {LEAST_SPLITS} splits; "
    ) + remedy


def control(row: dict) -> str:
    """Return the gain over the control with its interval, "0.31 % (0.12 to 0.50)"."""
    found = row["control"] or {}
    if "measured" not in found:
        return MISSING
    text = f"{measured(found)} %"
    return f"{text} ({interval(found)})" if found["interval"] else text


def kept(row: dict) -> str:
    """Return the share of the gain that is left without the mask, "106 % (83 to 128)"."""
    found = (row["control"] or {}).get("kept")
    return f"{measured(found)} % ({interval(found)})" if found else MISSING


def unit(row: dict) -> str:
    """Return the unit of what was measured, with a space before it; empty without one."""
    return " %" if row["metric"].endswith("(%)") else ""


def metric(row: dict) -> str:
    """Return what was measured, in words.

    A count that only one claim has is an identifier without a name: the claim's protocol says what it counts.
    """
    text = UNNAMED.sub(lambda found: found[0] if found[2] in names.MEASURES else "", row["metric"])
    return names.named(text.strip())


def plain(text: str) -> str:
    """Return a remark on a verdict with methods, data sets and options in words."""
    text = OPTION.sub(lambda found: names.named(found[1]), text)
    return names.TOKEN.sub(lambda found: names.named(found[0]), text)


def datasets(row: dict) -> list[str]:
    """Return the short names of a claim's data sets."""
    return row["dataset"].split(", ") if row["dataset"] else []


def badge(name: str) -> str:
    """Return a verdict as HTML, told by a symbol and a colour too."""
    kind = name.replace(" ", "-")
    return f'<span class="fm-verdict fm-{kind}"><span aria-hidden="true">{SYMBOLS[name]}</span> {name}</span>'


def small(text: str) -> str:
    """Return a text as HTML in small letters; empty if it is."""
    return f"<small>{escape(text)}</small>" if text else ""


FIELDS = {
    "verdict": verdict,
    "measured": measured,
    "interval": interval,
    "reported": reported,
    "n": n,
    "control": control,
    "kept": kept,
}


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


def _size(value):
    return math.floor(math.log10(abs(value)))


def _half(row):
    low, high = row["interval"] or (0.0, 0.0)
    return (high - low) / 2
