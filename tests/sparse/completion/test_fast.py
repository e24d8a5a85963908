"""The fast Algorithm 1 against the literal one, the closure of the supports, and known factors."""

from collections import Counter
from fractions import Fraction

import numpy as np
import pytest
import scipy.sparse

from fourmasks.sparse.completion.fast import complete
from fourmasks.sparse.completion.literal import complete_literally
from fourmasks.sparse.supports.instances import (
    EXAMPLE_Z,
    example_supports,
    planted_factors,
    staircase,
    tiled,
)
from fourmasks.sparse.supports.pair import SupportPair


def random_supports(shape, rank, density, rng):
    return SupportPair(*(rng.random((size, rank)) < density for size in shape))


def closure(supports):
    """Which entries the completion operations reach, straight from Definitions 4.17, 4.19 and 4.24."""
    masks = supports.masks()
    known = masks & (masks.sum(0) == 1)
    while True:
        before = known.copy()
        for graph, mask in zip(known, masks, strict=True):
            near = graph.astype(int)
            graph |= mask & ((near @ near.T @ near) > 0)  # ends of a path of three edges
        missing = masks & ~known
        known |= missing & (missing.sum(0) == 1)
        if np.array_equal(known, before):
            return known


def normalised(X, Y):
    """Scale the first non-zero entry of each column of X to 1."""
    X, Y = (np.array([[Fraction(int(v)) for v in row] for row in a], object) for a in (X, Y))
    for i in range(X.shape[1]):
        if X[:, i].any() and Y[:, i].any():
            first = X[np.flatnonzero(X[:, i])[0], i]
            X[:, i], Y[:, i] = X[:, i] / first, Y[:, i] * first
        else:
            X[:, i], Y[:, i] = X[:, i] * 0, Y[:, i] * 0
    return X, Y


def drawn(rng, largest=6):
    m, n, r = rng.integers(1, largest, 3)
    return random_supports((m, n), min(r, 4), rng.uniform(0.3, 0.8), rng)


def test_what_completion_reaches_is_the_closure_and_the_factors_are_found_exactly():
    rng, closed = np.random.default_rng(1), 0
    for _ in range(300):
        supports = drawn(rng)
        X, Y = planted_factors(supports, rng, "integer")
        found, reached = complete(X @ Y.T, supports), closure(supports)
        C, known = found.contributions()
        assert np.array_equal(known, reached | ~supports.masks())
        assert np.array_equal(C[known], (X.T[:, :, None] * Y.T[:, None, :])[known])
        assert found.outcome == ("unique" if known.all() else "ambiguous")
        assert len(found.missing) == np.count_nonzero(~known)
        if found.outcome == "unique":
            for factor, truth in zip(found.factors(), normalised(X, Y), strict=True):
                assert np.array_equal(factor, truth)
            closed += 1
    assert 60 < closed < 240


def test_fast_and_literal_agree():
    rng, outcomes = np.random.default_rng(2), Counter()
    for trial in range(400):
        supports = drawn(rng)
        X, Y = planted_factors(supports, rng, "integer")
        if trial % 2:  # zeros inside the supports
            X, Y = (factor * (rng.random(factor.shape) > 0.3) for factor in (X, Y))
        Z, changed = X @ Y.T, trial % 3 == 0
        if changed:
            Z[rng.integers(Z.shape[0]), rng.integers(Z.shape[1])] += rng.choice([-2, -1, 1, 2])
        fast, literal = complete(Z, supports), complete_literally(Z, supports)
        assert fast.outcome == literal.outcome
        outcomes[fast.outcome, changed, bool(trial % 2)] += 1
        if fast.outcome == "incompatible":
            assert changed and fast.conflict and literal.conflict
            continue
        assert np.array_equal(fast.known, literal.known) and np.array_equal(fast.values, literal.values)
        if fast.outcome == "unique":
            X, Y = fast.factors()
            assert np.array_equal(X @ Y.T, Z)
            assert all(np.array_equal(a, b) for a, b in zip((X, Y), literal.factors(), strict=True))
    for zeros in (False, True):
        assert min(outcomes[o, False, zeros] for o in ("unique", "ambiguous")) > 20
        assert min(outcomes[o, True, zeros] for o in ("unique", "ambiguous", "incompatible")) > 5


def test_the_order_of_atoms_rows_and_columns_does_not_matter():
    rng = np.random.default_rng(3)
    for _ in range(60):
        supports = drawn(rng)
        X, Y = planted_factors(supports, rng, "integer")
        X, Y = (factor * (rng.random(factor.shape) > 0.2) for factor in (X, Y))
        k, j, i = (rng.permutation(size) for size in (*supports.shape, supports.rank))
        C, known = complete(X @ Y.T, supports).contributions()
        shuffled = SupportPair(supports.left[k][:, i], supports.right[j][:, i])
        C_other, known_other = complete((X @ Y.T)[k][:, j], shuffled).contributions()
        assert np.array_equal(known[i][:, k][:, :, j], known_other)
        assert np.array_equal(C[i][:, k][:, :, j], C_other)


def test_example_4_28_exactly():
    found = complete(EXAMPLE_Z, example_supports())
    assert found.outcome == "unique" and found.conflict is None
    C, _ = found.contributions()
    assert all(isinstance(value, Fraction) for value in C.flat)
    assert C.tolist() == [
        [[0, 0, 0, 0], [1, 1, 0, 0], [2, 2, 0, 0], [3, 3, 0, 0]],
        [[0, 1, 2, 0], [0, 1, 2, 0], [0, 1, 2, 0], [0, 0, 0, 0]],
        [[0, 0, 0, 0], [0, 0, 0, 0], [0, 3, 3, 6], [0, 2, 2, 4]],
    ]
    X, Y = found.factors()
    assert X.T.tolist() == [[0, 1, 2, 3], [1, 1, 1, 0], [0, 0, 1, Fraction(2, 3)]]
    assert Y.T.tolist() == [[1, 1, 0, 0], [0, 1, 2, 0], [0, 3, 3, 6]]


@pytest.mark.parametrize("kind", ["real", "complex"])
def test_floats_and_complex_numbers(kind):
    rng = np.random.default_rng(4)
    for supports in (example_supports(), staircase(5, 6, 4), tiled(staircase(6, 2, 1), 3)):
        X, Y = planted_factors(supports, rng, kind)
        found = complete(X @ Y.T, supports, tolerance=1e-9)
        A, B = found.factors()
        assert A.dtype == (complex if kind == "complex" else float)
        truth = X.T[:, :, None] * Y.T[:, None, :]
        assert np.abs(A.T[:, :, None] * B.T[:, None, :] - truth).max() < 1e-12
        assert not A[~supports.left].any() and not B[~supports.right].any()


def test_a_chain_is_completed_from_both_ends():
    supports = staircase(40, 2, 1)
    X, Y = planted_factors(supports, np.random.default_rng(5))
    found = complete(X @ Y.T, supports, tolerance=1e-9)
    assert found.outcome == "unique" and found.round.max() == 19
    first = [found.round[found.entries.atom == i].max() for i in range(40)]
    assert first == [*range(20), *range(19, -1, -1)]


def test_ten_thousand_atoms():
    supports = tiled(SupportPair(np.ones((2, 1)), np.ones((3, 1))), 100)
    Z = np.outer(np.arange(1.0, 201), 1 / np.arange(1.0, 301))
    X, Y = complete(Z, supports, tolerance=1e-12).factors()
    assert X.shape == (200, 10_000) and np.abs(X @ Y.T - Z).max() < 1e-12


@pytest.mark.parametrize("Z, kind, place", [
    ([[1, 0, 0], [0, 1, 0]], "rank", (0, 1)),
    ([[1, 1, 0], [1, 0, 0]], "rank", (1, 1)),
    ([[1, 2, 0], [2, 5, 0]], "rank", (1, 1)),
    ([[1, 2, 0], [2, 4, 7]], "outside", (1, 2)),
])  # fmt: skip
def test_one_atom_that_does_not_fit(Z, kind, place):
    supports = SupportPair([[1], [1]], [[1], [1], [0]])
    for run in (complete, complete_literally):
        found = run(Z, supports)
        assert found.outcome == "incompatible" and found.conflict.kind == kind
        assert "expected" in str(found.conflict) or "rank one asks" in str(found.conflict)
    assert kind != "outside" or (found.conflict.row, found.conflict.column) == place
    with pytest.raises(ValueError, match="outcome is incompatible"):
        found.factors()


def test_a_sum_that_does_not_fit():
    # Both atoms know (1, 1) from their other three entries.
    supports = SupportPair([[1, 0], [1, 1], [0, 1]], [[1, 0], [1, 1], [0, 1]])
    Z = [[1, 2, 0], [3, 6 + 20, 4], [0, 5, 1]]
    assert complete(Z, supports).outcome == "unique"
    Z[1][1] += 1
    conflict = complete(Z, supports).conflict
    assert (conflict.kind, conflict.row, conflict.column) == ("sum", 1, 1)
    assert (conflict.found, conflict.expected) == (27, 26)
    assert str(conflict) == "entry (1, 1) is 27: the contributions sum to 26"


def test_a_zero_contribution_is_unique_with_zero_columns():
    supports = SupportPair(np.ones((2, 1)), np.ones((2, 1)))
    found = complete(np.zeros((2, 2), int), supports)
    assert found.outcome == "unique" and not any(factor.any() for factor in found.factors())


def test_atoms_without_entries():
    supports = SupportPair([[1, 0, 1], [1, 0, 0]], [[1, 1, 0]])
    found = complete([[2], [4]], supports)
    X, Y = found.factors()
    assert X.tolist() == [[1, 0, 0], [2, 0, 0]] and Y.tolist() == [[2, 0, 0]]


def test_mismatch_takes_errors():
    supports = SupportPair(np.ones((2, 1)), np.ones((2, 1)))
    Z = np.array([[1.0, 2.0], [2.0, 4.01]])
    assert complete(Z, supports, tolerance=1e-9).outcome == "incompatible"
    assert complete(Z, supports, tolerance=1e-9, mismatch=0.02).outcome == "unique"
    assert complete(Z, supports, tolerance=0.02).outcome == "unique"


@pytest.mark.parametrize("arguments, message", [
    ({"Z": np.ones((2, 2))}, "shape \\(2, 2\\): expected \\(4, 4\\)"),
    ({"Z": np.ones((4, 4))}, "tolerance = None: floats need a positive one"),
    ({"Z": np.ones((4, 4)), "tolerance": 0.0}, "tolerance = 0.0: floats need a positive one"),
    ({"Z": EXAMPLE_Z, "tolerance": 1e-9}, "exact entries take none"),
    ({"Z": EXAMPLE_Z, "noise": 0.1}, "noise = 0.1 for exact entries"),
    ({"Z": np.full((4, 4), np.nan), "tolerance": 1e-9}, "entry \\(0, 0\\) of the matrix is nan"),
    ({"Z": np.full((4, 4), "a")}, "entry \\(0, 0\\) is 'a'"),
    ({"Z": np.ones((4, 4)), "tolerance": 1e-9, "mismatch": -1.0}, "mismatch = -1.0: expected at least 0"),
    ({"Z": np.ones((4, 4)), "tolerance": "small"}, "tolerance = 'small': floats need a positive one"),
    ({"Z": np.ones((4, 4)), "tolerance": 1e-9, "noise": "small"}, "noise = 'small': expected at least 0"),
    ({"Z": scipy.sparse.eye_array(4), "tolerance": 1e-9}, "Z is a sparse matrix: expected an array"),
    ({"Z": np.ma.ones((4, 4)), "tolerance": 1e-9}, "Z is a masked array"),
    ({"Z": [[1, 2], [3]]}, "Z is no array of numbers"),
    ({"Z": EXAMPLE_Z, "supports": ([[1]], [[1]])}, "supports is of type tuple: expected a SupportPair"),
])  # fmt: skip
def test_bad_arguments(arguments, message):
    with pytest.raises(ValueError, match=message):
        complete(**{"supports": example_supports()} | arguments)


def test_factors_of_an_ambiguous_outcome_are_refused():
    found = complete([[3]], SupportPair([[1, 1]], [[1, 1]]))
    assert found.outcome == "ambiguous" and found.missing.tolist() == [[0, 0, 0], [1, 0, 0]]
    with pytest.raises(ValueError, match="2 entries left"):
        found.factors()
