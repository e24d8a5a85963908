"""A certificate as files: `certificate.json`, and `certificate.md` for a reader."""

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from fourmasks.records.agreement import BITS, DIFFERS, FACTOR, RELATIVE, ROUNDING, SPREAD, UNJUDGED
from fourmasks.system.files import write_whole

MEANINGS = {
    BITS: "every metric and curve, times apart, has the bits of the record",
    ROUNDING: f"on another machine no metric differs by more than {RELATIVE:g} of itself",
    SPREAD: f"on another machine no metric differs by more than {FACTOR:g} standard deviations of what"
    " other seeds give",
    DIFFERS: "it differs by more, or in a way that rounding does not",
    UNJUDGED: "on another machine it differs by more than rounding, and nothing like it has several seeds",
    "failed": "the run raised an error",
}


def write_certificate(certificate: Mapping, folder: Path) -> None:
    """Write both files into a folder."""
    write_whole(folder / "certificate.json", json.dumps(certificate, indent=1, allow_nan=False) + "\n")
    write_whole(folder / "certificate.md", page(certificate))


def page(certificate: Mapping) -> str:
    """Return a certificate as a page of Markdown."""
    return "\n".join(_lines(certificate)) + "\n"


def _lines(certificate: Mapping) -> Iterator[str]:
    rule, reruns, changed = certificate["sample"], certificate["reruns"], certificate["verdicts"]
    yield f"# Certificate: {'green' if certificate['green'] else 'red'}"
    yield ""
    where = f" of {rule['only']}" if rule["only"] else ""
    limits = [f"seed {rule['seed']}"]
    limits += [f"at most {rule['n']}"] if rule["n"] else []
    limits += [f"a budget of {rule['budget_seconds']:g} s"] if rule["budget_seconds"] else []
    yield f"{len(reruns)} of the {rule['of']} committed records{where} were made again:"
    yield f"one of each experiment in turn, at random ({', '.join(limits)})."
    yield ""
    place = certificate["machine"] | certificate["versions"]
    place |= {"commit": certificate["commit"], "when": certificate["created"]}
    yield from _table(("", "here"), place.items())
    yield "## What agreed"
    yield ""
    counts = certificate["summary"]
    rows = ((word, count, MEANINGS[word]) for word, count in counts.items() if count)
    yield from _table(("word", "reruns", "meaning"), rows)
    yield "## Verdicts that would change"
    yield ""
    if changed:
        yield from _table(("claim", "committed", "with the reruns"), (one.values() for one in changed))
    else:
        yield from ("None.", "")
    yield "## What was rerun"
    yield ""
    head = ("record", "compared", "largest difference", "of", "tolerance", "s then", "s now", "remark")
    yield from _table(head, map(_row, reruns))
    yield "## What was left out"
    yield ""
    left = certificate["left_out"]
    yield from _table(("records", "reason"), ((len(some), why) for why, some in left.items()))


def _row(rerun: Mapping) -> tuple:
    tolerance = rerun["off"].get(rerun["metric"], {}).get("tolerance")
    return (
        rerun["record"].removesuffix(".json"),
        rerun["word"],
        f"{rerun['largest']:.1e}" if rerun["largest"] else "0",
        rerun["metric"],
        "" if tolerance is None else f"{tolerance:.1e}",
        f"{rerun['seconds_then']:.2f}",
        "" if rerun["seconds_now"] is None else f"{rerun['seconds_now']:.2f}",
        rerun["why"],
    )


def _table(head: Iterable, rows: Iterable[Iterable]) -> Iterator[str]:
    """Yield a table, and an empty line."""
    head = tuple(head)
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    for row in rows:
        yield f"| {' | '.join(' '.join(str(cell).replace('|', '/').split()) for cell in row)} |"
    yield ""
