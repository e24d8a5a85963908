"""The ledger with what a reader needs to check it: protocol, module, pages, a command that repeats it."""

import re
from collections.abc import Iterable
from pathlib import Path

from fourmasks.book.notebooks.texts import list_notebooks, parameters
from fourmasks.claims.files import Claim, load_claims, papers
from fourmasks.claims.ledger import ledger
from fourmasks.records.standing import present_code
from fourmasks.records.store import Record, book_records
from fourmasks.system.paths import data_folder


def collect(pages: dict[str, str]) -> list[dict]:
    """Return the rows of the ledger, by the committed records, each with more about it.

    Parameters
    ----------
    pages : dict of str to str
        The texts of the pages of the site, by name without ending, such as "notebooks/mmf/ratings".

    Returns
    -------
    list of dict
        The rows of `claims.ledger.ledger` with `form`, `protocol`, `experiment` as in the claims file,
        `words` (the paper's, for a claim of which it prints a number), and

        - `modules`: names of the functions that made the records, as they are today;
        - `pages`: names of the pages that name the claim, notebooks first;
        - `command`: what to type to run it again, or to see what is known where nothing was run.
    """
    claims = {claim.id: claim for paper in papers() for claim in load_claims(paper)}
    experiments = sorted({claim.experiment for claim in claims.values() if claim.experiment})
    records = book_records(*experiments)
    makers = Makers(records)
    shown = _where_shown(claims, pages)
    options = {name: parameters(name) for name in list_notebooks()}
    rows = []
    for row in ledger(records=records):
        claim, where = claims[row["id"]], shown[row["id"]]
        names = [name.removeprefix("notebooks/") for name in where if name.startswith("notebooks/")]
        more = {
            "form": claim.form,
            "protocol": claim.protocol,
            "experiment": claim.experiment,
            "modules": makers.of(row["record"]),
            "pages": where,
            "command": _command(claim, names, options),
        }
        rows.append(row | more)
    return rows


class Makers:
    """Which functions made records, by the names of their files."""

    def __init__(self, records: Iterable[Record]):
        self._records = {record.file_name: record for record in records}

    def of(self, files: list[str]) -> list[str]:
        """Return the names that the functions have today."""
        made = {(r.function, r.code): r for r in map(self._records.__getitem__, files)}
        return sorted({present_code(record)[0] for record in made.values()})


def record_paths(rows: Iterable[dict]) -> dict[str, Path]:
    """Return where the files of the records that rows name are, by file name."""
    named = {name for row in rows for name in row["record"]}
    return {path.name: path for path in (data_folder() / "records").rglob("*.json") if path.name in named}


def _where_shown(ids: Iterable[str], pages: dict[str, str]) -> dict[str, list[str]]:
    found = {identity: [] for identity in ids}
    for name in sorted(pages, key=lambda name: (not name.startswith("notebooks/"), name)):
        # Line ends in the strings of a notebook file are two characters, and the second is a letter.
        tokens = set(re.findall(r"[\w.-]+", pages[name].replace("\\n", " ")))
        for identity in {token.rstrip(".") for token in tokens} & found.keys():
            found[identity].append(name)
    return found


def _command(claim: Claim, names: list[str], options: dict) -> str:
    """Return the command that runs the notebook again which shows a claim, for the claim's data alone."""
    if not (claim.experiment and names):
        return f"fourmasks claims {claim.paper}"
    parameters = {parameter.name: parameter.default for parameter in options[names[0]]}
    part = claim.experiment.split("/")[1]
    given = []
    if part in re.findall(r"\w+", parameters.get("parts", "")):
        given.append(f"-p parts {part}")
    own = [
        name for name in (f"{part}_dataset", f"{part.rstrip('s')}_dataset", "dataset") if name in parameters
    ]
    if own and claim.dataset:
        given.append(f"-p {own[0]} {','.join(claim.dataset)}")
    return " ".join(["fourmasks run", names[0], "--profile paper", *given])
