"""Probabilistic matrix factorization."""

import numpy as np
import pytest
import torch

from fourmasks.baselines.ratings.pmf import PMF


def test_batches_add_up_to_the_negative_log_posterior(started, tiny):
    model = PMF(3, ridge=0.7, batch_size=2)
    data, parameters = started(model, tiny)
    batches = list(data.row_batches(data.by_user, 2, torch.Generator().manual_seed(0)))
    total = sum(len(batch[2]) * model._loss(parameters, data, *batch) for batch in batches)
    p, q = (parameters[name].detach().double().numpy() for name in ("users", "items"))
    mean = float(tiny.values.mean())
    expected = sum(
        (mean + p[u] @ q[i] - x) ** 2 for u, i, x in zip(tiny.users, tiny.items, tiny.values, strict=True)
    )
    rated = np.unique(tiny.users)
    expected += 0.7 * ((p[rated] ** 2).sum() + (q**2).sum())
    assert total.item() == pytest.approx(expected, rel=1e-5)


def test_training_ends_at_a_fixed_point_of_alternating_ridge_regressions(tiny):
    model = PMF(2, ridge=0.5, learning_rate=0.02, batch_size=10, epochs=500).fit(tiny)
    p, q = (model._fitted[name].double().numpy() for name in ("users", "items"))
    residuals = tiny.values - tiny.values.mean(dtype=np.float64)
    for own, other, places, others in ((p, q, tiny.users, tiny.items), (q, p, tiny.items, tiny.users)):
        for row in range(len(own)):
            there = places == row
            x = other[others[there]]
            best = np.linalg.solve(x.T @ x + 0.5 * np.eye(2), x.T @ residuals[there])
            np.testing.assert_allclose(own[row], best, atol=2e-3)
    assert np.abs(p).max() > 0.1


def test_whoever_has_no_ratings_is_predicted_by_the_mean(tiny):
    model = PMF(3, epochs=5, ridge=0.1).fit(tiny)
    np.testing.assert_allclose(model.predict([4, 0, 4], [0, 3, 3]), tiny.values.mean(), rtol=1e-6)
    assert model.n_parameters_ == 9 * 3
