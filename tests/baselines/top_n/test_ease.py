"""EASE: against one regression for each item, and against its closed form."""

import numpy as np
import pytest
import scipy.sparse

from fourmasks.baselines.top_n import ease
from fourmasks.baselines.top_n.ease import EASE


def test_each_item_is_regressed_on_all_others(blocks):
    x = blocks().toarray().astype(float)
    expected = np.zeros((40, 40))
    for item in range(40):
        others = np.arange(40) != item
        normal = x[:, others].T @ x[:, others] + 7.0 * np.eye(39)
        expected[others, item] = np.linalg.solve(normal, x[:, others].T @ x[:, item])
    np.testing.assert_allclose(EASE(l2=7.0).fit(blocks()).weights_, expected, atol=1e-12)


@pytest.mark.parametrize("size", [7, 40, 256])
def test_the_solution_is_the_closed_form(blocks, size, monkeypatch):
    monkeypatch.setattr(ease, "COPIED_AT_ONCE", size)
    train = blocks(90, 40, seed=3)
    model = EASE(l2=0.5).fit(train)
    inverse = np.linalg.inv((train.T @ train).toarray() + 0.5 * np.eye(40))
    expected = np.eye(40) - inverse / np.diag(inverse)
    np.testing.assert_allclose(model.weights_, expected, atol=1e-10)
    assert (np.diag(model.weights_) == 0).all()
    shown = blocks(5, 40, seed=4)
    np.testing.assert_allclose(model.predict(shown), shown.toarray() @ expected, atol=1e-9)


@pytest.mark.parametrize("users", [1, 7, 30])
def test_few_users_give_the_same_closed_form(users):
    dense = np.random.default_rng(users).random((users, 31)) < 0.3
    weights = EASE(l2=2.0).fit(scipy.sparse.csr_array(dense.astype(float))).weights_
    inverse = np.linalg.inv(dense.astype(float).T @ dense + 2.0 * np.eye(31))
    expected = -inverse / np.diag(inverse)
    np.fill_diagonal(expected, 0)
    np.testing.assert_allclose(weights, expected, atol=1e-12)
