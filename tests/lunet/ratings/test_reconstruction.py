"""The error of reconstruction: round trips, condition numbers, and what decoders leave."""

import numpy as np
import pytest
import torch

from fourmasks.lunet.flows.flow import LUFlow
from fourmasks.lunet.ratings.reconstruction import conditions, decoded, round_trip

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture(scope="module")
def flow():
    return LUFlow(4, 3, generator=torch.Generator().manual_seed(0), spread=1.0)


def test_round_trips_are_measured_in_both_precisions(flow):
    x = torch.randn(50, 4, generator=torch.Generator().manual_seed(1))
    found = round_trip(flow, x)
    back = flow.inverse(flow(x))
    assert found["reconstruction_mse_float32"] == pytest.approx((back - x).square().mean().item(), rel=0.2)
    assert found["reconstruction_mse_float64"] < 1e-12 * found["reconstruction_mse_float32"]
    ratio = found["reconstruction_mse_float32"] * x.numel() / float(x.square().sum())
    assert found["reconstruction_error_float32"] ** 2 == pytest.approx(ratio, rel=1e-4)
    assert set(round_trip(None, x).values()) == {0.0}
    assert round_trip(torch.nn.Linear(4, 4), x) == {}


def test_condition_numbers_are_the_largest_over_the_layers(flow):
    numbers = [
        [float(np.linalg.cond(part.detach().double().numpy())) for part in layer.factors()]
        for layer in flow.layers
    ]
    found = conditions(flow)
    assert [found["condition_lower"], found["condition_upper"]] == pytest.approx(np.max(numbers, axis=0))
    assert found["log10_condition"] == pytest.approx(np.log10(numbers).sum())
    assert conditions(None) == conditions(torch.nn.Linear(2, 2)) == {}


def test_decoders_recover_what_is_there_and_nothing_else():
    generator = torch.Generator().manual_seed(0)
    x, x_test = (torch.randn(n, 4, generator=generator) for n in (2000, 500))
    settings = {"n_layers": 2, "epochs": 200}

    def shares(network):
        found = decoded(network, x, x_test, generator=torch.Generator().manual_seed(1), **settings)
        assert found["decoder_mse"] == pytest.approx(found["decoder_share"] * float(x_test.var()), rel=0.1)
        return found["decoder_share"], found["affine_decoder_share"]

    mixed = torch.randn(4, 4, generator=generator)
    assert max(shares(lambda part: part @ mixed + 1)) < 1e-3
    half = torch.diag(torch.tensor([1.0, 1, 0, 0]))  # two of four coordinates are lost
    assert shares(lambda part: part @ half) == pytest.approx((0.5, 0.5), abs=0.05)
    bent, straight = shares(lambda part: torch.where(part > 0, part, 0.1 * part))
    assert bent < 0.7 * straight
