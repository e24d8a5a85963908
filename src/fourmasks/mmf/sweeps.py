"""What the experiments on synthetic matrices share: the sizes, and the loop that trains what is missing."""

from collections.abc import Callable, Sequence
from functools import partial

from fourmasks.data.matrices import BLOCKS, DENSE
from fourmasks.mmf.training import load
from fourmasks.progress import progress
from fourmasks.records import Record, run_or_load

# Rows of every synthetic matrix, which has as many columns.
SIZES = {name: 2**n for name, n in DENSE.items()} | {name: size for name, (_, size) in BLOCKS.items()}
SHOWN = ("dataset", "method", "budget", "mask", "n_masks")  # beside the progress bar


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
    records = []
    with progress(len(jobs), experiment.rpartition("/")[2]) as bar:
        for job in jobs:
            bar.set_postfix_str(" ".join(str(job[name]) for name in SHOWN if job.get(name) is not None))
            given = {"data_sha256": load(job["dataset"], job["seed"]).sha256, "profile": profile}
            bound = partial(train, device=device)
            records.append(run_or_load(bound, job, experiment=experiment, device=device, **given))
            bar.update()
    return records
