"""The loss of LambdaNet: against pairs that change places in the list, one by one."""

import numpy as np
import pytest
import torch

from fourmasks.baselines.top_n.lambdanet import LambdaNet, lambda_losses
from fourmasks.baselines.top_n.layers import Rows
from fourmasks.learning.ranking import ndcg


@pytest.fixture
def problem(blocks):
    generator = torch.Generator().manual_seed(0)
    rows = Rows(blocks(6, 12, n_groups=3), torch.device("cpu"), torch.float64)
    return torch.randn(6, 12, generator=generator, dtype=torch.float64), rows


def of_all_pairs(scores, rows):
    """The losses with each item once."""
    weights = torch.ones(rows.shape[1], dtype=torch.float64)
    return lambda_losses(scores, rows, torch.arange(rows.shape[1]).expand(rows.shape), weights)


def pair_by_pair(scores, liked):
    """The loss of one user: each pair weighted by what an exchange would do to the NDCG of the list."""

    def quality(order):
        return float(ndcg(liked[order][None], np.array([liked.sum()]))[0])

    order = np.argsort(-scores, kind="stable")
    total = 0.0
    for i in np.flatnonzero(liked):
        for j in np.flatnonzero(~liked):
            swapped = order.copy()
            swapped[order == i], swapped[order == j] = j, i
            change = abs(quality(swapped) - quality(order))
            total += change * np.log1p(np.exp(scores[j] - scores[i]))
    return total


def test_with_each_item_once_the_loss_is_that_of_all_pairs(problem):
    scores, rows = problem
    expected = [
        pair_by_pair(row.numpy(), liked.numpy().astype(bool))
        for row, liked in zip(scores, rows.dense(), strict=True)
    ]
    torch.testing.assert_close(of_all_pairs(scores, rows), torch.tensor(expected, dtype=torch.float64))


def test_the_sum_over_drawn_items_is_right_on_average(problem):
    scores, rows = problem
    model, generator = LambdaNet(others=3), torch.Generator().manual_seed(0)
    losses = torch.stack([model._losses(scores, rows, generator) for _ in range(400)])
    errors = losses.mean(0) - of_all_pairs(scores, rows)
    assert (losses.std(0) > 0).all() and (errors.abs() < 4 * losses.std(0) / 20).all()


def test_the_places_of_the_list_add_up_to_all_pairs(problem):
    scores, rows = problem
    ones = torch.ones(1, dtype=torch.float64)
    singly = [lambda_losses(scores, rows, torch.full((6, 1), place), ones) for place in range(12)]
    torch.testing.assert_close(torch.stack(singly).sum(0), of_all_pairs(scores, rows))


def test_the_gradient_agrees_with_finite_differences(problem):
    scores, rows = problem
    generator = torch.Generator().manual_seed(1)
    places = torch.randint(12, (6, 5), generator=generator)
    weights = torch.rand(5, generator=generator, dtype=torch.float64)
    assert torch.autograd.gradcheck(
        lambda s: lambda_losses(s, rows, places, weights), scores.requires_grad_()
    )


def test_a_batch_costs_its_users_and_the_divergence(blocks):
    model = LambdaNet(hidden=8, latent=3, beta=0.3, anneal_epochs=0, dtype="float64", epochs=1)
    model.fit(blocks())
    rows = model._rows(blocks()[:20])
    found = model._loss(np.arange(20), rows, torch.Generator().manual_seed(4))
    generator = torch.Generator().manual_seed(4)
    scores, divergence = model._network(rows, rows.kept(0.5, generator), generator)
    losses = model._losses(scores, rows, generator)
    torch.testing.assert_close(found, (losses + 0.3 * divergence).mean())
    assert (losses > 0).all() and (divergence > 0).all()
