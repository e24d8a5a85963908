"""Where factors begin to be faster, how our times compare with other libraries, and what errors do."""

import pandas as pd

from fourmasks.sparse.butterflies.tables import (
    amplifications,
    break_even,
    growth,
    largest_errors,
    over_baselines,
)


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


def test_the_largest_error_over_the_sizes_stands_for_a_method():
    rows = [
        ("Algorithm 1", 8, 0.0),
        ("Algorithm 1", 16, 0.0),
        ("lazylinop", 8, 2e-16),
        ("lazylinop", 16, 1e-15),
    ]
    frame = pd.DataFrame(rows, columns=["method", "size", "error"]).assign(transform="dft", factors="two")
    assert largest_errors(frame)["dft", "two"].to_dict() == {"Algorithm 1": "0", "lazylinop": "1e-15"}


def test_errors_are_means_over_seeds_with_both_ways_side_by_side():
    rows = [(False, 1.0), (False, 3.0), (True, 0.5)]
    frame = pd.DataFrame(rows, columns=["least_squares", "amplification"])
    table = amplifications(frame.assign(transform="dft", noise=0.1, size=16))
    assert table.loc[("dft", 0.1, 16)].to_dict() == {"completion": 2.0, "least squares": 0.5}
    chains = pd.DataFrame({"length": [4, 4], "log_completion": [1.0, 2.0], "log_least_squares": [0.0, 1.0]})
    assert growth(chains).loc[4].tolist() == [1.5, 0.5]
