"""What the runs of the reconstruction experiment gain over a baseline (paper, Table 3)."""

import numpy as np
import pandas as pd

CELL = ["dataset", "budget"]


def gains_over(frame: pd.DataFrame, baseline: str) -> pd.DataFrame:
    """Return the gain of every run over a baseline on the same matrix: (e_base - e) / e_base, in percent.

    The frame has a row for each run, with the columns of `CELL`, method, seed and relative_error. A
    deterministic baseline on a real matrix has one run; it stands for all seeds.
    """
    base = frame[frame["method"] == baseline].set_index([*CELL, "seed"])["relative_error"].to_dict()
    runs = zip(frame["dataset"], frame["budget"], frame["seed"], strict=True)
    errors = [base.get((*cell, seed), base.get((*cell, 0), np.nan)) for *cell, seed in runs]
    found = frame.assign(gain=100 * (1 - frame["relative_error"] / np.array(errors)))
    return found[found["method"] != baseline].dropna(subset="gain")
