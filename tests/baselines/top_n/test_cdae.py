"""CDAE: its loss, and the nodes of users."""

import numpy as np
import pytest
import torch

from fourmasks.baselines.top_n.cdae import CDAE, ShallowAutoencoder, weighted_squares
from fourmasks.baselines.top_n.layers import Rows

SMALL = {"rank": 8, "batch_size": 40, "epochs": 6, "learning_rate": 0.02, "dtype": "float64"}


@pytest.fixture
def rows(blocks):
    return Rows(blocks(15, 30), torch.device("cpu"), torch.float64)


def test_the_loss_is_that_of_sampled_negatives_on_average(rows):
    rng = np.random.default_rng(0)
    scores = rng.uniform(-1, 1, rows.shape)
    found = weighted_squares(torch.tensor(scores), rows, negatives=3.0)
    for row, liked, loss in zip(scores, rows.dense().numpy() > 0, found, strict=True):
        draws = rng.choice(row[~liked], (4000, 3 * liked.sum()))
        sampled = np.square(1 - row[liked]).sum() + np.square(draws).sum(1)
        assert float(loss) == pytest.approx(sampled.mean(), abs=5 * sampled.std() / 4000**0.5)


def test_the_network_is_two_layers_and_a_node(rows):
    generator = torch.Generator().manual_seed(0)
    network = ShallowAutoencoder(15, 30, 4, True, generator).double()
    nodes = torch.randn(15, 4, generator=generator, dtype=torch.float64)
    hidden = torch.tanh(rows.dense() @ network.encoder.weight + nodes)
    expected = torch.tanh(hidden @ network.decoder.weight)  # biases start at zero
    torch.testing.assert_close(network(rows, torch.ones(len(rows.items)).double(), nodes), expected)
    assert (network.nodes_of(torch.tensor([3, 2])) == 0).all()


def test_nodes_are_learned_and_left_out_when_users_are_scored(blocks):
    train = blocks()
    model = CDAE(**SMALL).fit(train)
    before, nodes = model.predict(train), model._network.nodes.data
    assert (nodes.norm(dim=1) > 0).all()
    nodes += 1.0
    assert (model.predict(train) == before).all()


def test_without_nodes_there_are_fewer_numbers_to_learn(blocks):
    with_nodes, without = (CDAE(**SMALL, user_nodes=nodes).fit(blocks()) for nodes in (True, False))
    assert with_nodes.n_parameters_ - without.n_parameters_ == 160 * 8
    assert (with_nodes.predict(blocks()) != without.predict(blocks())).any()


def test_weight_decay_counts_all_users_once(blocks):
    model = CDAE(**SMALL, dropout=0.0, weight_decay=0.7).fit(blocks())
    rows = model._rows(blocks())
    found = model._loss(np.arange(160), rows, torch.Generator())
    nodes = model._network.nodes
    scores = model._network(rows, torch.ones(len(rows.items)).double(), nodes)
    squares = sum(
        part.square().sum() for part in (model._network.encoder.weight, model._network.decoder.weight, nodes)
    )
    total = weighted_squares(scores, rows, 5.0).sum() + 0.7 / 2 * squares
    torch.testing.assert_close(found, total / 160)
