"""The written-out training step: passes, read-outs, loss and Adam against autograd and literal formulas."""

import copy
import math

import numpy as np
import pytest
import torch

from fourmasks.lunet.flows.activations import GeneralLeakySoftplus, LeakySoftplus
from fourmasks.lunet.flows.flow import LUFlow
from fourmasks.lunet.models.adam import FlatAdam
from fourmasks.lunet.models.losses import HybridLoss
from fourmasks.lunet.models.networks import MLP, make_activation, make_network
from fourmasks.lunet.models.pair_model import PairModel
from fourmasks.lunet.models.passes import make_pass
from fourmasks.lunet.models.readouts import READOUTS, make_readout
from fourmasks.lunet.models.recommender import LUNetRecommender
from fourmasks.lunet.models.steps import make_step

pytestmark = pytest.mark.usefixtures("one_thread")
BEND = GeneralLeakySoftplus(0.3, 0.4)


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def normal(*shape, seed=0):
    return torch.randn(*shape, generator=seeded(seed), dtype=torch.float64)


def networks():
    wild = LUFlow(6, 3, LeakySoftplus(0.2), generator=seeded(1), spread=1.5, random_signs=True)
    for layer in wild.layers:
        layer.bias.data = torch.randn(6, generator=seeded(2))
    return {
        "wild": wild,
        "one-layer": LUFlow(6, 1, generator=seeded(3)),
        "lu": make_network("lu", 6, 2, BEND, seeded(4)),
        "mlp": make_network("mlp", 6, 3, BEND, seeded(5)),
        "coupling": make_network("coupling", 6, 2, BEND, seeded(6)),
    }


@pytest.mark.parametrize("name", networks())
def test_a_pass_is_the_network_and_its_gradient(name):
    network, x = networks()[name].double(), normal(7, 6, seed=7)
    by_z = normal(7, 6, seed=8)
    leaf = x.clone().requires_grad_()
    z = network(leaf)
    expected = torch.autograd.grad(z, (leaf, *network.parameters()), by_z)
    for parameter in network.parameters():
        parameter.grad = torch.full_like(parameter, math.nan)  # what was there does not count
    passing = make_pass(network)
    with torch.no_grad():
        torch.testing.assert_close(passing.forward(x.clone()), z)
        by_x = passing.backward(by_z.clone())
    torch.testing.assert_close((by_x, *(p.grad for p in network.parameters())), expected)


def test_the_identity_has_a_pass():
    x = normal(2, 3)
    assert make_pass(None).forward(x) is x and make_pass(None).backward(x) is x


@pytest.mark.parametrize("heads", [1, 2])
@pytest.mark.parametrize("name", READOUTS)
def test_readouts_and_their_gradients(name, heads):
    readout = make_readout(name, 8, torch.tensor([3.5, 0.2][:heads]), seeded()).double()
    z, by_outputs = normal(5, 8, seed=1).requires_grad_(), normal(5, heads, seed=2)
    outputs = readout(z)
    each = 8 // heads
    for head in range(heads):
        a, b = (half[:, head * each // 2 : (head + 1) * each // 2] for half in z.split(4, 1))
        literal = {
            "linear": z @ readout.weight[head] if name == "linear" else None,
            "coordinate": z[:, head],
            "mean": z[:, head * each : (head + 1) * each].mean(1),
            "product": (a * b).sum(1),
            "separate": (a * b).sum(1),
        }[name]
        torch.testing.assert_close(outputs[:, head], literal + readout.offsets[head])
    expected = torch.autograd.grad(outputs, (z, *readout.parameters()), by_outputs)
    for parameter in readout.parameters():
        parameter.grad = torch.full_like(parameter, math.nan)
    with torch.no_grad():
        by_z = readout.pull(z.detach(), by_outputs)
    torch.testing.assert_close((by_z, *(p.grad for p in readout.parameters())), expected)


def literal_loss(outputs, ratings, gamma):
    """Eq. (2.11) to (2.14), one pair after the other, with Y = 1 for an interaction."""
    squares = [(float(r) - float(o[0])) ** 2 for o, r in zip(outputs, ratings, strict=False)]
    entropy = 0.0
    for place, output in enumerate(outputs):
        probability = 1 / (1 + math.exp(-float(output[-1])))
        entropy -= math.log(probability) if place < len(ratings) else math.log(1 - probability)
    return gamma * sum(squares) / len(ratings) + (1 - gamma) * entropy / len(outputs)


@pytest.mark.parametrize("heads", [1, 2])
@pytest.mark.parametrize("gamma", [0.0, 0.3, 1.0])
def test_the_hybrid_loss_and_its_gradient(gamma, heads):
    n, m = (5, 2) if gamma < 1 else (2, 2)
    outputs, ratings = normal(n, heads, seed=1), 3 + normal(m, seed=2)
    loss = HybridLoss(gamma)
    found, gradient = loss.with_gradient(outputs, ratings)
    value = loss.combined(float(found.squares) / m, float(found.entropy) / n)
    assert value == pytest.approx(literal_loss(outputs, ratings, gamma), rel=1e-12)
    step = 1e-6
    for row in range(n):
        for head in range(heads):
            changed = [outputs.clone(), outputs.clone()]
            for copied, sign in zip(changed, (1, -1), strict=True):
                copied[row, head] += sign * step
            slope = [literal_loss(part, ratings, gamma) for part in changed]
            assert float(gradient[row, head]) == pytest.approx((slope[0] - slope[1]) / (2 * step), abs=1e-8)


def test_eq_2_13_with_ratings_in_place_of_interactions_is_not_bounded_below():
    """Why Y must be 1 or 0 there: with Y = 4 the loss falls for ever as the probability goes to 1."""

    def entropy(logit, y=4.0):
        probability = 1 / (1 + math.exp(-logit))
        return -(y * math.log(probability) + (1 - y) * math.log(1 - probability))

    values = [entropy(logit) for logit in (0.0, 5.0, 10.0, 20.0, 30.0)]
    assert all(after < before for before, after in zip(values, values[1:], strict=False))
    assert values[-1] < -80


def test_flat_adam_steps_as_torchs_own_to_the_bit():
    mine = torch.nn.ParameterList(torch.randn(n, 3, generator=seeded(n)) for n in (2, 5))
    theirs = copy.deepcopy(mine)
    flat = FlatAdam(mine, 0.01)
    adam = torch.optim.Adam(theirs.parameters(), lr=0.01, fused=True)
    for step in range(20):
        for one, other in zip(mine, theirs, strict=True):
            one.grad.copy_(torch.sin(one.detach() + step))
            other.grad = torch.sin(other.detach() + step)
        flat.step()
        adam.step()
    for one, other in zip(mine, theirs, strict=True):
        assert torch.equal(one, other)


def model_of(**settings):
    estimator = LUNetRecommender(**{"dimension": 8, "n_layers": 2, "batch_size": 4} | settings)
    return PairModel((5, 4), estimator, 3.0, seeded()).double()


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"readout": "separate"},
        {"readout": "product", "heads": 1},
        {"network": "mlp"},
        {"network": "identity"},
    ],
    ids=str,
)
def test_steps_are_those_of_autograd_and_adam(settings):
    """The whole step, ridge included, on a model written with autograd alone and torch's Adam."""
    mine = model_of(**settings)
    theirs = copy.deepcopy(mine)
    gamma, ridge, rate = 0.4, 0.05, 0.01
    adam = torch.optim.Adam(theirs.parameters(), lr=rate, fused=True)
    step = make_step(mine, HybridLoss(gamma), rate, ridge)
    rng = np.random.default_rng(0)
    for _ in range(6):
        users, items = torch.as_tensor(rng.integers(5, size=6)), torch.as_tensor(rng.integers(4, size=6))
        rows, ratings = mine.rows(users, items), torch.as_tensor(rng.integers(1, 6, size=4)).double()
        step(rows.view(-1), ratings)
        x = theirs.table[rows.view(-1)].view(-1, theirs.dimension)
        z = x if theirs.network is None else theirs.network(x)
        outputs = theirs.readout(z.view(6, -1))
        happened = torch.tensor([1.0] * 4 + [0.0] * 2, dtype=torch.float64)
        squares = (outputs[:4, 0] - ratings).square().mean()
        entropy = torch.nn.functional.binary_cross_entropy_with_logits(outputs[:, -1], happened)
        penalty = ridge * theirs.table[rows[:4]].square().sum() / 4
        adam.zero_grad(set_to_none=False)
        (gamma * squares + (1 - gamma) * entropy + penalty).backward()
        adam.step()
    for name, parameter in theirs.named_parameters():
        torch.testing.assert_close(mine.get_parameter(name), parameter, rtol=1e-9, atol=1e-10)


@pytest.mark.parametrize("n_layers", [1, 2, 3, 6])
@pytest.mark.parametrize(("dimension", "apart"), [(8, 0.03), (16, 0.03), (32, 0.01), (64, 0.01)])
def test_the_mlp_has_exactly_as_many_parameters_and_coupling_layers_about(dimension, n_layers, apart):
    def size(name):
        return sum(p.numel() for p in make_network(name, dimension, n_layers, BEND, seeded()).parameters())

    assert size("mlp") == size("lu") == n_layers * dimension * (dimension + 1)
    assert size("coupling") == pytest.approx(size("lu"), rel=apart)


def test_the_mlp_is_dense_layers_and_relu():
    network, x = MLP(4, 3, generator=seeded()), torch.randn(5, 4, generator=seeded(1))
    modules = []
    for weight, bias in zip(network.weights, network.biases, strict=True):
        dense = torch.nn.Linear(4, 4)
        dense.weight, dense.bias = weight, bias
        modules += [dense, torch.nn.ReLU()]
    torch.testing.assert_close(network(x), torch.nn.Sequential(*modules[:-1])(x))


@pytest.mark.parametrize("name", ["lu", "mlp"])
def test_networks_map_zeros_to_zeros_at_the_start(name):
    network = make_network(name, 6, 4, BEND, seeded())
    torch.testing.assert_close(network(torch.zeros(1, 6)), torch.zeros(1, 6), atol=1e-5, rtol=0)


def test_activations_by_name():
    x = torch.linspace(-3, 3, 7)
    torch.testing.assert_close(make_activation("general", 0.3, 0.4)(x), GeneralLeakySoftplus(0.3, 0.4)(x))
    torch.testing.assert_close(make_activation("simple", 0.3, 0.4)(x), LeakySoftplus(0.3)(x))
