"""LU layers: factors, inverse and its rounding, determinants against autograd, matrices without an LU."""

import math

import numpy as np
import pytest
import scipy.linalg
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.autograd.functional import jacobian

from fourmasks.lunet.costs.memory import bytes_written
from fourmasks.lunet.flows.activations import GeneralLeakySoftplus, LeakySoftplus
from fourmasks.lunet.flows.dense import DenseLayer
from fourmasks.lunet.flows.factorization import factorize
from fourmasks.lunet.flows.layers import LULayer

pytestmark = pytest.mark.usefixtures("one_thread")
BENDS = [None, LeakySoftplus(0.2), GeneralLeakySoftplus(0.3, 0.4)]
KINDS = [LULayer, DenseLayer]


def seeded(seed=0):
    return torch.Generator().manual_seed(seed)


def normal(*shape, seed=0):
    return torch.randn(*shape, generator=seeded(seed), dtype=torch.float64)


def wild(dimension, bend=None, seed=0, make=LULayer):
    """A layer far from the identity, in double precision; in an LULayer with signs of both kinds."""
    layer = make(dimension, bend, generator=seeded(seed), spread=1.5).double()
    with torch.no_grad():
        layer.bias.copy_(normal(dimension, seed=seed + 1))
        if make is LULayer:
            layer.sign.copy_(torch.tensor([1.0, -1.0]).repeat(dimension)[:dimension])
    return layer


def explicit_jacobian(layer, x):
    return torch.stack([jacobian(lambda point: layer(point[None])[0], point) for point in x])


@pytest.mark.parametrize("bend", BENDS, ids=str)
def test_the_layer_is_phi_of_lux_plus_b(bend):
    layer, x = wild(5, bend), normal(7, 5, seed=3)
    lower, upper = layer.factors()
    assert torch.equal(lower, lower.tril()) and (lower.diagonal() == 1).all()
    assert torch.equal(upper, upper.triu())
    y = x @ (lower @ upper).T + layer.bias
    torch.testing.assert_close(layer(x), y if bend is None else bend(y))
    assert torch.equal(layer.forward_and_log_det(x)[0], layer(x))
    assert layer.n_parameters() == 5 * 5 + 5


@pytest.mark.parametrize("make", KINDS)
@pytest.mark.parametrize("bend", BENDS, ids=str)
def test_the_log_determinant_against_autograd(make, bend):
    layer, x = wild(5, bend, make=make), normal(6, 5, seed=3)
    expected = torch.linalg.slogdet(explicit_jacobian(layer, x)).logabsdet
    torch.testing.assert_close(layer.log_det(x), expected)
    with layer.frozen():
        torch.testing.assert_close(layer.log_det(x), expected)


def test_the_log_determinant_needs_the_diagonal_alone():
    # Some vectors are written, O(d), and nothing with d² numbers: no product, no factor.
    small, large = (bytes_written(LULayer(d, generator=seeded()).log_abs_det) for d in (64, 256))
    assert 4 * 64 <= small <= 10 * 4 * 64
    assert large == pytest.approx(4 * small, rel=0.01)
    assert bytes_written(DenseLayer(64, generator=seeded()).log_abs_det) > 4 * 64**2


@pytest.mark.parametrize("make", KINDS)
@pytest.mark.parametrize("bend", BENDS, ids=str)
def test_the_inverse_and_its_gradient(make, bend):
    layer, x = wild(5, bend, make=make), normal(6, 5, seed=3)
    z = layer(x).detach()
    torch.testing.assert_close(layer.inverse(z), x)
    found = jacobian(lambda point: layer.inverse(point[None])[0], z[0])
    torch.testing.assert_close(found, torch.linalg.inv(explicit_jacobian(layer, x[:1])[0]))
    # Of f(f⁻¹(z)) = z no parameter sees anything: the gradients through both cancel.
    parameters, direction = list(layer.parameters()), normal(6, 5, seed=4)
    through_both = torch.autograd.grad(layer(layer.inverse(z)), parameters, direction)
    alone = torch.autograd.grad(layer.inverse(z), parameters, direction)
    for cancelled, part in zip(through_both, alone, strict=True):
        torch.testing.assert_close(cancelled, torch.zeros_like(part), atol=1e-10, rtol=0)
        assert part.norm() > 0.1


def test_the_inverse_of_eq_2_2_as_printed_is_wrong():
    bend = LeakySoftplus()
    layer, x = wild(5, bend), normal(6, 5, seed=3)
    z = layer(x).detach()
    as_printed = layer.solve(bend.inverse(z - layer.bias))
    assert (as_printed - x).norm() > 0.1 * x.norm()


@settings(max_examples=30)
@given(st.integers(1, 512), st.sampled_from([torch.float32, torch.float64]), st.integers(0, 2**32 - 1))
def test_a_new_layer_is_inverted_to_rounding(dimension, dtype, seed):
    layer = LULayer(dimension, LeakySoftplus(), generator=seeded(seed)).to(dtype)
    x = torch.randn(8, dimension, generator=seeded(seed + 1)).to(dtype)
    assert layer.reconstruction_error(x) <= 20 * torch.finfo(dtype).eps
    lower, upper = layer.condition_numbers()
    assert max(lower, upper) < 1.5


def largest_error(layer, x):
    """Return the largest error of U⁻¹L⁻¹(LUx) relative to the point, in the maximum norm."""
    with torch.no_grad():
        error = (layer.inverse(layer(x)) - x).abs().amax(1)
    return float((error / x.abs().amax(1)).max())


def random_triangles(dimension, seed):
    """Random triangles with normal entries: their condition numbers grow exponentially with the dimension."""
    lower, upper = normal(2, dimension, dimension, seed=seed)
    ones = torch.ones(dimension, dtype=torch.float64)
    signs = torch.where(upper.diagonal() < 0, -ones, ones)
    return torch.diagonal_scatter(lower.tril(-1), ones), torch.diagonal_scatter(upper.triu(1), signs)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_rounding_stays_within_its_bound_where_the_factors_are_ill_conditioned(dtype):
    errors, conditions = [], []
    for dimension in (2, 4, 8, 12, 16, 20, 24):
        for seed in range(5):
            lower, upper = random_triangles(dimension, seed)
            layer = LULayer.from_factors(lower.to(dtype), upper.to(dtype))
            errors.append(largest_error(layer, normal(20, dimension, seed=seed).to(dtype)))
            conditions.append(np.prod(layer.condition_numbers(float("inf"))))
            assert errors[-1] <= layer.round_trip_bound()
    # The bound is not met for nothing: the condition numbers range widely, and errors grow with them.
    assert min(conditions) < 1e2 and max(conditions) > 1e9
    assert max(errors) > 1e3 * min(errors) > 0
    assert np.corrcoef(np.log(conditions), np.log(errors))[0, 1] > 0.8


def test_condition_numbers_against_numpy():
    layer = wild(6)
    lower, upper = (factor.detach().numpy() for factor in layer.factors())
    for p in (2, 1, np.inf):
        expected = np.linalg.cond(lower, p), np.linalg.cond(upper, p)
        np.testing.assert_allclose(layer.condition_numbers(p), expected)


def test_the_floor_bounds_the_diagonal_but_not_the_condition():
    layer = LULayer(30, generator=seeded(), floor=0.01).double()
    with torch.no_grad():
        layer.weight.fill_(-1e6)
    assert (layer.diagonal() == 0.01).all()
    upper = torch.eye(30).double() - torch.ones(30, 30).double().triu(1)
    assert LULayer.from_factors(torch.eye(30).double(), upper).condition_numbers().upper > 1e8


def test_a_step_moves_the_diagonal_by_less_than_the_parameter():
    layer = wild(5)
    weights = torch.linspace(-20, 45, 500, dtype=torch.float64)
    sizes = []
    for weight in weights:
        with torch.no_grad():
            layer.weight.diagonal().fill_(weight)
            sizes.append(float(layer.diagonal()[0]))
    slopes = np.diff(sizes) / np.diff(weights)
    assert (slopes > 0).all() and (slopes < 1 + 1e-12).all()


@pytest.mark.parametrize("sizes", [[0.0011, 1.0], [3.0, -20.5], [1e4, -35.0]])
def test_given_factors_are_kept(sizes):
    lower, upper = random_triangles(2, 0)
    upper.diagonal().copy_(torch.tensor(sizes))
    layer = LULayer.from_factors(lower, upper, torch.ones(2))
    torch.testing.assert_close(tuple(layer.factors()), (lower, upper), rtol=1e-13, atol=0)
    assert (layer.bias == 1).all() and layer.weight.dtype == torch.float64


@pytest.mark.parametrize("make", KINDS)
def test_frozen_layers_keep_their_matrices_and_let_them_go(make):
    layer, x = wild(6, LeakySoftplus(), make=make), normal(4, 6, seed=3)
    z, log_det = layer.forward_and_log_det(x)
    with pytest.raises(KeyError), layer.frozen():
        kept = layer._fixed
        torch.testing.assert_close(layer(x), z)
        torch.testing.assert_close(layer.inverse(z), x)
        torch.testing.assert_close(layer.log_det(x), log_det)
        assert layer._fixed is kept and not layer.log_abs_det().requires_grad
        raise KeyError
    with torch.no_grad():
        layer.weight.mul_(2)
    assert not torch.allclose(layer(x), z)
    torch.testing.assert_close(layer.inverse(layer(x)), x)


@pytest.mark.parametrize("make", KINDS)
def test_a_seed_means_the_same_everywhere(make):
    first, second = (make(5, generator=seeded(3)) for _ in range(2))
    other = make(5, generator=seeded(4))
    assert torch.equal(first.weight, second.weight) and not torch.equal(first.weight, other.weight)
    torch.testing.assert_close(second.double().weight.float(), first.weight, rtol=0, atol=0)


# Which matrices have an LU


def leading_minors(matrix):
    return [np.linalg.det(matrix[:k, :k]) for k in range(1, len(matrix) + 1)]


@given(st.integers(1, 4), st.integers(0, 2**32 - 1))
def test_a_matrix_has_factors_exactly_if_no_leading_minor_is_zero(dimension, seed):
    matrix = np.random.default_rng(seed).integers(-2, 3, (dimension, dimension)).astype(float)
    if np.round(leading_minors(matrix)).all():
        lower, upper = factorize(torch.from_numpy(matrix))
        np.testing.assert_allclose(lower @ upper, matrix, atol=1e-12)
        np.testing.assert_allclose(upper.diagonal().cumprod(0), leading_minors(matrix), atol=1e-10)
    else:
        with pytest.raises(ValueError, match="pivot"):
            factorize(torch.from_numpy(matrix))


@settings(max_examples=40)
@given(st.integers(1, 12), st.integers(0, 2**32 - 1))
def test_there_is_one_pair_of_factors(dimension, seed):
    lower, upper = random_triangles(dimension, seed)
    lower, upper = 0.3 * lower.tril(-1) + torch.eye(dimension), upper * 2
    torch.testing.assert_close(tuple(factorize(lower @ upper)), (lower, upper), rtol=1e-6, atol=1e-6)


def test_factors_against_scipy_where_it_exchanges_no_rows():
    matrix = normal(40, 40).numpy() + 40 * np.eye(40)
    exchange, lower, upper = scipy.linalg.lu(matrix)
    assert np.array_equal(exchange, np.eye(40))
    found = factorize(torch.from_numpy(matrix))
    np.testing.assert_allclose(found.lower, lower, atol=1e-13)
    np.testing.assert_allclose(found.upper, upper, rtol=1e-12, atol=1e-12)


def test_a_non_singular_matrix_without_factors():
    swap = torch.tensor([[0.0, 1.0], [1.0, 0.0]])
    with pytest.raises(ValueError, match="leading minor of order 1 is zero.*exchange rows first"):
        LULayer.from_matrix(swap)
    for distance in (1e-2, 1e-4, 1e-6):  # next to it the factors exist, and are useless
        near = torch.tensor([[distance, 1.0], [1.0, 0.0]], dtype=torch.float64)
        layer = LULayer.from_matrix(near, floor=distance / 2)
        assert torch.linalg.cond(near) < 1.1
        assert min(layer.condition_numbers()) > 0.9 / distance**2


@settings(max_examples=30)
@given(st.integers(2, 8), st.integers(0, 2**32 - 1))
def test_two_layers_make_any_permutation(dimension, seed):
    rng = np.random.default_rng(seed)
    permutation = torch.from_numpy(np.eye(dimension)[rng.permutation(dimension)])
    second = torch.from_numpy(rng.standard_normal((dimension, dimension)))
    first, second = (
        LULayer.from_matrix(matrix, floor=1e-12)
        for matrix in (torch.linalg.solve(second, permutation), second)
    )
    images = second(first(torch.eye(dimension, dtype=torch.float64)))
    torch.testing.assert_close(images, permutation.T, rtol=1e-4, atol=1e-4)


def test_the_signs_of_the_leading_minors_are_fixed():
    layer = LULayer(4, generator=seeded()).double()
    for seed in range(20):
        with torch.no_grad():
            layer.weight.copy_(3 * normal(4, 4, seed=seed))
            lower, upper = layer.factors()
        assert min(leading_minors((lower @ upper).numpy())) > 0


@settings(max_examples=20)
@given(st.integers(2, 5), st.integers(0, 2**32 - 1))
def test_two_layers_of_fixed_signs_keep_the_sign_of_the_determinant(dimension, seed):
    """So two layers do not reach every non-singular matrix: with all signs + no exchange of two rows."""
    rng = np.random.default_rng(seed)
    signs = torch.from_numpy(rng.choice([-1.0, 1.0], (2, dimension)))
    product = torch.eye(dimension, dtype=torch.float64)
    for number in range(2):
        layer = LULayer(dimension, generator=seeded(seed % 1000 + number)).double()
        with torch.no_grad():
            layer.sign.copy_(signs[number])
            layer.weight.copy_(torch.from_numpy(rng.standard_normal((dimension, dimension))))
            lower, upper = layer.factors()
        product = lower @ upper @ product
    assert torch.linalg.det(product).sign() == signs.prod()


def test_what_cannot_be_factorized():
    with pytest.raises(ValueError, match="pivot 2 of 2 is 0: expected a non-singular matrix"):
        factorize(torch.tensor([[1.0, 2.0], [2.0, 4.0]]))
    with pytest.raises(ValueError, match=r"shape \(2, 3\): expected a square one"):
        factorize(torch.ones(2, 3))
    with pytest.raises(ValueError, match="int64.*give matrix.double"):
        factorize(torch.eye(2, dtype=torch.int64))
    with pytest.raises(ValueError, match="not finite"):
        factorize(torch.tensor([[1.0, torch.nan], [0.0, 1.0]]))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"upper": torch.tensor([[1.0, 2.0], [0.0, 0.0]])},
            r"upper\[1, 1\] = 0: expected a size above floor",
        ),
        ({"upper": torch.tensor([[-1e-4, 2.0], [0.0, 1.0]])}, r"upper\[0, 0\] = -0.0001"),
        ({"upper": torch.ones(2, 2)}, "upper: expected zeros below"),
        ({"lower": 2 * torch.eye(2)}, "lower: expected ones on the diagonal"),
        ({"lower": torch.ones(2, 2)}, "lower: expected ones on the diagonal, zeros above"),
        ({"lower": torch.eye(3)}, r"shapes \(3, 3\) and \(2, 2\)"),
        ({"upper": torch.full((2, 2), torch.inf)}, "not finite"),
        ({"lower": torch.eye(2, dtype=torch.int64)}, "lower of torch.int64: .*give lower.double"),
        ({"upper": torch.eye(2, dtype=torch.complex64)}, "upper of torch.complex64"),
        ({"upper": np.eye(2)}, "upper of type ndarray: expected a tensor"),
        (
            {"bias": torch.ones(1)},
            r"bias = tensor\(\[1.\]\): expected a dense tensor \(2,\) of finite real numbers",
        ),
        ({"bias": torch.tensor([0.0, torch.nan])}, "bias = .*of finite real numbers"),
        ({"bias": 1.0}, "bias = 1.0: expected a dense tensor"),
        ({"bias": torch.tensor([1j, 2])}, r"bias = tensor\(\[0.\+1.j.*of finite real numbers"),
        ({"bias": torch.zeros(2).to_sparse()}, r"(?s)bias = tensor\(.*sparse_coo.*: expected a dense tensor"),
        ({"lower": torch.eye(2).to_sparse()}, r"lower of torch.sparse_coo: .* give lower.to_dense\(\)"),
        ({"floor": "a"}, "floor = 'a': expected a finite number > 0"),
    ],
)
def test_factors_that_are_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        LULayer.from_factors(**{"lower": torch.eye(2), "upper": torch.eye(2)} | changes)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"dimension": 0}, "dimension = 0: expected an integer of at least 1"),
        ({"dimension": 2.0}, "dimension = 2.0: expected an integer"),
        ({"spread": -1.0}, "spread = -1.0"),
        ({"spread": 1e300}, r"spread = 1e\+300: expected 3.4e\+38 at most"),
        ({"spread": "wide"}, "spread = 'wide': expected a finite number >= 0"),
        ({"spread": math.nan}, "spread = nan: expected a finite number >= 0"),
        ({"generator": 0}, "generator = 0: expected a torch.Generator"),
        ({"activation": torch.tanh}, "activation = .*tanh.*: expected a LeakyBend"),
        ({"floor": 0.0}, "floor = 0.0"),
        ({"floor": 0.6}, "floor = 0.6"),
    ],
)
def test_settings_that_are_refused(changes, message):
    kinds = [LULayer] if "floor" in changes else KINDS
    for make in kinds:
        with pytest.raises(ValueError, match=message):
            make(**{"dimension": 2, "generator": seeded()} | changes)


def test_a_dense_layer_can_be_singular():
    layer = DenseLayer(2, generator=seeded())
    with torch.no_grad():
        layer.weight.copy_(torch.ones(2, 2))
    with pytest.raises(torch.linalg.LinAlgError):
        layer.inverse(torch.ones(1, 2))
