"""A fitted network opened up, and what Theorem 2.3, Lemma 2.4, Eq. 6 and Prop. 3.2 are measured with."""

import numpy as np
import pytest
import scipy.sparse
import torch

from fourmasks.data.interactions import load_interactions
from fourmasks.pia.theory.contraction import compare_spread
from fourmasks.pia.theory.divergences import Gaussian, wasserstein_2
from fourmasks.pia.theory.pair_gradients import share
from fourmasks.pia.theory.sharing import User
from fourmasks.pia.trained import sharing
from fourmasks.pia.trained import spread as trained_spread
from fourmasks.pia.trained.networks import (
    alignment_targets,
    fit_metrics,
    fitted,
    held_out,
    items_left,
    masked_inputs,
    masked_posteriors,
    opened,
    parts,
    some_users,
)

pytestmark = pytest.mark.usefixtures("one_thread")

DATA = "simulated-small"
SETTINGS = {"hidden": 8, "latent": 3, "epochs": 2, "dtype": "float64", "learning_rate": 0.01}


@pytest.fixture(scope="module")
def model(one_thread):
    return fitted(DATA, 0, "cpu", alignment="items", alignment_weight=0.7, **SETTINGS)


@pytest.fixture(scope="module")
def data():
    return parts(DATA, 0)


def test_a_network_is_fitted_once_and_to_the_same_bits(model, data):
    assert fitted(DATA, 0, "cpu", alignment="items", alignment_weight=0.7, **SETTINGS) is model
    before = model.posterior(data.train)
    fitted(DATA, 1, "cpu", **SETTINGS)  # drives it out
    again = fitted(DATA, 0, "cpu", alignment="items", alignment_weight=0.7, **SETTINGS)
    assert again is not model
    for ours, theirs in zip(again.posterior(data.train), before, strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_the_fit_is_told_with_the_weight_of_the_epoch_that_is_kept(model, data):
    found = fit_metrics(model, data)
    assert found["alignment_weight"] == 0.7 and found["epochs"] == 2
    assert found["best_epoch"] in (1, 2) and 0 < found["ndcg_at_100"] < 1


def test_without_a_mask_the_posteriors_are_those_of_the_estimator(model, data):
    found = masked_posteriors(model, data.train, 0.0, seed=3)
    for ours, theirs in zip(found, model.posterior(data.train), strict=True):
        np.testing.assert_allclose(ours, theirs)


def test_a_mask_hides_what_is_hidden_from_the_input_and_follows_the_seed(model, data):
    matrix = data.train
    binary, unit = (masked_inputs(matrix, 0.4, 5, scaled) for scaled in (False, True))
    np.testing.assert_array_equal((binary > 0).sum(1), items_left(matrix, 0.4, 5))
    assert 0.5 < binary.sum() / matrix.nnz < 0.7 and (matrix.toarray()[binary > 0] == 1).all()
    np.testing.assert_allclose(unit, binary / 0.6 / np.sqrt(np.diff(matrix.indptr))[:, None])
    # The encoder sees exactly these rows.
    network = opened(model)
    with torch.no_grad():
        hidden = torch.tanh(torch.as_tensor(unit) @ network.first.weight + network.first.bias)
        mean, log_variance = network.posterior(hidden).chunk(2, dim=1)
    found = masked_posteriors(model, matrix, 0.4, 5)
    np.testing.assert_allclose(found.mean, mean, atol=1e-12)
    np.testing.assert_allclose(found.std, torch.exp(0.5 * log_variance), atol=1e-12)
    assert (masked_posteriors(model, matrix, 0.4, 6).mean != found.mean).any()
    np.testing.assert_array_equal(masked_posteriors(model, matrix, 0.4, 5).mean, found.mean)


def test_users_are_drawn_and_held_out_users_have_all_their_items(data):
    rows = some_users(data.train, 20, 0)
    assert len(np.unique(rows)) == 20 and (np.diff(rows) > 0).all()
    assert len(some_users(data.train, 10**6, 0)) == data.train.shape[0]
    whole = load_interactions(DATA).matrix[data.test_users][:, data.items]
    assert (held_out(data) != whole).nnz == 0


def test_targets_are_centroids_of_the_users_anchors(model, data):
    rows = np.array([4, 0, 17])
    targets, weight = alignment_targets(model, data.train, rows)
    for target, row in zip(targets, rows, strict=True):
        items = data.train[[row]].indices
        np.testing.assert_allclose(target, model.anchors_[items].mean(0))
    assert weight == 0.7


@pytest.mark.parametrize(("alignment", "weight"), [("none", 0.0), ("zero", 1.0)])
def test_without_anchors_the_target_is_the_origin(data, alignment, weight):
    found = alignment_targets(
        fitted(DATA, 0, "cpu", alignment=alignment, **SETTINGS), data.train, np.arange(5)
    )
    assert not found[0].any() and found[1] == weight


def test_shuffled_users_have_the_target_of_their_partner(data):
    model = fitted(DATA, 0, "cpu", alignment="shuffled-users", **SETTINGS)
    rows = np.arange(data.train.shape[0])
    own = np.stack([model.anchors_[data.train[[row]].indices].mean(0) for row in rows])
    found, _ = alignment_targets(model, data.train, rows)
    np.testing.assert_allclose(found, own[model._alignment.whose(rows)])
    assert not np.isclose(found, own).all(1).any()


# ---------------------------------------------------------------- Theorem 2.3


def test_pairs_are_of_the_kinds_of_figure_1(data):
    rows = some_users(data.train, 40, 0)
    pairs = sharing.choose_pairs(data.train, rows)
    dense = data.train.toarray() > 0
    assert set(pairs["random"][:, 0]) == set(pairs["random"][:, 1]) == set(rows)
    for u, v in pairs["near"]:
        assert u in rows and (dense[u] & dense[v]).any()
    assert len(pairs["related"])
    for u, v in pairs["related"]:
        assert v in rows and dense[u].sum() < dense[v].sum()
        assert (dense[u] & dense[v]).sum() >= 0.8 * dense[u].sum()


def test_pairs_are_measured_with_their_own_posteriors(model, data):
    network = opened(model)

    def place(rows):
        return masked_posteriors(model, data.train[rows], 0.0, 0)

    pairs = np.array([[3, 8], [8, 3], [3, 3]])
    found = sharing.measure_pairs(network, data.train, place, pairs, seed=2)
    assert len(found) == 2  # nobody is a pair with themselves
    users = [
        User(torch.as_tensor(data.train[[row]].toarray()[0].astype(float)),
             *(torch.as_tensor(part[0]) for part in place(np.array([row]))))
        for row in (3, 8)
    ]  # fmt: skip
    noise = torch.as_tensor(np.random.default_rng(2).standard_normal((sharing.POINTS, 3)))
    expected = share(network, *users, noise)
    assert found[0].sharing.change == pytest.approx(expected.change)
    assert found[0].sharing.penalty == pytest.approx(expected.penalty)
    assert found[1].sharing.change == pytest.approx(expected.change)  # the product is symmetric
    assert found[1].sharing.own_norm != pytest.approx(expected.own_norm)
    cosine = users[0].items @ users[1].items / users[0].items.norm() / users[1].items.norm()
    assert found[0].cosine == pytest.approx(float(cosine))
    # <g_u, g_v> over both norms, whoever is first.
    assert found[0].gradient_cosine == pytest.approx(
        -expected.change / expected.own_norm / found[1].sharing.own_norm
    )


def test_the_summary_counts_what_helps_what_the_theorem_sees_and_what_would_break_it(model, data):
    def place(rows):
        return masked_posteriors(model, data.train[rows], 0.5, 0)

    rows = some_users(data.train, 30, 0)
    pairs = sharing.choose_pairs(data.train, rows)["random"]
    found = sharing.measure_pairs(opened(model), data.train, place, pairs, seed=0)
    summary = sharing.summarise(found)
    assert summary["helped"] == np.mean([pair.gradient_cosine > 0 for pair in found])
    assert summary["inside"] <= summary["radius"] and summary["inside"] <= summary["helped"]
    assert summary["penalty"] >= summary["content"] and summary["broken"] == 0


def test_all_pairs_are_ordered_by_the_items_they_share_on_a_decoder_at_its_start(data):
    """With all weights of the decoder at zero the product is s minus chance, and distances play no part."""
    model = fitted(DATA, 0, "cpu", **SETTINGS)
    network = opened(model)
    with torch.no_grad():
        for parameter in (*network.expand.parameters(), *network.output.parameters()):
            parameter.zero_()
    counts = np.diff(data.train.indptr)
    alike = np.flatnonzero(counts == np.bincount(counts).argmax())
    sample = data.train[alike]
    posteriors = masked_posteriors(model, sample, 0.0, 0)
    targets = np.zeros_like(posteriors.mean), 0.0
    found = sharing.all_pairs(network, sample, posteriors, 0.2, targets, seed=0)
    assert found["help_overlap"] == pytest.approx(1)
    shared = (sample @ sample.T).toarray()[np.triu_indices(len(alike), 1)]
    chance = counts[alike[0]] ** 2 / sample.shape[1]
    assert found["helped_decoder"] == pytest.approx((shared > chance).mean())


# ---------------------------------------------------------------- Lemma 2.4, Eq. 6 and 7, Prop. 3.2


def test_the_lipschitz_constant_of_a_linear_encoder_is_found():
    rng = np.random.default_rng(0)
    matrix = scipy.sparse.csr_array((rng.random((30, 15)) < 0.4).astype(np.float32))

    def encode(rows):  # every item moves the mean by 2
        return Gaussian(2 * rows.toarray().astype(float), np.ones(rows.shape))

    found = trained_spread.lipschitz_measures(matrix, encode, rng)
    dense = matrix.toarray()
    pairs = np.triu_indices(30, 1)
    typical = 2 * np.linalg.norm(dense[:, None] - dense, axis=2)[pairs].mean()
    assert found["lipschitz_pairs"] == pytest.approx(2 / typical)
    assert found["lipschitz_single"] == pytest.approx(2 / typical)
    assert found["reach"] == pytest.approx((typical / 2) ** 2)


def test_both_sides_of_eq_6_are_in_order(model, data):
    posteriors = [masked_posteriors(model, data.train[:30], rate, 0) for rate in (0.0, 0.5)]
    found = trained_spread.transport_curves(posteriors)
    for low, high, spread, bound in zip(
        *(found[name] for name in ("w1_low", "w1_high", "spread", "bound")), strict=True
    ):
        assert low <= high <= spread * np.sqrt(30 / 29) and spread < bound
    first = posteriors[0]
    by_hand = [
        wasserstein_2(*(Gaussian(first.mean[r], first.std[r]) for r in (u, v)))
        for u in range(30) for v in range(u)
    ]  # fmt: skip
    assert found["w1_high"][0] == pytest.approx(np.mean(by_hand))


def test_the_spread_over_masks_is_the_covariance_of_the_views():
    rng = np.random.default_rng(0)
    before = rng.standard_normal((16, 4, 3)) * [1.0, 0.5, 2.0]
    metrics, curves = trained_spread.mask_spread(before)
    covariances = [np.cov(before[:, user], rowvar=False) for user in range(4)]
    np.testing.assert_allclose(curves["mask_traces"], [np.trace(c) for c in covariances])
    np.testing.assert_allclose(curves["mask_norms"], [np.linalg.norm(c, 2) for c in covariances])
    assert metrics["mask_variance"] == pytest.approx(curves["mask_traces"].mean())
    assert metrics["user_variance"] == pytest.approx(np.trace(np.cov(before.mean(0), rowvar=False)))
    halved, halves = trained_spread.mask_spread(before / 2)
    assert halved["mask_share"] == pytest.approx(metrics["mask_share"])  # whatever the unit
    expected = compare_spread(before[:, 0], before[:, 0] / 2, np.zeros(3))
    assert halves["mask_traces"][0] / curves["mask_traces"][0] == pytest.approx(expected.trace)
    assert halves["mask_norms"][0] / curves["mask_norms"][0] == pytest.approx(expected.norm)


def test_with_free_outputs_the_mask_does_not_matter(model, data):
    """The premise of Prop. 3.2 fails: minimisers found from different views of a user are the same."""
    network, few = opened(model), data.train[:4]
    means = np.stack([masked_posteriors(model, few, 0.5, seed).mean for seed in range(3)])
    items, std = few.toarray().astype(float), masked_posteriors(model, few, 0.0, 0).std
    metrics, curves = trained_spread.surrogate_measures(
        network, items, means, std, beta=0.2, rng=np.random.default_rng(0)
    )
    assert metrics["minimiser_spread"] < 1e-3 and metrics["left_over"] > 0
    assert metrics["hessian_variation"] > 0 and (curves["curvatures"] >= 0.2).all()
    # Without a decoder to speak of, the objective is β/2 ‖μ‖²: quadratic, one Hessian, minimised at zero.
    with torch.no_grad():
        network.output.weight.zero_()
    metrics, curves = trained_spread.surrogate_measures(
        network, items, means, std, beta=0.2, rng=np.random.default_rng(0)
    )
    assert metrics["hessian_variation"] == pytest.approx(0) and metrics[
        "smallest_curvature"
    ] == pytest.approx(1)
    np.testing.assert_allclose(curves["curvatures"], 0.2)
    expected = 0.1 * ((means**2).sum(2) / items.sum(1)).mean()
    assert metrics["left_over"] == pytest.approx(expected, rel=1e-4)
