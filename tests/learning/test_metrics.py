"""Metrics: closed forms."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from fourmasks.learning.metrics import effective_rank, entropy_rank, frobenius_norm, relative_error

finite = st.floats(-1e6, 1e6).filter(lambda value: value == 0 or abs(value) > 1e-6)
matrices = arrays.arrays(np.float64, st.tuples(st.integers(1, 5), st.integers(1, 5)), elements=finite)
spectra = st.lists(st.floats(1e-3, 1e3), min_size=1, max_size=8).map(np.array)


def test_the_relative_error_of_known_matrices():
    x = np.array([[3.0, 0.0], [0.0, 4.0]])
    assert relative_error(x, np.zeros((2, 2))) == 1.0
    assert relative_error(x, [[3.0, 0.0], [0.0, 1.0]]) == pytest.approx(3 / 5, rel=1e-15)
    assert relative_error(x, -x) == 2.0


@given(matrices.filter(np.any), st.floats(-2, 2))
def test_the_relative_error_of_a_multiple(x, factor):
    assert relative_error(x, x) == 0
    assert relative_error(x, factor * x) == pytest.approx(abs(1 - factor), abs=1e-12)


@given(matrices.filter(np.any), st.integers(-20, 20))
def test_the_relative_error_does_not_depend_on_the_scale(x, exponent):
    scale = 2.0**exponent
    assert relative_error(scale * x, scale * x[::-1]) == relative_error(x, x[::-1])


@given(matrices)
def test_the_norm_is_numpy_s(x):
    assert frobenius_norm(x) == pytest.approx(np.linalg.norm(x), rel=1e-14)


@pytest.mark.parametrize("scale", [2.0**1000, 2.0**-1000])
def test_squares_that_overflow_or_vanish_do_not_matter(scale):
    x = np.array([[3.0, 0.0], [0.0, 4.0]])
    assert frobenius_norm(scale * x) == 5 * scale
    assert relative_error(scale * x, scale * np.diag([3.0, 1.0])) == pytest.approx(3 / 5, rel=1e-15)


@pytest.mark.parametrize(("value", "norm"), [(np.inf, np.inf), (-np.inf, np.inf), (np.nan, np.nan)])
def test_the_norm_of_what_is_not_finite_is_not_finite(value, norm):
    np.testing.assert_equal(frobenius_norm(np.array([[1.0, value]])), norm)


def test_single_precision_is_not_summed_in_single_precision():
    x = np.full((1000, 1000), 1.0, dtype=np.float32)
    assert relative_error(x, x * np.float32(1 + 2**-20)) == pytest.approx(2**-20, rel=1e-12)


def test_bad_arguments_are_refused():
    with pytest.raises(ValueError, match=r"shapes differ: X is \(2, 3\), its approximation \(3, 2\)"):
        relative_error(np.ones((2, 3)), np.ones((3, 2)))
    with pytest.raises(ValueError, match="X is zero"):
        relative_error(np.zeros((2, 3)), np.ones((2, 3)))


def test_the_effective_rank_counts_what_is_above_the_threshold():
    values = np.array([10.0, 1.0, 0.02, 0.01, 0.0])
    assert effective_rank(values) == 3  # 0.01 is at the threshold, not above it
    assert effective_rank(values, threshold=0.0) == 4
    assert effective_rank(values, threshold=0.5) == 1
    assert effective_rank(values[::-1]) == 3
    assert effective_rank([]) == effective_rank(np.zeros(3)) == 0


@given(spectra, st.floats(0.1, 10))
def test_neither_rank_depends_on_scale_or_order(values, scale):
    assert entropy_rank(scale * values[::-1]) == pytest.approx(entropy_rank(values), rel=1e-9)
    assert effective_rank(2 * values[::-1]) == effective_rank(values)


@given(spectra)
def test_the_entropy_rank_is_between_one_and_the_number_of_values(values):
    assert 1 - 1e-9 <= entropy_rank(values) <= len(values) + 1e-9
    assert entropy_rank(np.append(values, 0.0)) == pytest.approx(entropy_rank(values), rel=1e-12)


@pytest.mark.parametrize("n", [1, 2, 7])
def test_the_entropy_rank_of_equal_values_is_their_number(n):
    assert entropy_rank(np.full(n, 3.0)) == pytest.approx(n, rel=1e-12)


def test_the_entropy_rank_of_two_values():
    """exp of the entropy of (3/4, 1/4) is 4 / 3**(3/4)."""
    assert entropy_rank([3.0, 1.0]) == pytest.approx(4 / 3**0.75, rel=1e-12)
