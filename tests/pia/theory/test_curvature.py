"""The objective as a function of the mean: its Hessian against autograd, its minimisers."""

import numpy as np
import pytest
import torch

from fourmasks.pia.models.networks import MultiVAENetwork
from fourmasks.pia.theory.curvature import hessian, minimise, objective

pytestmark = pytest.mark.usefixtures("one_thread")

RNG = np.random.default_rng(0)
NETWORK = MultiVAENetwork(12, 7, 3, torch.Generator().manual_seed(0)).double()
ITEMS = torch.as_tensor((RNG.random((4, 12)) < 0.5).astype(float))
MEAN, SHIFTS = torch.as_tensor(RNG.standard_normal((4, 3))), torch.as_tensor(RNG.standard_normal((4, 5, 3)))
BETA = 0.3


def test_the_objective_is_the_loss_of_the_network_and_half_beta_of_the_square():
    for row in range(4):
        logits = NETWORK.scores(MEAN[row] + SHIFTS[row])
        expected = -(logits.log_softmax(1) * ITEMS[row]).sum(1).mean() + BETA / 2 * (MEAN[row] ** 2).sum()
        torch.testing.assert_close(objective(NETWORK, ITEMS, MEAN, SHIFTS, BETA)[row], expected)


@pytest.mark.parametrize("row", range(4))
def test_the_hessian_is_that_of_autograd(row):
    def of_the_mean(mean):
        return objective(NETWORK, ITEMS[[row]], mean[None], SHIFTS[[row]], BETA).sum()

    expected = torch.autograd.functional.hessian(of_the_mean, MEAN[row])
    torch.testing.assert_close(hessian(NETWORK, ITEMS[row], MEAN[row], SHIFTS[row], BETA), expected)


def test_minimisers_are_stationary_lower_and_do_not_depend_on_the_company():
    found = minimise(NETWORK, ITEMS, MEAN, SHIFTS, BETA, 50)
    at = found.clone().requires_grad_()
    values = objective(NETWORK, ITEMS, at, SHIFTS, BETA)
    assert torch.autograd.grad(values.sum(), at)[0].abs().max() < 1e-4
    assert (values < objective(NETWORK, ITEMS, MEAN, SHIFTS, BETA)).all()
    alone = minimise(NETWORK, ITEMS[:1], MEAN[:1], SHIFTS[:1], BETA, 50)
    torch.testing.assert_close(alone, found[:1], atol=1e-4, rtol=0)
