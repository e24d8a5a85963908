"""Pairs of supports and the decisions' type."""

from fractions import Fraction

import numpy as np
import pytest
import scipy.sparse

from fourmasks.sparse.supports.decisions import Decision
from fourmasks.sparse.supports.pair import SupportPair, nonzero


def test_a_pair_has_the_rectangles_of_its_columns():
    pair = SupportPair([[1, 0], [1, 1], [0, 0]], [[0, 1], [1, 1]])
    assert (pair.rank, pair.shape) == (2, (3, 2))
    rows, columns = pair.rectangle(0)
    assert rows.tolist() == [0, 1] and columns.tolist() == [1]
    for mask, i in zip(pair.masks(), range(2), strict=True):
        assert (mask == np.outer(pair.left[:, i], pair.right[:, i])).all()


def test_pairs_are_values():
    given = np.eye(2, dtype=bool)
    pair = SupportPair(given, given)
    assert pair == SupportPair([[1, 0], [0, 1]], np.eye(2)) and len({pair, SupportPair(given, given)}) == 1
    assert pair != SupportPair(given, ~given) and pair != 1
    given[:] = True
    assert pair.left.sum() == 2
    with pytest.raises(ValueError, match="read-only"):
        pair.left[0, 0] = False


def test_the_supports_of_factors_of_any_arithmetic():
    exact = SupportPair.from_factors([[Fraction(1, 3), Fraction(0)]], [[0, 2]])
    assert exact == SupportPair([[1, 0]], [[0, 1]])
    assert exact == SupportPair.from_factors([[1j, 1e-12]], [[-1e-12, 2.0]], tolerance=1e-9)
    with pytest.raises(ValueError, match="tolerance = -1: expected at least 0"):
        nonzero([[1.0]], -1)
    with pytest.raises(ValueError, match="matrix is a sparse matrix"):
        SupportPair.from_factors(scipy.sparse.eye_array(2), np.eye(2))
    with pytest.raises(ValueError, match="matrix has dtype <U1: expected numbers"):
        SupportPair.from_factors([["a"]], [["b"]])


@pytest.mark.parametrize(
    "left, right, message",
    [
        ([1, 0], [[1, 0]], r"left has shape \(2,\): expected a matrix"),
        ([[1, 0]], [[1]], r"\(1, 2\) and \(1, 1\): expected as many columns"),
        ([[1, 0]], [[2, 0]], "right holds .*2.*: expected zeros and ones"),
        ([["a", "b"]], [[1, 0]], "left has dtype <U1: expected zeros and ones"),
        (scipy.sparse.eye_array(2), np.eye(2), "left is a sparse matrix: expected an array"),
        (np.eye(2), np.ma.array(np.eye(2), mask=np.eye(2)), "right is a masked array"),
        ([[1, 0], [1]], [[1, 0]], "left is no array of numbers"),
    ],
)
def test_bad_supports_are_refused(left, right, message):
    with pytest.raises(ValueError, match=message):
        SupportPair(left, right)


def test_a_decision_is_not_a_truth_value():
    with pytest.raises(TypeError, match="compare its .holds"):
        assert Decision(None, "open")
