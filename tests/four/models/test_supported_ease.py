"""EASE on supports: against EASE itself, a regression of each column, and what stands on the support."""

import numpy as np
import pytest
import scipy.sparse
from sklearn.linear_model import Ridge

from fourmasks.baselines.top_n.ease import EASE
from fourmasks.four.models.supported_ease import SupportedEASE

RNG = np.random.default_rng(0)
DENSE = RNG.random((80, 12)) < 0.4
USERS = scipy.sparse.csr_array(DENSE[DENSE.any(axis=1)].astype(float))


@pytest.mark.parametrize("l2", [1.0, 50.0])
def test_with_all_others_in_the_support_it_is_ease(l2):
    for weights in ("fitted", "cut"):
        ours = SupportedEASE(neighbours=11, l2=l2, weights=weights).fit(USERS)
        np.testing.assert_allclose(ours.weights_.toarray(), EASE(l2=l2).fit(USERS).weights_, atol=1e-12)


@pytest.mark.parametrize("neighbours", [1, 3, 6])
def test_each_column_is_the_ridge_regression_on_the_nearest_items(neighbours):
    dense, found = USERS.toarray(), SupportedEASE(neighbours=neighbours, l2=5.0).fit(USERS).weights_.toarray()
    for j in range(12):
        norms = np.linalg.norm(dense, axis=0)
        cosines = dense.T @ dense[:, j] / norms / norms[j]
        cosines[j] = 0
        support = np.sort(np.argsort(-cosines, kind="stable")[:neighbours])
        expected = Ridge(5.0, fit_intercept=False).fit(dense[:, support], dense[:, j]).coef_
        np.testing.assert_allclose(found[support, j], expected, atol=1e-10)
        assert np.count_nonzero(found[:, j]) == neighbours
        similar = SupportedEASE(neighbours=neighbours, weights="similarity").fit(USERS).weights_.toarray()
        np.testing.assert_allclose(similar[support, j], cosines[support])


def test_the_fit_on_a_support_is_the_best_there_is():
    """No change of an entry on the support lowers the objective."""
    model = SupportedEASE(neighbours=4, l2=3.0).fit(USERS)
    weights, dense = model.weights_.toarray(), USERS.toarray()

    def objective(b):
        return np.square(dense - dense @ b).sum() + 3.0 * np.square(b).sum()

    least = objective(weights)
    for i, j in np.argwhere(weights)[:20]:
        for step in (-1e-3, 1e-3):
            other = weights.copy()
            other[i, j] += step
            assert objective(other) > least


def test_cut_keeps_the_largest_entries_of_ease():
    dense = EASE(l2=2.0).fit(USERS).weights_
    cut = SupportedEASE(neighbours=3, l2=2.0, weights="cut").fit(USERS).weights_.toarray()
    for j in range(12):
        kept = np.flatnonzero(cut[:, j])
        assert len(kept) == 3 and np.abs(dense[kept, j]).min() >= np.sort(np.abs(dense[:, j]))[-3]
        np.testing.assert_array_equal(cut[kept, j], dense[kept, j])


def test_an_item_without_users_has_no_support():
    users = scipy.sparse.csr_array(np.array([[1, 1, 0], [1, 0, 0]], float))
    weights = SupportedEASE(neighbours=2, l2=1.0).fit(users).weights_.toarray()
    assert not weights[2].any() and not weights[:, 2].any()
    with pytest.raises(ValueError, match="unknown weights 'none'"):
        SupportedEASE(weights="none").fit(users)
    with pytest.raises(ValueError, match="neighbours = 0: expected an integer of at least 1"):
        SupportedEASE(neighbours=0).fit(users)
