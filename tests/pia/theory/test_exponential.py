"""Theorem 2.5: the best decoder found numerically against the right side of Eq. (3), and closed forms."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize
from scipy.special import entr, expit, softmax
from scipy.stats import entropy

from fourmasks.pia.theory.divergences import Gaussian, kl_to_normal
from fourmasks.pia.theory.exponential import (
    FAMILIES,
    best_decoder,
    best_separation,
    compromise_gap,
    densities,
    jensen_gap,
    jensen_shannon,
    price_of_overlap,
    reconstruction,
    statistic,
)

U = np.array([1.0, 1, 1, 0, 0, 0])
V = np.array([1.0, 0, 0, 1, 1, 0])
LONG = np.array([1.0, 1, 1, 1, 1, 0])
NEAR = Gaussian(np.array([-0.5]), np.array([1.0])), Gaussian(np.array([0.5]), np.array([1.0]))
UNEVEN = Gaussian(np.array([0.0]), np.array([0.4])), Gaussian(np.array([0.9]), np.array([1.0]))

MEAN = {
    "bernoulli": lambda t, natural: expit(natural),
    "gaussian": lambda t, natural: natural,
    "multinomial": lambda t, natural: t.sum(-1, keepdims=True) * softmax(natural, axis=-1),
}


def smallest_reconstruction(name, items, posteriors, limit):
    """Return the reconstruction terms at the best η(z), |η| ≤ limit, as an optimiser finds it."""
    _, _, alpha = densities(*posteriors)
    t, family = statistic(*items, alpha), FAMILIES[name]

    def objective(flat):
        natural = flat.reshape(t.shape)
        return family.cost(t, natural).sum(), (MEAN[name](t, natural) - t).ravel()

    found = minimize(
        objective, np.zeros(t.size), jac=True, method="L-BFGS-B", bounds=[(-limit, limit)] * t.size,
        options={"maxiter": 2000, "maxfun": 4000, "ftol": 1e-15, "gtol": 1e-9},
    )  # fmt: skip
    return reconstruction(family, items, posteriors, lambda points: found.x.reshape(t.shape))


def right_side(name, items, posteriors):
    """Return C plus the compromise gap, without the terms log h."""
    family = FAMILIES[name]
    return -sum(family.conjugate(x) for x in items) + compromise_gap(family, items, posteriors)


@pytest.mark.parametrize("posteriors", [NEAR, UNEVEN])
@pytest.mark.parametrize(
    ("name", "items", "tolerance"),
    [("gaussian", (U, V), 1e-8), ("bernoulli", (U, V), 1e-4), ("multinomial", (U, LONG), 1e-4)],
)
def test_eq_3_against_an_optimiser(name, items, tolerance, posteriors):
    found = smallest_reconstruction(name, items, posteriors, 12.0)
    np.testing.assert_allclose(found, right_side(name, items, posteriors), atol=tolerance)


@pytest.mark.parametrize("name", FAMILIES)
@given(seed=st.integers(0, 2**32 - 1))
def test_the_conjugate_is_what_the_minimiser_reaches(name, seed):
    rng = np.random.default_rng(seed)
    family, t = FAMILIES[name], rng.uniform(0.05, 0.95, 4)
    best = family.minimiser(t)
    np.testing.assert_allclose(family.cost(t, best), -family.conjugate(t), atol=1e-12)
    np.testing.assert_allclose(MEAN[name](t, best), t)
    assert family.cost(t, best + rng.standard_normal(4)) >= family.cost(t, best) - 1e-12


@pytest.mark.parametrize("limit", [4.0, 8.0, 12.0])
def test_the_infimum_is_not_attained_where_users_agree(limit):
    # Two items agree: one that both have, one that neither has. Each costs 2 log(1 + exp(-limit)).
    infimum = right_side("bernoulli", (U, V), NEAR)
    decoder = best_decoder(FAMILIES["bernoulli"], (U, V), NEAR, limit)
    excess = reconstruction(FAMILIES["bernoulli"], (U, V), NEAR, decoder) - infimum
    np.testing.assert_allclose(excess, 2 * 2 * np.log1p(np.exp(-limit)), rtol=1e-3)
    assert np.isinf(best_decoder(FAMILIES["bernoulli"], (U, V), NEAR, np.inf)(np.zeros(1))).sum() == 2


def test_where_the_statistics_span_the_whole_space_it_is_attained():
    decoder = best_decoder(FAMILIES["gaussian"], (U, V), UNEVEN, np.inf)
    reached = reconstruction(FAMILIES["gaussian"], (U, V), UNEVEN, decoder)
    np.testing.assert_allclose(reached, right_side("gaussian", (U, V), UNEVEN), atol=1e-12)


@pytest.mark.parametrize("posteriors", [NEAR, UNEVEN])
@pytest.mark.parametrize("name", ["bernoulli", "multinomial"])
def test_the_gap_is_a_price_times_what_the_divergence_lacks_to_log_2(name, posteriors):
    expected = price_of_overlap(name, int((U != V).sum())) * (np.log(2) - jensen_shannon(*posteriors))
    np.testing.assert_allclose(compromise_gap(FAMILIES[name], (U, V), posteriors), expected)


def test_the_gaussian_gap():
    alpha = np.linspace(0, 1, 5)
    expected = 0.5 * alpha * (1 - alpha) * (U != V).sum()
    np.testing.assert_allclose(jensen_gap(FAMILIES["gaussian"], U, V, alpha), expected, atol=1e-12)


def test_the_gap_of_users_of_different_activity_is_a_weighted_divergence_of_their_shares():
    for alpha in (0.2, 0.5, 0.9):
        weights = np.array([alpha * U.sum(), (1 - alpha) * LONG.sum()])
        shares = np.array([U / U.sum(), LONG / LONG.sum()])
        mixed = weights @ shares / weights.sum()
        expected = weights @ [entropy(share, mixed) for share in shares]
        np.testing.assert_allclose(jensen_gap(FAMILIES["multinomial"], U, LONG, np.array(alpha)), expected)


@pytest.mark.parametrize("name", FAMILIES)
def test_equality_does_not_need_equal_statistics(name):
    # The main text: equality iff T(x_u) = T(x_v). The appendix adds disjoint posteriors.
    gaps = jensen_gap(FAMILIES[name], U, V, np.array([0.0, 0.5, 1.0]))
    np.testing.assert_allclose(gaps[[0, 2]], 0, atol=1e-12)
    assert gaps[1] > 0.4
    apart = Gaussian(np.array([-50.0]), np.ones(1)), Gaussian(np.array([50.0]), np.ones(1))
    assert compromise_gap(FAMILIES[name], (U, V), apart) < 1e-10
    assert compromise_gap(FAMILIES[name], (U, V), NEAR) > 0.5
    np.testing.assert_allclose(jensen_gap(FAMILIES[name], U, U, np.array([0.0, 0.3, 1.0])), 0, atol=1e-12)


def test_the_divergence_at_its_ends():
    np.testing.assert_allclose(jensen_shannon(NEAR[0], NEAR[0]), 0, atol=1e-12)
    far = Gaussian(np.array([40.0]), np.ones(1))
    np.testing.assert_allclose(jensen_shannon(NEAR[0], far), np.log(2))


@given(st.floats(-3, 3), st.floats(-3, 3), st.floats(0.3, 2), st.floats(0.3, 2))
def test_the_divergence_is_at_most_the_average_kl_to_any_prior(first, second, std, other):
    posteriors = Gaussian(np.array([first]), np.array([std])), Gaussian(np.array([second]), np.array([other]))
    assert jensen_shannon(*posteriors) <= sum(map(kl_to_normal, posteriors)) / 2 + 1e-9


@pytest.mark.parametrize("name", ["bernoulli", "multinomial"])
def test_two_users_fall_together_exactly_when_beta_reaches_half_the_price(name):
    price = price_of_overlap(name, 4)
    shares = 0.05, 0.5, 0.9, 0.98, 1.02, 2.0
    found = [best_separation(price, share * price / 2) for share in shares]
    assert found == sorted(found, reverse=True)
    assert found[3] > 0.05
    np.testing.assert_allclose(found[4:], 0, atol=1e-3)


def test_an_unknown_price():
    with pytest.raises(ValueError, match="'gaussian'"):
        price_of_overlap("gaussian", 3)


def test_alpha_is_a_share_of_the_two_densities():
    points, weights, alpha = densities(*NEAR)
    np.testing.assert_allclose(weights.sum(), 2)
    np.testing.assert_allclose((weights * alpha).sum(), 1)
    np.testing.assert_allclose((weights * alpha * points).sum(), -0.5)
    assert (entr(alpha) >= 0).all()
