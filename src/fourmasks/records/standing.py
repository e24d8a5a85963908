"""Where records stand: whether the code that made them is today's."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable

from fourmasks.records.digest import ROOT, installed, strings
from fourmasks.records.shelf import digests
from fourmasks.records.store import Record

STANDINGS = ("fresh", "confirmed", "stale", "dirty", "unexplained")


def code_digest(function: str, parameters: dict) -> str:
    """Return the digest of the code that a run reaches, see `digest`; "unknown" without a file."""
    key = json.dumps([function, *sorted({*strings(parameters)})])
    if (known := digests().get(key)) is not None:
        return known
    try:
        found = installed().digest(function, parameters)
    except KeyError:
        return "unknown"
    if function.startswith(f"{ROOT.name}."):  # others are in files that the shelf does not look at
        digests().put(key, found)
    return found


def present_code(record: Record) -> tuple[str, str]:
    """Return the function that would make a record's run today, and its `code_digest`.

    A function that is no longer where the record says is looked for by its digest: it may have been moved.
    If it is nowhere, the name is the record's, and the digest "unknown".
    """
    code = code_digest(record.function, record.parameters)
    if code == "unknown" and record.code != "unknown":
        moved = installed().find(record.code, record.parameters)
        return (moved, record.code) if moved else (record.function, code)
    return record.function, code


def is_stale(record: Record) -> bool:
    """Return whether the code that made the record has changed since."""
    return record.code != present_code(record)[1]


def standing(record: Record) -> str:
    """Return where a record stands.

    "unexplained": the function that made it is nowhere. "stale": the code that it reaches has changed.
    "dirty": it was made from files that no commit holds. "confirmed": its code has changed, and reruns gave
    the same. "fresh": its code is the code that made it.
    """
    code = present_code(record)[1]
    if code == "unknown":
        return "unexplained"
    if code != record.code:
        return "stale"
    if record.commit.endswith("+dirty"):
        return "dirty"
    return "confirmed" if record.confirmed else "fresh"


def status(records: Iterable[Record]) -> dict[str, Counter]:
    """Return for each experiment how many records stand where."""
    found: dict[str, Counter] = defaultdict(Counter)
    for record in records:
        found[record.experiment][standing(record)] += 1
    return dict(found)
