"""The lifting, and equivalence of pairs of factors."""

from fractions import Fraction

import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from fourmasks.sparse.supports.equivalence import Transformation, equivalence
from fourmasks.sparse.supports.lifting import lift, unlift, within
from fourmasks.sparse.supports.pair import SupportPair

UNITS = {"rational": 1, "gaussian": 2 + sympy.I, "real": 0.7, "complex": 0.6 - 0.3j}
TOLERANCES = {"rational": None, "gaussian": None, "real": 1e-9, "complex": 1e-9}


@st.composite
def pairs(draw):
    m, n, r = draw(st.integers(1, 3)), draw(st.integers(1, 3)), draw(st.integers(1, 4))
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    return rng.integers(-1, 2, (m, r)), rng.integers(-2, 3, (n, r)), rng


@settings(max_examples=50)
@given(pairs(), st.sampled_from(sorted(UNITS)), st.sampled_from(["PS", "P", "S"]))
def test_a_transformed_pair_is_recognised(pair, numbers, kind):
    X, Y, rng = pair
    unit, tolerance = UNITS[numbers], TOLERANCES[numbers]
    X, rank = X * unit, X.shape[1]
    order = np.arange(rank) if kind == "S" else rng.permutation(rank)
    factors = [1] * rank if kind == "P" else [unit * int(factor) for factor in rng.integers(1, 4, rank)]
    exact = tolerance is None
    scaling = np.array([sympy.sympify(f) if exact else f for f in factors], dtype=object if exact else None)
    second = Transformation(order, scaling).apply(X, Y)
    found = equivalence((X, Y), second, kind, tolerance)
    assert found.holds
    back = equivalence(found.witness.apply(X, Y), second, "P", tolerance)
    assert back.holds  # what is returned does it
    if kind != "PS":
        assert equivalence((X, Y), second, "PS", tolerance).holds
    if kind == "S":
        assert (found.witness.permutation == order).all()


@settings(max_examples=50)
@given(pairs())
def test_equivalence_is_that_of_the_lifted_tuples(pair):
    """Lemma 4.4, on factors with the same column support."""
    X, Y, rng = pair
    order, common = rng.permutation(X.shape[1]), X.any(axis=0) & Y.any(axis=0)
    first = X * common, Y * common
    second = X[:, order], first[1] if rng.random() < 0.5 else first[1][:, order]
    common = second[0].any(axis=0) & second[1].any(axis=0)
    second = second[0] * common, second[1] * common
    lifted = [sorted(str(matrix.tolist()) for matrix in lift(*each)) for each in (first, second)]
    assert equivalence(first, second).holds == (lifted[0] == lifted[1])


def test_what_tells_the_kinds_apart():
    X, Y = np.array([[1, 0], [1, 2]]), np.array([[1, 1], [0, 3]])
    swapped, scaled = (X[:, ::-1], Y[:, ::-1]), (2 * X, Y * Fraction(1, 2))
    assert [equivalence((X, Y), swapped, kind).holds for kind in ("PS", "P", "S")] == [True, True, False]
    assert [equivalence((X, Y), scaled, kind).holds for kind in ("PS", "P", "S")] == [True, False, True]
    other = equivalence((X, Y), (X, Y + [[0, 0], [0, 1]]))
    assert not other.holds and other.witness.tolist() == [1]


def test_a_zero_column_is_only_like_a_zero_column():
    X, Y = np.array([[0, 1]]), np.array([[2, 1]])
    assert equivalence((X, Y), (X, Y * [5, 1])).witness.scaling.tolist() == [Fraction(1, 5), 1]
    assert not equivalence((X, Y), (X, Y * [0, 1])).holds
    assert not equivalence((X, Y), (Y, X)).holds


def test_bad_arguments_of_equivalence():
    pair = np.ones((2, 2), dtype=int), np.ones((3, 2), dtype=int)
    with pytest.raises(ValueError, match="kind = 'Q': expected one of PS, P, S"):
        equivalence(pair, pair, "Q")
    with pytest.raises(ValueError, match="expected \\(m, r\\) and \\(n, r\\), twice"):
        equivalence(pair, pair[::-1])


@settings(max_examples=40)
@given(pairs(), st.sampled_from(sorted(UNITS)))
def test_lifting_is_undone_up_to_scaling(pair, numbers):
    X, Y, _ = pair
    both = X.any(axis=0) & Y.any(axis=0)
    X, Y, tolerance = X * both * UNITS[numbers], Y * both, TOLERANCES[numbers]
    C = lift(X, Y, tolerance)
    assert equivalence(unlift(C, tolerance), (X, Y), "S", tolerance).holds
    supports = SupportPair.from_factors(X, Y, tolerance or 0.0)
    assert within(C, supports, tolerance)


def test_rank_two_is_not_lifted_and_not_in_the_model():
    C = np.array([[[1, 0], [0, 1]]])
    with pytest.raises(ValueError, match="matrix 0 has rank 2: expected at most one"):
        unlift(C)
    full = SupportPair([[1], [1]], [[1], [1]])
    assert not within(C, full) and within([[[1, 2], [2, 4]]], full)
    assert not within([[[1, 2], [2, 4]]], SupportPair([[1], [1]], [[1], [0]]))
    with pytest.raises(ValueError, match=r"expected \(1, 2, 2\)"):
        within(np.ones((2, 2, 2), dtype=int), full)
