"""Gains over a baseline, from made-up runs."""

import pandas as pd
import pytest

from fourmasks.mmf.reconstruction.gains import CELL, gains_over

RUNS = [
    ("s10", 20, "svd", 0, 0.5),
    ("s10", 20, "svd", 1, 0.4),
    ("s10", 20, "mmf-lm", 0, 0.4),
    ("s10", 20, "mmf-lm", 1, 0.3),
    ("yale-b", 10, "mmf-lm", 0, 0.18),
    ("yale-b", 10, "mmf-lm", 1, 0.22),
    ("yale-b", 10, "svd", 0, 0.2),
    ("s9", 40, "mmf-lm", 0, 0.6),
]


def test_gains_pair_seeds_and_a_single_baseline_stands_for_all():
    frame = pd.DataFrame(RUNS, columns=[*CELL, "method", "seed", "relative_error"])
    found = gains_over(frame, "svd").set_index(["dataset", "method", "seed"])["gain"].to_dict()
    assert found == pytest.approx(
        {
            ("s10", "mmf-lm", 0): 20,
            ("s10", "mmf-lm", 1): 25,
            ("yale-b", "mmf-lm", 0): 10,
            ("yale-b", "mmf-lm", 1): -10,
        }
    )
