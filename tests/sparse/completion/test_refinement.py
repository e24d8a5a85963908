"""Least squares on given supports, against closed forms, SciPy's solver and stationarity."""

import numpy as np
import pytest
import scipy.sparse
from scipy.optimize import least_squares

from fourmasks.sparse.completion.entries import Entries
from fourmasks.sparse.completion.fast import complete
from fourmasks.sparse.completion.refinement import jacobian, refine
from fourmasks.sparse.supports.instances import example_supports, planted_factors, staircase, tiled
from fourmasks.sparse.supports.pair import SupportPair


def disturbed(supports, kind="real", size=1e-3, seed=0):
    """Return a product, the same with errors, and the factors that completion finds for that."""
    rng = np.random.default_rng(seed)
    X, Y = planted_factors(supports, rng, kind)
    clean = X @ Y.T
    Z = clean + rng.uniform(-size, size, clean.shape)
    return clean, Z, complete(Z, supports, tolerance=1e-9, mismatch=np.inf).factors()


def scipy_product(Z, supports, X, Y):
    left, right = supports.left, supports.right

    def factors(numbers):
        X, Y = np.zeros(left.shape), np.zeros(right.shape)
        X[left], Y[right] = np.split(numbers, [np.count_nonzero(left)])
        return X, Y

    def misfit(numbers):
        X, Y = factors(numbers)
        return (X @ Y.T - Z).ravel()

    start = np.concatenate([X[left], Y[right]])
    return factors(least_squares(misfit, start, xtol=1e-15, ftol=1e-15, gtol=1e-15).x)


@pytest.mark.parametrize("supports", [example_supports(), staircase(4, 4, 3), tiled(staircase(2, 3, 2), 2)])
def test_the_minimum_is_scipys(supports):
    _, Z, start = disturbed(supports)
    found = refine(Z, supports, *start)
    assert found.converged and found.after < found.before == np.linalg.norm(Z - start[0] @ start[1].T)
    X, Y = scipy_product(Z, supports, *start)
    assert found.after == pytest.approx(np.linalg.norm(Z - X @ Y.T), rel=1e-9)
    assert np.abs(found.X @ found.Y.T - X @ Y.T).max() < 1e-7
    assert not found.X[~supports.left].any() and not found.Y[~supports.right].any()


def test_without_errors_it_stays():
    supports = staircase(4, 4, 3)
    X, Y = planted_factors(supports, np.random.default_rng(1))
    found = refine(X @ Y.T, supports, X, Y)
    assert found.converged and found.after < 1e-14 and np.abs(found.X @ found.Y.T - X @ Y.T).max() < 1e-14


def test_atoms_alone_get_their_best_rank_one_approximation():
    supports = tiled(SupportPair(np.ones((4, 1)), np.ones((3, 1))), 2)
    _, Z, start = disturbed(supports, kind="complex", size=0.5)
    found = refine(Z, supports, *start)
    assert found.n_iter == 0 and found.converged
    for i in range(4):
        rows, columns = supports.rectangle(i)
        u, s, vh = np.linalg.svd(Z[np.ix_(rows, columns)])
        best = s[0] * np.outer(u[:, 0], vh[0])
        assert np.allclose(np.outer(found.X[rows, i], found.Y[columns, i]), best, atol=1e-13)
    assert np.allclose(np.linalg.norm(found.X, axis=0), np.linalg.norm(found.Y, axis=0))


def test_complex_factors_are_stationary():
    supports = staircase(4, 4, 3)
    _, Z, start = disturbed(supports, kind="complex")
    found = refine(Z, supports, *start)
    entries = Entries.of(supports)
    line, atom, rows = entries.vertex_line, entries.vertex_atom, slice(0, entries.n_rows)
    columns = slice(entries.n_rows, None)
    potential = np.concatenate([found.X[line[rows], atom[rows]], found.Y[line[columns], atom[columns]]])
    J = jacobian(entries, np.arange(len(entries)), potential, Z.size)
    assert found.converged and found.after < found.before
    assert np.abs(J.conj().T @ (found.X @ found.Y.T - Z).ravel()).max() < 1e-8


def test_the_jacobian_is_the_derivative():
    supports = example_supports()
    entries, rng = Entries.of(supports), np.random.default_rng(2)
    potential = rng.standard_normal(len(entries.degree))

    def product(potential):
        X, Y = np.zeros(supports.left.shape), np.zeros(supports.right.shape)
        X[entries.vertex_line[: entries.n_rows], entries.vertex_atom[: entries.n_rows]] = potential[
            : entries.n_rows
        ]
        Y[entries.vertex_line[entries.n_rows :], entries.vertex_atom[entries.n_rows :]] = potential[
            entries.n_rows :
        ]
        return (X @ Y.T).ravel()

    J = jacobian(entries, np.arange(len(entries)), potential, 16).toarray()
    direction = rng.standard_normal(len(potential))
    slope = (product(potential + 1e-6 * direction) - product(potential - 1e-6 * direction)) / 2e-6
    assert np.abs(J @ direction - slope).max() < 1e-8


def test_the_same_bits_twice():
    supports = staircase(4, 4, 3)
    _, Z, start = disturbed(supports)
    first, second = refine(Z, supports, *start), refine(Z, supports, *start)
    assert np.array_equal(first.X, second.X) and np.array_equal(first.Y, second.Y)


def test_steps_can_run_out():
    supports = staircase(4, 4, 3)
    _, Z, start = disturbed(supports, size=0.1)
    found = refine(Z, supports, *start, max_iter=1)
    assert not found.converged and found.n_iter == 1 and found.after < found.before


def test_bad_arguments():
    supports = example_supports()
    X, Y = planted_factors(supports, np.random.default_rng(0))
    with pytest.raises(ValueError, match="X has shape \\(3, 3\\): expected \\(4, 3\\)"):
        refine(X @ Y.T, supports, X[1:], Y)
    with pytest.raises(ValueError, match="entry \\(0, 0\\) of X is 1.0 off its support"):
        refine(X @ Y.T, supports, X + 1.0 * (np.arange(12).reshape(4, 3) == 0), Y)
    for arguments, message in (
        ((np.ma.array(X @ Y.T), supports, X, Y), "Z is a masked array"),
        ((X @ Y.T, supports, scipy.sparse.csr_array(X), Y), "X is a sparse matrix"),
        ((X @ Y.T * np.nan, supports, X, Y), r"entry \(0, 0\) of Z is nan: expected finite numbers"),
        ((X @ Y.T, (X, Y), X, Y), "supports is of type tuple: expected a SupportPair"),
    ):
        with pytest.raises(ValueError, match=message):
            refine(*arguments)
    for settings, message in (({"tolerance": "a"}, "tolerance = 'a'"), ({"max_iter": 1.5}, "max_iter = 1.5")):
        with pytest.raises(ValueError, match=message):
            refine(X @ Y.T, supports, X, Y, **settings)
