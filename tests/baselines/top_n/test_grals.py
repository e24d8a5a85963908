"""GRALS: its graph, its linear systems, and what its updates minimise."""

import numpy as np
import pytest

from fourmasks.baselines.top_n import grals
from fourmasks.baselines.top_n.grals import GRALS, cosine_graph, laplacian, solve_shifted

SMALL = {"rank": 4, "l2": 1.5, "neighbours": 5, "iterations": 4}


def cost(model, x, factors):
    """The objective with other item factors, the graph's part as a sum over pairs."""
    graph = -model.laplacian_.toarray()
    np.fill_diagonal(graph, 0)
    distances = np.square(factors[:, None] - factors).sum(2)
    return (
        np.square(x - model.user_factors_ @ factors.T).sum()
        + model.l2 * np.square(factors).sum()
        + model.graph_weight / 2 * (graph * distances).sum()
    )


@pytest.mark.parametrize("chunk", [7, 500])
def test_the_graph_joins_items_to_those_with_the_highest_cosines(blocks, chunk, monkeypatch):
    monkeypatch.setattr(grals, "COMPARED_AT_ONCE", chunk)
    train = blocks(70, 30)
    x = train.toarray().astype(float)
    counts = x.sum(0)
    cosines = x.T @ x / np.sqrt(np.outer(counts, counts))
    np.fill_diagonal(cosines, 0)
    chosen = np.zeros((30, 30), bool)
    np.put_along_axis(chosen, np.argsort(-cosines, axis=1, kind="stable")[:, :5], True, axis=1)
    expected = np.where(chosen | chosen.T, cosines, 0)
    np.testing.assert_allclose(cosine_graph(train, 5).toarray(), expected, rtol=1e-6)


def test_items_that_never_occur_together_are_not_joined(blocks):
    train = blocks(70, 30).tolil()
    train[:, 4] = 0
    train[3, 9], train[:3, 9], train[4:, 9] = 1, 0, 0
    graph = cosine_graph(train.tocsr(), 29).toarray()
    together = (train.T @ train).toarray() > 0
    np.fill_diagonal(together, False)
    assert ((graph > 0) == together).all() and not graph[4].any()


def test_all_items_are_neighbours_where_more_are_asked_for(blocks):
    all_others, more = (GRALS(**SMALL | {"neighbours": n}).fit(blocks()) for n in (39, 99))
    assert (all_others.laplacian_ != more.laplacian_).nnz == 0


def test_the_laplacian_sums_squared_differences(blocks):
    graph = cosine_graph(blocks(70, 30), 5)
    vectors = np.random.default_rng(0).standard_normal((30, 3))
    differences = np.square(vectors[:, None] - vectors).sum(2)
    expected = (graph.toarray() * differences).sum() / 2
    assert np.trace(vectors.T @ (laplacian(graph) @ vectors)) == pytest.approx(expected)


def test_all_systems_are_solved_at_once(blocks, monkeypatch):
    monkeypatch.setattr(grals, "TOLERANCE", 1e-12)
    rng = np.random.default_rng(0)
    matrix, shifts = laplacian(cosine_graph(blocks(70, 30), 5)), np.array([0.1, 3.0, 200.0])
    right, start = rng.standard_normal((2, 30, 3))
    right[:, 1] = 0
    expected = [
        np.linalg.solve(matrix.toarray() + shift * np.eye(30), part)
        for shift, part in zip(shifts, right.T, strict=True)
    ]
    np.testing.assert_allclose(solve_shifted(matrix, shifts, right, start), np.transpose(expected), atol=1e-9)


def test_without_the_graph_it_is_alternating_ridge_regression(blocks):
    x, rng = blocks().toarray().astype(float), np.random.default_rng(3)
    items = 0.01 * rng.standard_normal((40, 4))
    for _ in range(4):
        users = x @ items @ np.linalg.inv(items.T @ items + 1.5 * np.eye(4))
        items = x.T @ users @ np.linalg.inv(users.T @ users + 1.5 * np.eye(4))
    model = GRALS(**SMALL, graph_weight=0.0, random_state=3).fit(blocks())
    np.testing.assert_allclose(model.user_factors_, users, rtol=1e-5, atol=1e-8)
    np.testing.assert_allclose(model.item_factors_, items, rtol=1e-5, atol=1e-8)


def test_the_last_update_leaves_no_gradient_by_the_items(blocks):
    x = blocks().toarray().astype(float)
    model = GRALS(**SMALL, graph_weight=2.0).fit(blocks())
    rng = np.random.default_rng(0)
    least = cost(model, x, model.item_factors_)
    for _ in range(5):
        direction = rng.standard_normal(model.item_factors_.shape)
        ahead, behind = (cost(model, x, model.item_factors_ + step * direction) for step in (1e-3, -1e-3))
        assert min(ahead, behind) > least
        assert ahead - behind == pytest.approx(0, abs=1e-3 * (ahead + behind - 2 * least))


def test_the_graph_makes_the_vectors_of_similar_items_alike(blocks):
    def roughness(weight):
        model = GRALS(**SMALL, graph_weight=weight).fit(blocks())
        factors = model.item_factors_
        return np.trace(factors.T @ (model.laplacian_ @ factors)) / np.square(factors).sum()

    assert roughness(30.0) < 0.5 * roughness(3.0) < 0.5 * roughness(0.0)


def test_held_out_users_minimise_their_part(blocks):
    model = GRALS(**SMALL).fit(blocks())
    shown, items = blocks(12, seed=5), model.item_factors_
    users = np.linalg.solve(items.T @ items + 1.5 * np.eye(4), items.T @ shown.toarray().T)
    np.testing.assert_allclose(model.predict(shown), users.T @ items.T, atol=1e-9)
