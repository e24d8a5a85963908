"""Where factors begin to be faster, and how our times compare with other libraries."""

import pandas as pd

from fourmasks.sparse.butterflies.tables import break_even, over_baselines


def test_break_even_is_where_no_larger_size_is_slower():
    rows = [(64, 3.0), (8, 0.5), (16, 2.0), (32, 0.9)]
    frame = pd.DataFrame(rows, columns=["size", "speedup"]).assign(transform="dft", vectors=1)
    assert break_even(frame).loc[("dft", 1)].tolist() == [64, 64, 3.0]
    assert break_even(frame[:1])["faster_from"].tolist() == [64]  # never slower
    slow = break_even(frame[1:2])
    assert slow["faster_from"].isna().all() and slow["speedup"].tolist() == [0.5]


def test_libraries_are_compared_at_the_largest_common_size():
    rows = [("Algorithm 1", 8, 1.0), ("Algorithm 1", 16, 3.0), ("lazylinop", 8, 4.0), ("pyfaust", 32, 1.0)]
    frame = pd.DataFrame(rows, columns=["method", "size", "cpu_seconds"])
    frame = frame.assign(transform="dft", factors="two")
    found = over_baselines(frame)
    assert found.loc[("dft", "two", "lazylinop")].tolist() == [8, 0.25] and len(found) == 1
    assert over_baselines(frame[:2]).empty
