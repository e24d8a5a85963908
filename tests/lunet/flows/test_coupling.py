"""Coupling layers: inverse, determinant, and the parameters that they are given for a comparison."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.autograd.functional import jacobian

from fourmasks.lunet.flows.coupling import CouplingFlow, CouplingLayer, matching_hidden
from fourmasks.lunet.flows.flow import LUFlow
from fourmasks.lunet.flows.likelihood import fit_flow

pytestmark = pytest.mark.usefixtures("one_thread")


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def wild_layer(dimension, flipped=False, seed=0):
    layer = CouplingLayer(dimension, 8, generator=seeded(seed), flipped=flipped).double()
    with torch.no_grad():
        layer.last.weight.mul_(50)
    return layer


def points(n, dimension, seed=1):
    return torch.randn(n, dimension, generator=seeded(seed), dtype=torch.float64)


@pytest.mark.parametrize("flipped", [False, True])
@pytest.mark.parametrize("dimension", [2, 5])
def test_inverse_and_log_determinant(dimension, flipped):
    layer, x = wild_layer(dimension, flipped), points(6, dimension)
    torch.testing.assert_close(layer.inverse(layer(x)), x)
    for point, found in zip(x, layer.log_det(x), strict=True):
        derivative = jacobian(lambda p: layer(p[None])[0], point)
        torch.testing.assert_close(torch.linalg.slogdet(derivative).logabsdet, found)


def test_one_half_stays_and_the_other_half_moves():
    x = points(6, 5)
    z, flipped = wild_layer(5)(x), wild_layer(5, True)(x)
    assert torch.equal(z[:, :2], x[:, :2]) and not torch.isclose(z[:, 2:], x[:, 2:]).any()
    assert torch.equal(flipped[:, 2:], x[:, 2:]) and not torch.isclose(flipped[:, :2], x[:, :2]).any()


@settings(max_examples=15)
@given(st.integers(2, 128), st.integers(1, 8), st.integers(0, 2**32 - 1))
def test_a_flow_reconstructs_to_rounding(dimension, n_layers, seed):
    flow = CouplingFlow(dimension, n_layers, 16, generator=seeded(seed))
    x = torch.randn(32, dimension, generator=seeded(seed + 1))
    assert flow.reconstruction_error(x) <= 1e-5
    assert flow.double().reconstruction_error(x.double()) <= 1e-11


@settings(max_examples=30)
@given(st.integers(2, 9), st.integers(1, 5), st.integers(1, 400))
def test_no_other_number_of_units_comes_nearer(dimension, n_layers, n_parameters):
    def distance(hidden):
        flow = CouplingFlow(dimension, n_layers, hidden, generator=seeded())
        return abs(flow.n_parameters() - n_parameters)

    best = matching_hidden(dimension, n_layers, n_parameters)
    assert all(distance(best) <= distance(hidden) for hidden in (max(1, best - 1), best + 1))


@pytest.mark.parametrize(("dimension", "n_layers"), [(64, 3), (65, 4), (512, 2)])
def test_a_flow_that_matches_another(dimension, n_layers):
    flow = LUFlow(dimension, n_layers, generator=seeded())
    match = CouplingFlow.matching(flow, generator=seeded())
    assert len(match.layers) == n_layers
    assert match.n_parameters() == pytest.approx(flow.n_parameters(), rel=0.02)
    assert len(CouplingFlow.matching(flow, 2 * n_layers, generator=seeded()).layers) == 2 * n_layers


def test_it_is_fitted_like_any_flow():
    data = points(300, 2) * torch.tensor([3.0, 0.5]) + 1
    flow = CouplingFlow(2, 4, 8, generator=seeded())
    curve = fit_flow(flow, data, epochs=10, batch_size=100, generator=seeded())
    assert curve[-1] < curve[0] - 0.3


def test_a_seed_means_the_same_everywhere():
    flows = [CouplingFlow(5, 2, 4, generator=seeded(3)) for _ in range(2)]
    for first, second in zip(*(flow.parameters() for flow in flows), strict=True):
        assert torch.equal(first, second)


def test_settings_that_are_refused():
    with pytest.raises(ValueError, match="dimension = 1: expected at least 2"):
        CouplingLayer(1, 4, generator=seeded())
    with pytest.raises(ValueError, match="hidden = 0"):
        CouplingLayer(4, 0, generator=seeded())
    with pytest.raises(ValueError, match="hidden = 2.5: expected an integer"):
        CouplingLayer(4, 2.5, generator=seeded())
    with pytest.raises(ValueError, match="n_layers = 0: expected an integer"):
        CouplingFlow(4, 0, 4, generator=seeded())
    with pytest.raises(ValueError, match="n_layers = 0"):
        matching_hidden(4, 0, 100)
