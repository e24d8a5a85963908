"""Plans: what an experiment can be told, which runs follow from it, and how they are made.

An experiment says what differs: its options as a dataclass, and a `plan` that yields its runs. What follows
is the same for all and stands here: options are checked, runs that are there are not made again, a search
comes before the run that rests on it, and a bar shows how far it is::

    @dataclass(frozen=True)
    class Config(Options):
        dataset: tuple[str, ...] = option(("s6",), help="which data", choices=("s6", "s7"))
        epochs: int = option(5, least=1, help="passes over the data")

    PROFILES = {"smoke": Config(epochs=1), "book": Config(), "paper": Config(("s6", "s7"), epochs=100)}

    def plan(config):
        for dataset in config.dataset:
            yield Run("paper/name", run_one, {"dataset": dataset, "epochs": config.epochs})

    records = carry_out(plan(config), config, profile, device)
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from fourmasks.data.files import is_file
from fourmasks.experiments.profiles import Options
from fourmasks.experiments.search import outward
from fourmasks.records.runs import run_or_load
from fourmasks.records.store import Record, records_directory, run_key
from fourmasks.system.device import resolve_device, set_threads
from fourmasks.system.names import check_profile
from fourmasks.system.progress import progress

if TYPE_CHECKING:
    import torch

NO_DATA = "none"  # in place of a digest, for what is not measured on data
# Follows the name of an experiment whose runs rest on a search that is made again, with other trials.
AGAIN = "-again"


@dataclass(frozen=True)
class Run:
    """A run that an experiment asks for.

    Attributes
    ----------
    experiment : str
        "paper/name".
    function : callable
        `function(**parameters)` makes it and returns its metrics and curves, see `run_or_load`.
    parameters : dict
        JSON values, the seed among them.
    data_sha256 : str, default `NO_DATA`
        Digest of the data.
    on_device : bool, default False
        Whether the function takes a `device`, too; if not, it computes on the CPU.
    load : callable, optional
        What loads the data: `load(dataset)` or `load(dataset, seed)`, with the parameters of these names, has
        a `sha256`. A worker on another machine compares it with the digest.
    alone : bool, default False
        Whether it measures time, so that no other run may stand beside it.
    """

    experiment: str
    function: Callable[..., dict]
    parameters: dict
    data_sha256: str = NO_DATA
    on_device: bool = False
    load: Callable | None = None
    alone: bool = False

    @cached_property
    def key(self) -> str:
        """The run's key, see `run_key`."""
        return run_key(self.experiment, self.parameters, self.data_sha256)


@dataclass(frozen=True)
class Search:
    """Trials, and the run whose settings are taken from them.

    Attributes
    ----------
    trials : sequence of Run
    final : callable, optional
        `final(records)` is the run that rests on the trials' records. Default: none does.
    further : callable, optional
        `further(records)` are trials that follow from those made so far, asked for until it has no new one.
        Default: none.
    """

    trials: Sequence[Run]
    final: Callable[[list[Record]], Run] | None = field(repr=False, default=None)
    further: Callable[[list[Record]], Sequence[Run]] = field(repr=False, default=lambda tried: ())


TRIAL, FURTHER, FINAL = range(3)  # the earlier, the more rests on it


class Step(NamedTuple):
    """What a job asks for at once: TRIAL, FURTHER or FINAL, and the runs."""

    rank: int
    runs: Sequence[Run]


def steps(job: Run | Search) -> Generator[Step, list[Record], None]:
    """Yield what a run or a search asks for, and take the records of it before what follows.

    Searches ask for their trials, for those that follow until there is no new one, and for the run that rests
    on them.
    """
    if isinstance(job, Run):
        yield Step(FINAL, [job])
        return
    tried, asked, rank = [], job.trials, TRIAL
    while asked:
        tried += yield Step(rank, asked)
        made = {record.key for record in tried}
        asked, rank = [trial for trial in job.further(tried) if trial.key not in made], FURTHER
    if job.final:
        yield Step(FINAL, [job.final(tried)])


def following(walk: Generator[Step, list[Record], None], found: list[Record] | None) -> Step | None:
    """Give `steps` the records that it asked for, None at first, and return what comes next."""
    try:
        return walk.send(found)
    except StopIteration:
        return None


def carry_out(
    plan: Iterable[Run | Search], config: Options, profile: str, device: str | torch.device = "cpu"
) -> list[Record]:
    """Make the runs of a plan that are not there yet, and return the records of all.

    Parameters
    ----------
    plan : iterable of Run or Search
        All of it is asked for before the first run.
    config : Options
        Its `threads` are those of the CPU: 0 for as many as torch takes, and 1 if there is no such option.
    profile : str
        "smoke", "book" or "paper".
    device : str or torch.device, default "cpu"
        For the runs that are `on_device`.

    Returns
    -------
    list of Record
        Each once, where it first came; trials before the run that rests on them.

    Raises
    ------
    ValueError
        Before the first run, if the profile or the device does not exist, or from the plan.
    """
    check_profile(profile)
    resolve_device(device)
    jobs = list(plan)
    if threads := getattr(config, "threads", 1):
        set_threads(threads)
    records = {}
    with progress(sum(_length(job) for job in jobs), profile) as bar:

        def done(run: Run) -> Record:
            bar.set_postfix_str(" ".join(_texts(run.parameters)))
            if run.key not in records:  # searches may share trials
                records[run.key] = _record(run, profile, device)
            bar.update()
            return records[run.key]

        for job in jobs:
            walk, found = steps(job), None
            while step := following(walk, found):
                if step.rank == FURTHER:
                    bar.total += len(step.runs)  # nobody knew of them before
                found = [done(run) for run in step.runs]
    return list(records.values())


def _length(job: Run | Search) -> int:
    return 1 if isinstance(job, Run) else len(job.trials) + (job.final is not None)


def folder_of(made: Run | Record, profile: str) -> Path:
    """Return the folder of a run's record: what is made of a file of one's own is never among the book's."""
    on_own_file = is_file(str(made.parameters.get("dataset")))
    return records_directory(made.experiment, "book" if on_own_file else profile)


def _record(run: Run, profile: str, device: str | torch.device) -> Record:
    return run_or_load(
        partial(run.function, device=device) if run.on_device else run.function,
        run.parameters,
        experiment=run.experiment,
        data_sha256=run.data_sha256,
        profile=profile,
        device=device if run.on_device else "cpu",
        directory=folder_of(run, profile),
    )


def _texts(value: object) -> Iterator[str]:
    """Yield the texts in a run's parameters, such as its data set and its method, to stand beside the bar."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for part in value.values():
            yield from _texts(part)


def grid(
    datasets: Sequence[str],
    methods: Sequence[str],
    seeds: int,
    fewer: Mapping[tuple[str, str], int] | None = None,
) -> Iterator[tuple[str, str, int]]:
    """Yield data set, method and seed of each run: within a data set all methods of one seed together.

    Parameters
    ----------
    datasets, methods : sequence of str
    seeds : int
        How many, from 0.
    fewer : mapping of (dataset, method) to int, optional
        How many seeds these get at most.
    """
    most = fewer or {}
    for dataset in datasets:
        for seed in range(seeds):
            for method in methods:
                if seed < most.get((dataset, method), seeds):
                    yield dataset, method, seed


def search(
    trial: Callable[[dict], Run],
    settings: Iterable[dict],
    space: Mapping[str, Sequence],
    metric: str,
    final: Callable[[dict], Run],
    lowest: bool = False,
) -> Search:
    """Return the search among settings, and on outward from the best of them, and the run with what it found.

    Parameters
    ----------
    trial, final : callable
        The run that tries a setting, and the run that rests on the one that was found.
    settings : iterable of dict
        What to try first.
    space : mapping of str to sequence
        What they were drawn from, see `outward`.
    metric, lowest
        As for `chosen`.
    """

    def best(tried):
        return chosen(tried, metric, space, lowest)

    def further(tried):
        return [trial(setting) for setting in outward(space, [one.parameters for one in tried], best(tried))]

    return Search([trial(setting) for setting in settings], lambda tried: final(best(tried)), further)


def chosen(tried: Sequence[Record], metric: str, names: Iterable[str], lowest: bool = False) -> dict:
    """Return those parameters of the best trial that a search has drawn; none if nothing was tried.

    Parameters
    ----------
    tried : sequence of Record
    metric : str
        By which the best is chosen; of equal ones it is the first.
    names : iterable of str
        Of the parameters that were drawn.
    lowest : bool, default False
        Whether the lowest is the best.
    """
    if not tried:
        return {}
    best = (min if lowest else max)(tried, key=lambda record: record.metrics[metric])
    return {name: best.parameters[name] for name in names}
