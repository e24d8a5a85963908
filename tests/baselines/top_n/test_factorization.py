"""ALS and WMF: each update solves its ridge problems, and so does what is done for held-out users."""

import numpy as np
import pytest

from fourmasks.baselines.top_n.factorization import ALS, WMF

# Three steps of conjugate gradients are exact for vectors of three numbers.
SMALL = {"rank": 3, "l2": 1.5, "dtype": "float64"}
both = pytest.mark.parametrize(("model", "confidence"), [(ALS, 0.0), (WMF, 4.0)])


def make(model, confidence, **settings):
    return model(**SMALL | settings | ({"confidence": confidence} if model is WMF else {}))


def ridge(x, factors, confidence, l2):
    """Return the vectors that minimise the weighted squares of each row of x, given the others' factors."""
    vectors = []
    for row in x:
        weights = 1 + confidence * row
        normal = (factors.T * weights) @ factors + l2 * np.eye(factors.shape[1])
        vectors.append(np.linalg.solve(normal, factors.T @ (weights * row)))
    return np.array(vectors)


def objective(model, x, confidence):
    squares = (1 + confidence * x) * (x - model.user_factors_ @ model.item_factors_.T) ** 2
    return squares.sum() + model.l2 * sum(
        (part**2).sum() for part in (model.user_factors_, model.item_factors_)
    )


@both
def test_items_solve_their_ridge_problem_after_any_number_of_updates(model, confidence, blocks):
    x = blocks().toarray()
    for iterations in (1, 6):
        fitted = make(model, confidence, iterations=iterations).fit(blocks())
        expected = ridge(x.T, fitted.user_factors_, confidence, 1.5)
        np.testing.assert_allclose(fitted.item_factors_, expected, rtol=1e-5, atol=1e-8)


@both
def test_updates_lower_the_objective(model, confidence, blocks):
    x = blocks().toarray()
    falls = [
        objective(make(model, confidence, iterations=n, rank=6).fit(blocks()), x, confidence)
        for n in (1, 2, 4, 8, 16)
    ]
    assert np.all(np.diff(falls) < 0)


@both
def test_held_out_users_get_the_exact_solution(model, confidence, blocks):
    fitted = make(model, confidence, rank=6).fit(blocks())
    shown = blocks(12, seed=5)
    users = ridge(shown.toarray(), fitted.item_factors_, confidence, 1.5)
    np.testing.assert_allclose(fitted.predict(shown), users @ fitted.item_factors_.T, atol=1e-9)


def test_with_equal_weights_singular_values_lose_the_penalty(blocks):
    train = blocks(n_groups=3)
    fitted = make(ALS, 0.0, iterations=100).fit(train)
    left, values, right = np.linalg.svd(train.toarray().astype(float))
    expected = (left[:, :3] * (values[:3] - 1.5)) @ right[:3]
    np.testing.assert_allclose(fitted.user_factors_ @ fitted.item_factors_.T, expected, atol=1e-5)


def test_wmf_without_confidence_is_als(blocks):
    shown = blocks(12, seed=5)
    als, wmf = (make(model, 0.0).fit(blocks()).predict(shown) for model in (ALS, WMF))
    assert (als == wmf).all()


def test_threads_do_not_change_the_bits(blocks):
    one, two = (make(WMF, 4.0, threads=threads).fit(blocks()).item_factors_ for threads in (1, 2))
    assert (one == two).all()
