"""Sparse rows and layers: against dense ones."""

import numpy as np
import pytest
import torch

from fourmasks.baselines.top_n.layers import Layer, Rows, half_squares


@pytest.fixture
def generator():
    return torch.Generator().manual_seed(0)


@pytest.fixture
def rows(blocks):
    matrix = blocks(30, 20).tolil()
    matrix[4] = 0
    return Rows(matrix.tocsr(), torch.device("cpu"), torch.float64)


def test_rows_are_those_of_the_matrix(rows, blocks):
    dense = blocks(30, 20).toarray()
    dense[4] = 0
    assert (rows.dense().numpy() == dense).all()
    assert (rows.sizes.numpy() == dense.sum(1)).all()
    values = torch.rand(len(rows.items), dtype=torch.float64)
    expected = [values[rows.users == user].sum() for user in range(30)]
    torch.testing.assert_close(rows.sums(values), torch.stack(expected))


def test_a_layer_of_sparse_rows_is_that_of_dense_ones(rows, generator):
    layer = Layer(20, 6, generator).double()
    values = torch.rand(len(rows.items), generator=generator, dtype=torch.float64)
    dense = torch.zeros(30, 20, dtype=torch.float64)
    dense[rows.users, rows.items] = values
    outputs, gradients = [], []
    for output in (layer.sparse(rows, values), layer(dense)):
        layer.zero_grad()
        output.square().sum().backward()
        outputs.append(output)
        gradients.append(layer.weight.grad.clone())
    torch.testing.assert_close(*outputs)
    torch.testing.assert_close(*gradients)


def test_rows_are_divided_by_their_norms_before_some_entries_are_dropped(rows, generator):
    kept = rows.kept(0.3, generator)
    dense = torch.zeros(30, 20, dtype=torch.float64)
    dense[rows.users, rows.items] = rows.normalised(kept)
    mask = torch.zeros_like(dense)
    mask[rows.users, rows.items] = kept
    torch.testing.assert_close(dense, torch.nn.functional.normalize(rows.dense(), dim=1) * mask)
    assert set(kept.tolist()) == {0.0, 1 / 0.7}


def test_the_share_of_dropped_entries_is_that_asked_for(blocks, generator):
    rows = Rows(blocks(2000, 40), torch.device("cpu"), torch.float32)
    assert float((rows.kept(0.3, generator) == 0).float().mean()) == pytest.approx(0.3, abs=0.01)
    assert (rows.kept(0.0, generator) == 1).all()


def test_only_weights_are_penalised(generator):
    layer = Layer(7, 5, generator)
    layer.bias.data += 3
    expected = np.square(layer.weight.detach().numpy()).sum() / 2
    assert half_squares(layer).item() == pytest.approx(expected)
