"""Chosen claims with their answers, for the cover and the heads of pages: a table and a figure.

Both are HTML, made from rows of the ledger with the address of each claim on the scoreboard.
"""

from html import escape

from fourmasks.book.words import (
    MISSING,
    PAPERS,
    badge,
    count,
    datasets,
    doubt,
    interval,
    kept,
    measured,
    metric,
    number,
    reported,
    small,
    unit,
)
from fourmasks.book.words import table as framed
from fourmasks.pages.names import named

CONTROL = "The control, in place of mask or pull"
HEADS = ("Claim", "The paper says", "We found", CONTROL, "Verdict")
WIDTH, LEFT, RIGHT, STEP, FOOT = 860, 315, 225, 34, 44  # of the figure, in pixels
LOWEST, HIGHEST = -50, 150  # percent; what lies beyond is drawn at the edge
NO_SHARE = "there may be no gain"
CAPTION = (
    "Does the mask do the work? Each line is a headline gain. At 0 % nothing of it is left when the mask, or "
    "PIA's pull to the user's own items, goes and the rest stays: it does the work. At 100 % all of it is "
    "left: it does nothing. Bars are 95 % intervals; below 0 % the model without it is worse than the rival. "
    "Where there may be no gain, there is no share of it."
)


def table(chosen: list[tuple[dict, str]]) -> str:
    """Return claims as a table: what the paper says, what we found, what the control shows, the verdict.

    There is a column for controls only if one of the claims has a control.
    """
    controlled = any(row["control"] for row, _ in chosen)
    shown = [name for name in HEADS if controlled or name != CONTROL]
    lines = [_cells(row, address, controlled) for row, address in chosen]
    return framed(shown, lines, "Claims and answers")


def _cells(row, address, controlled):
    said = escape(row["effect"]) if row["effect"] else escape(reported(row)) + small(row["protocol"])
    control = [_without(row)] if controlled else []
    return [_claim(row, address), said, _found(row), *control, badge(row["verdict"]) + small(doubt(row))]


def _claim(row, address):
    about = ", ".join(filter(None, (*map(named, datasets(row)), _method(row))))
    place = f"{PAPERS[row['paper']]}, {row['place']}"
    return f'<a href="{escape(address)}">{escape(place)}</a>{small(about)}'


def _method(row):
    """Return the method of a claim in words; empty if it is the one that the paper is called after."""
    method = named(row["method"] or "")
    return "" if method == PAPERS[row["paper"]] else method


def _found(row):
    if row["measured"] is None:
        return small(row["why"] or MISSING)
    found = f"{measured(row)}{unit(row)}"
    if row["interval"] and row["interval"][0] < row["interval"][1]:
        found += f" ({interval(row)})"
    what = metric(row).removesuffix("(%)").strip()
    return escape(found) + small(", ".join(filter(None, (what, count(row)))))


def _without(row):
    found = row["control"]
    if found is None:
        return ""
    if "measured" not in found:
        return "not run" + small(found["words"])
    if found["kept"]:
        nothing = "nothing of the gain is left, " if found["kept"]["interval"][1] < 0 else ""
        return nothing + kept(row) + ("" if nothing else " of the gain is left") + small(found["words"])
    ends = f" ({interval(found)})" if found["interval"] else ""
    return f"the gain over the control is {measured(found)} %{ends}" + small(found["words"])


def figure(chosen: list[tuple[dict, str]]) -> str:
    """Return, for each claim that has a control, which share of the gain is left without the mask."""
    some = [(row, address) for row, address in chosen if row["control"]]
    bottom = STEP * len(some) + 12
    lines = "".join(
        _line(row, address, STEP * (place + 0.5) + 8) for place, (row, address) in enumerate(some)
    )
    axis = "".join(
        f'<path class="{"one" if tick in (0, 100) else "rule"}" d="M{_x(tick):g},4V{bottom}"/>'
        f'<text class="tick" x="{_x(tick):g}" y="{bottom + 17}">{number(tick)} %</text>'
        for tick in range(LOWEST, HIGHEST + 1, 50)
    )
    title = "share of the gain that is left without the mask"
    words = f'<text class="tick" x="{_x(50):g}" y="{bottom + 37}">{title}</text>'
    label = escape(alternative([row for row, _ in some]))
    return (
        f'<figure class="fm-kept"><svg viewBox="0 0 {WIDTH} {bottom + FOOT}" role="group" '
        f'aria-label="{label}">{axis}{lines}{words}</svg><figcaption>{CAPTION}</figcaption></figure>'
    )


def alternative(rows: list[dict]) -> str:
    """Return the figure in words."""
    texts = (f"{_name(row)}: {kept(row) if _kept(row) else _none(row)}" for row in rows)
    return "Share of each headline gain that is left without the mask. " + "; ".join(texts) + "."


def _kept(row):
    return row["control"].get("kept")


def _none(row):
    if "measured" not in row["control"]:
        return "the control was not run"
    return "there is no gain" if row["interval"] and row["interval"][1] < 0 else NO_SHARE


def _name(row):
    data = datasets(row)
    shown = f"{len(data)} data sets" if len(data) > 1 else "".join(map(named, data))
    return ", ".join(filter(None, (PAPERS[row["paper"]], row["place"], shown, _method(row))))


def _line(row, address, y):
    name = f'<a href="{escape(address)}"><text x="0" y="{y + 4:g}">{escape(_name(row))}</text></a>'
    if not (share := _kept(row)):
        return f'{name}<text class="none" x="{_x(0) + 8:g}" y="{y + 4:g}">{_none(row)}</text>'
    low, high = map(_x, share["interval"])
    middle = _x(share["measured"])
    mark = f'<circle cx="{middle:g}" cy="{y:g}" r="4.5"/>' if _is_inside(share["measured"]) else ""
    ends = (_arrow(end, y) for end in share["interval"] if not _is_inside(end))  # the bar goes on there
    mark += "".join(dict.fromkeys(ends))
    text = f'<text class="value" x="{WIDTH - RIGHT + 14}" y="{y + 4:g}">{kept(row)}</text>'
    return f'{name}<path class="bar" d="M{low:g},{y:g}H{high:g}"/>{mark}{text}'


def _is_inside(percent):
    return LOWEST <= percent <= HIGHEST


def _arrow(percent, y):
    """Return an arrow head at the edge, pointing outwards."""
    turn = -1 if percent < LOWEST else 1
    return f'<path class="mark" d="M{_x(percent) + 7 * turn:g},{y:g}l{-9 * turn},-5v10z"/>'


def _x(percent):
    inside = min(max(percent, LOWEST), HIGHEST)
    return LEFT + (WIDTH - LEFT - RIGHT) * (inside - LOWEST) / (HIGHEST - LOWEST)
