"""What the papers claim beside what records say: ours, or somebody else's."""

import argparse
import json
from pathlib import Path

from fourmasks.book.commands.columns import columns
from fourmasks.system.paths import data_folder, existing


def show(options: argparse.Namespace) -> int:
    """Print the papers' claims, what the records say, and verdicts; or an audit, 1 if it finds something."""
    from fourmasks.claims.ledger import SHOWN, as_lines, ledger, summary

    existing(data_folder() / "claims")
    if options.paper == "audit":
        return _audit(options.json)
    rows = ledger(options.paper)
    if options.json:
        print(json.dumps(rows, indent=1, allow_nan=False))
    else:
        print(*columns([tuple(SHOWN), *as_lines(rows)]), sep="\n")
        print(", ".join(f"{count} {verdict}" for verdict, count in summary(rows).items()))
    return 0


def _audit(as_json: bool) -> int:
    from fourmasks.claims.audit import audit, committed

    found = audit(*committed())
    if as_json:
        print(json.dumps(found, indent=1))
    else:
        for head, lines in found.items():
            print(f"{head}: {len(lines)}", *lines, sep="\n    ")
    return int(any(found.values()))


def compare(options: argparse.Namespace) -> int:
    """Print somebody else's records against ours, claim by claim."""
    from fourmasks.claims.compare import as_lines, compare, read_folder

    existing(data_folder() / "claims")
    rows = compare(read_folder(Path(options.folder)))
    if not rows:
        raise ValueError(f"{options.folder}: no claim rests on its records")
    if options.json:
        print(json.dumps(rows, indent=1, allow_nan=False))
    else:
        print(*columns([("claim", "ours", "theirs", "verdict"), *as_lines(rows)]), sep="\n")
        print(f"{sum(row['same'] for row in rows)} of {len(rows)} verdicts are the same")
    return 0
