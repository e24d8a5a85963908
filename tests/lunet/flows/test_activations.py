"""LeakySoftplus: the printed formulas, derivatives, and the inverse against roots of 40 digits."""

import math

import mpmath
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from fourmasks.lunet.flows.activations import (
    GeneralLeakySoftplus,
    LeakySoftplus,
    bracket,
    solve_bend,
    steps_needed,
)

mpmath.mp.dps = 40
ACTIVATIONS = [
    LeakySoftplus(),
    LeakySoftplus(0.01),
    LeakySoftplus(0.99),
    GeneralLeakySoftplus(),
    GeneralLeakySoftplus(0.1, 0.02),
    GeneralLeakySoftplus(0.9, 3.0),
]
WIDE = torch.cat([torch.linspace(-60, 60, 2001), torch.tensor([-1e4, -1e-8, 0, 1e-8, 1e4])]).double()


def printed_simple(x, alpha):
    """Eq. (2.6) as it is printed."""
    return x + (1 - alpha) * np.logaddexp(0, -x)


def printed_general(x, alpha, beta):
    """Eq. (2.9) as it is printed."""
    return np.logaddexp(0, alpha * x) / alpha + beta * x


def exact(activation, x):
    """Return φ(x) with 40 digits."""
    x = mpmath.mpf(x)
    bend = mpmath.log1p(mpmath.exp(activation.sharpness * x)) / activation.sharpness
    return activation.low * x + activation.gain * bend


@pytest.mark.parametrize("alpha", [0.01, 0.5, 0.99])
def test_the_printed_formulas(alpha):
    x = np.linspace(-60, 60, 2001)
    found = LeakySoftplus(alpha)(torch.from_numpy(x)), GeneralLeakySoftplus(alpha, 0.3)(torch.from_numpy(x))
    np.testing.assert_allclose(found[0], printed_simple(x, alpha), rtol=0, atol=1e-13)
    np.testing.assert_allclose(found[1], printed_general(x, alpha, 0.3), rtol=0, atol=1e-13)


@settings(max_examples=50)
@given(st.floats(0.01, 0.99), st.floats(0.01, 10))
def test_the_second_form_is_the_first_in_other_units(alpha, beta):
    simple = LeakySoftplus(beta / (1 + beta))
    expected = (1 + beta) / alpha * simple(alpha * WIDE)
    torch.testing.assert_close(GeneralLeakySoftplus(alpha, beta)(WIDE), expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("activation", ACTIVATIONS, ids=str)
def test_values_and_derivatives_to_machine_precision(activation):
    # torch's softplus with its own threshold would be off by 2e-9 above 20.
    for x in (-45.0, -20.5, -3.0, -1e-5, 0.0, 0.4, 5.0, 20.5, 30.0, 39.0, 41.0):
        value, slope = exact(activation, x), mpmath.diff(lambda t: exact(activation, t), x)
        parts = abs(activation.low * x) + abs(value - activation.low * x)
        point = torch.tensor(x, dtype=torch.float64)
        assert abs(float(activation(point)) - value) <= 5e-16 * parts
        assert abs(float(activation.derivative(point)) - slope) <= 5e-16 * slope


@pytest.mark.parametrize("activation", ACTIVATIONS, ids=str)
def test_autograd_agrees_with_the_derivative_and_the_inverse_with_its_reciprocal(activation):
    x = WIDE.clone().requires_grad_()
    (slope,) = torch.autograd.grad(activation(x).sum(), x)
    torch.testing.assert_close(slope, activation.derivative(WIDE), rtol=1e-14, atol=0)
    y = activation(WIDE).requires_grad_()
    (inverse_slope,) = torch.autograd.grad(activation.inverse(y).sum(), y)
    torch.testing.assert_close(inverse_slope, 1 / activation.derivative(WIDE), rtol=1e-12, atol=0)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@given(data=st.data())
def test_the_inverse_is_as_exact_as_the_type_allows(dtype, data):
    if data.draw(st.booleans()):
        activation = LeakySoftplus(data.draw(st.floats(1e-3, 0.999)))
    else:
        activation = GeneralLeakySoftplus(data.draw(st.floats(1e-3, 0.999)), data.draw(st.floats(1e-3, 10)))
    width = {torch.float32: 32, torch.float64: 64}[dtype]
    x = torch.tensor(data.draw(st.lists(st.floats(-1e4, 1e4, width=width), min_size=1)), dtype=dtype)
    y = activation(x)
    # What φ rounds, the inverse magnifies by 1 / φ'; the bend's height is part of what is rounded.
    height = activation.gain * math.log(2) / activation.sharpness
    allowed = 8 * torch.finfo(dtype).eps * ((y.abs() + height) / activation.derivative(x) + x.abs())
    assert ((activation.inverse(y) - x).abs() <= allowed).all()


@given(st.floats(1e-12, 0.999), st.floats(-1e3, 1e3))
def test_the_bracket_holds_the_root(ratio, root):
    exact_target = ratio * mpmath.mpf(root) + (1 - ratio) * mpmath.log1p(mpmath.exp(root))
    target = torch.tensor([float(exact_target)], dtype=torch.float64)
    low, high = (float(end) for end in bracket(target, ratio))
    slack = 1e-15 * (abs(float(target)) + 1) / ratio  # of rounding
    assert low - slack <= root <= high + slack


@pytest.mark.parametrize("ratio", [0.9, 0.5, 0.1, 1e-3, 1e-8])
def test_newtons_errors_obey_the_bounds_that_count_the_steps(ratio):
    weight = mpmath.mpf(ratio)
    start_bound = max(1, -math.log(ratio))
    for root in (-30, -5, -1, mpmath.mpf("-0.1"), 0, 3, 30):
        target = weight * root + (1 - weight) * mpmath.log1p(mpmath.exp(root))
        t = min(target, target / weight)
        assert 0 <= t - root <= start_bound
        for _ in range(steps_needed(ratio)):
            error = t - root
            slope = weight + (1 - weight) / (1 + mpmath.exp(-t))
            t -= (weight * t + (1 - weight) * mpmath.log1p(mpmath.exp(t)) - target) / slope
            rounding = mpmath.mpf(10) ** -35
            assert -rounding <= t - root <= min(error**2 / 2, error - 1 + mpmath.exp(-error)) + rounding
        assert t - root < 1e-17


@pytest.mark.parametrize("ratio", [1e-2, 1e-6, 1e-12])
def test_the_worst_target_is_zero_and_is_solved(ratio):
    def residual(t):
        return ratio * t + (1 - mpmath.mpf(ratio)) * mpmath.log1p(mpmath.exp(t))

    root = float(solve_bend(torch.zeros(1, dtype=torch.float64), ratio))
    assert abs(root - mpmath.findroot(residual, root)) < 1e-15 * abs(root)


@pytest.mark.parametrize("bend", [LeakySoftplus(0.3), LeakySoftplus(0.7), GeneralLeakySoftplus(0.5, 0.5)])
def test_the_inverse_is_infinite_where_the_value_is(bend):
    y = torch.tensor([math.inf, 1.0, -math.inf, math.nan], requires_grad=True)
    x = bend.inverse(y)
    assert x[[0, 2]].tolist() == [math.inf, -math.inf]
    assert x[1] == bend.inverse(torch.ones(1))
    assert x[3].isnan()
    assert torch.equal(bend.inverse(y.detach())[:3], x[:3])
    x[:3].sum().backward()
    assert y.grad[:3].isfinite().all()


@pytest.mark.parametrize("alpha", [-0.1, 0, 1, 1.5, math.nan, "0.5", None, True])
def test_an_alpha_that_is_refused(alpha):
    for make in (LeakySoftplus, GeneralLeakySoftplus):
        with pytest.raises(ValueError, match=f"alpha = {alpha!r}: expected .* between 0 and 1"):
            make(alpha)


@pytest.mark.parametrize("beta", [0, -0.5, -1, math.nan, math.inf, "1", None])
def test_a_beta_without_an_inverse_is_refused(beta):
    with pytest.raises(ValueError, match=f"beta = {beta!r}: expected a positive number; otherwise"):
        GeneralLeakySoftplus(0.5, beta)


def test_what_is_wrong_with_the_betas_that_are_refused():
    x = np.linspace(-60, 60, 1001)
    for beta in (0, -1):  # not onto: only positive values
        assert (printed_general(x, 0.5, beta) > 0).all()
    np.testing.assert_allclose(
        printed_general(x, 0.5, -0.5), printed_general(-x, 0.5, -0.5)
    )  # not one-to-one
    with pytest.raises(ValueError, match="beta = 0.5, give that"):
        GeneralLeakySoftplus(0.5, -1.5)
    np.testing.assert_allclose(printed_general(x, 0.5, -1.5), printed_general(-x, 0.5, 0.5), atol=1e-10)
