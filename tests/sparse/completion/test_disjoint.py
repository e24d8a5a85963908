"""One pass where supports do not meet: the same as the rounds of Algorithm 1, which do the rest."""

from fractions import Fraction

import numpy as np
import pytest

from fourmasks.sparse.completion import fast
from fourmasks.sparse.completion.disjoint import values_if_disjoint
from fourmasks.sparse.completion.entries import Entries
from fourmasks.sparse.completion.fast import complete
from fourmasks.sparse.supports.instances import planted_factors, staircase
from fourmasks.sparse.supports.pair import SupportPair

TOLERANCE = 1e-9


def apart(rng, rank=4):
    """Return supports of random sizes that do not meet: each atom has rows, or columns, of its own."""
    left, right = np.zeros((9, rank), bool), np.zeros((8, rank), bool)
    own_rows = rng.integers(rank, size=9)
    left[np.arange(9), own_rows] = True
    right[:] = rng.random((8, rank)) < 0.6
    order = rng.permutation(9), rng.permutation(8)
    return SupportPair(left[order[0]], right[order[1]])


def by_rounds(Z, supports, monkeypatch, **settings):
    """Return what the rounds give, without the one pass."""
    with monkeypatch.context() as patch:
        patch.setattr(fast, "values_if_disjoint", lambda *_: None)
        return complete(Z, supports, **settings)


def drawn(supports, rng, kind):
    X, Y = planted_factors(supports, rng)
    if kind == "exact":
        return np.array(
            [[Fraction(int(v)) for v in row] for row in np.rint(9 * X) @ np.rint(9 * Y).T], object
        )
    return X @ (Y * np.exp(1j * Y) if kind == "complex" else Y).T


def is_same(one, other):
    assert (one.outcome, one.conflict, one.bounds) == (other.outcome, other.conflict, other.bounds)
    for name in ("known", "round"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))
    if one.values.dtype == object:
        np.testing.assert_array_equal(one.values, other.values)
    else:
        np.testing.assert_allclose(one.values, other.values, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("kind", ["float", "complex", "exact"])
def test_one_pass_gives_what_the_rounds_give(kind, monkeypatch):
    rng, passes = np.random.default_rng(0), 0
    settings = {} if kind == "exact" else {"tolerance": TOLERANCE}
    for _ in range(40):
        supports = apart(rng)
        Z = drawn(supports, rng, kind)
        zero = settings.get("tolerance", 0)
        passes += values_if_disjoint(Z, Entries.of(supports), zero, zero) is not None
        is_same(complete(Z, supports, **settings), by_rounds(Z, supports, monkeypatch, **settings))
    assert passes > 10


def test_zeros_conflicts_and_entries_outside_are_left_to_the_rounds(monkeypatch):
    rng, outcomes = np.random.default_rng(1), set()
    for change in (0.0, 1.0):
        for _ in range(40):
            supports = apart(rng)
            Z = drawn(supports, rng, "float")
            Z[rng.integers(9), rng.integers(8)] = change
            found = complete(Z, supports, tolerance=TOLERANCE)
            is_same(found, by_rounds(Z, supports, monkeypatch, tolerance=TOLERANCE))
            outcomes.add(found.outcome if found.conflict is None else found.conflict.kind)
    assert {"outside", "rank"} <= outcomes


def test_supports_that_meet_are_left_to_the_rounds():
    supports = staircase(3, 4, 3)
    Z = drawn(supports, np.random.default_rng(2), "float")
    assert values_if_disjoint(Z, Entries.of(supports), TOLERANCE, TOLERANCE) is None
    assert complete(Z, supports, tolerance=TOLERANCE).outcome == "unique"


def test_there_may_be_no_entries():
    supports = SupportPair(np.zeros((3, 2)), np.ones((2, 2)))
    assert complete(np.zeros((3, 2)), supports, tolerance=TOLERANCE).outcome == "unique"
    assert complete(np.eye(3)[:, :2], supports, tolerance=TOLERANCE).conflict.kind == "outside"
