"""The algebraic referee."""

import numpy as np
import pytest
import sympy

from fourmasks.sparse.referees.polynomial import unique_decomposition
from fourmasks.sparse.supports.families import column_sparse, regular
from fourmasks.sparse.supports.pair import SupportPair
from fourmasks.sparse.supports.pairs import ProductPairs, only


def test_algebra_tells_unique_from_not():
    full = only(SupportPair(np.ones((2, 2)), np.ones((2, 2))))
    X, Y = np.array([[1, 2], [3, 4]]), np.array([[1, 0], [2, 1]])
    decision = unique_decomposition(X, Y, full)
    assert decision.holds is False and decision.witness.supports == full.members[0]
    sparse = only(SupportPair(np.ones((2, 2)), np.eye(2)))
    assert unique_decomposition(X * sympy.I, np.eye(2, dtype=int), sparse).holds
    other = ProductPairs(column_sparse((2, 2), 1), regular(2, 2))
    assert unique_decomposition(np.eye(2, dtype=int), [[1, 2], [3, 4]], other).holds


def test_too_large_or_wrong_problems_are_refused():
    ones = np.ones((4, 2), dtype=int)
    with pytest.raises(ValueError, match="16 unknown entries: expected at most 12"):
        unique_decomposition(ones, ones, only(SupportPair(ones, ones)))
    with pytest.raises(ValueError, match="no pair of supports allows the factors"):
        unique_decomposition([[1]], [[1]], only(SupportPair([[1]], [[0]])))
