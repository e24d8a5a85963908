"""Distances of Gaussians against transport solvers; Lemma 2.4 and Eq. (4) to (7) on random posteriors."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.stats import norm, wasserstein_distance, wasserstein_distance_nd

from fourmasks.pia.theory.divergences import (
    Gaussian,
    average_spread,
    average_transport_bound,
    decompose_kl,
    kl_to_normal,
    line_grid,
    lipschitz_constant,
    mixture_log_density,
    transport_bound,
    wasserstein_1_bounds,
    wasserstein_1_line,
    wasserstein_1_points,
    wasserstein_2,
)

seeds = st.integers(0, 2**32 - 1)


def random_posteriors(seed, n, dimensions):
    rng = np.random.default_rng(seed)
    scale = rng.uniform(0.1, 3)
    mean = scale * rng.standard_normal((n, dimensions))
    return Gaussian(mean, np.exp(rng.uniform(-2, 1, (n, dimensions))))


def row(posteriors, index):
    return Gaussian(posteriors.mean[index], posteriors.std[index])


def pairwise(posteriors, distance):
    """Return the distances of all ordered pairs, those of an element with itself among them."""
    left = Gaussian(posteriors.mean[:, None], posteriors.std[:, None])
    right = Gaussian(posteriors.mean[None], posteriors.std[None])
    return distance(left, right)


@pytest.mark.parametrize(("mean", "std"), [(0.0, 0.5), (1.3, 1.0), (-0.4, 2.5), (0.7, 1.0001)])
def test_the_closed_form_on_the_line_is_the_distance_of_the_quantiles(mean, std):
    levels = (np.arange(200_000) + 0.5) / 200_000
    expected = wasserstein_distance(norm.ppf(levels), norm.ppf(levels, mean, std))
    first, second = Gaussian(np.zeros(1), np.ones(1)), Gaussian(np.array([mean]), np.array([std]))
    np.testing.assert_allclose(wasserstein_1_line(first, second), expected, atol=2e-4)


def test_the_matching_of_points_agrees_with_scipy():
    rng = np.random.default_rng(0)
    first, second = rng.standard_normal((30, 1)), 2 * rng.standard_normal((30, 1)) + 1
    expected = wasserstein_distance(first[:, 0], second[:, 0])
    np.testing.assert_allclose(wasserstein_1_points(first, second), expected)
    first, second = rng.standard_normal((12, 3)), 2 * rng.standard_normal((12, 3)) + 1
    np.testing.assert_allclose(wasserstein_1_points(first, second), wasserstein_distance_nd(first, second))


def test_clouds_of_different_sizes_are_refused():
    with pytest.raises(ValueError, match="draw as many points"):
        wasserstein_1_points(np.zeros((3, 2)), np.zeros((4, 2)))


@given(seeds)
def test_w1_lies_between_its_bounds(seed):
    posteriors = random_posteriors(seed, 2, 1)
    lower, upper = wasserstein_1_bounds(row(posteriors, 0), row(posteriors, 1))
    assert lower - 1e-12 <= wasserstein_1_line(row(posteriors, 0), row(posteriors, 1)) <= upper + 1e-12


def test_equal_noise_is_the_plan_of_w2_and_an_upper_bound_of_w1():
    posteriors = random_posteriors(1, 2, 3)
    noise = np.random.default_rng(2).standard_normal((200, 3))
    points = [row(posteriors, i).mean + row(posteriors, i).std * noise for i in (0, 1)]
    paired = np.linalg.norm(points[0] - points[1], axis=1)
    assert wasserstein_1_points(*points) <= paired.mean()
    lower, upper = wasserstein_1_bounds(row(posteriors, 0), row(posteriors, 1))
    np.testing.assert_allclose((paired**2).mean(), upper**2, rtol=0.1)
    assert lower < paired.mean() < upper


@given(seeds, st.floats(0.2, 4.0))
def test_the_transport_inequality_with_c_the_variance_of_the_prior(seed, scale):
    # Talagrand's inequality bounds even W₂.
    posteriors = random_posteriors(seed, 4, 3)
    prior = Gaussian(np.zeros(3), np.full(3, scale))
    bound = scale * np.sqrt(2 * kl_to_normal(posteriors, scale))
    assert (wasserstein_2(posteriors, prior) <= bound + 1e-9).all()
    pairs = wasserstein_2(row(posteriors, 0), row(posteriors, 1))
    assert pairs <= transport_bound(row(posteriors, 0), row(posteriors, 1), scale) + 1e-9


def test_a_smaller_constant_than_the_variance_of_the_prior_would_be_false():
    shifted, prior = Gaussian(np.array([1.0]), np.array([2.0])), Gaussian(np.zeros(1), np.array([2.0]))
    np.testing.assert_allclose(
        wasserstein_1_line(shifted, prior), 2 * np.sqrt(2 * kl_to_normal(shifted, 2.0))
    )


def test_eq_4_is_sharp_for_opposite_users_and_says_nothing_of_users_on_one_side():
    right, left = (Gaussian(np.array([sign * 3.0]), np.ones(1)) for sign in (1, -1))
    np.testing.assert_allclose(wasserstein_1_line(right, left), transport_bound(right, left))
    assert wasserstein_1_line(right, right) == 0
    np.testing.assert_allclose(transport_bound(right, right), transport_bound(right, left))


@given(seeds)
def test_eq_6_and_a_bound_that_is_smaller_by_root_two(seed):
    posteriors = random_posteriors(seed, 6, 1)
    average = pairwise(posteriors, wasserstein_1_line).mean()
    assert average <= average_spread(posteriors) + 1e-12
    assert average_spread(posteriors) <= average_transport_bound(posteriors) / np.sqrt(2) + 1e-12


def test_the_spread_is_the_average_of_squared_w2():
    posteriors = random_posteriors(4, 7, 3)
    expected = np.sqrt((pairwise(posteriors, wasserstein_2) ** 2).mean())
    np.testing.assert_allclose(average_spread(posteriors), expected)


def cube(n_items):
    return (np.arange(2**n_items)[:, None] >> np.arange(n_items)) & 1


def test_lemma_2_4_on_the_whole_cube():
    rng = np.random.default_rng(5)
    inputs = cube(5)
    hidden = np.tanh(inputs @ rng.standard_normal((5, 8)))
    posteriors = Gaussian(
        hidden @ rng.standard_normal((8, 1)), np.exp(0.3 * hidden @ rng.standard_normal((8, 1)))
    )
    pairs = np.array([(u, v) for u in range(32) for v in range(u)])
    apart = (inputs[pairs[:, 0]] != inputs[pairs[:, 1]]).sum(1)
    constant = lipschitz_constant(inputs, posteriors, pairs)
    distances = wasserstein_1_line(row(posteriors, pairs[:, 0]), row(posteriors, pairs[:, 1]))
    assert (distances <= constant * np.sqrt(apart) + 1e-12).all()
    # The lemma states the distance h itself, which gives away a factor sqrt(h).
    assert (distances / (constant * apart)).max() <= 1
    assert (distances[apart == 5] <= constant * 5 / np.sqrt(5)).all()


def test_lemma_2_4_is_false_if_the_encoder_is_lipschitz_in_the_variance():
    # Eq. (2) lets the encoder give (μ, σ²); the proof needs (μ, σ).
    inputs = cube(1)
    variances = np.array([[1e-4], [1e-8]])
    slope = np.abs(variances[0] - variances[1]).item()
    posteriors = Gaussian(np.zeros((2, 1)), np.sqrt(variances))
    assert wasserstein_1_line(row(posteriors, 0), row(posteriors, 1)) > 50 * slope
    assert lipschitz_constant(inputs, posteriors, np.array([[0, 1]])) > 50 * slope


def test_pairs_of_equal_inputs_have_no_slope():
    with pytest.raises(ValueError, match="equal inputs"):
        lipschitz_constant(np.ones((2, 3)), random_posteriors(0, 2, 1), np.array([[0, 1]]))


def test_the_grid_integrates_to_rounding():
    posteriors = Gaussian(np.array([[0.0], [2.0]]), np.array([[1.0], [0.3]]))
    points, step = line_grid(posteriors)
    for mean, std in zip(*posteriors, strict=True):
        np.testing.assert_allclose(step * norm.pdf(points, mean, std).sum(), 1, rtol=1e-12)
        second = step * (points**2 * norm.pdf(points, mean, std)).sum()
        np.testing.assert_allclose(second, (mean**2 + std**2)[0], rtol=1e-12)


def exact_terms(posteriors):
    """Return the two terms of Eq. (7) on the line, each by its own integral."""

    def mixed(z):
        return norm.pdf(z, posteriors.mean[:, 0], posteriors.std[:, 0]).mean()

    def difference(z, mean, std):
        return norm.pdf(z, mean, std) * (norm.logpdf(z, mean, std) - np.log(mixed(z)))

    def from_prior(z):
        return mixed(z) * (np.log(mixed(z)) - norm.logpdf(z))

    ends = {"limit": 400, "epsabs": 1e-11}
    information = np.mean(
        [
            quad(difference, m - 8 * s, m + 8 * s, (m, s), **ends)[0]
            for m, s in zip(*map(np.ravel, posteriors), strict=True)
        ]
    )
    return information, quad(from_prior, -12, 12, points=posteriors.mean[:, 0], **ends)[0]


def test_eq_7_on_the_line_and_its_estimate():
    posteriors = Gaussian(np.array([[-1.0], [0.5], [2.0]]), np.array([[0.4], [0.8], [0.6]]))
    information, aggregate = exact_terms(posteriors)
    np.testing.assert_allclose(information + aggregate, kl_to_normal(posteriors).mean(), atol=1e-8)
    estimates = decompose_kl(posteriors, np.random.default_rng(0).standard_normal((20_000, 1)))
    np.testing.assert_allclose(estimates, (information, aggregate), atol=0.02)


def test_the_mutual_information_of_n_users_saturates_at_log_n():
    apart = Gaussian(100.0 * np.arange(5)[:, None] * np.ones(3), np.ones((5, 3)))
    information, _ = decompose_kl(apart, np.random.default_rng(0).standard_normal((100, 3)))
    np.testing.assert_allclose(information, np.log(5))


def test_the_aggregate_is_the_mixture():
    posteriors = random_posteriors(3, 4, 2)
    points = np.random.default_rng(1).standard_normal((6, 2))
    parts = norm.pdf(points[:, None], posteriors.mean, posteriors.std).prod(-1)
    np.testing.assert_allclose(mixture_log_density(points, posteriors), np.log(parts.mean(1)))


def test_masking_can_raise_both_the_information_and_the_kl():
    # One user with three items, whom an encoder places by the number of items it does not see.
    masks = cube(3)
    masked = Gaussian(3.0 - masks.sum(1, keepdims=True), np.full((8, 1), 0.5))
    clean = Gaussian(np.zeros((1, 1)), np.full((1, 1), 0.5))
    noise = np.random.default_rng(0).standard_normal((2_000, 1))
    np.testing.assert_allclose(decompose_kl(clean, noise)[0], 0, atol=1e-12)
    assert decompose_kl(masked, noise)[0] > 0.5
    assert kl_to_normal(masked).mean() > kl_to_normal(clean).mean() + 1
