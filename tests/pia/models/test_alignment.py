"""The alignment: Eq. 9 and 10, its controls, and the schedule of its weight."""

import numpy as np
import pytest
import torch

from fourmasks.pia.models.alignment import TARGETS, Alignment, WeightSchedule, alignment_loss
from fourmasks.pia.models.sparse_layer import SparseRows


@pytest.fixture(scope="module")
def case(blocks):
    """Posteriors of 9 users over 5 numbers, anchors of 12 items, and the items."""
    generator = torch.Generator().manual_seed(0)
    mean, log_variance = torch.randn(2, 9, 5, generator=generator, dtype=torch.float64)
    anchors = torch.randn(12, 5, generator=generator, dtype=torch.float64)
    matrix = blocks(9, 12)
    return mean, log_variance, anchors, matrix, SparseRows(matrix, dtype=torch.float64)


def equation_9(mean, log_variance, anchors, matrix):
    """Return the loss item by item; the expectation of each coordinate's square is exact."""
    losses = []
    for user in range(len(mean)):
        expected = [
            sum((mean[user, r] - anchors[item, r]) ** 2 + log_variance[user, r].exp() for r in range(5))
            for item in matrix[[user]].indices
        ]
        losses.append(sum(expected) / len(expected))
    return torch.stack(losses)


def test_equation_10_is_equation_9_with_its_gradients(case):
    mean, log_variance, anchors, matrix, items = case
    weights = torch.linspace(0.5, 2, 9, dtype=torch.float64)
    found, expected = [], []
    for kept, loss, last in ((found, alignment_loss, items), (expected, equation_9, matrix)):
        leaves = [part.clone().requires_grad_() for part in (mean, log_variance, anchors)]
        value = loss(*leaves, last)
        kept += [value.detach(), *torch.autograd.grad((weights * value).sum(), leaves)]
    for one, other in zip(found, expected, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-12, atol=1e-12)


def test_the_expectation_in_equation_9_is_that_of_the_posterior(case):
    mean, log_variance, anchors, matrix, _ = case
    rule, weights = np.polynomial.hermite_e.hermegauss(3)  # exact for polynomials up to degree 5
    z = mean[..., None] + torch.exp(0.5 * log_variance)[..., None] * torch.as_tensor(rule)
    weights = torch.as_tensor(weights / weights.sum())
    for user in range(9):
        squares = (z[user] - anchors[matrix[[user]].indices][:, :, None]) ** 2
        expected = (squares @ weights).sum(1).mean()
        torch.testing.assert_close(equation_9(mean, log_variance, anchors, matrix)[user], expected)


def test_gradients_by_finite_differences(case):
    *parts, _, items = case
    leaves = [part.clone().requires_grad_() for part in parts]
    assert torch.autograd.gradcheck(lambda *a: alignment_loss(*a, items), leaves)


@pytest.mark.parametrize("target", [target for target in TARGETS if target != "none"])
def test_what_each_target_learns(case, target):
    mean, log_variance, _, matrix, items = case
    alignment = Alignment(target, matrix.shape, 5, 0.5, torch.Generator().manual_seed(1)).double()
    leaf = mean.clone().requires_grad_()
    alignment(leaf, log_variance, items).sum().backward()
    users = np.arange(9)
    assert (alignment.whose(users) != users).all() == (target == "shuffled-users")
    assert sorted(alignment.whose(users)) == list(users)
    if target == "zero":
        assert not list(alignment.parameters())
        torch.testing.assert_close(leaf.grad, 2 * mean)
    else:
        centroids = torch.stack([alignment.anchors[matrix[[user]].indices].mean(0) for user in users])
        torch.testing.assert_close(leaf.grad, 2 * (mean - centroids.detach()))
        assert (alignment.anchors.grad is None) == (target == "frozen")
        assert float(alignment.anchors.detach().std()) == pytest.approx(0.5, rel=0.3)


def test_partners_are_the_same_in_all_epochs(blocks):
    def make(seed):
        return Alignment("shuffled-users", (50, 6), 2, 1.0, torch.Generator().manual_seed(seed))

    users = np.arange(50)
    whose = make(0).whose(users)
    assert (whose == make(0).whose(users)).all() and (whose != make(1).whose(users)).any()
    assert (make(0).whose(users[10:20]) == whose[10:20]).all()


def weights(scores, patience=2, scale=3.0):
    schedule, found = WeightSchedule(1.0, patience, scale), []
    for score in scores:
        schedule.update(score)
        found.append(schedule.weight)
    return found


def test_the_weight_grows_after_patience_epochs_without_a_better_score():
    assert weights([0.1, 0.2, 0.3, 0.4]) == [1, 1, 1, 1]  # line 16 as printed would grow in each
    assert weights([0.1, 0.1, 0.1]) == [1, 1, 3]
    assert weights([0.1, 0.05, 0.2, 0.15, 0.18]) == [1, 1, 1, 1, 3]


def test_the_count_starts_again_after_an_increase_and_after_a_better_score():
    assert weights([0.5] + 6 * [0.4]) == [1, 1, 3, 3, 9, 9, 27]
    assert weights([0.5, 0.4, 0.4, 0.4, 0.6, 0.4, 0.4]) == [1, 1, 3, 3, 3, 3, 9]
    assert weights([0.0, 0.0, 0.0], scale=1.0) == [1, 1, 1]
