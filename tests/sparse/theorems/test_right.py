"""Right identifiability: the paper's conditions against the solutions themselves."""

import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from fourmasks.sparse.supports.equivalence import equivalence
from fourmasks.sparse.supports.families import GivenFamily, column_sparse, globally_sparse, row_sparse
from fourmasks.sparse.supports.random_instances import random_family, random_left, random_right
from fourmasks.sparse.theorems.right import unique_right_factor
from fourmasks.sparse.theorems.right_theorems import (
    grouped_uniqueness,
    linear_uniqueness,
    ones_uniqueness,
    right_identifiability,
)


def check(decision, X, Y, family):
    """A witness is another solution in the family, and not an equivalent one."""
    second = decision.witness
    assert family.allows(np.array(second.factor != 0)) and (X @ second.factor.T == X @ Y.T).all()
    assert not equivalence((X, Y), (X, second.factor)).holds
    if second.columns is not None:
        assert np.linalg.matrix_rank(X[:, second.columns].astype(float)) < len(second.columns)
        assert second.support[second.row, second.columns].all()


@settings(max_examples=60)
@given(st.integers(0, 10**6))
def test_the_conditions_decide_what_the_solutions_say(seed):
    rng = np.random.default_rng(seed)
    m, n, r = rng.integers(1, 4), rng.integers(1, 4), rng.integers(1, 5)
    X, family = random_left(rng, (m, r)), random_family(rng, (n, r))
    Y = random_right(rng, family)
    found = right_identifiability(X, Y, family), unique_right_factor(X, Y, family)
    assert found[0].holds == found[1].holds
    for decision in found:
        if not decision.holds:
            check(decision, X, Y, family)
    if X.any(axis=0).all():
        sufficient = grouped_uniqueness(X, Y, family, as_printed=True)
        assert found[0].holds or not sufficient.holds


@settings(max_examples=25)
@given(st.integers(0, 10**6))
def test_floats_decide_as_fractions_do(seed):
    rng = np.random.default_rng(seed)
    m, n, r = rng.integers(1, 4), rng.integers(1, 3), rng.integers(1, 4)
    X, family = random_left(rng, (m, r)), random_family(rng, (n, r))
    Y = random_right(rng, family)
    exact = right_identifiability(X, Y, family).holds
    scales = rng.uniform(0.5, 2, r) * np.exp(1j * rng.uniform(0, 6, r))
    assert right_identifiability(X * scales, Y / scales, family, 1e-9).holds == exact
    assert unique_right_factor(X * scales, Y / scales, family, 1e-9).holds == exact
    assert right_identifiability(X * (1 + sympy.I), Y, family).holds == exact


@settings(max_examples=40)
@given(st.integers(0, 10**6))
def test_a_left_factor_of_ones(seed):
    """Proposition 3.17."""
    rng = np.random.default_rng(seed)
    family = random_family(rng, rng.integers(1, 4, 2))
    Y = random_right(rng, family, bound=1)
    ones = np.ones((1, Y.shape[1]), dtype=int)
    decision = ones_uniqueness(Y, family)
    assert decision.holds == unique_right_factor(ones, Y, family).holds
    if not decision.holds:
        check(decision, ones, Y, family)


def test_supports_have_to_be_disjoint_where_the_sum_is_zero():
    """Proposition 3.17 (ii), first half: the columns agree where the sum is not zero, and meet elsewhere."""
    Y, family = np.array([[1, 0], [0, 0]]), GivenFamily([[[1, 0], [1, 1]]])
    for decision in (ones_uniqueness(Y, family), unique_right_factor(np.ones((1, 2), dtype=int), Y, family)):
        assert decision.holds is False
        check(decision, np.ones((1, 2), dtype=int), Y, family)
    assert ones_uniqueness(Y, GivenFamily([[[1, 0], [1, 0]]])).holds


def test_uniqueness_without_permutations():
    """Proposition 3.16: of two like columns one is as good as the other, which is not the same factor."""
    X, family = np.array([[1, 1, 0], [0, 0, 1]]), row_sparse((1, 3), 1)
    Y = np.array([[2, 0, 0]])
    decision = linear_uniqueness(X, Y, family)
    assert decision.holds is False and "(ii)" in decision.why
    assert (decision.witness.factor == [[0, 2, 0]]).all()
    assert right_identifiability(X, Y, family).holds
    dependent = linear_uniqueness(X, Y, GivenFamily([[[1, 1, 1]]]))
    assert "(i)" in dependent.why and dependent.witness.columns.tolist() == [0, 1]
    assert linear_uniqueness(X[:, 1:], Y[:, :2], GivenFamily([[[1, 1]]])).holds


def test_lemma_3_6_as_printed_is_false():
    """Dropping a zero column of X leaves a unique factor, with it there are others."""
    X, Y = np.array([[1, 0]]), np.array([[1, 0]])
    family = GivenFamily([[[1, 1]]])
    assert unique_right_factor(X[:, :1], Y[:, :1], family.signature([0])).holds
    for decision in (unique_right_factor(X, Y, family), right_identifiability(X, Y, family)):
        assert decision.holds is False
        check(decision, X, Y, family)
    # A support with an entry in the zero column does no harm if it allows no solution: here (0 1).
    assert right_identifiability(X, Y, GivenFamily([[[1, 0]], [[0, 1]]])).holds
    assert unique_right_factor(X, Y, GivenFamily([[[1, 0]], [[0, 1]]])).holds
    assert right_identifiability(X, Y, row_sparse((1, 2), 1)).holds  # no room for a second entry


def test_theorem_3_14_as_printed_asks_too_much():
    """Condition (ii) fails on one half of a factor that is unique as a whole."""
    X, Y = np.array([[1, 1, 0, 0], [0, 0, 1, 1]]), np.array([[1, 0, 1, 0]])
    family = globally_sparse((1, 4), 2)
    assert unique_right_factor(X, Y, family).holds and grouped_uniqueness(X, Y, family).holds
    assert grouped_uniqueness(X, Y, family, as_printed=True).holds is False
    # All groups have to find room at once: (1 1 0 0) has it for the first half of Y, and not for the second.
    crowding = GivenFamily([[[1, 0, 1, 0]], [[1, 1, 0, 0]]])
    assert unique_right_factor(X, Y, crowding).holds and grouped_uniqueness(X, Y, crowding).holds
    assert not ones_uniqueness(Y[:, :2], crowding.signature([0, 1])).holds


def test_a_zero_column_of_x_under_an_entry_of_y():
    X, Y = np.array([[1, 0]]), np.array([[1, 5]])
    decision = right_identifiability(X, Y, column_sparse((1, 2), 1))
    assert "Lemma 3.3" in decision.why
    check(decision, X, Y, column_sparse((1, 2), 1))
    with pytest.raises(ValueError, match="column 1 of X is zero: use right_identifiability"):
        grouped_uniqueness(X, Y, column_sparse((1, 2), 1))


def test_a_factor_outside_the_family_is_refused():
    with pytest.raises(ValueError, match="Y has 2 entries: no support of the family allows them"):
        right_identifiability([[1, 2]], [[1, 1]], row_sparse((1, 2), 1))
