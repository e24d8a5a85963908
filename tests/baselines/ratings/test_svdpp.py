"""SVD++."""

import numpy as np
import pytest
import torch

from fourmasks.baselines.ratings.svdpp import SVDpp


def prediction(parameters, ratings, user, item):
    """Koren's Equation 15, by loops."""
    numbers = {name: tensor.detach().double().numpy() for name, tensor in parameters.items()}
    rated = ratings.items[ratings.users == user]
    taste = numbers["users"][user].copy()
    for j in rated:
        taste += numbers["implicit"][j] / np.sqrt(len(rated))
    mean = ratings.values.mean(dtype=np.float64)
    biases = numbers["user_biases"][user] + numbers["item_biases"][item]
    return mean + biases + numbers["items"][item] @ taste


def test_predictions_are_those_of_the_equation(started, tiny):
    model = SVDpp(3)
    data, parameters = started(model, tiny)
    users, items = np.divmod(np.arange(20), 4)
    scores = model._scores(model._tables(parameters, data), torch.as_tensor(users), torch.as_tensor(items))
    expected = [prediction(parameters, tiny, u, i) for u, i in zip(users, items, strict=True)]
    np.testing.assert_allclose(scores.numpy(), expected, rtol=1e-5)


def test_the_loss_is_a_sum_over_ratings(started, tiny):
    model = SVDpp(3, ridge=0.2, implicit_ridge=0.7)
    data, parameters = started(model, tiny)
    generator = torch.Generator().manual_seed(0)
    total = sum(
        len(batch[2]) * model._loss(parameters, *batch)
        for batch in data.row_batches(data.by_user, 2, generator)
    )
    squares = {n: t.detach().double().numpy().reshape(len(t), -1) ** 2 for n, t in parameters.items()}
    expected = 0.0
    for u, i, x in zip(tiny.users, tiny.items, tiny.values, strict=True):
        expected += (prediction(parameters, tiny, u, i) - x) ** 2
        sides = (("user_biases", u), ("users", u), ("item_biases", i), ("items", i))
        expected += 0.2 * sum(squares[name][row].sum() for name, row in sides)
        expected += 0.7 * squares["implicit"][i].sum()
    assert total.item() == pytest.approx(expected, rel=1e-5)


def test_those_without_ratings_are_predicted_by_the_others_biases(tiny):
    model = SVDpp(3, epochs=20).fit(tiny)
    mean, tables = tiny.values.mean(), model._fitted
    of_item, of_user = tables["item_biases"][1].item(), tables["user_biases"][2].item()
    np.testing.assert_allclose(
        model.predict([4, 2, 4], [1, 3, 3]), [mean + of_item, mean + of_user, mean], rtol=1e-5
    )
    assert abs(of_item) > 0.01 < abs(of_user)
