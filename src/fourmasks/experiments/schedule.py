"""What is to be made: the plans that there are, which of their runs are, and how long these may take."""

import importlib
import inspect
import re
from collections import Counter, defaultdict
from collections.abc import Generator, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from statistics import median
from types import ModuleType, SimpleNamespace

from fourmasks.experiments.plan import FINAL, Run, Search, Step, folder_of, following, steps
from fourmasks.experiments.profiles import resolve
from fourmasks.records.sources import git_commit, name_of
from fourmasks.records.standing import code_digest
from fourmasks.records.store import Record, load_records, records_directory, stored
from fourmasks.system.device import resolve_device
from fourmasks.system.names import unknown

ROOT = Path(__file__).resolve().parents[1]
REASONS = ("missing", "stale", "unconfirmed", "after its search")


def plans(of: str | None = None) -> dict[str, ModuleType]:
    """Return the modules with a plan: that of a room by its name, "mmf/masks", others as "mmf/masks/timing".

    Parameters
    ----------
    of : str, optional
        A paper, a room, or one of these names. Default: all.

    Raises
    ------
    ValueError
        If there is none of that name.
    """
    found = {}
    for path in sorted(ROOT.rglob("*.py")):
        if re.search(r"^PROFILES = ", path.read_text(encoding="utf-8"), re.MULTILINE):
            module = path.relative_to(ROOT).with_suffix("").as_posix()
            found[module.removesuffix("/plan")] = f"fourmasks.{module.replace('/', '.')}"
    names = [name for name in found if of is None or f"{name}/".startswith(f"{of}/")]
    if not names:
        valid = sorted({name.split("/")[0] for name in found} | found.keys())
        raise ValueError(unknown("plan", of, valid))
    return {name: importlib.import_module(found[name]) for name in names}


@dataclass
class Job:
    """A run or a search of a plan, on its way.

    Attributes
    ----------
    job : Run or Search
    threads : int
        Of the CPU, for each of its runs; 0 for as many as torch takes.
    walk : generator
        Its `steps`.
    step : Step or None
        What it asks for now, None in the end.
    lacking : set of str
        The keys of those of its runs that are to be made.
    """

    job: Run | Search
    threads: int
    walk: Generator[Step, list[Record], None]
    step: Step | None = None
    lacking: set[str] = field(default_factory=set)

    @cached_property
    def presumed(self) -> Run:
        """Of a search the run that would rest on it if all trials were equally good."""
        tried = [
            SimpleNamespace(key=trial.key, parameters=trial.parameters, metrics=defaultdict(float))
            for trial in self.job.trials
        ]
        return self.job.final(tried)


def jobs(
    module: ModuleType, profile: str, device: str = "cpu", given: Mapping[str, object] | None = None
) -> list[Job]:
    """Return what a module plans for a profile; an error of the plan, as of data not here, is raised.

    Parameters
    ----------
    module : module
        One of `plans`.
    profile : str
    device : str, default "cpu"
        Where a plan asks for it, as of timings, "auto" is what is here.
    given : mapping of str to object, optional
        Options that are to be other than in the profile, as `resolve` takes them.
    """
    config = resolve(module.PROFILES, profile, **(given or {}))
    asks = "device" in inspect.signature(module.plan).parameters
    places = {"device": str(resolve_device(device)) if device == "auto" else device} if asks else {}
    threads = getattr(config, "threads", 1)
    return [Job(job, threads, steps(job)) for job in module.plan(config, **places)]


@dataclass(frozen=True)
class Task:
    """A run to be made: why, with how many threads, and how much rests on it (TRIAL, FURTHER, FINAL)."""

    run: Run
    why: str
    threads: int
    rank: int


class Schedule:
    """The runs that jobs ask for, each once: those to be made now, and others when their records are put in.

    Parameters
    ----------
    planned : iterable of Job
    profile : str
        "smoke", "book" or "paper".

    Attributes
    ----------
    records : dict of str to Record
        Those that are there and need not be made again, by key.
    tasks : dict of str to Task
        What is to be made and can be, by key.
    """

    def __init__(self, planned: Iterable[Job], profile: str):
        self.profile = profile
        self.records: dict[str, Record] = {}
        self.tasks: dict[str, Task] = {}
        self._jobs = list(planned)
        self._askers: dict[str, list[Job]] = defaultdict(list)
        for job in self._jobs:
            self._go_on(job)

    def put(self, record: Record) -> None:
        """Take the record of a task; jobs that waited for it go on."""
        del self.tasks[record.key]
        self.records[record.key] = record
        for job in self._askers.pop(record.key):
            job.lacking.remove(record.key)
            if not job.lacking:
                self._go_on(job, [self.records[run.key] for run in job.step.runs])

    def after(self) -> list[Run]:
        """Return the runs that follow on searches, with settings that these may yet change."""
        waiting = [job for job in self._jobs if job.step and job.step.rank != FINAL and job.job.final]
        return list({job.presumed.key: job.presumed for job in waiting}.values())

    def _go_on(self, job: Job, found: list[Record] | None = None) -> None:
        while step := following(job.walk, found):
            for run in step.runs:
                if run.key not in self.records and run.key not in self.tasks:
                    record, why = look_up(run, self.profile)
                    if why:
                        self.tasks[run.key] = Task(run, why, job.threads, step.rank)
                    else:
                        self.records[run.key] = record
            job.step, job.lacking = step, {run.key for run in step.runs} - self.records.keys()
            if job.lacking:
                for key in job.lacking:
                    self._askers[key].append(job)
                return
            found = [self.records[run.key] for run in step.runs]
        job.step = None


def look_up(run: Run, profile: str) -> tuple[Record | None, str]:
    """Return the record of a run, and why it is to be made: one of `REASONS`, "" if it is not.

    "unconfirmed" is a record from files that no commit holds, once they are committed.
    """
    record = stored(run.experiment, run.key, profile, folder_of(run, profile))
    if record is None:
        return None, "missing"
    if record.code != code_digest(name_of(run.function), run.parameters):
        return record, "stale"
    dirty = [commit.endswith("+dirty") for commit in (record.commit, git_commit())]
    return record, "unconfirmed" if dirty == [True, False] else ""


class Forecast:
    """Seconds and memory of runs to come: medians of like runs, of the same method and data if there are any.

    Parameters
    ----------
    experiments : iterable of str
        Whose records are read; others are unknown.
    profile : str
        Records of other profiles are of other sizes.
    """

    def __init__(self, experiments: Iterable[str], profile: str):
        self._known: dict[tuple, list[Record]] = defaultdict(list)
        self._medians: dict[tuple, tuple[float, float]] = {}
        for experiment in sorted(set(experiments)):
            for record in load_records(experiment, records_directory(experiment, profile)):
                if record.profile == profile:
                    self.add(record)

    def add(self, record: Record) -> None:
        """Learn from a record."""
        for place in _places(record):
            self._known[place].append(record)
            self._medians.pop(place, None)

    def of(self, run: Run) -> tuple[float, float] | None:
        """Return seconds and MB of a run; None if no record of its experiment is there."""
        place = next((place for place in _places(run) if place in self._known), None)
        if place and place not in self._medians:
            like = self._known[place]
            self._medians[place] = (
                median(record.seconds for record in like), median(record.peak_memory_mb for record in like)
            )  # fmt: skip
        return self._medians.get(place)


def _places(made: Run | Record) -> Iterator[tuple]:
    """Yield what like runs have in common, the most first."""
    yield made.experiment, *place_of(made)
    yield (made.experiment,)


def place_of(made: Run | Record) -> tuple[str, str]:
    """Return data set and method of a run, "" for what it has not."""
    return made.parameters.get("dataset", ""), made.parameters.get("method", "")


@dataclass
class Row:
    """Runs that are to be made of one experiment, data set and method.

    Attributes
    ----------
    experiment, dataset, method : str
    reasons : Counter
        How many for each of `REASONS`.
    seconds : float
        Predicted, for all but the `unknown` ones.
    memory_mb : float
        The most that one of them is predicted to take, 0 if that is unknown.
    unknown : int
        For how many there is no prediction.
    runs : list of Run
    """

    experiment: str
    dataset: str
    method: str
    reasons: Counter = field(default_factory=Counter)
    seconds: float = 0.0
    memory_mb: float = 0.0
    unknown: int = 0
    runs: list[Run] = field(default_factory=list)


def overview(schedule: Schedule) -> list[Row]:
    """Return what is to be made, as far as it is known: a search may go on, and decides what follows."""
    asked = [(task.run, task.why) for task in schedule.tasks.values()]
    asked += [(run, REASONS[-1]) for run in schedule.after()]
    forecast = Forecast((run.experiment for run, _ in asked), schedule.profile)
    rows: dict[tuple, Row] = {}
    for run, why in asked:
        place = run.experiment, *place_of(run)
        row = rows.setdefault(place, Row(*place))
        row.reasons[why] += 1
        row.runs.append(run)
        if predicted := forecast.of(run):
            row.seconds += predicted[0]
            row.memory_mb = max(row.memory_mb, predicted[1])
        else:
            row.unknown += 1
    return list(rows.values())
