"""Reruns that confirm records which the present code has left.

Code that a run reaches may change though its numbers do not, as when six loops become one trainer. Then some
of the runs are made again, and only if they give the same are the records like them stamped with the new
digest, with what was rerun, when, and the largest difference. Nothing else ever changes a record.
"""

import json
import math
import random
import re
import subprocess
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from fourmasks.records.reruns import Runner, difference, runner, slowdown
from fourmasks.records.samples import TIMED
from fourmasks.records.sources import git_commit, library_versions
from fourmasks.records.standing import code_digest, present_code
from fourmasks.records.store import Record, beginning, load_records, records_directory, save
from fourmasks.system.device import machine
from fourmasks.system.paths import data_folder, project_root

PLACE = ("dataset", "method")
REPEATED = re.compile(r"(.*_)?(epochs|max_iter|steps|instances)")
SLOWDOWN = 0.1  # of the typical time that a run measures, beside the other code
TIMES = 5  # that such a run is made by each code: one of milliseconds is at the mercy of what else runs
TOLERANCE = 1e-6  # relative, where none is given, for a run that was first made on another machine


@dataclass(frozen=True)
class Rerun:
    """A run made again.

    Attributes
    ----------
    record : Record
    share : float
        Of its epochs, or of what else it repeats; 1.0 for all.
    difference : float
        The largest relative one over metrics and curves, times apart; infinite if they are not the same ones.
        Of a run that only measures time the typical one of its times, see `reruns.slowdown`.
    """

    record: Record
    share: float
    difference: float


def family(experiment: str) -> list[Record]:
    """Return the committed records of an experiment, and of those that belong to it, as its search.

    Raises
    ------
    ValueError
        If there is none.
    """
    records = beginning(load_records(directory=data_folder() / "records"), experiment)
    return [r for r in records if r.experiment == experiment or r.experiment.startswith(f"{experiment}-")]


def like_codes(records: Iterable[Record]) -> list[list[Record]]:
    """Return the stale records in groups: the same code made those of a group, and would make them today."""
    groups = defaultdict(list)
    for record in records:
        function, code = present_code(record)
        if code not in ("unknown", record.code):
            groups[record.experiment, record.function, record.code, function, code].append(record)
    return list(groups.values())


def place(record: Record) -> tuple:
    """Return data set and method of a record, None where it has none."""
    return tuple(record.parameters.get(name) for name in PLACE)


def cheapest(records: Iterable[Record]) -> list[Record]:
    """Return for each method and data set the record whose run took the least time."""
    best: dict[tuple, Record] = {}
    for record in records:
        here = place(record)
        if here not in best or record.seconds < best[here].seconds:
            best[here] = record
    return sorted(best.values(), key=lambda record: record.seconds)


def sampled(records: Iterable[Record], n: int) -> list[Record]:
    """Return n records drawn at random, the same each time; all if there are fewer."""
    records = list(records)
    return random.Random(0).sample(records, min(n, len(records)))


@dataclass(frozen=True)
class Makers:
    """What makes runs: `ours(function, parameters, threads)` by the present code, `theirs` by another.

    Attributes
    ----------
    ours, theirs : Runner
        `theirs` is None if there is no commit to compare with.
    commit, against : str
        The present commit, and the other one; "records" in its place if there is none.
    """

    ours: Runner
    theirs: Runner | None
    commit: str
    against: str


@contextmanager
def makers(against: str | None = None) -> Iterator[Makers]:
    """Start the processes that make runs, and stop them in the end.

    Parameters
    ----------
    against : str, optional
        A git commit whose code is that of the records. Default: the records' numbers are compared with.

    Raises
    ------
    ValueError
        If files of the package are not committed, or there is no such commit.
    """
    commit = clean_commit()
    if against is not None:
        against = full_name(against)
    with runner(project_root()) as ours, _other(against) as theirs:
        yield Makers(ours, theirs, commit, against or "records")


def clean_commit() -> str:
    """Return the present commit; ValueError if files of the package are not committed."""
    commit = git_commit()
    if commit == "unknown" or commit.endswith("+dirty"):
        raise ValueError(f"the code is that of commit {commit}: expected a clean one, commit it first")
    return commit


def full_name(commit: str) -> str:
    """Return the whole name of a commit; ValueError if there is none."""
    return _git("rev-parse", "--verify", f"{commit}^{{commit}}").strip()


def confirm(
    records: list[Record],
    chosen: list[Record],
    made_by: Makers,
    *,
    tolerance: float | None = None,
    longest: float = math.inf,
) -> list[Rerun]:
    """Make runs again with the present code, and stamp the records like them if all give the same.

    Parameters
    ----------
    records : list of Record
        One of `like_codes`.
    chosen : list of Record
        Those of them whose runs are made again.
    made_by : Makers
    tolerance : float, optional
        Relative. By default the same bits are asked for, but for records from another machine or other
        versions `TOLERANCE`. Runs that only measure time may have times that differ by `SLOWDOWN`.
    longest : float, default infinity
        Seconds. Runs that took longer are made with a share of their epochs, or of what else they repeat, by
        both codes.

    Returns
    -------
    list of Rerun

    Raises
    ------
    ValueError
        Before any run: if runs are to be cut and there is no other code to compare with, or if the other code
        did not make the records.
    """
    if longest < math.inf and made_by.theirs is None:
        raise ValueError("a run with fewer epochs has no record: give a commit to compare with, too")
    if made_by.theirs is not None:
        _check_theirs(records[0], made_by)
    is_timed = any(record.experiment in TIMED for record in chosen)
    reruns = []
    for record in chosen:
        # A run that found its fit made already took no time of its own: its likes say what it takes.
        seconds = max(like.seconds for like in records if place(like) == place(record))
        parameters, share = cut(record, longest, seconds)
        pairs = [_made(record, parameters, made_by) for _ in range(TIMES if is_timed else 1)]
        far = slowdown(*zip(*pairs, strict=True)) if is_timed else difference(*pairs[0])
        reruns.append(Rerun(record, share, far))
    if tolerance is None and is_timed:
        tolerance = SLOWDOWN
    elif tolerance is None:
        here = machine(), library_versions()
        same_place = all((record.machine, record.versions) == here for record in chosen)
        tolerance = 0.0 if made_by.theirs is not None or same_place else TOLERANCE
    if all(rerun.difference <= tolerance for rerun in reruns):
        largest = max(rerun.difference for rerun in reruns)
        again = {rerun.record.key: round(rerun.share, 4) for rerun in reruns}
        for record in records:
            stamp(record, made_by.against, made_by.commit, largest_difference=largest, reruns=again)
    return reruns


def _check_theirs(record: Record, made_by: Makers) -> None:
    """Raise ValueError if the other code did not make a record: what it gives says nothing of its numbers."""
    asked = {"function": name_at(made_by.against, record), "parameters": record.parameters}
    code = made_by.theirs.call(f"{code_digest.__module__}.code_digest", asked, record.threads)["value"]
    if code != record.code:
        raise ValueError(
            f"{record.file_name} is of other code than commit {made_by.against[:10]}: expected a commit at"
            " which it is not stale"
        )


def _made(record: Record, parameters: dict, made_by: Makers) -> tuple[dict, dict]:
    """Return what the present code gives, and what is expected: by the other code, or by the record."""
    with ThreadPoolExecutor() as both:  # each waits for a process of its own
        ours = both.submit(made_by.ours, present_code(record)[0], parameters, record.threads)
        expected = {"metrics": record.metrics, "curves": record.curves}
        if made_by.theirs is not None:
            expected = made_by.theirs(name_at(made_by.against, record), parameters, record.threads)
        return ours.result(), expected


def stamp(record: Record, against: str, commit: str, **found: object) -> Record:
    """Write a record with the digest of the code that would make it today, and what confirms it; return it.

    Parameters
    ----------
    record : Record
    against, commit : str
        What it was compared with, and the present commit.
    **found
        What was rerun, or compared, and the `largest_difference`.
    """
    function, code = present_code(record)
    created = datetime.now(UTC).isoformat(timespec="seconds")
    confirmed = {"against": against, "commit": commit, "created": created, "machine": machine()} | found
    stamped = replace(record, function=function, code=code, confirmed=confirmed)
    save(stamped, records_directory(record.experiment, "paper"))
    return stamped


def cut(record: Record, longest: float, seconds: float) -> tuple[dict, float]:
    """Return a run's parameters with what it repeats cut to so many seconds, and the share that is left.

    What it repeats are epochs, iterations, steps or instances; two of each are left at least. The `seconds`
    are those that all of them may take.
    """
    share = min(1.0, longest / seconds)

    def fewer(value):
        if isinstance(value, list):
            return [fewer(one) for one in value]
        return max(2, int(share * value)) if isinstance(value, int) and value > 2 else value

    repeated = {name: value for name, value in record.parameters.items() if REPEATED.fullmatch(name)}
    return record.parameters | {name: fewer(value) for name, value in repeated.items()}, share


def name_at(commit: str, record: Record) -> str:
    """Return the name that a record's function had at a commit: the record says it as it was then."""
    if record.commit == commit and not record.confirmed:  # made by it, and kept in a later one
        return record.function
    folder = records_directory(record.experiment, "paper").relative_to(project_root())
    path = (folder / record.file_name).as_posix()
    return json.loads(_git("show", f"{commit}:{path}"))["function"]


@contextmanager
def _other(commit: str | None) -> Iterator:
    """Give what makes runs with the code of a commit, checked out for as long as it is needed."""
    if commit is None:
        yield None
        return
    with checked_out(commit) as folder, runner(folder) as run:
        yield run


@contextmanager
def checked_out(commit: str) -> Iterator[Path]:
    """Give a folder with the files of a commit, for as long as it is needed."""
    with tempfile.TemporaryDirectory() as parent:
        folder = Path(parent) / "code"
        _git("worktree", "add", "--detach", str(folder), commit)
        try:
            yield folder
        finally:
            _git("worktree", "remove", "--force", str(folder))


def _git(*arguments: str) -> str:
    command = ["git", "-C", str(project_root()), *arguments]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise ValueError(f"{' '.join(command)}: {done.stderr.strip()}")
    return done.stdout
