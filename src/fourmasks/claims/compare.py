"""Somebody else's records against ours, claim by claim."""

from collections.abc import Iterable
from pathlib import Path

from fourmasks.claims.files import papers
from fourmasks.claims.ledger import ledger
from fourmasks.records.store import Record, read

SHOWN = ("measured", "n_seeds", "verdict")


def read_folder(folder: Path) -> list[Record]:
    """Return the records of a folder and its subfolders; a certificate beside them is passed over.

    Raises
    ------
    FileNotFoundError
        If there is no such folder.
    ValueError
        If it holds no record, or a file that is none; the message names it.
    """
    if not folder.is_dir():
        raise FileNotFoundError(f"{folder} is not a folder")
    found = []
    for path in sorted(folder.rglob("*.json")):
        if path.name == "certificate.json":
            continue
        try:
            found.append(read(path))
        except (TypeError, ValueError) as error:
            raise ValueError(f"{path} is no record: {error}") from error
    if not found:
        raise ValueError(f"{folder} holds no records")
    return found


def compare(theirs: list[Record], ours: list[Record] | None = None) -> list[dict]:
    """Return the claims of which other records say something, with what ours say.

    Parameters
    ----------
    theirs : list of Record
        Those of the profile "paper" count.
    ours : list of Record, optional
        Default: the committed ones.

    Returns
    -------
    list of dict
        JSON values: `id`, `ours` and `theirs` (each with `measured`, `n_seeds` and `verdict`), and `same`,
        whether the verdict is.
    """
    concerned = {record.experiment.split("/")[0] for record in theirs}
    rows = []
    for paper in sorted(concerned & set(papers())):
        for one, other in zip(ledger(paper, records=ours), ledger(paper, records=theirs), strict=True):
            if other["n_seeds"]:
                rows.append(_row(one, other))
    return rows


def _row(ours: dict, theirs: dict) -> dict:
    both = {"ours": _shown(ours), "theirs": _shown(theirs)}
    return {"id": ours["id"]} | both | {"same": ours["verdict"] == theirs["verdict"]}


def _shown(row: dict) -> dict:
    return {name: row[name] for name in SHOWN}


def as_lines(rows: Iterable[dict]) -> list[tuple[str, ...]]:
    """Return rows of `compare` as texts: id, ours, theirs, and whether the verdict is the same."""
    return [
        (row["id"], *(_text(row[one]) for one in ("ours", "theirs")), "same" if row["same"] else "other")
        for row in rows
    ]


def _text(one: dict) -> str:
    value = "–" if one["measured"] is None else f"{one['measured']:.4g}"
    return f"{value} (n {one['n_seeds']}, {one['verdict']})"
