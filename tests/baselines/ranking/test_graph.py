"""LightGCN, NGCF and SGL against dense matrices and explicit sums."""

import numpy as np
import pytest
import torch

from fourmasks.baselines.ranking.graph import NGCF, SGL, LightGCN
from fourmasks.learning.ranking import pair_matrix

RANK = 8


@pytest.fixture
def generator():
    return torch.Generator().manual_seed(0)


@pytest.fixture(scope="module")
def adjacency(likes):
    """The normalised adjacency matrix by its definition; isolated nodes have zeros."""
    liked = torch.as_tensor(pair_matrix(likes).toarray()).double()
    users, items = liked.shape
    square = torch.zeros(users + items, users + items, dtype=torch.float64)
    square[:users, users:], square[users:, :users] = liked, liked.T
    degree = square.sum(1)
    root = torch.where(degree > 0, degree.clamp(min=1) ** -0.5, 0.0)
    return root[:, None] * square * root


def made(model, likes, generator):
    return model._make(likes, generator).double()


def triples(likes, generator, n=30):
    places = torch.randint(len(likes), (n,), generator=generator)
    users, liked = torch.as_tensor(likes.users)[places], torch.as_tensor(likes.items)[places]
    return users, liked, torch.randint(likes.shape[1], (n,), generator=generator)


@pytest.mark.parametrize("n_layers", (1, 3))
def test_lightgcn_is_the_mean_of_matrix_powers(n_layers, likes, adjacency, generator):
    network = made(LightGCN(rank=RANK, n_layers=n_layers), likes, generator).eval()
    powers = sum(torch.linalg.matrix_power(adjacency, power) for power in range(n_layers + 1))
    vectors = powers @ network.nodes / (n_layers + 1)
    torch.testing.assert_close(torch.cat(network.tables()), vectors)
    users = torch.tensor([4, 11])
    torch.testing.assert_close(network.scores(network.tables(), users), vectors[users] @ vectors[12:].T)


def test_the_gradient_of_lightgcn_is_that_of_the_dense_one(likes, adjacency, generator):
    network = made(LightGCN(rank=RANK, n_layers=2, l2=0.1), likes, generator)
    users, liked, others = triples(likes, generator)
    (found,) = torch.autograd.grad(network.loss(users, liked, others, generator), network.nodes)
    nodes = network.nodes.detach().requires_grad_()
    vectors = (nodes + adjacency @ nodes + adjacency @ adjacency @ nodes) / 3
    u, v, w = vectors[users], vectors[12 + liked], vectors[12 + others]
    loss = -torch.log(torch.sigmoid((u * v).sum(1) - (u * w).sum(1))).mean()
    start = nodes[users], nodes[12 + liked], nodes[12 + others]
    loss = loss + 0.05 * sum(part.square().sum(1) for part in start).mean()
    torch.testing.assert_close(found, torch.autograd.grad(loss, nodes)[0])


def test_ngcf_is_its_formula(likes, adjacency, generator):
    network = made(NGCF(rank=RANK, factor_scale=1.0), likes, generator).eval()
    for bias in network.biases:
        bias.data.normal_(generator=generator)
    layer, expected = network.nodes, [network.nodes]
    for by_sum, by_product, bias in zip(network.sums, network.products, network.biases, strict=True):
        total = (adjacency + torch.eye(27)) @ layer @ by_sum + (adjacency @ layer * layer) @ by_product + bias
        layer = torch.where(total > 0, total, 0.2 * total)
        expected.append(layer / layer.norm(dim=1, keepdim=True))
    torch.testing.assert_close(torch.cat(network.tables()), torch.cat(expected, 1))


def test_ngcf_drops_numbers_in_training_only(likes, generator):
    network = made(NGCF(rank=RANK, dropout=0.5, n_layers=1), likes, generator)
    dropped = (network.train()._vectors(generator)[:, RANK:] == 0).double().mean()
    assert 0.35 < dropped < 0.65
    assert not (network.eval()._vectors()[:, RANK:] == 0).any()


def test_the_views_of_sgl_are_thinned_graphs_normalised_anew(likes, adjacency, generator):
    network = made(SGL(rank=RANK, edge_dropout=0.4), likes, generator)
    network.begin_epoch(generator)
    first, second = (view.average(torch.eye(27, dtype=torch.float64)) for view in network._views)
    assert (first != second).any()
    for dense in (first, second):
        kept = dense > 0
        assert not (kept & (adjacency == 0)).any()
        assert 0.4 < kept.sum() / (adjacency > 0).sum() < 0.8
        degree = kept.sum(1).double()
        expected = kept / torch.outer(degree, degree).sqrt().clamp(min=1)
        torch.testing.assert_close(dense, expected)


def test_the_second_task_of_sgl_is_infonce(likes, generator):
    settings = {"contrast": 0.3, "temperature": 0.5, "contrast_size": 10, "n_layers": 2}
    network = made(SGL(rank=RANK, **settings), likes, generator)
    network.begin_epoch(generator)
    users, liked, others = triples(likes, generator)
    views = []
    for view in network._views:
        dense = view.average(torch.eye(27, dtype=torch.float64))
        vectors = (network.nodes + dense @ network.nodes + dense @ dense @ network.nodes) / 3
        views.append(vectors / vectors.norm(dim=1, keepdim=True))
    contrast = 0.0
    for numbers in (users[:10], 12 + liked[:10]):
        nodes = sorted(set(numbers.tolist()))
        for node in nodes:
            alike = torch.stack([torch.exp(views[0][node] @ views[1][other] / 0.5) for other in nodes])
            contrast -= torch.log(alike[nodes.index(node)] / alike.sum()) / len(nodes)
    plain = made(LightGCN(rank=RANK, n_layers=2), likes, torch.Generator().manual_seed(1))
    plain.nodes.data = network.nodes.data
    expected = plain.loss(users, liked, others, generator) + 0.3 * contrast
    torch.testing.assert_close(network.loss(users, liked, others, generator), expected)


def test_a_device_without_sparse_products_is_refused(likes):
    with pytest.raises(ValueError, match="no sparse products"):
        LightGCN()._check_device(torch.device("mps"))
    assert np.isfinite(LightGCN(rank=RANK, epochs=1).fit(likes).score_items([11])).all()
