"""MMF's prediction at pairs, its gradient, and its masks."""

import math

import pytest
import torch

from fourmasks.mmf.models.rating_masks import FAMILIES, RatingMasks
from fourmasks.mmf.models.rating_model import RatingModel, Side

USERS, ITEMS, RANK, N_MASKS = 7, 9, 4, 3


def draw(*shape, generator):
    return torch.randn(*shape, generator=generator, dtype=torch.float64)


def sides(generator):
    shapes = ((RANK,), (N_MASKS,), ())
    return tuple(Side(*(draw(n, *rest, generator=generator) for rest in shapes)) for n in (USERS, ITEMS))


def some_pairs(generator, n=20):
    cells = torch.randperm(USERS * ITEMS, generator=generator)[:n]
    return cells // ITEMS, cells % ITEMS, draw(n, generator=generator)


@pytest.fixture
def generator():
    return torch.Generator().manual_seed(0)


@pytest.mark.parametrize("family", FAMILIES)
def test_slopes_of_the_masks_are_their_derivatives(family, generator):
    masks = RatingMasks(family, N_MASKS, RANK, dtype=torch.float64)
    shifts, step = draw(30, N_MASKS, generator=generator), 1e-6
    _, slopes = masks.values_and_slopes(shifts)
    above, below = (masks.values_and_slopes(shifts + move)[0] for move in (step, -step))
    close = (above - below) / (2 * step) - slopes
    # A triangle has three kinks: a shift that steps over one is not a test of the derivative.
    assert close.abs().flatten().sort().values[: int(0.98 * close.numel())].max() < 1e-7


def test_masks_are_those_of_the_equation():
    masks = RatingMasks("cosine", 2, 3, dtype=torch.float64)
    values, _ = masks.values_and_slopes(torch.tensor([[0.4, -0.2]], dtype=torch.float64))
    expected = [[0.5 * math.cos(k / 2 * (r - 1.5 * s)) for r in range(3)] for k, s in ((1, 0.4), (2, -0.2))]
    torch.testing.assert_close(values[0], torch.tensor(expected, dtype=torch.float64))


def test_common_weights_are_those_of_zero_shifts(generator):
    masks = RatingMasks("gaussian", 5, 6, dtype=torch.float64)
    values, _ = masks.values_and_slopes(torch.zeros(1, 5, dtype=torch.float64))
    torch.testing.assert_close(masks.common_weights(), (values[0] * values[0]).sum(0))


@pytest.mark.parametrize("permuted", (False, True))
def test_a_prediction_is_the_sum_over_masks_and_dimensions(permuted, generator):
    users, items = sides(generator)
    masks = RatingMasks("gaussian", N_MASKS, RANK, dtype=torch.float64)
    orders = (None, None)
    if permuted:
        orders = tuple(torch.rand(n, RANK, generator=generator).argsort(1).double() for n in (USERS, ITEMS))
    model = RatingModel(users, items, 3.5, masks=masks, orders=orders)
    u, i, _ = some_pairs(generator)
    left, right = (masks.values_and_slopes(side.shifts, order)[0] for side, order in
                   zip((users, items), orders, strict=True))  # fmt: skip
    for one, other, found in zip(u, i, model.predict(u, i), strict=True):
        expected = 3.5 + users.biases[one] + items.biases[other]
        for k in range(N_MASKS):
            for r in range(RANK):
                masked = left[one, k, r] * users.factors[one, r], right[other, k, r] * items.factors[other, r]
                expected += masked[0] * masked[1]
        torch.testing.assert_close(found, expected)


def test_scores_are_the_predictions_of_all_items(generator):
    users, items = sides(generator)
    model = RatingModel(users, items, 1.0, masks=RatingMasks("sine", N_MASKS, RANK, dtype=torch.float64))
    model.chunk = 4
    grid = torch.cartesian_prod(torch.tensor([5, 2]), torch.arange(ITEMS)).T
    torch.testing.assert_close(model.scores(torch.tensor([5, 2])).flatten(), model.predict(*grid))


@pytest.mark.parametrize("kind", ("masks", "orders", "weights"))
def test_the_gradient_agrees_with_finite_differences(kind, generator):
    both = sides(generator)
    extra = {"masks": RatingMasks("gaussian", N_MASKS, RANK, dtype=torch.float64)}
    if kind == "orders":
        extra["orders"] = tuple(
            torch.rand(n, RANK, generator=generator).argsort(1).double() for n in (USERS, ITEMS)
        )
    if kind == "weights":
        extra = {"weights": draw(RANK, generator=generator)}
    model, batch = RatingModel(*both, 3.0, **extra), some_pairs(generator)

    def loss():
        zero = tuple(Side(*(torch.zeros_like(tensor) for tensor in side)) for side in both)
        return model.add_gradient(zero, *batch, 0.1, 0.2), zero

    _, gradient = loss()
    step = 1e-6
    for side, its_gradient in zip(both, gradient, strict=True):
        for tensor, slopes in zip(side, its_gradient, strict=True):
            flat = tensor.view(-1)
            for place in range(0, len(flat), 2):
                kept = flat[place].item()
                flat[place] = kept + step
                above = loss()[0]
                flat[place] = kept - step
                below = loss()[0]
                flat[place] = kept
                assert abs((above - below) / (2 * step) - slopes.view(-1)[place]) < 1e-6


def test_chunks_add_up_to_the_whole(generator):
    both = sides(generator)
    model = RatingModel(*both, 3.0, masks=RatingMasks("gaussian", N_MASKS, RANK, dtype=torch.float64))
    users, items, ratings = some_pairs(generator)
    whole, parts = (
        tuple(Side(*(torch.zeros_like(tensor) for tensor in side)) for side in both) for _ in range(2)
    )
    loss = model.add_gradient(whole, users, items, ratings, 0.1, 0.2)
    total = sum(
        model.add_gradient(parts, *(tensor[place] for tensor in (users, items, ratings)), 0.1, 0.2)
        for place in (slice(0, 7), slice(7, 20))
    )
    assert total == pytest.approx(loss)
    for one, other in zip(whole, parts, strict=True):
        torch.testing.assert_close(tuple(one), tuple(other))
