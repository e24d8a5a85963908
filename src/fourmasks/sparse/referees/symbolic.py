"""Example 4.16 with letters in place of numbers: uniqueness is linear independence (paper, Appendix L)."""

from dataclasses import dataclass

import sympy

from fourmasks.sparse.supports.pair import SupportPair

LETTERS = sympy.symbols("a b c d x y")
UNKNOWNS = sympy.symbols("p q")


@dataclass(frozen=True, eq=False)
class Independence:
    """The example, solved.

    Every C' in the supports with the sum of C has its outer columns from Z; its inner ones are (p, q) and
    what is left of Z. Rank one asks for one 2 x 2 minor of each to be zero: two equations, linear in p and q.

    Attributes
    ----------
    contributions : tuple of sympy.Matrix
        C¹ and C², (2, 3).
    equations : tuple of sympy.Expr
        The two minors, in p and q.
    determinant : sympy.Expr
        Of the two equations, factored. Not zero: one solution, the given one. Zero: a line of them.
    line : tuple of sympy.Expr
        Where (c, d) is `ratio` times (a, b): p and q on the line, by the parameter `t`.
    """

    contributions: tuple
    equations: tuple
    determinant: sympy.Expr
    line: tuple
    ratio: sympy.Symbol
    t: sympy.Symbol

    def holds_at_the_given(self) -> bool:
        """Return whether p = a x and q = b x, which give C itself, satisfy both equations."""
        a, b, _, _, x, _ = LETTERS
        return all(sympy.expand(e.subs(dict(zip(UNKNOWNS, (a * x, b * x), strict=True)))) == 0
                   for e in self.equations)  # fmt: skip

    def line_solves(self) -> bool:
        """Return whether every point of the line satisfies both equations where (c, d) = ratio (a, b)."""
        a, b, c, d, *_ = LETTERS
        dependent = {c: self.ratio * a, d: self.ratio * b} | dict(zip(UNKNOWNS, self.line, strict=True))
        return all(sympy.expand(e.subs(dependent, simultaneous=True)) == 0 for e in self.equations)


def example_supports() -> SupportPair:
    """Return the supports of Example 4.16: two 2 x 2 squares side by side, with a column in common."""
    return SupportPair([[1, 1], [1, 1]], [[1, 0], [1, 1], [0, 1]])


def example_factors(a, b, c, d, x, y) -> tuple[list, list]:
    """Return the factors X (2, 2) and Y (3, 2) of Example 4.16 with these values."""
    return [[a, c], [b, d]], [[1, 0], [x, y], [0, 1]]


def example() -> Independence:
    """Return Example 4.16 with letters, its two equations and their determinant."""
    a, b, c, d, x, y = LETTERS
    p, q = UNKNOWNS
    left, right = (sympy.Matrix(factor) for factor in example_factors(*LETTERS))
    contributions = tuple(left[:, i] * right[:, i].T for i in range(2))
    Z = contributions[0] + contributions[1]
    pairs = (  # of the outer column, which Z shows, and the inner one
        sympy.Matrix([[Z[0, 0], p], [Z[1, 0], q]]),
        sympy.Matrix([[Z[0, 1] - p, Z[0, 2]], [Z[1, 1] - q, Z[1, 2]]]),
    )
    equations = tuple(sympy.expand(pair.det()) for pair in pairs)
    system, _ = sympy.linear_eq_to_matrix(equations, UNKNOWNS)
    ratio, t = sympy.symbols("lambda t")
    line = (a * (x + t), b * (x + t))
    return Independence(contributions, equations, sympy.factor(system.det()), line, ratio, t)
