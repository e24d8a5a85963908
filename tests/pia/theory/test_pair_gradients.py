"""Products of gradients without the gradients: against those of autograd, weight by weight."""

import numpy as np
import pytest
import scipy.sparse
import torch

from fourmasks.pia.models.networks import MultiVAENetwork, sample, standard_divergence
from fourmasks.pia.models.sparse_layer import SparseRows, input_rows
from fourmasks.pia.theory import pair_gradients, sharing
from fourmasks.pia.theory.sharing import User

pytestmark = pytest.mark.usefixtures("one_thread")

N_USERS, N_ITEMS, HIDDEN, RANK = 6, 12, 7, 3


@pytest.fixture
def network():
    generator = torch.Generator().manual_seed(0)
    network = MultiVAENetwork(N_ITEMS, HIDDEN, RANK, generator).double()
    with torch.no_grad():
        for parameter in network.parameters():  # biases too
            parameter.copy_(0.7 * torch.randn(parameter.shape, generator=generator, dtype=torch.float64))
    return network


class Decoder(torch.nn.Module):
    """The decoder alone, as `sharing` takes it."""

    def __init__(self, network):
        super().__init__()
        self.expand, self.output = network.expand, network.output

    def forward(self, z):
        return self.output.scores(torch.tanh(self.expand(z)))


@pytest.fixture
def users():
    rng = np.random.default_rng(0)
    items = rng.random((N_USERS, N_ITEMS)) < 0.5
    items[:, 0] = True
    drawn = items, rng.standard_normal((N_USERS, RANK)), rng.random((N_USERS, RANK))
    return [torch.as_tensor(np.asarray(part, dtype=float)) for part in drawn]


NOISE = torch.as_tensor(np.random.default_rng(1).standard_normal((5, RANK)))


def test_all_of_theorem_2_3_agrees_with_gradients_weight_by_weight(network, users):
    u, v = (User(*(part[row] for part in users)) for row in (0, 1))
    expected = sharing.share(Decoder(network), u, v, NOISE)
    found = pair_gradients.share(network, u, v, NOISE)
    for name in expected.__dataclass_fields__:
        assert getattr(found, name) == pytest.approx(getattr(expected, name), rel=1e-9), name


def test_users_at_the_same_place_are_refused(network, users):
    u = User(*(part[0] for part in users))
    with pytest.raises(ValueError, match="share points"):
        pair_gradients.share(network, u, u._replace(items=users[0][1]), NOISE)


def test_the_products_of_all_pairs_are_those_of_the_gradients(network, users):
    listed = [User(*row) for row in zip(*users, strict=True)]
    expected = sharing.gradient_products(Decoder(network), listed, NOISE)
    found = pair_gradients.decoder_products(network, *users, NOISE)
    torch.testing.assert_close(found, expected)


@pytest.mark.parametrize("strength", [0.0, 0.8])
def test_the_products_by_all_weights_are_those_of_autograd(network, users, strength):
    items, targets, beta = users[0], users[1] + 1, 0.3
    matrix = scipy.sparse.csr_array(items.numpy().astype(np.float32))
    gradients = []
    for row in range(N_USERS):
        mean, log_variance = network.encode(input_rows(matrix[[row]], dtype=torch.float64))
        z = sample(mean, log_variance, NOISE)
        loss = network.nll(z, SparseRows(matrix[[row] * len(NOISE)], dtype=torch.float64)).mean()
        loss = loss + beta * standard_divergence(mean, log_variance).sum()
        loss = loss + strength * ((mean - targets[row]).square() + log_variance.exp()).sum()
        parts = torch.autograd.grad(loss, list(network.parameters()))
        gradients.append(torch.cat([part.flatten() for part in parts]))
    stacked = torch.stack(gradients)
    unit = items / items.sum(1, keepdim=True).sqrt()
    found = pair_gradients.objective_products(
        network, input_rows(matrix, dtype=torch.float64), unit @ unit.T, items, NOISE, beta, targets, strength
    )
    torch.testing.assert_close(found, stacked @ stacked.T)
