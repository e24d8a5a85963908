"""The rank of the Jacobian."""

import numpy as np

from fourmasks.sparse.referees.jacobian import generic_identifiability, jacobian, jacobian_rank
from fourmasks.sparse.supports.pair import SupportPair
from fourmasks.sparse.supports.random_instances import random_factors, random_supports


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
