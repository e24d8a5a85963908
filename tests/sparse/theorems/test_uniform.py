"""Uniform identifiability and the Kruskal rank."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fourmasks.sparse.referees.exhaustive import fibres, lifted_orbit
from fourmasks.sparse.referees.polynomial import disjoint_solutions, unique_decomposition
from fourmasks.sparse.supports.equivalence import equivalence
from fourmasks.sparse.supports.families import (
    GivenFamily,
    SparseFamily,
    column_sparse,
    globally_sparse,
    regular,
    row_sparse,
)
from fourmasks.sparse.supports.lifting import within
from fourmasks.sparse.supports.pair import SupportPair
from fourmasks.sparse.supports.pairs import GivenPairs, ProductPairs, only
from fourmasks.sparse.supports.random_instances import random_family, random_left, random_right
from fourmasks.sparse.theorems.degeneration import non_degeneration
from fourmasks.sparse.theorems.identification import disjoint_by_counting, partitions, support_identification
from fourmasks.sparse.theorems.kruskal import kruskal_rank, required_rank, uniform_by_kruskal
from fourmasks.sparse.theorems.right import unique_right_factor
from fourmasks.sparse.theorems.uniform import (
    disjoint,
    injective,
    scaling_uniqueness,
    uniform_decomposition,
    uniform_ones,
    uniform_right,
)


def check(decision, X, family):
    """The witness: two factors of the family with the same product that are not equivalent."""
    first, second = decision.witness
    assert all(family.allows(np.array(factor != 0)) for factor in (first, second))
    assert (X @ first.T == X @ second.T).all() and not equivalence((X, first), (X, second)).holds


@settings(max_examples=60)
@given(st.integers(0, 10**6))
def test_the_corollaries_agree_with_each_other_and_with_factors(seed):
    """Corollaries 5.6 and 5.12, mended, and right identifiability of single factors."""
    rng = np.random.default_rng(seed)
    m, n, r = rng.integers(1, 4, 3)
    X, family = random_left(rng, (m, r)), random_family(rng, (n, r))
    decision = uniform_right(X, family)
    if decision.holds:
        assert unique_right_factor(X, random_right(rng, family), family).holds
    else:
        check(decision, X, family)
    if isinstance(family, SparseFamily):
        found = uniform_by_kruskal(X, family)
        assert found.holds == decision.holds
        if not found.holds:
            assert np.linalg.matrix_rank(X[:, found.witness]) < len(found.witness)


def test_corollary_5_12_iv_as_printed_is_false():
    """One entry anywhere, two collinear columns, two rows: unique with Kruskal rank 1, below min(r, 2)."""
    X, family = np.array([[1, 1]]), globally_sparse((2, 2), 1)
    assert kruskal_rank(X).value == 1
    assert uniform_right(X, family).holds and uniform_by_kruskal(X, family).holds
    for place in np.ndindex(2, 2):
        Y = np.zeros((2, 2), dtype=int)
        Y[place] = 3
        assert unique_right_factor(X, Y, family).holds


@pytest.mark.parametrize(
    "family, rank",
    [
        (row_sparse((2, 5), 1), 2), (row_sparse((2, 5), 3), 5), (row_sparse((1, 5), 1), 1),
        (column_sparse((2, 5), 1), 5), (globally_sparse((2, 5), 2), 4), (globally_sparse((2, 5), 1), 1),
        (regular(4, 2), 4), (regular(4, 1), 1), (SparseFamily((2, 2), per_row=1, total=2), None),
        (SparseFamily((2, 2)), None),
    ],
)  # fmt: skip
def test_the_kruskal_rank_that_a_family_needs(family, rank):
    assert required_rank(family) == rank
    if rank is None:
        assert uniform_by_kruskal(np.eye(2, dtype=int), family).holds is None


def test_bad_arguments_of_the_corollary():
    with pytest.raises(ValueError, match="expected bounds of at least 1"):
        required_rank(row_sparse((2, 2), 0))
    for decide in (uniform_right, uniform_by_kruskal):
        with pytest.raises(ValueError, match=r"X of shape \(1, 3\): expected 2 columns"):
            decide([[1, 2, 3]], row_sparse((2, 2), 1))


@settings(max_examples=40)
@given(st.integers(0, 10**6), st.sampled_from(["rational", "real", "complex"]))
def test_the_kruskal_rank_by_its_definition(seed, numbers):
    rng = np.random.default_rng(seed)
    m, r = rng.integers(1, 5), rng.integers(1, 6)
    X = random_left(rng, (m, r))
    given_X = {"rational": X, "real": X * 0.5, "complex": X * rng.uniform(1, 2, r) * 1j}[numbers]
    found = kruskal_rank(given_X, None if numbers == "rational" else 1e-9)
    independent = [
        all(np.linalg.matrix_rank(X[:, chosen]) == size for chosen in combinations(range(r), size))
        for size in range(1, r + 1)
    ]
    assert found.value == sum(independent) and sorted(independent, reverse=True) == independent
    if found.dependent is not None:
        assert np.linalg.matrix_rank(X[:, found.dependent]) < len(found.dependent) == found.value + 1
    assert (found.dependent is None) == (found.value == r)


def test_uniform_decomposition_on_fixed_supports():
    """Lemma 5.1 and Proposition 5.5 for a single pair."""
    apart = SupportPair([[1, 0], [1, 1]], [[1, 0], [0, 1]])
    meeting = SupportPair([[1, 0], [1, 1]], [[1, 1], [0, 1]])
    assert disjoint(apart).holds and uniform_decomposition(only(apart)).holds
    for decision in (disjoint(meeting), uniform_decomposition(only(meeting))):
        first, second = decision.witness
        assert decision.holds is False and (first.sum(axis=0) == second.sum(axis=0)).all()
        assert within(first, meeting) and within(second, meeting)
        assert sorted(map(str, first.tolist())) != sorted(map(str, second.tolist()))


@settings(max_examples=25)
@given(st.integers(0, 10**6))
def test_uniform_decomposition_by_trying_everything(seed):
    rng = np.random.default_rng(seed)
    m, n, r = rng.integers(1, 3, 3)
    pairs = [
        SupportPair(rng.random((m, r)) < 0.5, rng.random((n, r)) < 0.5) for _ in range(rng.integers(1, 4))
    ]
    if max(pair.left.sum() + pair.right.sum() for pair in pairs) > 5:
        return
    omega = GivenPairs(pairs)
    alike = all(len({lifted_orbit(X, Y) for X, Y in fibre}) == 1 for fibre in fibres(omega))
    decision = uniform_decomposition(omega)
    assert decision.holds == alike
    if not alike:
        first, second = decision.witness
        assert (first.sum(axis=0) == second.sum(axis=0)).all()
        assert any(within(first, pair) for pair in pairs) and any(within(second, pair) for pair in pairs)
        assert sorted(map(str, first.tolist())) != sorted(map(str, second.tolist()))


def test_two_supports_with_one_union():
    """Proposition 5.10 (ii)."""
    family = GivenFamily([[[1, 0], [0, 1]], [[1, 0], [1, 0]]])
    decision = uniform_ones(family)
    assert decision.holds is False and "5.10 (ii)" in decision.why
    check(decision, np.array([[1, 1]]), family)
    assert uniform_ones(GivenFamily([[[1, 0], [0, 1]]])).holds


def test_injectivity_and_its_witness():
    """Proposition 5.8: two supports together may use dependent columns that neither uses alone."""
    X, family = np.array([[1, 0, 1], [0, 1, 1]]), row_sparse((1, 3), 2)
    first, second = injective(X, family).witness
    assert (X @ first.T == X @ second.T).all() and (first != second).any()
    assert family.allows(first) and family.allows(second)
    assert injective(X, row_sparse((4, 3), 1)).holds


def test_scaling_uniqueness():
    apart = SupportPair([[1, 0], [1, 1]], [[1, 0], [0, 1]])
    X, Y = np.array([[1, 0], [0, 2]]), np.array([[1, 0], [0, 1]])
    assert scaling_uniqueness(X, Y, apart).holds
    assert scaling_uniqueness(X * [1, 0], Y, apart).holds is False
    assert scaling_uniqueness(X, Y, SupportPair([[1, 0], [1, 1]], [[1, 1], [0, 1]])).holds is None


def test_too_many_tuples_are_refused():
    large = SupportPair(np.ones((10, 1)), np.ones((11, 1)))
    with pytest.raises(ValueError, match="tuples of rank-one supports: expected at most 500000"):
        uniform_decomposition(ProductPairs(GivenFamily([large.left]), GivenFamily([large.right])))


def test_fixed_supports_are_a_family_of_one_pair():
    for supports in (SupportPair([[1, 0], [0, 1]], [[1, 0], [0, 1]]), SupportPair([[1, 1]], [[1, 1]])):
        one, family = uniform_decomposition(supports), uniform_decomposition(only(supports))
        assert (one.holds, one.why) == (family.holds, family.why)
    assert not one.holds


@pytest.mark.parametrize(
    "decide",
    [
        uniform_decomposition,
        lambda omega: disjoint_by_counting(np.eye(2, dtype=int), omega),
        lambda omega: list(partitions(np.eye(2, dtype=int), omega)),
        lambda omega: support_identification(np.eye(2, dtype=int), omega, algebra=True),
        lambda omega: non_degeneration(np.eye(2, dtype=int), np.eye(2, dtype=int), omega),
        lambda omega: unique_decomposition(np.eye(2, dtype=int), np.eye(2, dtype=int), omega),
        lambda omega: disjoint_solutions(np.eye(2, dtype=int), omega),
        fibres,
    ],
)
def test_what_takes_a_family_of_pairs_takes_one_pair_and_refuses_all_else(decide):
    supports = SupportPair(np.eye(2), np.eye(2))
    one, family = decide(supports), decide(only(supports))
    assert getattr(one, "holds", None) == getattr(family, "holds", None)
    for other in ([supports], (np.eye(2), np.eye(2)), column_sparse((2, 2), 1)):
        with pytest.raises(ValueError, match="omega is of type .*: expected GivenPairs, ProductPairs or one"):
            decide(other)


def test_members_and_families_of_another_kind_are_refused():
    supports = SupportPair(np.eye(2), np.eye(2))
    X = np.eye(2, dtype=int)
    for decide, message in (
        (lambda: GivenPairs(supports), "members is a SupportPair: expected a sequence"),
        (
            lambda: GivenPairs([supports, supports.left]),
            "supports is of type ndarray",
        ),
        (lambda: ProductPairs(supports.left, column_sparse((2, 2), 1)), "family is of type ndarray"),
        (lambda: uniform_ones(supports), "family is of type SupportPair: expected a Family"),
        (lambda: injective(X, supports), "family is of type SupportPair"),
        (lambda: uniform_right(X, supports.right), "family is of type ndarray"),
        (lambda: unique_right_factor(X, X, supports.right), "family is of type ndarray"),
    ):
        with pytest.raises(ValueError, match=message):
            decide()
