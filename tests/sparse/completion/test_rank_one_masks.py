"""Completion of one rank-one matrix: Proposition 4.18 against all completions, and against closures."""

from fractions import Fraction

import numpy as np
import pytest

from fourmasks.sparse.completion.rank_one_masks import completable, completions, other_completion
from fourmasks.sparse.supports.arithmetic import arithmetic
from fourmasks.sparse.supports.pair import SupportPair
from fourmasks.sparse.theorems.closure import closable, observable

PRIME = 5


def masks(number=60):
    rng = np.random.default_rng(0)
    for _ in range(number):
        yield rng.random(rng.integers(1, 4, 2)) < rng.uniform(0.2, 1), rng


def test_one_completion_exactly_on_connected_masks():
    connected = 0
    for mask, rng in masks():
        m, n = mask.shape
        matrix = np.outer(rng.integers(1, PRIME, m), rng.integers(1, PRIME, n)) % PRIME
        assert (completions(matrix, mask, PRIME) == 1) == completable(mask).holds
        connected += completable(mask).holds
    assert 10 < connected < 50


def test_completions_are_counted():
    # With nothing known, all matrices of rank at most one: 1 + (5² - 1)² / (5 - 1) of size 2 x 2.
    assert completions(np.ones((2, 2), int), np.zeros((2, 2), bool), PRIME) == 145
    assert completions(np.eye(2, dtype=int), np.ones((2, 2), bool), PRIME) == 0
    assert completions(np.zeros((2, 2), int), np.ones((2, 2), bool), PRIME) == 1


def test_another_completion_where_there_is_one():
    for mask, rng in masks():
        m, n = mask.shape
        matrix = np.outer(rng.integers(1, 5, m), rng.integers(1, 5, n)) * Fraction(1)
        if completable(mask).holds:
            with pytest.raises(ValueError, match="connected.*expected a mask with several parts"):
                other_completion(matrix, mask)
            continue
        other = other_completion(matrix, mask)
        assert (other == matrix)[mask].all() and not (other == matrix).all()
        assert arithmetic(other).rank(arithmetic(other).matrix(other)) == 1


def hiding(mask):
    """Return supports whose first atom has every entry, and shows those of the mask: each other hides one."""
    rows, columns = np.nonzero(~mask)
    sides = zip(mask.shape, (rows, columns), strict=True)
    return SupportPair(
        *(np.column_stack([np.ones(size, bool), np.arange(size)[:, None] == line]) for size, line in sides)
    )


def test_hiding_entries_makes_it_a_question_of_closure():
    for mask, _ in masks():
        supports = hiding(mask)
        assert np.array_equal(observable(supports)[0], mask)
        assert closable(supports).holds == completable(mask).holds
