"""What the experiments on synthetic matrices share: the sizes, and the loop that trains what is missing."""

from collections.abc import Callable, Sequence
from functools import partial

from fourmasks.data.matrices import BLOCKS, DENSE
from fourmasks.experiments.jobs import run_jobs
from fourmasks.mmf.reconstruction.run import load
from fourmasks.records.store import Record, run_or_load

# Rows of every synthetic matrix, which has as many columns.
SIZES = {name: 2**n for name, n in DENSE.items()} | {name: size for name, (_, size) in BLOCKS.items()}


def train_missing(
    train: Callable[..., dict], jobs: Sequence[dict], *, experiment: str, profile: str, device: str
) -> list[Record]:
    """Train what is not yet trained, and return the records of all jobs, in their order.

    Parameters
    ----------
    train : callable
        `train(device=device, **job)`, as `run_or_load` takes it.
    jobs : sequence of dict
        Parameters of the runs; "dataset" and "seed" name the matrix.
    experiment, profile, device : str
        As `run_or_load` takes them.
    """

    def stored(job):
        given = {"data_sha256": load(job["dataset"], job["seed"]).sha256, "profile": profile}
        return run_or_load(partial(train, device=device), job, experiment=experiment, device=device, **given)

    return run_jobs(jobs, stored, experiment.rpartition("/")[2])
