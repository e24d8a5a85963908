"""Progress bars that show on a terminal and nowhere else."""

import os
import sys

from tqdm import tqdm


def progress(total: int, description: str) -> tqdm:
    """Return a progress bar of `total` steps; use it as a context manager and call `update`.

    It is silent with no steps, and unless standard error is a terminal. `fourmasks run`, itself on a
    terminal, names that terminal in `FOURMASKS_PROGRESS`, because a notebook's kernel has none of its own.
    """
    terminal = os.environ.get("FOURMASKS_PROGRESS")
    stream = open(terminal, "w") if terminal else sys.stderr
    return tqdm(total=total, desc=description, file=stream, disable=None if total else True, leave=False)
