"""Flows of LU layers: reconstruction, densities against numerical integrals, maximum likelihood."""

import math

import numpy as np
import pytest
import scipy.integrate
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import multivariate_normal, norm
from sklearn.datasets import make_moons
from torch.autograd.functional import jacobian

from fourmasks.lunet.flows.activations import GeneralLeakySoftplus, LeakySoftplus
from fourmasks.lunet.flows.coupling import CouplingFlow, CouplingLayer
from fourmasks.lunet.flows.flow import Flow, LUFlow
from fourmasks.lunet.flows.layers import LULayer
from fourmasks.lunet.flows.likelihood import fit_flow

pytestmark = pytest.mark.usefixtures("one_thread")
RECOMMENDERS = GeneralLeakySoftplus(0.5, 0.5)


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def normal(*shape, seed=0):
    return torch.randn(*shape, generator=seeded(seed), dtype=torch.float64)


def moons(n=600, seed=0):
    points, _ = make_moons(n, noise=0.1, random_state=seed)
    return torch.from_numpy((points - points.mean(0)) / points.std(0))


def moon_flow(n_layers=6):
    """A flow in double precision that starts at the moons with its bends among them."""
    settings = {"spread": 2.0, "random_signs": True}
    flow = LUFlow(2, n_layers, LeakySoftplus(0.3), generator=seeded(1), **settings).double()
    flow.standardize(moons())
    return flow


@pytest.fixture(scope="module")
def fitted():
    """A flow fitted to moons."""
    flow = moon_flow()
    fit_flow(flow, moons(), epochs=20, batch_size=150, learning_rate=0.02, generator=seeded(2))
    return flow


# Reconstruction


@settings(max_examples=15)
@given(st.integers(2, 512), st.integers(1, 12), st.integers(0, 2**32 - 1))
def test_a_new_flow_reconstructs_to_rounding(dimension, n_layers, seed):
    flow = LUFlow(dimension, n_layers, generator=seeded(seed))
    x = torch.randn(32, dimension, generator=seeded(seed + 1))
    assert 0 < flow.reconstruction_error(x) <= 1e-5
    assert 0 < flow.double().reconstruction_error(x.double()) <= 1e-11


@pytest.mark.parametrize("activation", [LeakySoftplus(), GeneralLeakySoftplus(), RECOMMENDERS], ids=str)
def test_the_largest_flow_reconstructs_to_rounding(activation):
    flow, x = LUFlow(512, 12, activation, generator=seeded()), torch.randn(64, 512, generator=seeded(1))
    assert flow.reconstruction_error(x) <= 1e-5
    assert flow.double().reconstruction_error(x.double()) <= 1e-11


@settings(max_examples=15)
@given(
    st.integers(2, 512), st.integers(1, 12), st.sampled_from([LeakySoftplus(), RECOMMENDERS]),
    st.integers(0, 2**32 - 1),
)  # fmt: skip
def test_small_inputs_are_reconstructed_less_exactly(dimension, n_layers, activation, seed):
    # As large as the recommender's embeddings at the start, beside what the activation adds to them.
    flow = LUFlow(dimension, n_layers, activation, generator=seeded(seed))
    x = 0.1 * torch.randn(32, dimension, generator=seeded(seed + 1))
    assert flow.reconstruction_error(x) <= (1e-5 if n_layers <= 3 else 1e-4)
    assert flow.double().reconstruction_error(x.double()) <= 1e-11


@pytest.mark.parametrize("dimension", [64, 256])
@pytest.mark.parametrize("activation", [LeakySoftplus(), RECOMMENDERS], ids=str)
def test_errors_relative_to_small_inputs_are_larger_by_as_much(dimension, activation):
    flow = LUFlow(dimension, 12, activation, generator=seeded())
    x = torch.randn(64, dimension, generator=seeded(1))
    ordinary, small = (flow.reconstruction_error(scale * x) for scale in (1.0, 0.1))
    assert ordinary <= 1e-5
    assert 5 < small / ordinary < 20  # so that small inputs cross that limit, or come near, as kernels round


def test_a_start_far_from_the_identity_is_not_reconstructed_in_single_precision():
    flow = LUFlow(64, 12, LeakySoftplus(0.1), generator=seeded(), spread=1.0)
    x = torch.randn(64, 64, generator=seeded(1))
    assert flow.reconstruction_error(x) > 0.5  # nothing is left
    assert 1e-11 < flow.double().reconstruction_error(x.double()) < 1e-6


def test_a_small_trained_flow_is_reconstructed_in_double_precision(fitted):
    assert fitted.reconstruction_error(moons(200, 3)) < 1e-11


def test_a_start_at_the_data():
    flow, z = moon_flow(), moons()
    for layer in flow.layers:
        y = layer.linear(z).detach()
        torch.testing.assert_close(y.mean(0), torch.zeros(2).double(), atol=1e-10, rtol=0)
        torch.testing.assert_close(y.std(0, correction=0), torch.ones(2).double())
        z = layer(z).detach()
    assert {float(sign) for layer in flow.layers for sign in layer.sign} == {-1.0, 1.0}
    with pytest.raises(ValueError, match="1 points: expected some that differ"):
        flow.standardize(moons()[:1])


def test_all_layers_but_the_last_bend():
    bend = LeakySoftplus(0.3)
    flow = LUFlow(3, 4, bend, generator=seeded())
    assert [layer.activation for layer in flow.layers] == [bend, bend, bend, None]
    assert LUFlow(3, 1, bend, generator=seeded()).layers[0].activation is None
    assert flow.n_parameters() == 4 * (9 + 3)
    assert len(flow.condition_numbers()) == 4


def test_both_forms_of_the_activation_make_the_same_flows():
    alpha, beta = 0.3, 0.4
    flow = LUFlow(5, 4, GeneralLeakySoftplus(alpha, beta), generator=seeded(), spread=1.0).double()
    x, scale, layers = normal(50, 5), 1.0, []
    for layer in flow.layers:
        lower, upper = (factor.detach() for factor in layer.factors())
        inside = 1.0 if layer.activation is None else alpha
        bend = None if layer.activation is None else LeakySoftplus(beta / (1 + beta))
        layers.append(LULayer.from_factors(lower, inside * scale * upper, inside * layer.bias.detach(), bend))
        scale = (1 + beta) / alpha
    torch.testing.assert_close(Flow(layers, 5)(x), flow(x))


# Densities


def test_the_log_density_against_scipy_and_autograd():
    flow, x = LUFlow(3, 4, LeakySoftplus(0.2), generator=seeded(), spread=1.5).double(), normal(5, 3)
    for point, found in zip(x, flow.log_prob(x), strict=True):
        derivative = jacobian(lambda p: flow(p[None])[0], point)
        base = multivariate_normal(mean=np.zeros(3)).logpdf(flow(point[None])[0].detach())
        assert float(found.detach()) == pytest.approx(base + float(torch.linalg.slogdet(derivative)[1]))


def test_on_the_line_the_integral_of_the_density_is_a_normal_probability():
    flow = LUFlow(1, 5, LeakySoftplus(0.1), generator=seeded(4), spread=1.5).double()
    with torch.no_grad():
        for m, layer in enumerate(flow.layers):
            layer.bias.fill_((-1.0) ** m)

        def density(x):
            return float(flow.log_prob(torch.tensor([[x]], dtype=torch.float64)).exp())

        for value in (-1.0, 0.0, 2.0):
            ends = flow.inverse(torch.tensor([[-9.0], [value]], dtype=torch.float64))
            mass, _ = scipy.integrate.quad(density, *ends[:, 0].tolist(), limit=500)
            assert mass == pytest.approx(norm.cdf(value), abs=1e-8)


@torch.no_grad()
def grid_and_masses(flow, n=600):
    """Return the points of a grid, fine at the origin and out to ± 150, and their probabilities."""
    t = torch.linspace(-5, 5, n, dtype=torch.float64)
    line, steps = 2 * torch.sinh(t), 2 * torch.cosh(t) * (t[1] - t[0])
    points = torch.cartesian_prod(line, line)
    return points, flow.log_prob(points).exp() * torch.cartesian_prod(steps, steps).prod(1)


def test_in_the_plane_the_density_integrates_to_one_and_samples_follow_it(fitted):
    points, masses = grid_and_masses(fitted)
    assert float(masses.sum()) == pytest.approx(1, abs=1e-3)
    samples = fitted.sample(20_000, seeded(5))
    for inside in (
        lambda x: x[:, 0] > 0.3,
        lambda x: x[:, 1] < -0.7,
        lambda x: (x.abs() < 0.6).all(1),
    ):
        mass, share = float(masses[inside(points)].sum()), float(inside(samples).double().mean())
        error = math.sqrt(mass * (1 - mass) / len(samples))
        assert 0.02 < mass < 0.98 and abs(share - mass) < 4 * error + 0.005
    torch.testing.assert_close(samples.mean(0), masses @ points, atol=0.05, rtol=0)


def test_samples_are_the_images_of_normal_points(fitted):
    samples = fitted.sample(50, seeded(6))
    torch.testing.assert_close(fitted(samples), torch.randn(50, 2, generator=seeded(6)).double())
    assert torch.equal(samples, fitted.sample(50, seeded(6)))


# Maximum likelihood


def test_the_likelihood_of_the_moons_rises():
    flow = moon_flow()
    curve = fit_flow(flow, moons(), epochs=5, batch_size=150, learning_rate=0.02, generator=seeded(2))
    assert curve[-1] < curve[0] - 0.1
    with torch.no_grad():
        assert float(flow.log_prob(moons()).mean()) == pytest.approx(-curve[-1], abs=0.1)


def test_a_planted_flow_is_found_again():
    # On the line, two layers with one bend. The data's own distribution is in the family: after the fit they
    # must be at least as likely.
    def flow_of_two(seed):
        return LUFlow(1, 2, LeakySoftplus(0.05), generator=seeded(seed)).double()

    planted = flow_of_two(3)
    with torch.no_grad():
        planted.layers[0].weight.fill_(3.0)
        planted.layers[1].bias.fill_(-0.5)
    train, test = planted.sample(2000, seeded(4)), planted.sample(5000, seeded(5))
    flow = flow_of_two(6)
    flow.standardize(train)
    fit_flow(flow, train, epochs=150, batch_size=2000, learning_rate=0.1, generator=seeded(7))
    with torch.no_grad():
        assert float((flow.log_prob(train) - planted.log_prob(train)).mean()) > 0
        found, truth = (float(model.log_prob(test).mean()) for model in (flow, planted))
    assert truth - 0.01 < found < truth + 0.001
    assert found > norm.logpdf(test, train.mean(), train.std()).mean() + 0.5


def test_one_layer_finds_the_normal_distribution_of_the_data():
    # With M = 1 the model is a normal distribution: the optimum is the data's mean and covariance.
    mixing = torch.tensor([[1.0, 0.0], [0.8, 0.5]], dtype=torch.float64)
    points = normal(500, 2, seed=8) @ mixing.T + torch.tensor([0.5, -1.0])
    flow = LUFlow(2, 1, generator=seeded()).double()
    fit_flow(flow, points, epochs=120, batch_size=500, learning_rate=0.1, generator=seeded())
    centred = points - points.mean(0)
    covariance = centred.T @ centred / len(points)
    best = multivariate_normal(points.mean(0), covariance).logpdf(points).mean()
    assert float(flow.log_prob(points).mean().detach()) == pytest.approx(best, abs=1e-4)


def test_the_same_seeds_give_the_same_bits():
    curves = []
    for _ in range(2):
        flow = LUFlow(2, 3, generator=seeded(1))
        curves.append(fit_flow(flow, moons(100), epochs=3, batch_size=30, generator=seeded(2)))
    assert curves[0] == curves[1]


@pytest.mark.parametrize(
    ("points", "changes", "message"),
    [
        (torch.ones(5, 3), {}, r"shape \(5, 3\): expected \(n, 2\)"),
        (torch.ones(0, 2), {}, r"shape \(0, 2\): expected \(n, 2\)"),
        (torch.full((5, 2), torch.nan), {}, "not finite"),
        (torch.ones(5, 2).to_sparse(), {}, r"points of torch.sparse_coo: .* give points.to_dense\(\)"),
        (np.ones((5, 3)), {}, r"shape \(5, 3\): expected \(n, 2\)"),
        (np.ma.ones((5, 2)), {}, "points is a masked array"),
        (torch.ones(5, 2), {"epochs": 0}, "epochs = 0: expected an integer of at least 1"),
        (torch.ones(5, 2), {"epochs": 1.5}, "epochs = 1.5"),
        (torch.ones(5, 2), {"generator": 0}, "generator = 0: expected a torch.Generator"),
        (torch.ones(5, 2), {"batch_size": 0}, "batch_size = 0"),
        (torch.ones(5, 2), {"learning_rate": -1.0}, "learning_rate = -1.0"),
    ],
)
def test_what_cannot_be_fitted(points, changes, message):
    flow = LUFlow(2, 2, generator=seeded())
    with pytest.raises(ValueError, match=message):
        fit_flow(flow, points, **{"epochs": 1, "generator": seeded()} | changes)


def test_a_fit_that_diverges_says_so():
    flow = LUFlow(2, 3, generator=seeded())
    with pytest.raises(FloatingPointError, match="learning_rate below 1e\\+30"):
        fit_flow(flow, moons(100), epochs=5, learning_rate=1e30, generator=seeded())


def test_points_may_be_an_array():
    losses = [
        fit_flow(LUFlow(2, 2, generator=seeded(1)), points, epochs=2, generator=seeded(2))
        for points in (moons(60), moons(60).numpy(), moons(60).tolist())
    ]
    assert losses[0] == losses[1] == losses[2]


def layer(dimension):
    return LULayer(dimension, generator=seeded())


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: LUFlow(2, 0, generator=seeded()), "n_layers = 0: expected an integer of at least 1"),
        (lambda: LUFlow(2, 2.0, generator=seeded()), "n_layers = 2.0"),
        (lambda: LUFlow("2", 2, generator=seeded()), "dimension = '2'"),
        (lambda: LUFlow(2, 2, generator=None), "generator = None: expected a torch.Generator"),
        (lambda: LUFlow(2, 2, "leaky", generator=seeded()), "activation = 'leaky': expected a LeakyBend"),
        (lambda: LUFlow(3, 1, "a", generator=seeded()), "activation = 'a': expected a LeakyBend"),
        (lambda: Flow([torch.nn.Linear(2, 2)], 2), "layer 0 is of type Linear: expected a Bijection"),
        (lambda: Flow([], 2), "no layers: expected at least one"),
        (lambda: Flow([layer(2), layer(3)], 2), "layer 1 has dimension 3: expected 2"),
        (lambda: Flow([layer(2), CouplingLayer(4, 3, generator=seeded())], 2), "layer 1 has dimension 4"),
    ],
)
def test_flows_that_are_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()


@pytest.mark.parametrize(
    ("points", "message"),
    [
        (torch.ones(5, 1), r"points of shape \(5, 1\): expected \(n, 2\)"),
        (torch.ones(2), r"points of shape \(2,\): expected \(n, 2\)"),
        (torch.ones(5, 2, dtype=torch.float64), "points of torch.float64: expected torch.float32"),
        (np.ones((5, 2)), "points of type ndarray: expected a tensor"),
        (torch.ones(5, 2).to_sparse(), r"points of torch.sparse_coo: .* give points.to_dense\(\)"),
    ],
)
def test_points_that_are_refused(points, message):
    flows = LUFlow(2, 2, generator=seeded()), CouplingFlow(2, 2, 3, generator=seeded())
    asked = [ask for flow in flows for ask in (flow, flow.inverse, flow.log_prob, flow.log_det)]
    one = layer(2)
    for ask in (*asked, one, one.inverse, one.log_det, one.standardize, flows[0].standardize):
        with pytest.raises(ValueError, match=message):
            ask(points)


def test_a_sample_has_points():
    flow = LUFlow(2, 2, generator=seeded())
    with pytest.raises(ValueError, match="n = 2.5: expected an integer"):
        flow.sample(2.5, seeded())
    with pytest.raises(ValueError, match="generator = 0: expected a torch.Generator"):
        flow.sample(2, 0)
