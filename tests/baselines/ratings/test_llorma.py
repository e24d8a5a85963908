"""LLORMA."""

import numpy as np
import pytest
import torch

from fourmasks.baselines.ratings.fitting import Data
from fourmasks.baselines.ratings.llorma import LLORMA, angles, kernel, sweep
from fourmasks.baselines.ratings.sparse import Pattern


def test_a_sweep_is_a_weighted_ridge_regression_for_each_row(tiny):
    data, generator = Data(tiny, torch.device("cpu")), torch.Generator().manual_seed(0)
    pattern, values = Pattern(data.by_user, data.device), torch.as_tensor(data.by_user.data)
    users, items = (torch.randn(n, 2, generator=generator) for n in data.shape)
    weights = [torch.rand(n, generator=generator) for n in data.shape]
    dense, mask = data.by_user.toarray(), data.by_user.toarray() > 0
    before = items.clone()
    sweep(pattern, values, weights, users, items, 0.3)
    w_users, w_items = (weight.numpy() for weight in weights)

    def regressions(ratings, there, w_own, w_other, other):
        for row, own in enumerate(w_own):
            root = np.sqrt(own * w_other[there[row]])[:, None]
            left = np.vstack([root * other[there[row]], np.sqrt(0.3) * np.eye(2)])
            right = np.append(root[:, 0] * ratings[row, there[row]], [0, 0])
            yield np.linalg.lstsq(left, right)[0]

    expected = [*regressions(dense, mask, w_users, w_items, before.numpy())]
    np.testing.assert_allclose(users.numpy(), expected, rtol=1e-4, atol=1e-5)
    expected = [*regressions(dense.T, mask.T, w_items, w_users, users.numpy())]
    np.testing.assert_allclose(items.numpy(), expected, rtol=1e-4, atol=1e-5)


def test_predictions_are_weighted_means_of_local_models(simulated):
    """The local models where their narrow kernels reach, the model of the whole matrix elsewhere."""
    model = LLORMA(2, n_local=3, bandwidth=0.9, epochs=2).fit(simulated.train)
    tables = {name: table.double().numpy() for name, table in model._fitted.items()}
    users, items = np.divmod(np.arange(0, 150 * 120, 7), 120)
    expected, reached = [], 0
    for u, i in zip(users, items, strict=True):
        weights = tables["user_weights"][u] * tables["item_weights"][i]
        local = [tables["users"][t, u] @ tables["items"][t, i] for t in range(3)]
        product = tables["global_users"][u] @ tables["global_items"][i]
        if weights.sum() > 0:
            product, reached = weights @ local / weights.sum(), reached + 1
        expected.append(model._mean + tables["user_biases"][u] + tables["item_biases"][i] + product)
    np.testing.assert_allclose(model.predict(users, items), np.clip(expected, 1, 5), rtol=1e-4)
    assert 0 < reached < len(users)


def test_biases_are_damped_averages(tiny):
    model = LLORMA(2, epochs=1).fit(tiny)
    centred = tiny.values - tiny.values.mean()
    items = np.bincount(tiny.items, centred, 4) / (np.bincount(tiny.items, minlength=4) + 25)
    rest = centred - items[tiny.items]
    users = np.bincount(tiny.users, rest, 5) / (np.bincount(tiny.users, minlength=5) + 10)
    np.testing.assert_allclose(model._fitted["item_biases"], items, atol=1e-6)
    np.testing.assert_allclose(model._fitted["user_biases"], users, atol=1e-6)
    np.testing.assert_allclose(
        model.predict([4, 1], [0, 3]), tiny.values.mean() + [items[0], users[1]], rtol=1e-5
    )


def test_the_kernel_falls_to_zero_at_the_bandwidth():
    rows = torch.tensor([[2.0, 0.0], [0.0, 3.0], [-1.0, 0.0], [1.0, 1.0], [0.0, 0.0]])
    found = angles(rows, rows[:1]).squeeze(1)
    expected = torch.tensor([0.0, 0.5, 1.0, 0.25, 0.5]) * torch.pi
    torch.testing.assert_close(found, expected, atol=1e-3, rtol=0)
    torch.testing.assert_close(
        kernel(expected, torch.pi / 2), torch.tensor([1.0, 0.0, 0.0, 0.75, 0.0]), atol=1e-6, rtol=0
    )


@pytest.mark.parametrize("setting", ["ridge", "bandwidth"])
def test_a_zero_that_it_does_not_take_is_named(setting, tiny):
    with pytest.raises(ValueError, match=f"{setting} = 0: expected"):
        LLORMA(**{setting: 0}).fit(tiny)
