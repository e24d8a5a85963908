"""Jobs: which runs an experiment makes, and how it makes them, one after another."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from fourmasks.records.store import Record
from fourmasks.system.progress import progress


def planned(
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


def run_jobs(jobs: Sequence, run: Callable[..., Record | list[Record]], description: str) -> list[Record]:
    """Run the jobs with a progress bar, and return the records that they give.

    Parameters
    ----------
    jobs : sequence
        What tells one job from another: a str, a dict, or a tuple of such. Its texts stand beside the bar.
    run : callable
        `run(job)` returns the job's record, or all that belong to it.
    description : str
        The bar's name.

    Returns
    -------
    list of Record
        Each once, where it first came.
    """
    records = {}
    with progress(len(jobs), description) as bar:
        for job in jobs:
            bar.set_postfix_str(" ".join(_texts(job)))
            found = run(job)
            for record in [found] if isinstance(found, Record) else found:
                records[record.experiment, record.key] = record
            bar.update()
    return list(records.values())


def _texts(job) -> Iterator[str]:
    if isinstance(job, str):
        yield job
    elif isinstance(job, (dict, tuple)):
        for part in job.values() if isinstance(job, dict) else job:
            yield from _texts(part)
