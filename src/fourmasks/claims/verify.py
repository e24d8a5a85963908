"""Committed records made again, compared, and what that would change: the contents of a certificate."""

import time
from collections import Counter
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import asdict, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from fourmasks import __version__
from fourmasks.claims.ledger import ledger
from fourmasks.data.locate import find, verify
from fourmasks.data.registry import load_registry
from fourmasks.records.agreement import (
    BITS,
    DIFFERS,
    WORDS,
    Agreement,
    Spreads,
    agreement,
    same_place,
)
from fourmasks.records.reruns import OFFLINE, Missing, Runner
from fourmasks.records.samples import TIMED, Sample, draw
from fourmasks.records.sources import git_commit, library_versions
from fourmasks.records.standing import present_code, standing
from fourmasks.records.store import Record, beginning, save
from fourmasks.system.device import machine
from fourmasks.system.paths import project_root, runs_folder
from fourmasks.system.progress import progress

FAILED = "failed"
MACHINE = "fourmasks.system.device.machine"


def unfit(records: Iterable[Record]) -> dict[str, str]:
    """Return which records cannot be made again here, by key, with the reason."""
    registry, without = load_registry(), cache(_without)
    found = {}
    for record in records:
        dataset, stands = record.parameters.get("dataset"), standing(record)
        if record.experiment in TIMED:
            found[record.key] = "measures time, which no rerun repeats"
        elif stands in ("stale", "unexplained"):
            found[record.key] = f"{stands}: the code that made it is not today's"
        elif dataset in registry and (why := without(dataset)):
            found[record.key] = why
    return found


def _without(dataset: str) -> str:
    """Say why a data set cannot be used here; nothing is downloaded."""
    if find(dataset) is None:
        return f"{dataset} is not on this machine"
    if any(check.state == "wrong digest" for check in verify(dataset)):
        return f"{dataset} on this machine is not that of the registry"
    return ""


def certify(
    records: list[Record],
    folder: Path,
    *,
    seed: int,
    n: int | None = None,
    budget: float | None = None,
    only: str = "",
) -> dict:
    """Make a sample of records again, and return the certificate.

    Parameters
    ----------
    records : list of Record
        The committed ones, all of them: the verdicts and the spread over seeds are taken from them.
    folder : Path
        Its `records/` takes those of the reruns.
    seed, n, budget
        As for `samples.draw`. On a slower machine no rerun begins that would end after the budget.
    only : str, default ""
        How the experiments begin whose records are made again.

    Returns
    -------
    dict
        JSON values: `green`, whether there are reruns and all agree; what made it (`fourmasks`, `commit`,
        `created`, `machine`, `versions`); `sample` (its rule); `summary` (reruns by word);
        `reruns`; `left_out` (records by reason); `verdicts` (those that the reruns would change).

    Raises
    ------
    ValueError
        If no experiment begins so.
    """
    drawn = beginning(records, only)
    sample = draw(drawn, seed=seed, n=n, budget=budget, unfit=unfit(drawn))
    made, reruns = _made(sample, folder, Spreads(records), budget)
    words = Counter(rerun["word"] for rerun in reruns)
    other = [made[rerun["key"]] for rerun in reruns if rerun["word"] not in (BITS, FAILED)]
    return {
        "green": bool(reruns) and not words[DIFFERS] and not words[FAILED],
        "fourmasks": __version__,
        "commit": git_commit(),
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": next((record.machine for record in made.values()), machine()),
        "versions": library_versions(),
        "sample": {"of": len(drawn), "only": only, "seed": seed, "n": n, "budget_seconds": budget},
        "summary": {word: words[word] for word in (*WORDS, FAILED)},
        "reruns": reruns,
        "left_out": {why: [record.file_name for record in some] for why, some in sample.left_out.items()},
        "verdicts": changed_verdicts(records, other),
    }


def _made(
    sample: Sample, folder: Path, spreads: Spreads, budget: float | None
) -> tuple[dict[str, Record], list[dict]]:
    """Make the records of a sample again; return the new ones by key, and how each compares."""
    made, reruns, start = {}, [], time.monotonic()
    with ExitStack() as stack, progress(len(sample.records), "verify") as bar:

        @cache
        def runner(threads):
            run = Runner(project_root(), OFFLINE | {"OMP_NUM_THREADS": str(threads)})
            stack.callback(run.stop)
            return run

        for record in sample.records:
            bar.set_postfix_str(record.experiment)
            if budget is not None and time.monotonic() - start + record.seconds > budget:
                sample.left_out["the budget was spent, on a machine slower than the record's"].append(record)
                continue
            try:
                found = _again(record, runner(record.threads))
            except Missing as missing:
                sample.left_out[str(missing)].append(record)
            except ValueError as error:
                reruns.append(_row(record, Agreement(FAILED, str(error)), None))
            else:
                same = same_place(record, found.machine, found.versions)
                one = agreement(record, asdict(found), spreads, same)
                made[record.key] = found
                reruns.append(_row(record, one, found))
                paper = record.experiment.split("/")[0]
                save(found, folder / "records" / paper)
            bar.update()
    return made, reruns


def _again(record: Record, run: Runner) -> Record:
    """Return the record that a run leaves today on this machine."""
    function, code = present_code(record)
    found = run(function, record.parameters, record.threads)
    return replace(
        record,
        metrics=found["metrics"],
        curves=found["curves"],
        seconds=found["seconds"],
        device="cpu",
        versions=library_versions(),
        machine=run.call(MACHINE, {}, record.threads)["value"],
        commit=git_commit(),
        function=function,
        code=code,
        confirmed={},
        created=datetime.now(UTC).isoformat(timespec="seconds"),
    )


def _row(record: Record, found: Agreement, made: Record | None) -> dict:
    return asdict(found) | {
        "experiment": record.experiment,
        "key": record.key,
        "record": record.file_name,
        "function": record.function,
        "parameters": record.parameters,
        "machine_then": record.machine,
        "seconds_then": record.seconds,
        "seconds_now": made.seconds if made else None,
    }


def changed_verdicts(records: list[Record], made: Iterable[Record]) -> list[dict]:
    """Return the claims whose verdict is another with reruns in the place of their records."""
    others = {record.key: record for record in made}
    replaced = [others.get(record.key, record) for record in records]
    changed = []
    for paper in sorted({record.experiment.split("/")[0] for record in others.values()}):
        before, after = (ledger(paper, records=some) for some in (records, replaced))
        changed += [
            {"id": old["id"], "old": old["verdict"], "new": new["verdict"]}
            for old, new in zip(before, after, strict=True)
            if old["verdict"] != new["verdict"]
        ]
    return changed


def new_folder(given: str | None = None) -> Path:
    """Make the folder of a certificate, `given` or named after the time, and return it.

    Raises
    ------
    FileExistsError
        If it is there.
    """
    folder = Path(given) if given else runs_folder() / f"verify-{datetime.now(UTC):%Y%m%dT%H%M%S}"
    if folder.exists():
        raise FileExistsError(f"{folder} is there: a certificate goes into a new folder")
    folder.mkdir(parents=True)
    return folder
