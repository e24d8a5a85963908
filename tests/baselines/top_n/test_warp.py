"""The loss of WARP: against a loop over items and draws, and its gradient."""

import numpy as np
import pytest
import scipy.sparse
import torch

from fourmasks.baselines.top_n.layers import Rows
from fourmasks.baselines.top_n.warp import WARP, LinearAutoencoder, warp_loss


@pytest.fixture
def problem(blocks):
    generator = torch.Generator().manual_seed(0)
    rows = Rows(blocks(15, 30), torch.device("cpu"), torch.float64)
    scores = torch.randn(15, 30, generator=generator, dtype=torch.float64)
    draws = torch.randint(30, (len(rows.items), 4), generator=generator)
    return scores, rows, draws


def one_by_one(scores, rows, draws):
    """The loss as Weston et al. have it, and how many items found a rival at which trial."""
    total, trials = 0.0, []
    liked = rows.dense().bool()
    for user, item, others in zip(rows.users, rows.items, draws, strict=True):
        for trial, other in enumerate(others, start=1):
            if not liked[user, other] and scores[user, other] > scores[user, item] - 1:
                weight = sum(1 / k for k in range(1, 29 // trial + 1))
                total += weight * float(1 - scores[user, item] + scores[user, other])
                trials.append(trial)
                break
    return total / len(scores), trials


def test_the_loss_is_that_of_a_loop(problem):
    expected, trials = one_by_one(*problem)
    assert {1, 2, 3} <= set(trials) and len(trials) < len(problem[2])  # also items without a rival
    assert float(warp_loss(*problem)) == pytest.approx(expected)


def test_the_gradient_agrees_with_finite_differences(problem):
    scores, rows, draws = problem
    assert torch.autograd.gradcheck(lambda s: warp_loss(s, rows, draws), scores.requires_grad_())


def test_well_separated_scores_cost_nothing(problem):
    _, rows, draws = problem
    assert float(warp_loss(1.001 * rows.dense(), rows, draws)) == 0
    assert float(warp_loss(0.9 * rows.dense(), rows, draws)) > 0


def test_a_user_who_has_everything_costs_nothing():
    everything = scipy.sparse.csr_array(np.ones((3, 8), np.float32))
    rows = Rows(everything, torch.device("cpu"), torch.float64)
    draws = torch.zeros(len(rows.items), 5, dtype=torch.int64)
    assert float(warp_loss(torch.zeros(3, 8, dtype=torch.float64), rows, draws)) == 0


def test_users_are_sums_of_vectors_of_what_they_show(blocks):
    generator = torch.Generator().manual_seed(0)
    network = LinearAutoencoder(30, 4, generator).double()
    rows = Rows(blocks(15, 30), torch.device("cpu"), torch.float64)
    user = torch.nn.functional.normalize(rows.dense(), dim=1) @ network.encoder.weight
    expected = user @ network.decoder.weight  # biases start at zero
    torch.testing.assert_close(network(rows, rows.normalised()), expected)


def test_weight_decay_shrinks_the_weights(blocks):
    settings = {"rank": 4, "batch_size": 40, "epochs": 5, "learning_rate": 0.02}
    free, held = (
        WARP(**settings, weight_decay=decay).fit(blocks())._network.decoder.weight.norm()
        for decay in (0.0, 1.0)
    )
    assert held < 0.8 * free
