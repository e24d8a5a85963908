"""Neural network matrix factorization."""

import numpy as np
import pytest
import torch

from fourmasks.baselines.ratings.nnmf import NNMF


def network(parameters, d, user, item):
    """The network for one pair, written out."""
    numbers = {name: tensor.detach().double().numpy() for name, tensor in parameters.items()}
    p, q = numbers["users"][user], numbers["items"][item]
    values = np.concatenate([p[:d], q[:d], p[d:] * q[d:]])
    for layer in range(3):
        values = 1 / (1 + np.exp(-(values @ numbers[f"weights{layer}"] + numbers[f"biases{layer}"])))
    return (values @ numbers["weights3"] + numbers["biases3"]).item()


def test_predictions_are_the_networks(started, tiny):
    model = NNMF(3, n_features=2, n_hidden=4)
    data, parameters = started(model, tiny)
    users, items = np.divmod(np.arange(20), 4)
    scores = model._scores(parameters, torch.as_tensor(users), torch.as_tensor(items))
    expected = [data.mean + network(parameters, 2, u, i) for u, i in zip(users, items, strict=True)]
    np.testing.assert_allclose(scores.detach().numpy(), expected, rtol=1e-4)


def test_the_loss_has_a_ridge_on_the_features_and_none_on_the_network(started, tiny):
    model = NNMF(3, n_features=2, n_hidden=4, ridge=0.3)
    data, parameters = started(model, tiny)
    loss = model._loss(parameters, data, torch.arange(len(tiny)))
    squares = sum(float(parameters[name].detach().square().sum()) for name in ("users", "items"))
    errors = [
        (data.mean + network(parameters, 2, u, i) - x) ** 2
        for u, i, x in zip(tiny.users, tiny.items, tiny.values, strict=True)
    ]
    assert loss.item() == pytest.approx((sum(errors) + 0.3 * squares) / len(tiny), rel=1e-5)


def test_whoever_has_no_ratings_has_zero_features(tiny):
    model = NNMF(3, n_features=2, n_hidden=4, epochs=5).fit(tiny)
    assert not model._fitted["users"][4].any() and not model._fitted["items"][3].any()
    assert model._fitted["users"][:4].any(1).all()
    layers = (7 + 1) * 4 + 2 * (4 + 1) * 4 + (4 + 1)
    assert model.n_parameters_ == 9 * 5 + layers
