"""PLRec: its projection, and its regression by the dense formula."""

import numpy as np
import pytest

from fourmasks.baselines.top_n.plrec import PLRec


def test_the_projection_is_that_of_the_first_singular_vectors(blocks):
    train = blocks()
    projection = PLRec(rank=4).fit(train).projection_
    vectors = np.linalg.svd(train.toarray().astype(float))[2][:4].T
    np.testing.assert_allclose(projection @ projection.T, vectors @ vectors.T, atol=1e-3)
    np.testing.assert_allclose(projection.T @ projection, np.eye(4), atol=1e-12)


@pytest.mark.parametrize("power", [0.0, 0.5])
def test_scores_are_those_of_a_ridge_regression_on_the_features(blocks, power):
    train, shown = blocks(), blocks(12, seed=5)
    x = train.toarray().astype(float)
    model = PLRec(rank=4, l2=3.0, popularity_power=power).fit(train)
    features = x @ model.projection_
    weights = np.linalg.inv(features.T @ features + 3.0 * np.eye(4)) @ features.T @ x
    np.testing.assert_allclose(model.predict(shown), shown.toarray() @ model.projection_ @ weights, atol=1e-9)


def test_at_full_rank_it_is_the_ridge_regression_of_the_items_on_themselves(blocks):
    train, shown = blocks(), blocks(12, seed=5)
    gram = (train.T @ train).toarray().astype(float)
    expected = shown.toarray() @ np.linalg.solve(gram + 3.0 * np.eye(40), gram)
    for rank in (40, 99):  # there are no more than 40 items
        np.testing.assert_allclose(PLRec(rank=rank, l2=3.0).fit(train).predict(shown), expected, atol=1e-9)


def test_popularity_weakens_popular_items_in_the_features(blocks):
    train = blocks()
    plain, weakened = (PLRec(rank=4, popularity_power=power).fit(train).projection_ for power in (0.0, 0.5))
    counts = np.asarray(train.sum(axis=0))
    ratios = np.linalg.norm(weakened, axis=1) / np.linalg.norm(plain, axis=1)
    np.testing.assert_allclose(ratios, np.sqrt(counts.mean() / counts), rtol=1e-6)
