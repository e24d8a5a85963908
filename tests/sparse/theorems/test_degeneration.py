"""Identical and maximal column supports."""

import numpy as np
import pytest

from fourmasks.sparse.supports.equivalence import equivalence
from fourmasks.sparse.supports.families import regular, row_sparse
from fourmasks.sparse.supports.pair import SupportPair
from fourmasks.sparse.supports.pairs import ProductPairs, allowing, only
from fourmasks.sparse.theorems.degeneration import identical_columns, maximal_columns, non_degeneration

FULL = only(SupportPair([[1, 1]], [[1, 1], [1, 0]]))


def check(decision, X, Y, omega, tolerance=None):
    """A witness is another solution in the family, and not an equivalent one."""
    A, B = decision.witness
    assert decision.holds is False and (A @ B.T == X @ Y.T).all()
    assert allowing(omega, A, B) and not equivalence((X, Y), (A, B), tolerance=tolerance).holds


def test_a_column_that_stands_alone():
    X, Y = np.array([[1, 0]]), np.array([[1, 1], [2, 0]])
    assert maximal_columns(X, Y, FULL).holds is False
    for condition in (identical_columns, maximal_columns, non_degeneration):
        check(condition(X, Y, FULL), X, Y, FULL)


def test_a_column_that_could_be_filled():
    X, Y = np.array([[1, 0]]), np.array([[1, 0], [2, 0]])
    assert identical_columns(X, Y, FULL).holds
    check(maximal_columns(X, Y, FULL), X, Y, FULL)
    check(non_degeneration(X * 1.0, Y, FULL, 1e-9), X * 1.0, Y, FULL, 1e-9)


def test_factors_that_fill_their_columns():
    X, Y = np.array([[1, 3]]), np.array([[1, 2], [2, 0]])
    assert non_degeneration(X, Y, FULL).holds and non_degeneration(X * 1j, Y, FULL, 1e-9).holds


def test_all_supports_that_allow_the_factors_count():
    """Eq. 9: one pair of supports has the columns of the factors, another has more."""
    omega = ProductPairs(row_sparse((1, 2), 1), regular(2, 1))
    X, Y = np.array([[1, 0]]), np.array([[1, 0], [0, 0]])
    check(maximal_columns(X, Y, omega), X, Y, omega)


def test_factors_outside_the_family_are_refused():
    with pytest.raises(ValueError, match="with 2 and 4 entries: no pair of supports allows them"):
        non_degeneration([[1, 1]], [[1, 1], [1, 1]], FULL)
