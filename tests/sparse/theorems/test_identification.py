"""Identifying supports from the product."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fourmasks.sparse.referees.polynomial import disjoint_solutions, unique_decomposition
from fourmasks.sparse.supports.families import regular
from fourmasks.sparse.supports.pair import SupportPair
from fourmasks.sparse.supports.pairs import GivenPairs, ProductPairs, only
from fourmasks.sparse.supports.random_instances import random_factors, random_stable_pairs
from fourmasks.sparse.theorems.identification import disjoint_by_counting, partitions, support_identification


@settings(max_examples=30)
@given(st.integers(0, 10**6))
def test_what_is_identified_is_unique(seed):
    """Proposition 4.11: disjoint supports that are known make the whole decomposition known."""
    rng = np.random.default_rng(seed)
    omega = random_stable_pairs(rng, rng.integers(1, 4, 2), int(rng.integers(1, 4)), rng.integers(1, 3))
    if max(np.maximum(pair.masks().sum(axis=0) - 1, 0).sum() for pair in omega.members) > 5:
        return
    X, Y = random_factors(rng, omega.members[0])
    Z = X @ Y.T
    if disjoint_by_counting(Z, omega).holds:
        assert disjoint_solutions(Z, omega).holds
    decision = support_identification(Z, omega, algebra=True)
    if decision.holds:
        assert unique_decomposition(X, Y, omega).holds
        assert (decision.witness.sum(axis=0) == (Z != 0)).all()


def test_the_hadamard_matrix_tells_its_supports():
    """Two 2-sparse factors of the Hadamard matrix of order 4: counting shows that they cannot overlap."""
    H = np.array([[1, 1], [1, -1]])
    X, Y = np.kron(H, np.eye(2, dtype=int)), np.kron(np.eye(2, dtype=int), H)
    omega = GivenPairs([SupportPair.from_factors(X, Y), SupportPair.from_factors(Y, X)])
    decision = support_identification(X @ Y.T, only(SupportPair.from_factors(X, Y)))
    assert decision.holds and (decision.witness == SupportPair.from_factors(X, Y).masks()).all()
    ambiguous = support_identification(X @ Y.T, omega)  # both orders of the factors fit
    assert ambiguous.holds is None and "(ii)" in ambiguous.why
    assert support_identification(X @ Y.T * 1j, only(SupportPair.from_factors(X, Y)), 1e-9).holds


def test_counting_is_open_where_supports_have_room():
    omega = ProductPairs(regular(2, 2), regular(2, 2))
    Z = np.array([[1, 2], [3, 4]])
    decision = support_identification(Z, omega)
    assert decision.holds is None and decision.witness.masks().sum() > 4
    by_algebra = disjoint_solutions(Z, omega)
    assert by_algebra.holds is False and by_algebra.witness.basis


def test_partitions_are_all_of_them():
    """The identity of order 2 as rows, as columns and as single entries."""
    free = only(SupportPair(np.ones((2, 2)), np.ones((2, 2))))
    found = [parts for parts, _ in partitions(np.eye(2, dtype=int), free)]
    assert len(found) == 2 and all((parts.sum(axis=0) == np.eye(2)).all() for parts in found)
    assert len(list(partitions(np.array([[1, 2], [2, 4]]), free))) == 6  # whole, rows, columns; twice each
    single = only(SupportPair([[1], [1]], [[1], [1]]))
    assert not list(partitions(np.array([[1, 2], [3, 4]]), single))
    assert support_identification(np.array([[1, 2], [3, 4]]), single).holds is None


def test_wrong_shapes_are_refused():
    for decide in (support_identification, disjoint_solutions):
        with pytest.raises(ValueError, match=r"Z of shape \(1, 2\): expected \(1, 1\)"):
            decide([[1, 1]], only(SupportPair([[1]], [[1]])))
