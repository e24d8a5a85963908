"""How many solutions there are, on the three examples of the gap."""

import numpy as np

from fourmasks.sparse.referees.jacobian import jacobian_rank
from fourmasks.sparse.referees.solution_count import count_zeros, solutions_at_random
from fourmasks.sparse.referees.symbolic import example_supports as squares
from fourmasks.sparse.supports.instances import example_supports
from fourmasks.sparse.supports.pair import SupportPair
from fourmasks.sparse.theorems.closure import closable
from fourmasks.sparse.theorems.necessary import generic_conditions

CROSS = SupportPair([[1, 0], [1, 1]], [[0, 1], [1, 1]])
SIDES = [[1, 1, 0], [1, 0, 1], [0, 1, 1]]
TRIANGLE = SupportPair(SIDES, SIDES)


def test_zeros_are_counted_from_leading_monomials():
    assert count_zeros([(2, 0), (1, 1), (0, 3)]) == 4  # 1, x, y, y²
    assert count_zeros([(1, 0), (1, 1)]) is None


def test_the_three_examples_of_the_gap():
    found = [
        solutions_at_random(supports, seed) for supports in (squares(), TRIANGLE, CROSS) for seed in (1, 2)
    ]
    assert found == [1, 1, 2, 2, None, None]
    for supports in (squares(), TRIANGLE, CROSS):
        assert not closable(supports).holds and generic_conditions(supports).holds
    assert [jacobian_rank(s).freedom for s in (squares(), TRIANGLE, CROSS)] == [0, 0, 1]
    assert solutions_at_random(example_supports(), 1) == 1


def test_the_triangles_second_solution_is_the_other_root():
    """Going round the triangle with fractions leads back to both roots, and to no third number."""
    rng = np.random.default_rng(0)
    X, Y = (np.where(TRIANGLE.left, rng.uniform(0.5, 2, (3, 3)), 0) for _ in range(2))
    Z = X @ Y.T

    def round_trip(t):
        at_33 = Z[0, 2] * Z[2, 0] / (Z[0, 0] - t)
        at_22 = Z[1, 2] * Z[2, 1] / (Z[2, 2] - at_33)
        return Z[0, 1] * Z[1, 0] / (Z[1, 1] - at_22)

    M = np.eye(2)  # the matrix of the fraction, step by step
    for numerator, level in (
        (Z[0, 2] * Z[2, 0], Z[0, 0]),
        (Z[1, 2] * Z[2, 1], Z[2, 2]),
        (Z[0, 1] * Z[1, 0], Z[1, 1]),
    ):
        M = np.array([[0, numerator], [-1, level]]) @ M
    roots = np.roots([M[1, 0], M[1, 1] - M[0, 0], -M[0, 1]])
    assert np.allclose([round_trip(root) for root in roots], roots)
    assert np.abs(roots - X[0, 0] * Y[0, 0]).min() < 1e-12 and abs(roots[0] - roots[1]) > 1e-3
