"""Phases of random supports, and the census of all of a size."""

import numpy as np
import pytest

from fourmasks.sparse.gap.plan import census_size
from fourmasks.sparse.gap.run import (
    covered,
    drawn,
    parameters,
    run_census,
    run_phases,
    shared_entries,
    sorted_out,
)
from fourmasks.sparse.referees.jacobian import jacobian_rank
from fourmasks.sparse.supports.instances import example_supports
from fourmasks.sparse.supports.random_instances import random_supports


def test_phases_are_one_of_four_and_contradict_nothing():
    rng = np.random.default_rng(3)
    for law in ("entries", "columns"):
        for _ in range(60):
            supports = drawn(rng, (5, 4), 3, rng.uniform(0.1, 0.9), law)
            found = sorted_out(supports, 0)
            assert sum(found[name] for name in ("closable", "isolated", "moving", "crowded")) == 1
            assert not found["sufficient_contradictions"] and not found["necessary_contradictions"]
            # What counting excludes, the Jacobian excludes as well.
            assert found["countable"] or jacobian_rank(supports).freedom > 0


def test_counts_of_the_example():
    supports = example_supports()
    masks = supports.masks().sum(axis=0)
    assert parameters(supports) == 8 + 7 - 3 == jacobian_rank(supports).parameters - 3
    assert (
        covered(supports) == (masks > 0).sum() and shared_entries(supports) == np.maximum(masks - 1, 0).sum()
    )


def test_the_laws_of_random_supports():
    rng = np.random.default_rng(4)
    for density in (0.1, 0.4, 0.9):
        left = drawn(rng, (10, 6), 7, density, "columns").left
        assert (left.sum(axis=0) == max(1, round(10 * density))).all()
    shares = [drawn(rng, (40, 40), 40, 0.3, "entries").left.mean() for _ in range(5)]
    assert abs(np.mean(shares) - 0.3) < 0.03
    with pytest.raises(ValueError, match="law = 'rows': expected one of entries, columns"):
        drawn(rng, (2, 2), 1, 0.5, "rows")
    assert random_supports(rng, (2, 2), 1, 1.0).masks().all()


def test_the_census_finds_the_smallest_examples():
    found = {size: run_census(*census_size(size), 0) for size in ("2x2x2", "2x3x2", "3x3x3")}
    assert found["2x2x2"]["metrics"]["moving"] == 3 and found["2x2x2"]["metrics"]["sufficient_is_tight"]
    assert found["2x3x2"]["metrics"]["isolated"] == found["2x3x2"]["metrics"]["unique"] == 1
    large = found["3x3x3"]["metrics"]
    assert large["classes"] == sum(large[name] for name in ("closable", "isolated", "moving", "crowded"))
    assert (large["several"], large["most"]) == (1, 2) and large["unique"] + 1 == large["isolated"]
    assert not large["sufficient_is_tight"] and not large["necessary_is_tight"]
    curves = found["3x3x3"]["curves"]  # the triangle: three types, those with two atoms
    assert sorted(curves["several_rows"]) == sorted(curves["several_columns"]) == [3, 5, 6]


def test_runs_are_repeated_to_the_bit(one_thread):
    arguments = ([4, 4], 3, 0.5, "entries", 10, 7)
    assert run_phases(*arguments) == run_phases(*arguments)
    assert run_census([2, 3], 2, 1) == run_census([2, 3], 2, 1)
