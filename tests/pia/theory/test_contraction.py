"""Prop. 3.1 and 3.2: identities, the contraction on quadratic losses, and where it fails."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fourmasks.pia.theory.contraction import (
    aligned,
    alignment,
    amortised,
    compare_spread,
    contraction_factor,
    loewner_ratio,
    shrinkage,
)
from fourmasks.pia.theory.divergences import Gaussian, kl_to_normal


def equivalent_prior(centroid: np.ndarray, beta: float, strength: float) -> tuple[Gaussian, float]:
    """Return the prior whose KL term alone does what β KL to N(0, I) and the alignment do together.

    β KL(q ‖ N(0, I)) + λ (‖μ - ē‖² + tr Σ) = β KL(q ‖ prior) + rest for every diagonal normal q = N(μ, Σ).
    The prior is N(2λ/(β + 2λ) ē, β/(β + 2λ) I); `rest` does not depend on q.

    Parameters
    ----------
    centroid : ndarray of shape (R,)
        ē, the centroid of the user's anchors; zeros for alignment to zero.
    beta : float
        β > 0.
    strength : float
        λ ≥ 0, the paper's λ_A.

    Returns
    -------
    prior : Gaussian
    rest : float
    """
    total = beta + 2 * strength
    rest = beta * strength / total * (centroid**2).sum() + 0.5 * beta * len(centroid) * np.log(total / beta)
    prior = Gaussian(2 * strength / total * centroid, np.full(len(centroid), np.sqrt(beta / total)))
    return prior, float(rest)


seeds = st.integers(0, 2**32 - 1)
strengths = st.floats(0.01, 20.0)


def random_hessian(rng, rank=3):
    """Return a positive definite matrix with eigenvalues from 0.1 to 10."""
    basis, _ = np.linalg.qr(rng.standard_normal((rank, rank)))
    return basis @ np.diag(10 ** rng.uniform(-1, 1, rank)) @ basis.T


def random_posterior(rng, rank=3):
    return Gaussian(rng.standard_normal(rank), np.exp(rng.uniform(-1, 1, rank)))


def kl(q, p):
    """Return KL(q ‖ p) of two diagonal normal distributions."""
    return kl_to_normal(Gaussian((q.mean - p.mean) / p.std, q.std / p.std))


@given(seeds)
def test_eq_10_is_eq_9(seed):
    rng = np.random.default_rng(seed)
    posterior, anchors = random_posterior(rng), rng.standard_normal((5, 3))
    # The corners μ ± σ have the mean and the covariance of q, all that a square asks for.
    corners = posterior.mean + posterior.std * np.array(list(product((-1, 1), repeat=3)))
    expected = ((corners[:, None] - anchors) ** 2).sum(-1).mean()
    np.testing.assert_allclose(sum(alignment(posterior, anchors)), expected)


def test_the_last_term_of_eq_10_has_a_gradient_by_the_anchors():
    rng = np.random.default_rng(0)
    posterior, anchors, step = random_posterior(rng), rng.standard_normal((4, 3)), 1e-6
    move = np.zeros((4, 3))
    move[1, 2] = step
    up, down = alignment(posterior, anchors + move), alignment(posterior, anchors - move)
    with_scatter = (sum(up) - sum(down)) / (2 * step)
    without = (up.mean - down.mean) / (2 * step)
    np.testing.assert_allclose(with_scatter, 2 / 4 * (anchors[1] - posterior.mean)[2], rtol=1e-6)
    np.testing.assert_allclose(without, 2 / 4 * (anchors.mean(0) - posterior.mean)[2], rtol=1e-6)
    assert abs(with_scatter - without) > 0.1


@given(seeds, st.floats(0.05, 2.0), strengths)
def test_alignment_and_kl_together_are_the_kl_to_another_prior(seed, beta, strength):
    rng = np.random.default_rng(seed)
    centroid = rng.standard_normal(3)
    prior, rest = equivalent_prior(centroid, beta, strength)
    for _ in range(3):
        q = random_posterior(rng)
        both = beta * kl_to_normal(q) + strength * (((q.mean - centroid) ** 2).sum() + (q.std**2).sum())
        np.testing.assert_allclose(both, beta * kl(q, prior) + rest)


@given(seeds, st.floats(0.05, 2.0), strengths)
def test_alignment_to_zero_is_a_change_of_unit(seed, beta, strength):
    q = random_posterior(np.random.default_rng(seed))
    prior, rest = equivalent_prior(np.zeros(3), beta, strength)
    unit = prior.std
    shrunk = Gaussian(unit * q.mean, unit * q.std)
    penalised = beta * kl_to_normal(shrunk) + strength * ((shrunk.mean**2).sum() + (shrunk.std**2).sum())
    np.testing.assert_allclose(penalised, beta * kl_to_normal(q) + rest)


def test_the_change_of_unit_shifts_the_bias_of_the_log_variance():
    """A last layer without bias cannot make up for the unit: the logarithm turns the factor into a shift."""
    rng, unit = np.random.default_rng(0), 0.3
    hidden, weights, bias = rng.standard_normal((5, 4)), rng.standard_normal((4, 6)), rng.standard_normal(6)
    means, log_variances = np.split(hidden @ weights + bias, 2, axis=1)
    scaled = np.hstack([weights[:, :3] / unit, weights[:, 3:]])
    moved = np.concatenate([bias[:3] / unit, bias[3:] - 2 * np.log(unit)])
    other_means, other_log_variances = np.split(hidden @ scaled + moved, 2, axis=1)
    np.testing.assert_allclose(other_means, means / unit)
    np.testing.assert_allclose(np.exp(other_log_variances / 2), np.exp(log_variances / 2) / unit)
    unbiased = np.linalg.lstsq(hidden[:4], log_variances[:4] - 2 * np.log(unit), rcond=None)[0]
    assert np.abs(hidden[4] @ unbiased - log_variances[4] + 2 * np.log(unit)).max() > 0.1


@given(seeds, strengths)
def test_prop_3_2_on_quadratic_losses(seed, strength):
    rng = np.random.default_rng(seed)
    hessian, minimisers, centroid = random_hessian(rng), rng.standard_normal((8, 3)), rng.standard_normal(3)
    after = aligned(minimisers, centroid, hessian, strength)
    slopes = (after - minimisers) @ hessian + 2 * strength * (after - centroid)
    np.testing.assert_allclose(slopes, 0, atol=1e-9)
    factor = contraction_factor(hessian, strength)
    spread = compare_spread(minimisers, after, centroid)
    assert max(spread.norm, spread.trace) <= factor**2 + 1e-9
    # The paper states τ; its own argument gives τ².
    assert spread.drift <= factor**2 + 1e-9


def test_the_same_contraction_towards_any_point():
    rng = np.random.default_rng(1)
    hessian, minimisers = random_hessian(rng), rng.standard_normal((8, 3))
    spreads = [
        compare_spread(minimisers, aligned(minimisers, target, hessian, 0.7), target)
        for target in (np.zeros(3), rng.standard_normal(3), 100 * rng.standard_normal(3))
    ]
    for other in spreads[1:]:
        np.testing.assert_allclose(
            (other.norm, other.trace, other.loewner), (spreads[0].norm, spreads[0].trace, spreads[0].loewner)
        )


def test_the_loewner_order_of_the_main_text_is_false():
    hessian, strength = np.diag([1.0, 9.0]), 0.5
    factor, m = contraction_factor(hessian, strength), shrinkage(hessian, strength)
    before = np.array([[1.0, 1.0], [1.0, 1.0]]) + 0.001 * np.eye(2)
    after = m @ before @ m
    assert factor**2 < 1 < loewner_ratio(before, after)
    across = np.array([1.0, -1.0])
    assert across @ after @ across > 10 * (across @ before @ across)
    # What the appendix proves: norm and trace contract, and the order holds if the two matrices commute.
    assert np.linalg.norm(after, 2) <= factor**2 * np.linalg.norm(before, 2)
    commuting = np.diag([2.0, 0.5])
    np.testing.assert_allclose(loewner_ratio(commuting, m @ commuting @ m), factor**2)


def test_the_loewner_ratio():
    rng = np.random.default_rng(2)
    before, after = (a @ a.T for a in rng.standard_normal((2, 3, 3)))
    ratio = loewner_ratio(before, after)
    assert np.linalg.eigvalsh((ratio + 1e-9) * before - after)[0] >= -1e-12
    assert np.linalg.eigvalsh((ratio - 1e-6) * before - after)[0] < 0
    line = np.diag([1.0, 0.0])
    assert loewner_ratio(line, np.diag([0.0, 1.0])) == np.inf
    np.testing.assert_allclose(loewner_ratio(line, 0.3 * line), 0.3)


USERS = np.array([[1, 1, 1, 0], [1, 1, 0, 1], [0, 1, 1, 1]])


def encode(optima, centroids, strength=1.0):
    return amortised(
        USERS, np.asarray(optima), np.asarray(centroids), np.diag([1.0, 4.0]), strength, keep=0.5
    )


def average_loss(result, outputs, optima, centroids, strength):
    hessian = np.diag([1.0, 4.0])
    loss = 0.0
    for chances, a, e in zip(result.chances, optima, centroids, strict=True):
        apart = outputs - a
        own = 0.5 * np.einsum("mi,ij,mj->m", apart, hessian, apart)
        loss += chances @ (own + strength * ((outputs - e) ** 2).sum(1))
    return loss


def test_the_amortised_encoder_is_the_best_one():
    rng = np.random.default_rng(3)
    optima, centroids = rng.standard_normal((2, 3, 2))
    result = encode(optima, centroids)
    np.testing.assert_allclose(result.chances.sum(1), 1)
    for outputs, strength in ((result.before, 0.0), (result.after, 1.0)):
        best = average_loss(result, outputs, optima, centroids, strength)
        for _ in range(5):
            moved = outputs + 0.1 * rng.standard_normal(outputs.shape)
            assert average_loss(result, moved, optima, centroids, strength) > best


def test_a_single_user_has_no_spread_to_contract():
    # The objective sees a mask only through the encoder's output: free outputs are equal for all masks.
    alone = amortised(USERS[:1], np.array([[2.0, 1.0]]), np.zeros((1, 2)), np.eye(2), 1.0, keep=0.5)
    assert len(alone.inputs) == 8
    np.testing.assert_allclose(alone.variances(0), 0, atol=1e-12)


def test_alignment_can_widen_the_spread_over_masks():
    # All users have the same best output, but centroids that the encoder has to tell from a masked input.
    before, after = encode(np.ones((3, 2)), [[3.0, 0], [0, 3.0], [-3.0, -3.0]]).variances(0)
    assert before < 1e-12 < 0.1 < after


def test_a_common_target_contracts_the_amortised_spread_too():
    optima = np.random.default_rng(4).standard_normal((3, 2))
    result = encode(optima, np.tile([0.5, -1.0], (3, 1)))
    for user in range(3):
        before, after = result.variances(user)
        assert after <= contraction_factor(np.diag([1.0, 4.0]), 1.0) ** 2 * before


def test_what_cannot_be_compared_is_refused():
    with pytest.raises(ValueError, match="do not vary"):
        compare_spread(np.ones((4, 2)), np.ones((4, 2)), np.zeros(2))
    with pytest.raises(ValueError, match="at most 12"):
        amortised(np.ones((1, 13)), np.zeros((1, 1)), np.zeros((1, 1)), np.eye(1), 1.0, keep=0.5)
