"""RaCT: its actor is Multi-VAE, its critic learns the NDCG, and each phase changes what it should."""

import numpy as np
import pytest
import torch
from torch.distributions import Normal, kl_divergence

from fourmasks.baselines.top_n import ract
from fourmasks.baselines.top_n.layers import Rows
from fourmasks.baselines.top_n.ract import Critic, RaCT, observation
from fourmasks.baselines.top_n.variational import (
    VariationalAutoencoder,
    VariationalRecommender,
    negative_log_likelihood,
)

SMALL = {
    "hidden": 16,
    "latent": 4,
    "batch_size": 40,
    "epochs": 5,
    "learning_rate": 0.01,
    "dtype": "float64",
    "anneal_epochs": 2,
}
PHASES = {"critic_epochs": 3, "ranking_epochs": 4}


@pytest.fixture
def rows(blocks):
    return Rows(blocks(25, 30), torch.device("cpu"), torch.float64)


@pytest.fixture
def network():
    return VariationalAutoencoder(30, 8, 3, torch.Generator().manual_seed(0)).double()


def test_the_network_is_that_of_a_dense_implementation(rows, network):
    kept = rows.kept(0.5, torch.Generator().manual_seed(1))
    scores, divergence = network(rows, kept, torch.Generator().manual_seed(2))
    masked = torch.zeros(rows.shape, dtype=torch.float64)
    masked[rows.users, rows.items] = rows.sizes.rsqrt()[rows.users] * kept
    hidden = torch.tanh(masked @ network.first.weight) @ network.posterior.weight
    mean, deviation = hidden[:, :3], torch.exp(hidden[:, 3:] / 2)
    z = mean + deviation * torch.randn(25, 3, generator=torch.Generator().manual_seed(2)).double()
    torch.testing.assert_close(scores, torch.tanh(z @ network.expand.weight) @ network.output.weight)
    expected = kl_divergence(Normal(mean, deviation), Normal(0.0, 1.0)).sum(1)
    torch.testing.assert_close(divergence, expected)


def test_the_likelihood_is_that_of_a_softmax(rows):
    scores = torch.randn(rows.shape, generator=torch.Generator().manual_seed(0)).double()
    expected = -(rows.dense() * torch.log_softmax(scores, 1)).sum(1)
    torch.testing.assert_close(negative_log_likelihood(scores, rows), expected)


@pytest.mark.parametrize(("anneal_epochs", "expected"), [(2, [0, 0.25, 0.5, 0.75, 1, 1]), (0, 6 * [1])])
def test_beta_grows_in_equal_steps(anneal_epochs, expected, blocks):
    model = VariationalRecommender(**SMALL | {"anneal_epochs": anneal_epochs, "epochs": 1}, beta=0.4)
    train = blocks(80)  # two steps an epoch
    network = model.fit(train)._make(train.shape, torch.Generator().manual_seed(0)).double()
    model._network, rows = network, model._rows(train)
    found = []
    for _ in range(6):
        loss = model._loss(None, rows, torch.Generator().manual_seed(3))
        generator = torch.Generator().manual_seed(3)
        scores, divergence = network(rows, rows.kept(0.5, generator), generator)
        rest = loss - negative_log_likelihood(scores, rows).mean()
        found.append((rest / (0.4 * divergence.mean())).item())
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_an_observation_is_what_the_actor_reaches_on_what_is_hidden(rows, network, ndcg_by_hand, blocks):
    generator = torch.Generator().manual_seed(0)
    known, reached = observation(network, rows, 0.6, generator)
    again = torch.Generator().manual_seed(0)
    kept = rows.kept(0.6, again)
    scores, _ = network(rows, kept, again)
    torch.testing.assert_close(known[:, 0], negative_log_likelihood(scores, rows))
    shown = torch.zeros(rows.shape)
    shown[rows.users, rows.items] = (kept > 0).float()
    hidden = rows.dense() - shown
    assert (known[:, 1].detach().numpy() == shown.sum(1).numpy()).all()
    assert (known[:, 2].detach().numpy() == hidden.sum(1).numpy()).all()
    assert (reached.isnan() == (hidden.sum(1) == 0)).all() and not reached.isnan().all()
    for user in range(25):
        if not reached[user].isnan():
            parts = [blocks(25, 30)[[user]] for _ in range(2)]
            for part, mask in zip(parts, (shown, hidden), strict=True):
                part.data = mask[user][part.indices].numpy()
            by_hand = ndcg_by_hand(scores[[user]].detach().numpy(), *parts)
            assert float(reached[user]) == pytest.approx(by_hand)


def test_nothing_hidden_has_no_ndcg_and_does_not_count(network, blocks):
    few = Rows(blocks(3, 30), torch.device("cpu"), torch.float64)
    known, reached = observation(network, few, 1e-9, torch.Generator().manual_seed(0))
    assert reached.isnan().all()
    assert (ract._where_hidden(known[:, 0], reached) == 0).all()


def test_the_first_phase_is_multi_vae_and_the_second_leaves_it_alone(blocks):
    shown = blocks(20, seed=2)
    plain = VariationalRecommender(**SMALL).fit(blocks()).predict(shown)
    idle = RaCT(**SMALL, critic_epochs=3, ranking_epochs=1, ranking_rate=1e-300).fit(blocks())
    np.testing.assert_allclose(idle.predict(shown), plain, rtol=1e-12)
    moved = RaCT(**SMALL, critic_epochs=3, ranking_epochs=1, ranking_rate=1e-3).fit(blocks())
    assert np.abs(moved.predict(shown) - plain).max() > 1e-3


def test_epochs_of_all_phases_are_noted(blocks, fold):
    train, held_out = blocks(), fold(blocks(60, seed=1))
    model = RaCT(**SMALL, **PHASES).fit(train)
    assert len(model.training_curve_) == 12 and model.best_epoch_ == 9 and model.validation_curve_ == []
    assert -1 < min(model.training_curve_[-4:]) < max(model.training_curve_[-4:]) < 0  # minus an NDCG
    model = RaCT(**SMALL, **PHASES).fit(train, held_out)
    assert len(model.validation_curve_) == 9
    assert model.validation_curve_[model.best_epoch_ - 1] == max(model.validation_curve_)


def test_the_critic_learns_to_predict_better_than_the_mean(blocks):
    model, train = RaCT(**SMALL, critic_epochs=25, ranking_epochs=1, critic_rate=5e-3), blocks(400)
    model.fit(train)
    with torch.no_grad():
        rows = model._rows(train)
        known, reached = observation(model._network, rows, 0.5, torch.Generator().manual_seed(9))
        some = ~reached.isnan()
        error = (model._critic(known)[some] - reached[some]).square().mean()
    assert error < 0.8 * reached[some].var()


def test_the_critic_standardises_what_it_knows(blocks):
    model = RaCT(**SMALL, **PHASES).fit(blocks())
    sizes = blocks().sum(axis=1)
    assert float(model._critic.mean[1:].sum()) == pytest.approx(sizes.mean())
    assert (model._critic.deviation > 0).all()
    critic = Critic(torch.Generator().manual_seed(0))
    known = torch.randn(9, 3, generator=torch.Generator().manual_seed(1))
    before = critic(known)
    critic.mean, critic.deviation = torch.tensor([1.0, 2.0, 3.0]), torch.tensor([2.0, 3.0, 4.0])
    torch.testing.assert_close(critic(known * critic.deviation + critic.mean), before)
    assert before.shape == (9,) and (before > 0).all() and (before < 1).all()


def test_the_ranking_phase_follows_the_critic_through_the_likelihood(rows, network):
    critic = Critic(torch.Generator().manual_seed(0)).double()
    known, reached = observation(network, rows, 0.5, torch.Generator().manual_seed(1))
    parameters = list(network.parameters())
    found = torch.autograd.grad(
        ract._where_hidden(critic(known), reached).mean(), parameters, retain_graph=True
    )
    fixed = known.detach().requires_grad_()
    (slopes,) = torch.autograd.grad(ract._where_hidden(critic(fixed), reached).mean(), fixed)
    expected = torch.autograd.grad((slopes[:, 0] * known[:, 0]).sum(), parameters)
    for one, other in zip(found, expected, strict=True):
        torch.testing.assert_close(one, other)
