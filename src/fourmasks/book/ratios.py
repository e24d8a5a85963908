"""The figure of the scoreboard: what we measured, as a share of what the papers report, by table."""

import csv
import io
import math
from html import escape

from fourmasks.book import words

DATA = "measured-over-reported.csv"
FIELDS = ("id", "paper", "place", "metric", "reported", "measured", "ratio", "verdict")
FORMS = ("gain", "value")
WIDTH, LEFT, RIGHT, HEAD, FOOT = 480, 115, 25, 34, 44
STEP = 10  # between marks that would cover each other
LOWEST, HIGHEST = 0.4, 1.6  # what lies beyond is drawn at the edge
TICKS = {0.4: "≤ 0.4", 0.5: "0.5", 0.65: "0.65", 0.8: "0.8", 1: "1", 1.25: "1.25", 1.6: "≥ 1.6"}
MARKS = {  # paths around the origin, each of another shape, and whether they are filled
    "reproduced": ("M-4,0a4,4 0 1,0 8,0a4,4 0 1,0 -8,0", True),
    "not reproduced": ("M-4,-4L4,4M-4,4L4,-4", False),
    "inconclusive": ("M0,-4.5L4.5,4L-4.5,4Z", False),
    "not comparable": ("M-3.5,-3.5H3.5V3.5H-3.5Z", False),
}


def points(rows: list[dict]) -> list[dict]:
    """Return the results of experiments of which paper and runs have a number in one unit, with the ratio."""
    return [
        {name: row[name] for name in FIELDS if name != "ratio"}
        | {"ratio": row["measured"] / row["reported"], "group": _group(row)}
        for row in rows
        if row["kind"] == "experiment" and row["form"] in FORMS
        if row["measured"] is not None and row["reported"]
    ]


def _group(row):
    """Return what a strip of the figure is about: gains vary more than what they are gains in."""
    return row["place"] + (", gains" if row["form"] == "gain" else "")


def as_csv(rows: list[dict]) -> str:
    """Return the data of the figure as CSV."""
    stream = io.StringIO()
    writer = csv.DictWriter(stream, FIELDS, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(points(rows))
    return stream.getvalue().rstrip("\n")


def figure(rows: list[dict], papers: dict[str, str]) -> str:
    """Return the figure as HTML: an SVG with its alternative text, and the caption."""
    found = points(rows)
    strips = [
        (title, group, [p for p in found if (p["paper"], p["group"]) == (paper, group)])
        for paper, title in papers.items()
        for group in sorted({p["group"] for p in found if p["paper"] == paper})
    ]
    parts, top = [], HEAD
    for title, group, some in strips:
        drawn, height = _strip(some)
        label = "".join(
            f'<text x="0" y="{height / 2 + shift:g}">{text}</text>'
            for shift, text in ((-3, title), (12, group))
        )
        rule = f'<path class="rule" d="M0,{height}H{WIDTH}"/>'
        parts.append(f'<g transform="translate(0,{top})">{label}{rule}{drawn}</g>')
        top += height
    bare = [title for paper, title in papers.items() if not any(p["paper"] == paper for p in found)]
    return (
        f'<figure class="fm-ratios"><svg viewBox="0 0 {WIDTH} {top + FOOT}" role="group" '
        f'aria-label="{escape(alternative(strips))}">{_legend()}{_axis(top)}{"".join(parts)}</svg>\n'
        f"<figcaption>{_caption(found, bare)}</figcaption></figure>"
    )


def alternative(strips: list[tuple]) -> str:
    """Return the figure in words: for each table how many numbers lie where."""
    texts = []
    for title, group, some in strips:
        ratios = sorted(p["ratio"] for p in some)
        near = sum(0.95 <= ratio <= 1.05 for ratio in ratios)
        ends = f"from {words.number(ratios[0])} to {words.number(ratios[-1])}"
        texts.append(f"{title}, {group}: {len(some)} ratios {ends}, {near} of them within 5 % of 1")
    return "Measured divided by reported, one mark for each claim. " + "; ".join(texts) + "."


def _caption(found, bare):
    near = sum(0.95 <= p["ratio"] <= 1.05 for p in found)
    lacking = f" Without such a number: {', '.join(bare)}." if bare else ""
    return (
        f"Of {len(found)} numbers that we measured, {near} lie within 5 % of what the paper reports. Each "
        "mark is our number divided by the printed one: on the line at 1 they are equal, left of it ours is "
        "smaller. Smaller is better for errors, and worse for gains and ranked lists. The shape is the "
        "verdict, which weighs the distance against the claim's own margin and against chance, so a mark "
        "near 1 may be inconclusive. Each mark leads to its claim. Facts about data and claims in words are "
        "left out."
        f'{lacking} <a href="../_static/{DATA}">The numbers as CSV</a>.'
    )


def _strip(some):
    """Return the marks of one strip, moved apart where they would cover each other, and its height."""
    placed = []  # claim, place along the axis, and level: 0 is the middle of the strip
    for p in sorted(some, key=lambda p: p["ratio"]):
        x = _x(p["ratio"])
        taken = {level for _, other, level in placed if abs(other - x) < STEP}
        level = min(set(range(-len(some), len(some) + 1)) - taken, key=lambda level: (abs(level), level))
        placed.append((p, x, level))
    height = max(48, STEP * (2 * max(abs(level) for *_, level in placed) + 3))
    return "".join(_mark(p, x, height / 2 + STEP * level) for p, x, level in placed), height


def _x(ratio):
    share = math.log(min(max(ratio, LOWEST), HIGHEST) / LOWEST) / math.log(HIGHEST / LOWEST)
    return round(LEFT + share * (WIDTH - LEFT - RIGHT), 1)


def _mark(p, x, y):
    numbers = f"{words.number(p['measured'])} measured, {words.number(p['reported'])} reported"
    title = f"{p['place']}, {p['metric']}: {numbers}; {p['verdict']}"
    link = f'<a href="#{escape(p["id"])}" tabindex="-1"><title>{escape(title)}</title>'
    return f"{link}{_shape(p['verdict'], x, y)}</a>"


def _shape(verdict, x, y):
    path, filled = MARKS[verdict]
    kind = verdict.replace(" ", "-")
    fill = " filled" if filled else ""
    return f'<path class="mark fm-{kind}{fill}" transform="translate({x:g},{y:g})" d="{path}"/>'


def _legend():
    parts, x = [], 6
    for name in MARKS:
        parts.append(f'{_shape(name, x, 12)}<text x="{x + 9:g}" y="16">{name}</text>')
        x += 30 + 7 * len(name)
    return "".join(parts)


def _axis(bottom):
    lines = "".join(
        f'<path class="{"one" if tick == 1 else "rule"}" d="M{_x(tick):g},{HEAD - 6}V{bottom}"/>'
        f'<text class="tick" x="{_x(tick):g}" y="{bottom + 18}">{text}</text>'
        for tick, text in TICKS.items()
    )
    middle = (LEFT + WIDTH - RIGHT) / 2
    return f'{lines}<text class="tick" x="{middle:g}" y="{bottom + 38}">measured / reported</text>'
