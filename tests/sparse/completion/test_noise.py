"""Bounds on the errors of completion, and least squares against it."""

import numpy as np
import pytest

from fourmasks.sparse.completion.fast import complete
from fourmasks.sparse.completion.noise import completion_sensitivity, least_squares_sensitivity, tangents
from fourmasks.sparse.completion.refinement import refine
from fourmasks.sparse.supports.instances import (
    example_supports,
    planted_factors,
    staircase,
    tiled,
)
from fourmasks.sparse.supports.pair import SupportPair


def closable(rng):
    """Draw supports on which completion finds everything."""
    while True:
        supports = SupportPair(rng.random((6, 3)) < 0.5, rng.random((6, 3)) < 0.5)
        X, Y = planted_factors(supports, rng)
        if complete(X @ Y.T, supports, tolerance=1e-9).outcome == "unique":
            return supports


def test_the_bounds_hold():
    rng, finite, tight = np.random.default_rng(0), [], []
    for trial in range(60):
        supports = staircase(6, 3, 2) if trial % 3 == 0 else closable(rng)
        X, Y = planted_factors(supports, rng, "complex" if trial % 2 else "real")
        noise = 10.0 ** rng.uniform(-8, -0.5)
        errors = noise * rng.choice([-1, 1], supports.shape)
        found = complete(X @ Y.T + errors, supports, tolerance=1e-12, mismatch=np.inf, noise=noise)
        truth = X[found.entries.row, found.entries.atom] * Y[found.entries.column, found.entries.atom]
        errors = np.abs(found.values - truth)
        assert (errors <= found.bounds + 1e-12).all()
        finite.append(np.isfinite(found.bounds).all())
        direct = found.round == 0
        tight.append(np.median(found.bounds[direct] / np.maximum(errors[direct], 1e-300)))
    assert 30 < sum(finite) < 60  # large errors can reach an entry's size: then nothing is sure
    assert np.median(tight) < 2


def test_no_noise_no_error():
    supports = example_supports()
    X, Y = planted_factors(supports, np.random.default_rng(1))
    found = complete(X @ Y.T, supports, tolerance=1e-9, noise=0.0)
    assert not found.bounds.any()
    supports = SupportPair([[1, 1]], [[1, 1]])
    assert np.isinf(complete([[1.0]], supports, tolerance=1e-9, noise=0.1).bounds).all()


def test_bounds_grow_along_a_chain():
    supports = staircase(12, 2, 1)
    Z = np.ones((13, 13)) * (np.abs(np.subtract.outer(range(13), range(13))) <= 1)
    Z[range(1, 12), range(1, 12)] = 2.0
    found = complete(Z, supports, tolerance=1e-9, noise=1e-6)
    # What is read off Z has its error; one step inside an atom adds three, one across atoms another.
    diagonal = found.entries.row == found.entries.column
    assert np.allclose(found.bounds[~diagonal], 1e-6)
    corners = found.bounds[diagonal & (found.entries.atom < 6)]
    assert np.allclose(corners, 1e-6 * np.array([1, 3, 4, 6, 7, 9, 10, 12, 13, 15, 16, 18]), rtol=1e-4)


@pytest.mark.parametrize("supports", [example_supports(), staircase(3, 4, 3), tiled(staircase(2, 2, 1), 2)])
def test_least_squares_has_the_smallest_covariance(supports):
    X, Y = planted_factors(supports, np.random.default_rng(2))
    by_completion = completion_sensitivity(X @ Y.T, supports, tolerance=1e-9)
    by_least_squares = least_squares_sensitivity(X, Y, supports)
    D, J = tangents(X, Y, supports)
    for T in (by_completion, by_least_squares):
        assert np.abs(T @ J - D).max() < 1e-11
    gap = by_completion @ by_completion.T - by_least_squares @ by_least_squares.T
    assert np.linalg.eigvalsh(gap).min() > -1e-9
    assert np.linalg.norm(by_least_squares, 2) <= np.linalg.norm(by_completion, 2) + 1e-12


def test_sensitivities_are_derivatives():
    supports, rng = staircase(3, 4, 3), np.random.default_rng(3)
    X, Y = planted_factors(supports, rng)
    Z, e = X @ Y.T, 1e-6 * rng.standard_normal(supports.shape)

    def contributions(factors, entries):
        return factors[0][entries.row, entries.atom] * factors[1][entries.column, entries.atom]

    def change(sign):
        found = complete(Z + sign * e, supports, tolerance=1e-9, mismatch=np.inf)
        refined = refine(Z + sign * e, supports, *found.factors(), tolerance=0.0)
        return found.values, contributions((refined.X, refined.Y), found.entries)

    forward, backward = change(1), change(-1)
    T = completion_sensitivity(Z, supports, 1e-9), least_squares_sensitivity(X, Y, supports)
    for ahead, behind, sensitivity in zip(forward, backward, T, strict=True):
        assert np.abs((ahead - behind) / 2 - sensitivity @ e.ravel()).max() < 1e-10


def test_without_overlaps_the_error_is_at_most_twice_that_of_z():
    supports = tiled(SupportPair(np.ones((3, 1)), np.ones((4, 1))), 2)
    rng = np.random.default_rng(4)
    for size in (1e-3, 0.1, 1.0):
        X, Y = planted_factors(supports, rng)
        e = size * rng.standard_normal(supports.shape)
        start = complete(X @ Y.T + e, supports, tolerance=1e-12, mismatch=np.inf).factors()
        found = refine(X @ Y.T + e, supports, *start)
        assert np.linalg.norm(found.X @ found.Y.T - X @ Y.T) <= 2 * np.linalg.norm(e)


def test_bad_arguments():
    supports = example_supports()
    with pytest.raises(ValueError, match="Z is complex"):
        completion_sensitivity(np.ones((4, 4), complex), supports, 1e-9)
    with pytest.raises(ValueError, match="completion of Z is ambiguous"):
        completion_sensitivity(np.ones((1, 1)), SupportPair([[1, 1]], [[1, 1]]), 1e-9)


def test_least_squares_can_enlarge_errors_without_bound_though_the_factors_are_well_conditioned():
    supports = SupportPair([[1, 0], [1, 1], [0, 1]], [[1, 0], [1, 1], [0, 1]])
    largest = []
    for small in (1.0, 1e-2, 1e-4):
        X, Y = np.array([[1, 0], [1, 1], [0, small]]), np.array([[small, 0], [1, 1], [0, 1]])
        assert max(np.linalg.cond(X), np.linalg.cond(Y)) < 3
        largest.append(np.linalg.norm(least_squares_sensitivity(X, Y, supports), 2))
    assert largest[1] > 50 * largest[0] and largest[2] == pytest.approx(100 * largest[1], rel=0.01)
