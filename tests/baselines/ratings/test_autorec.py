"""AutoRec."""

import pytest
import torch

from fourmasks.baselines.ratings.autorec import AutoRec


def dense_loss(parameters, data, ridge):
    """The loss from the whole matrix of ratings and a mask."""
    ratings, mask = (torch.zeros(data.shape[::-1], dtype=torch.float64) for _ in range(2))
    ratings[data.items, data.users] = data.values.double() - data.mean
    mask[data.items, data.users] = 1
    hidden = torch.sigmoid(ratings @ parameters["encoder"] + parameters["hidden_biases"])
    predicted = hidden @ parameters["decoder"].T + parameters["user_biases"]
    errors = (mask * (predicted - ratings)).square().sum()
    return (
        errors + ridge * (parameters["encoder"].square().sum() + parameters["decoder"].square().sum())
    ) / len(data.values), predicted


def test_loss_and_gradients_are_those_of_the_masked_dense_computation(started, tiny):
    model = AutoRec(3, ridge=0.4)
    data, parameters = started(model, tiny)
    (batch,) = data.row_batches(data.by_item, 10, torch.Generator().manual_seed(0))
    loss = model._loss(parameters, data, *batch[1:])
    exact = {name: tensor.detach().double().requires_grad_() for name, tensor in parameters.items()}
    expected, _ = dense_loss(exact, data, 0.4)
    assert loss.item() == pytest.approx(expected.item(), rel=1e-5)
    found = torch.autograd.grad(loss, list(parameters.values()))
    wanted = torch.autograd.grad(expected, list(exact.values()))
    for a, b in zip(found, wanted, strict=True):
        torch.testing.assert_close(a.double(), b, rtol=1e-4, atol=1e-6)


def test_predictions_are_the_reconstruction(started, tiny):
    model = AutoRec(3)
    data, parameters = started(model, tiny)
    exact = {name: tensor.detach().double() for name, tensor in parameters.items()}
    _, predicted = dense_loss(exact, data, 0.0)
    users, items = (
        grid.flatten() for grid in torch.meshgrid(torch.arange(5), torch.arange(4), indexing="ij")
    )
    scores = model._scores(model._tables(parameters, data), users, items)
    torch.testing.assert_close(scores.double(), data.mean + predicted[items, users], rtol=1e-5, atol=1e-6)


def test_a_user_without_ratings_is_predicted_by_the_mean(tiny):
    model = AutoRec(3, epochs=5, batch_size=2).fit(tiny)
    assert model.predict([4], [1])[0] == pytest.approx(tiny.values.mean(), rel=1e-6)
    assert model.n_parameters_ == 2 * 5 * 3 + 3 + 5
