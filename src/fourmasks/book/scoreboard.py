"""The scoreboard: the parts of the page `book/scoreboard.md` that are made from the ledger.

The page includes them from `book/scoreboard/`. It works without JavaScript; `book/_static/scoreboard.js` adds
sorting, filters and the search.
"""

import json
from collections import Counter
from collections.abc import Iterable
from html import escape
from pathlib import Path

from fourmasks.book import ratios, words
from fourmasks.book.evidence import collect, record_paths
from fourmasks.book.words import LEDGER, PAPERS, SCOREBOARD, SYMBOLS, badge, datasets, small, unit
from fourmasks.claims.files import KINDS
from fourmasks.claims.verdicts import VERDICTS
from fourmasks.pages import names

RECORDS = "_static/records"
LINKED = 20  # records of a claim that the page links to; `claims.json` names all
GROUPS = {
    "experiment": "Results of experiments",
    "theory": "Theorems and worked examples",
    "data": "Facts about data",
}
COLUMNS = ("Claim", "Verdict", "The paper", "Our runs", "Why, and the evidence")


def files(folder: Path, sources: Iterable[Path]) -> dict[Path, bytes]:
    """Return what the scoreboard adds to the sources of the site: contents by path.

    Parameters
    ----------
    folder : Path
        Holds the sources; the pages in it are searched for the claims that they name.
    sources : iterable of Path
        What it holds, relative to it. Without the page itself nothing is added.
    """
    page = Path(f"{SCOREBOARD}.md")
    texts = {p: folder / p for p in sources if p.suffix in (".md", ".ipynb") and (folder / p).is_file()}
    if page not in texts:
        return {}
    pages = {
        path.with_suffix("").as_posix(): file.read_text(encoding="utf-8")
        for path, file in texts.items()
        if path != page and path.parts[0] in ("book", "notebooks")
    }
    rows = sorted(collect(pages), key=_place)
    parts = {
        Path(LEDGER): json.dumps(rows, indent=1, allow_nan=False),
        Path(SCOREBOARD, "summary.html"): summary(rows),
        Path(SCOREBOARD, "figure.html"): ratios.figure(rows, PAPERS),
        Path(SCOREBOARD, "table.html"): table(rows),
        Path("book/_static", ratios.DATA): ratios.as_csv(rows),
    }
    contents = {path: f"{text}\n".encode() for path, text in parts.items()}
    records = {Path("book", RECORDS, name): path for name, path in record_paths(rows).items()}
    return contents | {path: file.read_bytes() for path, file in records.items()}


def _place(row):
    """Headlines come first, then the papers in the site's order; within a paper the ledger's order stays."""
    order = list(PAPERS)
    return not row["headline"], order.index(row["paper"]) if row["paper"] in order else len(order)


def summary(rows: list[dict]) -> str:
    """Return how many claims got which verdict, as a table whose numbers set the filters.

    Headlines come first; then each kind of claim apart, since a paper with many theorems fares differently
    from one with many tables.
    """
    groups = [("Headline claims", "headline=on", [row for row in rows if row["headline"]])]
    groups += [
        (GROUPS[kind], f"kind={kind}", [row for row in rows if row["kind"] == kind])
        for kind in reversed(KINDS)
    ]
    heads = "".join(f'<th scope="col">{badge(name)}</th>' for name in VERDICTS)
    return (
        '<div class="pst-scrollable-table-container"><table class="table fm-summary">'
        f'<thead><tr><th scope="col">Paper</th>{heads}<th scope="col">all</th></tr></thead>\n'
        f"{''.join(_group(*group) for group in groups if group[2])}</table></div>"
    )


def _group(title, query, rows):
    counts = Counter((row["paper"], row["verdict"]) for row in rows)
    papers = [name for name in PAPERS if any(row["paper"] == name for row in rows)]
    lines = [
        _summary_line(PAPERS[paper], f"paper={paper}&{query}", [counts[paper, name] for name in VERDICTS])
        for paper in papers
    ]
    head = f'<tr><th scope="rowgroup" colspan="{len(VERDICTS) + 2}">{title}</th></tr>\n'
    return f"<tbody>{head}{''.join(lines)}</tbody>"


def _summary_line(title, query, counts):
    queries = [f"{query}&verdict={name.replace(' ', '+')}" for name in VERDICTS]
    cells = [
        f'<td><a href="?{escape(query)}#claims">{count}</a></td>' if count else "<td>0</td>"
        for query, count in zip(queries, counts, strict=True)
    ]
    return f'<tr><th scope="row">{title}</th>{"".join(cells)}<td>{sum(counts)}</td></tr>\n'


def table(rows: list[dict]) -> str:
    """Return the controls, which need JavaScript, and the table of all claims."""
    heads = "".join(f'<th scope="col">{name}</th>' for name in COLUMNS)
    return (
        '<link rel="stylesheet" href="../_static/scoreboard.css">\n'
        f"{_controls(rows)}\n"
        '<div id="claims" class="fm-frame" role="region" aria-label="All claims" tabindex="0">\n'
        f'<table class="fm-claims"><thead><tr>{heads}</tr></thead>\n<tbody>\n'
        + "\n".join(map(_row, rows))
        + '\n</tbody></table></div>\n<script src="../_static/scoreboard.js"></script>'
    )


def _controls(rows):
    found = {name: {row[name] for row in rows} for name in ("paper", "kind", "verdict")}
    data = {name: names.named(name) for row in rows for name in datasets(row)}
    choices = {
        "paper": [(name, title) for name, title in PAPERS.items() if name in found["paper"]],
        "kind": [(name, name) for name in KINDS if name in found["kind"]],
        "dataset": sorted(data.items(), key=lambda item: item[1].lower()),
        "verdict": [(name, f"{SYMBOLS[name]} {name}") for name in VERDICTS if name in found["verdict"]],
    }
    selects = "".join(_select(name, options) for name, options in choices.items())
    return (
        '<form class="fm-controls" role="search" aria-label="Claims" hidden>'
        '<label>Search <input type="search" name="q" autocomplete="off"></label>'
        f"{selects}"
        '<label class="fm-check"><input type="checkbox" name="headline"> Headlines only</label>'
        '<button type="reset">Show all</button>'
        f'<output aria-live="polite">{len(rows)} claims</output></form>'
    )


def _select(name, options):
    title = {"dataset": "Data set"}.get(name, name.capitalize())
    lines = "".join(f'<option value="{escape(value)}">{escape(text)}</option>' for value, text in options)
    return f'<label>{title} <select name="{name}"><option value="">all</option>{lines}</select></label>'


def _row(row):
    """Return the row of a claim; what is sorted and filtered by stands in its attributes."""
    names.begin(row["paper"])
    data = {"paper": row["paper"], "kind": row["kind"], "dataset": " ".join(datasets(row))}
    data |= {"verdict": row["verdict"], "reported": _sortable(row["reported"]), "measured": row["measured"]}
    attributes = "".join(f' data-{k}="{escape(str(v))}"' for k, v in data.items() if v not in (None, ""))
    headline = " data-headline" if row["headline"] else ""
    cells = "".join(
        f"<td>{cell}</td>" for cell in (badge(row["verdict"]), _paper(row), _runs(row), _why(row))
    )
    return (
        f'<tr id="{escape(row["id"])}"{attributes}{headline}><th scope="row">{_claim(row)}</th>{cells}</tr>'
    )


def _sortable(value):
    return None if isinstance(value, str) else value


def _claim(row):
    title = f"{PAPERS.get(row['paper'], row['paper'])}, {row['place']}"
    parts = [f'<a href="#{escape(row["id"])}">{escape(title)}</a>']
    parts += ["<b>★ headline</b>"] if row["headline"] else []
    about = "; ".join(map(names.named, filter(None, (*datasets(row), row["method"]))))
    return "".join(parts) + small(about)


def _paper(row):
    said = words.reported(row) + (unit(row) if _sortable(row["reported"]) is not None else "")
    quote = f'<span class="fm-more"><q>{escape(row["quote"])}</q><br></span>' if row["quote"] else ""
    return quote + escape(said) + small("; ".join(filter(None, (words.metric(row), row["protocol"]))))


def _runs(row):
    if row["measured"] is None:
        return words.MISSING
    count = words.count(row)
    number = words.measured(row) + unit(row)
    wide = row["interval"] and row["interval"][0] < row["interval"][1]
    return number + small(f"{words.interval(row)}; {count}" if wide else count)


def _why(row):
    entries = "".join(f"<dt>{name}</dt><dd>{text}</dd>" for name, text in _evidence(row).items() if text)
    why = f'<span class="fm-more">{escape(words.plain(row["why"]))}</span>' if row["why"] else ""
    return f"{why}<details><summary>evidence</summary><dl>{entries}</dl></details>"


def _evidence(row) -> dict[str, str]:
    """Return what the details of a claim say, as HTML by name; empty texts are left out."""
    return {
        "id": f"<code>{escape(row['id'])}</code> ({row['kind']})",
        "claimed effect": escape(row["effect"] or ""),
        "control": escape(_control(row["control"])),
        "margin": _number(row["margin"], "± "),
        "test": escape(row["test"] or ""),
        "p": _number(row["p"]),
        "p, adjusted": _number(row["p_adjusted"]),
        "splits to settle it": _number(row["further"]),
        "shown on": ", ".join(
            f'<a href="../{name}.html">{name.split("/", 1)[1]}</a>' for name in row["pages"]
        ),
        "computed by": ", ".join(f"<code>{escape(name)}</code>" for name in row["modules"]),
        "records": _records(row["record"]),
        "repeat": f'<code class="fm-command">{escape(row["command"])}</code>',
    }


def _control(found):
    if found is None:
        return ""
    if "measured" not in found:
        return f"{found['words']}: {words.MISSING} ({found['why']})"
    count = f"n = {found['n_seeds']}"
    gain = words.control({"control": found})
    return f"{found['words']}: gain over it {gain}, {count}; does the mask help? {found['helps']}"


def _number(value, before=""):
    return "" if value is None else before + words.number(value)


def _records(names):
    links = [
        f'<a href="../{RECORDS}/{name}">{name.removesuffix(".json").rsplit("-", 1)[1]}</a>'
        for name in names[:LINKED]
    ]
    more = len(names) - len(links)
    return " ".join(links) + (f" and {more} more" if more > 0 else "")
