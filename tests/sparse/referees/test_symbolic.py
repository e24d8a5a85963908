"""Example 4.16 with letters, against numbers put in for them."""

from fractions import Fraction

import numpy as np
import sympy

from fourmasks.sparse.referees.symbolic import LETTERS, UNKNOWNS, example, example_factors, example_supports
from fourmasks.sparse.supports.lifting import lift
from fourmasks.sparse.theorems.closure import closable


def test_the_determinant_is_that_of_the_two_columns():
    a, b, c, d, *_ = LETTERS
    solved = example()
    assert sympy.expand(solved.determinant - (a * d - b * c)) == 0
    assert solved.holds_at_the_given() and solved.line_solves()
    assert not closable(example_supports()).holds


def test_the_first_matrix_as_printed_is_not_of_rank_one():
    """Example 4.16 prints b·y where b·x is meant."""
    a, b, _, _, x, y = LETTERS
    printed = sympy.Matrix([[a, a * x], [b, b * y]])
    assert sympy.expand(printed.det() - a * b * (y - x)) == 0
    assert example().contributions[0][:, :2] == sympy.Matrix([[a, a * x], [b, b * x]])


def test_the_letters_stand_for_the_lifted_factors():
    numbers = (2, 3, -1, 5, Fraction(1, 2), -4)
    solved = example()
    found = [part.subs(dict(zip(LETTERS, numbers, strict=True))).tolist() for part in solved.contributions]
    assert np.array_equal(np.array(found, object), lift(*example_factors(*numbers)))


def test_the_equations_say_that_both_matrices_have_rank_one():
    rng, solved = np.random.default_rng(0), example()
    for _ in range(20):
        values = dict(zip((*LETTERS, *UNKNOWNS), rng.integers(-2, 3, 8).tolist(), strict=True))
        Z = sum((part.subs(values) for part in solved.contributions), sympy.zeros(2, 3))
        inner = sympy.Matrix([values[UNKNOWNS[0]], values[UNKNOWNS[1]]])
        first = sympy.Matrix.hstack(Z[:, 0], inner)
        second = sympy.Matrix.hstack(Z[:, 1] - inner, Z[:, 2])
        vanish = [equation.subs(values) == 0 for equation in solved.equations]
        assert vanish == [first.det() == 0, second.det() == 0]


def test_a_point_of_the_line_is_a_second_decomposition():
    a, b, c, d, *_ = LETTERS
    solved = example()
    wrong = example()
    object.__setattr__(wrong, "line", (a * (LETTERS[4] + solved.t), b * LETTERS[4]))
    assert not wrong.line_solves()
