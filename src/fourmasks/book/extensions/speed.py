"""What the benchmarks measured, in a page: a Sphinx extension with the directive `benchmarks`.

`data/benchmarks.yaml` says which figures are shown, and what each should be; `python benchmarks` measures
them, and keeps them in `data/benchmarks`. A figure that was not measured is shown as missing. The directive's
option `runs` prints a table of the runs instead: when, on which machine, with which versions.
"""

import json
import re
from collections import defaultdict
from html import escape

import yaml
from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from fourmasks.book.words import table as framed
from fourmasks.system.paths import data_folder

KIND = "fm-speed"  # a class of the style sheet
HEADS = ("What", "Compared with", "Measured", "Target", "Result")
RUN_HEADS = ("Script", "When", "Took", "Commit")
UNITS = {
    "faster": "{} times as fast",
    "times": "{}",
    "share": "{:.1f}\N{NO-BREAK SPACE}%",
    "seconds": "{} s",
    "minutes": "{} min",
    "matrices": "{} matrices",
    "copies": "{} copies",
    "number": "{}",
}
REACHED, MISSED, MISSING = "reached", "not reached", "not measured"


def goals() -> dict[str, list[dict]]:
    """Return which figures are shown, by script."""
    return yaml.safe_load((data_folder() / "benchmarks.yaml").read_text(encoding="utf-8"))


def runs() -> dict[str, dict]:
    """Return what each benchmark that is shown measured last, by script; those never run are left out."""
    paths = {name: data_folder() / "benchmarks" / f"{name}.json" for name in goals()}
    return {
        name: json.loads(path.read_text(encoding="utf-8")) for name, path in paths.items() if path.is_file()
    }


def rows() -> list[dict]:
    """Return a row for each figure that is shown.

    Returns
    -------
    list of dict
        what, peer, measured, wanted : str
        verdict : str
            `REACHED`, `MISSED` or `MISSING`; empty where nothing is asked for.
        why : str
            Of a figure that is not reached, where there is a reason.
    """
    found = runs()
    return [_row(goal, found.get(script)) for script, some in goals().items() for goal in some]


def _row(goal, run):
    figures = run["figures"] if run else {}
    same = "dataset" not in goal or goal["dataset"] == figures.get("dataset")
    value = figures.get(goal["figure"]) if same else None
    least, most = goal.get("least"), goal.get("most")
    if value is None:
        verdict = MISSING
    elif least is None and most is None:
        verdict = ""
    else:
        verdict = REACHED if (least is None or value >= least) and (most is None or value <= most) else MISSED
    wanted = [
        f"at {word} {shown(x, goal['unit'])}"
        for word, x in (("least", least), ("most", most))
        if x is not None
    ]
    return {
        "what": goal["what"],
        "peer": _with_versions(goal.get("peer", ""), run["versions"] if run else {}),
        "measured": "" if value is None else shown(value, goal["unit"]),
        "wanted": ", ".join(wanted),
        "verdict": verdict,
        "why": _spaced(goal["why"].format(**figures)) if verdict == MISSED and "why" in goal else "",
    }


def shown(value: float, unit: str) -> str:
    """Return a figure in its unit, with three digits; from 100 on as a whole number."""
    if unit == "share":
        return UNITS[unit].format(100 * value)
    digits = f"{value:,.0f}" if value >= 100 else f"{value:#.3g}" if value >= 1 else f"{value:.3g}"
    return UNITS[unit].format(digits)


def _spaced(text):
    return re.sub(r"(?<=\d)%", "\N{NO-BREAK SPACE}%", text)


def _with_versions(peer, versions):
    """Return libraries with the versions that were measured; those that were not there are left out."""
    names = peer.split(", ")
    found = [f"{name} {versions[name]}" for name in names if name in versions]
    return ", ".join(found) if found else peer


def table(shown: list[dict]) -> str:
    """Return `rows` as HTML."""
    lines = [
        (
            _words(row["what"]),
            escape(row["peer"]),
            escape(row["measured"]),
            escape(row["wanted"]),
            escape(row["verdict"]) + (f"<small>{escape(row['why'])}.</small>" if row["why"] else ""),
        )
        for row in shown
    ]
    return framed(HEADS, lines, "Speed", KIND)


def table_of_runs(found: dict[str, dict]) -> str:
    """Return `runs` as HTML, and below each machine with its versions once."""
    lines = [
        (
            f"<code>{escape(run['script'])}</code>",
            run["created"][:10],
            f"{run['seconds'] / 60:.1f} min",
            f"<code>{escape(_short(run['commit']))}</code>",
        )
        for run in found.values()
    ]
    places = defaultdict(list)
    for name, run in found.items():
        versions = ", ".join(f"{library} {version}" for library, version in run["versions"].items())
        places[f"{run['machine']['processor']}, {run['machine']['system']}; {versions}"].append(name)
    notes = "".join(
        f"<p>{escape('' if len(places) == 1 else ', '.join(names) + ': ')}{escape(place)}.</p>"
        for place, names in places.items()
    )
    return framed(RUN_HEADS, lines, "Runs of the benchmarks", KIND) + notes


def _short(commit):
    digits, dirty, _ = commit.partition("+")
    return digits[:8] + (" and changes" if dirty else "")


def _words(text):
    """Return text as HTML, with what stands in backquotes as code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text))


class BenchmarksDirective(SphinxDirective):
    """Prints the table of the figures, or with the option `runs` that of the runs."""

    option_spec = {"runs": directives.flag}

    def run(self) -> list[nodes.Node]:
        for path in (data_folder() / "benchmarks.yaml", *(data_folder() / "benchmarks").glob("*.json")):
            self.env.note_dependency(str(path))
        shown = table_of_runs(runs()) if "runs" in self.options else table(rows())
        return [nodes.raw("", shown, format="html")]


def setup(app: Sphinx) -> dict:
    """Add the directive to Sphinx."""
    app.add_directive("benchmarks", BenchmarksDirective)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
