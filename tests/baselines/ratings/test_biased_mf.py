"""Factors with biases: where alternating least squares ends, and the epoch that is kept."""

import numpy as np
import pytest
import scipy.optimize

from fourmasks.baselines.ratings.biased_mf import BiasedMF
from fourmasks.data.held_out import split_per_user
from fourmasks.data.ratings import load_ratings, make_ratings


@pytest.fixture(scope="module")
def ratings():
    return load_ratings("simulated-small")


def toy(users, items, values, shape):
    return make_ratings("toy", users, items, values, shape, (1, 5))


def objective(model, data, shape, flat):
    r = model.rank
    left, right = np.split(flat.reshape(-1, r + 1), [shape[0]])
    predicted = model._mean + (left[data.users, :-1] * right[data.items, :-1]).sum(1)
    predicted = predicted + left[data.users, -1] + right[data.items, -1]
    penalty = model.ridge * np.square(np.concatenate((left, right))[:, :-1]).sum()
    penalty += model.bias_ridge * np.square(np.concatenate((left, right))[:, -1]).sum()
    return np.square(predicted - data.values).sum() + penalty


def test_biased_mf_is_at_a_stationary_point_of_its_objective():
    rng = np.random.default_rng(0)
    cells = rng.permutation(48)[:30]
    data = toy(cells // 8, cells % 8, rng.integers(1, 6, 30), (6, 8))
    model = BiasedMF(rank=2, ridge=0.5, bias_ridge=0.3, epochs=500).fit(data)
    flat = np.concatenate(model._sides).ravel()
    found = objective(model, data, (6, 8), flat)
    nearby = scipy.optimize.minimize(lambda x: objective(model, data, (6, 8), x), flat, method="L-BFGS-B")
    assert found == pytest.approx(nearby.fun, rel=1e-6)
    left, right = model._sides
    expected = model._mean + left[3, :2] @ right[4, :2] + left[3, 2] + right[4, 2]
    assert model.predict([3], [4])[0] == pytest.approx(expected)
    assert model.n_parameters_ == 14 * 3


def test_biased_mf_keeps_its_best_epoch_and_beats_averages(ratings):
    data = split_per_user(ratings, 0, 0.1)
    model = BiasedMF(rank=4, ridge=8.0).fit(data.train, data.validation)
    assert model.best_epoch_ == 1 + int(np.argmin(model.validation_curve_))
    again = BiasedMF(rank=4, ridge=8.0).fit(data.train, data.validation)
    assert model.validation_curve_ == again.validation_curve_

    def error(fitted):
        return np.mean((fitted.predict(data.test.users, data.test.items) - data.test.values) ** 2)

    assert error(model) < 0.9 * np.var(data.test.values)
    with pytest.raises(ValueError, match=r"ridge = 0"):
        BiasedMF(ridge=0).fit(data.train)
