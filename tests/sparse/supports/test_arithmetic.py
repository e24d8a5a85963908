"""Both arithmetics, and ranks modulo a prime."""

from fractions import Fraction

import numpy as np
import pytest
import sympy

from fourmasks.sparse.supports.arithmetic import Approximate, Exact, arithmetic
from fourmasks.sparse.supports.finite_field import PRIME, ROOT, inverses, ranks, residues


def test_the_entries_choose_the_arithmetic():
    assert isinstance(arithmetic([[1, 2]], [[Fraction(1, 2)]]), Exact)
    assert isinstance(arithmetic([[1, 2]], [[0.5]], tolerance=1e-9), Approximate)
    assert isinstance(arithmetic(np.array([[Fraction(1), 0.5]], dtype=object), tolerance=1e-9), Approximate)


@pytest.mark.parametrize(
    "entry, tolerance, message",
    [
        (0.5, None, "entries are floats: give a tolerance"),
        (1, 1e-9, "tolerance = 1e-09: exact entries take none"),
        (0.5, 0.0, "tolerance = 0.0: expected a positive number"),
    ],
)
def test_a_tolerance_is_for_floats(entry, tolerance, message):
    with pytest.raises(ValueError, match=message):
        arithmetic([[entry]], tolerance=tolerance)


def test_irrational_entries_are_refused():
    with pytest.raises(ValueError, match="expected an integer, a fraction or a SymPy number"):
        arithmetic([[1]]).matrix([[sympy.sqrt(2)]])


@pytest.mark.parametrize("unit", [1, sympy.I])
def test_ranks_kernels_and_solutions_agree(unit):
    rng = np.random.default_rng(4)
    for _ in range(10):
        exact = rng.integers(-2, 3, (3, 2)) @ rng.integers(-2, 3, (2, 4)) + unit * rng.integers(-1, 2)
        floats = exact.astype(complex if unit != 1 else float)
        b = exact @ rng.integers(-2, 3, 4)
        found = []
        for matrix, tolerance in ((exact, None), (floats, 1e-9)):
            field = arithmetic(matrix, tolerance=tolerance)
            A = field.matrix(matrix)
            kernel = field.kernel(A)
            assert field.is_zero(field.product(A, kernel)).all()
            right = field.matrix(b if tolerance is None else b.astype(floats.dtype))
            solution = field.solve(A, right)
            assert field.is_zero(A @ solution - right).all()
            found.append((field.rank(A), kernel.shape))
        assert found[0] == found[1]


def test_what_is_given_back_is_taken_again():
    field = arithmetic(matrix := [[sympy.I / 2, 1], [Fraction(1, 3), 0]])
    given = field.give(field.matrix(matrix))
    assert given[1, 0] == Fraction(1, 3) and given[0, 0] == sympy.I / 2
    assert (field.matrix(given) == field.matrix(matrix)).all()


def test_a_system_without_columns():
    for field in (arithmetic([[1]]), Approximate(1e-9)):
        A = field.matrix(np.empty((2, 0)))
        assert field.rank(A) == 0 and field.solve(A, field.matrix([0, 0])).shape == (0,)
        assert field.solve(A, field.matrix([0, 1])) is None


def test_ranks_modulo_a_prime_are_those_over_the_rationals():
    assert ROOT**2 % PRIME == PRIME - 1
    values = np.array([1, 2, PRIME - 1])
    assert (values * inverses(values) % PRIME == 1).all()
    rng = np.random.default_rng(0)
    matrices = np.array([rng.integers(-2, 3, (4, k)) @ rng.integers(-2, 3, (k, 5)) for k in (1, 2, 3, 4) * 5])
    assert ranks(matrices).tolist() == [np.linalg.matrix_rank(matrix) for matrix in matrices]


def test_gaussian_rationals_have_residues():
    matrix = [[sympy.I, 1], [-1, sympy.I], [Fraction(1, 2), 0]]
    field = arithmetic(matrix)
    found = residues(field.matrix(matrix), field.domain)
    assert ranks(found[None, :2])[0] == 1 and ranks(found[None])[0] == 2
    assert residues(field.matrix([[Fraction(1, PRIME)]]), field.domain) is None
