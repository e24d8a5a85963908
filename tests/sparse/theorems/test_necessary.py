"""Identifiability on fixed supports: Theorems 4.13 and 4.26 against their referees."""

import numpy as np
import pytest
import scipy.sparse
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from fourmasks.sparse.referees.jacobian import generic_identifiability, jacobian_rank
from fourmasks.sparse.referees.polynomial import unique_decomposition
from fourmasks.sparse.supports.lifting import lift
from fourmasks.sparse.supports.pair import SupportPair
from fourmasks.sparse.supports.pairs import included, only
from fourmasks.sparse.supports.random_instances import random_factors, random_supports
from fourmasks.sparse.theorems.closure import (
    closable,
    closure,
    complete_across,
    complete_components,
    complete_inside,
    observable,
    sufficient_condition,
)
from fourmasks.sparse.theorems.necessary import generic_conditions, necessary_conditions

# Figure 1: {2,3,4} × {1,2}, {1,2,3} × {2,3} and {3,4} × {2,3,4}.
FIGURE = SupportPair(
    [[0, 1, 0], [1, 1, 0], [1, 1, 1], [1, 0, 1]], [[1, 0, 0], [1, 1, 1], [0, 1, 1], [0, 0, 1]]
)


def drawn(seed, largest=6):
    rng = np.random.default_rng(seed)
    shape, rank = rng.integers(1, largest, 2), int(rng.integers(1, largest))
    return random_supports(rng, shape, rank, rng.uniform(0.2, 0.9)), rng


@settings(max_examples=150)
@given(st.integers(0, 10**6))
def test_no_theorem_contradicts_the_jacobian(seed):
    supports, _ = drawn(seed)
    local = generic_identifiability(supports).holds
    if closable(supports).holds:
        assert local
    if local:
        assert generic_conditions(supports).holds


@settings(max_examples=100)
@given(st.integers(0, 10**6), st.booleans())
def test_no_theorem_contradicts_algebra(seed, zeros):
    supports, rng = drawn(seed, 4)
    if np.maximum(supports.masks().sum(axis=0) - 1, 0).sum() > 5:
        return
    X, Y = random_factors(rng, supports, zeros=zeros)
    unique = unique_decomposition(X, Y, only(supports)).holds
    if sufficient_condition(X, Y, supports).holds:
        assert unique
    if unique:
        assert necessary_conditions(X, Y, supports).holds
        assert zeros or jacobian_rank(supports).freedom == 0


@settings(max_examples=60)
@given(st.integers(0, 10**6), st.booleans())
def test_the_witness_of_theorem_4_13_is_a_second_decomposition(seed, zeros):
    supports, rng = drawn(seed, 5)
    X, Y = random_factors(rng, supports, zeros=zeros)
    decision = necessary_conditions(X, Y, supports)
    if decision.holds:
        return
    A, B = decision.witness.second
    assert (A @ B.T == X @ Y.T).all() and included(SupportPair.from_factors(A, B), supports)
    tuples = [sorted(str(matrix.tolist()) for matrix in lift(*pair)) for pair in ((X, Y), (A, B))]
    assert tuples[0] != tuples[1]


@settings(max_examples=60)
@given(st.integers(0, 10**6))
def test_the_generic_conditions_are_those_of_random_factors(seed):
    supports, rng = drawn(seed, 5)
    X, Y = random_factors(rng, supports, bound=1000, zeros=False)
    decision = generic_conditions(supports)
    assert decision.holds == necessary_conditions(X, Y, supports).holds
    assert decision.holds == necessary_conditions(X * 1.0, Y * 1j, supports, 1e-9).holds
    if not decision.holds:
        found = decision.witness
        left, right = supports.left, supports.right
        around, meeting = (left, right) if found.side == "left" else (right, left)
        assert around[:, found.atoms].any(axis=1).sum() < len(found.atoms)
        assert meeting[found.index, found.atoms].all()


def test_remark_4_14_as_printed_is_false():
    """A unique decomposition with a zero contribution on a support that is not empty."""
    supports = SupportPair([[1, 1], [1, 0]], [[1, 1], [1, 0]])
    X, Y = np.array([[1, 0], [1, 0]]), np.array([[1, 0], [1, 0]])
    assert unique_decomposition(X, Y, only(supports)).holds
    assert necessary_conditions(X, Y, supports).holds
    assert supports.masks()[1].any() and not lift(X, Y)[1].any()


def test_a_zero_contribution_may_be_written_with_any_left_column():
    """Theorem 4.13 speaks about all factors of the contributions: here X₂ = X₁ is allowed, and dependent."""
    supports = SupportPair([[1, 1], [1, 1]], [[1, 1], [1, 0]])
    X, Y = np.array([[1, 0], [2, 0]]), np.array([[1, 0], [1, 0]])
    assert necessary_conditions(X, Y, supports).holds is False
    assert unique_decomposition(X, Y, only(supports)).holds is False


@pytest.mark.parametrize(
    "left, unique", [([[1, 2], [1, 3]], True), ([[1, 2], [1, 2]], False), ([[0, 2], [1, 0]], True)]
)
def test_example_4_16(left, unique):
    """Unique if and only if the two left columns are independent; Theorem 4.26 does not see it."""
    supports = SupportPair([[1, 1], [1, 1]], [[1, 0], [1, 1], [0, 1]])
    right = np.array([[1, 0], [3, -2], [0, 1]])
    assert unique_decomposition(left, right, only(supports)).holds is unique
    assert necessary_conditions(left, right, supports).holds is unique
    assert sufficient_condition(left, right, supports).holds is None
    assert generic_identifiability(supports).holds and not closable(supports).holds


def test_figure_1_is_closed_in_four_stages():
    """Figure 4 after its initialization: inside, across, inside, across."""
    decision = closable(FIGURE)
    assert decision.holds and [name for name, _ in decision.witness.stages] == ["inside", "across"] * 2
    assert (decision.witness.edges == FIGURE.masks()).all()
    across = dict(decision.witness.stages[:2])
    added = across["across"] & ~across["inside"]
    assert added[0, 1, 1] and added[1, 2, 2]  # Figure 3: (2, 2) in the first graph, (3, 3) in the second
    stars = [[2, 1], [3, 1], [4, 1]], [[1, 2], [1, 3], [2, 3]], [[3, 4], [4, 3], [4, 4]]  # Figure 1
    assert [(np.argwhere(graph) + 1).tolist() for graph in observable(FIGURE)] == list(stars)


def test_disjoint_supports_are_closable():
    """Corollary 4.27."""
    assert closable(SupportPair([[1, 0, 1], [0, 1, 0]], [[1, 0, 0], [1, 1, 0], [0, 0, 1]])).holds


@settings(max_examples=40)
@given(st.integers(0, 10**6))
def test_connected_parts_are_completed(seed):
    """Proposition 4.18 and Remark 4.20: repeated operations agree with graph components."""
    rng = np.random.default_rng(seed)
    edges = rng.random((1, 5, 5)) < rng.uniform(0.1, 0.5)
    graph = np.block([[np.zeros((5, 5)), edges[0]], [edges[0].T, np.zeros((5, 5))]])  # rows, then columns
    _, part = connected_components(csr_array(graph))
    expected = (part[:5, None] == part[None, 5:])[None]
    assert (complete_components(edges) == expected).all()


def test_one_completion_inside_is_less_than_remark_4_20_says():
    path = np.zeros((1, 3, 3), dtype=bool)
    path[0, [0, 1, 1, 2, 2], [0, 0, 1, 1, 2]] = True
    once = complete_inside(path)
    assert once.sum() == 8 and not once[0, 0, 2]
    assert complete_components(path).all()


def test_the_closure_is_a_fixed_point_and_grows():
    for seed in range(20):
        supports, _ = drawn(seed)
        found = closure(supports)
        steps = [observable(supports), *(edges for _, edges in found.stages)]
        assert all((one <= other).all() for one, other in zip(steps, steps[1:], strict=False))
        assert (complete_inside(found.edges) == found.edges).all()
        assert (complete_across(found.edges, supports) == found.edges).all()
        decision = closable(supports)
        if not decision.holds:
            i, k, l = decision.witness[0]  # noqa: E741
            assert supports.masks()[i, k, l] and not found.edges[i, k, l]


def test_bad_factors_are_refused():
    with pytest.raises(ValueError, match="Y of shape .* support does not allow it"):
        necessary_conditions([[1]], [[1], [1]], SupportPair([[1]], [[1], [0]]))
    with pytest.raises(ValueError, match="do not allow them"):
        sufficient_condition([[1]], [[1], [1]], SupportPair([[1]], [[1], [0]]))


def test_zero_entries_leave_theorem_4_26_open():
    decision = sufficient_condition([[1], [0]], [[1]], SupportPair([[1], [1]], [[1]]))
    assert decision.holds is None and decision.witness.tolist() == [[0, 1, 0]]


@pytest.mark.parametrize("condition", [necessary_conditions, sufficient_condition])
def test_what_conditions_refuse(condition):
    supports, X = SupportPair(np.eye(2), np.eye(2)), np.eye(2, dtype=int)
    for arguments, message in (
        ((scipy.sparse.csr_array(X), X, supports), "X is a sparse matrix: expected an array"),
        ((X, np.ma.array(X, mask=X), supports), "Y is a masked array"),
        ((X, X, (X, X)), "supports is of type tuple: expected a SupportPair"),
        ((1.0 * X, X, supports, "small"), "tolerance = 'small': expected a positive number"),
    ):
        with pytest.raises(ValueError, match=message):
            condition(*arguments)
    for condition_of_supports in (generic_conditions, closable):
        with pytest.raises(ValueError, match="supports is of type tuple: expected a SupportPair"):
            condition_of_supports((X, X))
