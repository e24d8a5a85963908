"""The rank of the Jacobian."""

from itertools import product

import numpy as np
import pytest

from fourmasks.sparse.referees.exhaustive import fibres, lifted_orbit, orbit
from fourmasks.sparse.referees.jacobian import (
    generic_identifiability,
    isolated_atoms,
    jacobian,
    jacobian_rank,
)
from fourmasks.sparse.supports.pair import SupportPair
from fourmasks.sparse.supports.pairs import only
from fourmasks.sparse.supports.random_instances import random_factors, random_supports

ENTRIES = 6  # of both supports, at most: all factors over the field of five elements are listed


def test_the_jacobian_is_the_derivative():
    rng = np.random.default_rng(7)
    supports = random_supports(rng, (3, 2), 3, 0.6)
    X, Y = random_factors(rng, supports)
    found = jacobian(X, Y, supports)
    step = random_factors(rng, supports)
    direction = []
    for i in range(supports.rank):
        rows, columns = supports.rectangle(i)
        direction += [*step[0][rows, i], *step[1][columns, i]]
    expected = (X + step[0]) @ (Y + step[1]).T - X @ Y.T - step[0] @ step[1].T
    assert (found @ direction == expected.ravel()).all()


def test_the_freedom_of_a_full_factorization():
    """Rank two without zeros: GL(2) has four dimensions, two of them scalings."""
    full = SupportPair(np.ones((4, 2)), np.ones((5, 2)))
    found = generic_identifiability(full)
    assert found.holds is False and found.witness.freedom == 2
    assert jacobian_rank(SupportPair([[0], [0]], [[1], [1]])).parameters == 0


def test_a_column_that_is_empty_on_one_side_is_never_told():
    """Sᴸ = (1 0), Sᴿ = (1 1): the only atom is told, y₂ is not."""
    supports = SupportPair([[1, 0]], [[1, 1]])
    assert isolated_atoms(supports).holds
    decision = generic_identifiability(supports)
    assert decision.holds is False and "column 1 is empty on the left only" in decision.why
    mirrored = generic_identifiability(SupportPair([[1, 1]], [[1, 0]]))
    assert mirrored.holds is False and "column 1 is empty on the right only" in mirrored.why
    assert generic_identifiability(SupportPair([[1, 0]], [[1, 0]])).holds  # empty on both: nothing to tell


def all_supports(m, n, rank):
    """All pairs of supports of a size, empty columns and all, with few entries."""
    for left, right in product(*(product((0, 1), repeat=size * rank) for size in (m, n))):
        if sum(left) + sum(right) <= ENTRIES:
            yield SupportPair(np.reshape(left, (m, rank)), np.reshape(right, (n, rank)))


@pytest.mark.parametrize(("m", "n"), [(1, 1), (1, 2), (2, 1)])
def test_it_is_decided_as_by_all_factors_over_a_finite_field(m, n):
    """Every pair with two atoms: some factors without zeros are PS-unique exactly if it says so, and some
    tuples of atoms are P-unique exactly if `isolated_atoms` does."""
    lone = 0
    for supports in all_supports(m, n, 2):
        unique_factors = unique_atoms = False
        for fibre in fibres(only(supports)):
            full = [(X, Y) for X, Y in fibre if SupportPair.from_factors(X, Y) == supports]
            unique_factors |= bool(full) and len({orbit(X, Y) for X, Y in fibre}) == 1
            unique_atoms |= bool(full) and len({lifted_orbit(X, Y) for X, Y in fibre}) == 1
        assert generic_identifiability(supports).holds == unique_factors, supports
        assert isolated_atoms(supports).holds == unique_atoms, supports
        lone += unique_atoms and not unique_factors
    assert lone  # where the two differ, a column is empty on one side only


def test_one_dimension_is_no_plural():
    decision = isolated_atoms(SupportPair([[1, 1]], [[1, 1]]))
    assert decision.why == "generic solutions move in 1 dimension besides scaling"
    assert "in 2 dimensions" in isolated_atoms(SupportPair(np.ones((2, 2)), np.ones((2, 2)))).why


def test_supports_are_a_support_pair():
    with pytest.raises(ValueError, match="supports is of type list: expected a SupportPair"):
        generic_identifiability([[1]])
    with pytest.raises(ValueError, match="seed = 'a': expected an integer of at least 0"):
        generic_identifiability(SupportPair([[1]], [[1]]), "a")
