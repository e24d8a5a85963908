"""Masks: the formulas, their slopes, and what must not differ between the two parametrisations."""

import math

import numpy as np
import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_flatten

from fourmasks.mmf.models.masks import FAMILIES, PARAMETRISATIONS, Masks
from fourmasks.mmf.models.matrix_mmf import MMF

# Value and derivative of each base function, written without PyTorch.
FORMULAS = {
    "gaussian": (lambda d: np.exp(-(d**2) / 2), lambda d: -d * np.exp(-(d**2) / 2)),
    "sine": (np.sin, np.cos),
    "cosine": (np.cos, lambda d: -np.sin(d)),
    "sigmoid": (lambda d: 1 / (1 + np.exp(-d)), lambda d: 1 / (2 + np.exp(d) + np.exp(-d))),
    "tanh": (np.tanh, lambda d: 1 / np.cosh(d) ** 2),
    "triangle": (
        lambda d: np.maximum(0, 1 - abs(d)),
        lambda d: np.where(abs(d) < 1, -np.sign(d), 0.0),
    ),
}
HEIGHT = {"gaussian": 4.0, "triangle": 4.0}  # of the reference implementation's masks; otherwise 1

families = st.sampled_from(sorted(FAMILIES))
parametrisations = st.sampled_from(PARAMETRISATIONS)
sizes = st.integers(1, 6)
shift_lists = st.lists(st.floats(-8, 8), min_size=1, max_size=3)


def shifts_of(values, n_masks):
    """Return shifts (n, K) that differ from mask to mask."""
    return torch.tensor(values, dtype=torch.float64)[:, None] + torch.arange(n_masks) / 7


def arguments(parametrisation, n_masks, rank, shifts):
    """Return what f is applied to (n, K, R), and its derivative by the shift (K,)."""
    k = np.arange(1, n_masks + 1)[None, :, None]
    s = shifts.numpy()[:, :, None]
    if parametrisation == "paper":
        return k / n_masks * (np.arange(1, rank + 1) - s), -k[0, :, 0] / n_masks
    return k / n_masks * np.arange(rank) - rank / 2 * s, np.full(n_masks, -rank / 2)


@given(families, parametrisations, sizes, sizes, shift_lists)
def test_values_and_slopes_are_the_formula_s(family, parametrisation, n_masks, rank, values):
    shifts = shifts_of(values, n_masks)
    argument, inner = arguments(parametrisation, n_masks, rank, shifts)
    assume(family != "triangle" or (abs(abs(argument) - 1) > 1e-9).all() and (abs(argument) > 1e-9).all())
    height = HEIGHT.get(family, 1.0) if parametrisation == "reference" else 1.0
    value, slope = FORMULAS[family]
    masks = Masks(family, n_masks, rank, parametrisation, dtype=torch.float64)
    got, got_slope = masks.values_and_slopes(shifts)
    assert got.shape == got_slope.shape == (len(values), n_masks, rank)
    np.testing.assert_allclose(got, height / n_masks * value(argument), rtol=1e-12, atol=1e-14)
    expected_slope = height / n_masks * slope(argument) * inner[:, None]
    np.testing.assert_allclose(got_slope, expected_slope, rtol=1e-11, atol=1e-13)
    assert torch.equal(masks.values(shifts), got)


@given(families, parametrisations, sizes, sizes, shift_lists)
def test_slopes_are_the_difference_quotients_of_the_values(family, parametrisation, n_masks, rank, values):
    shifts, h = shifts_of(values, n_masks), 1e-6
    argument, _ = arguments(parametrisation, n_masks, rank, shifts)
    assume(family != "triangle" or (abs(abs(argument) - 1) > 1e-4).all() and (abs(argument) > 1e-4).all())
    masks = Masks(family, n_masks, rank, parametrisation, dtype=torch.float64)
    _, slopes = masks.values_and_slopes(shifts)
    quotient = (masks.values(shifts + h) - masks.values(shifts - h)) / (2 * h)
    np.testing.assert_allclose(slopes, quotient, atol=1e-7)


def test_the_paper_s_equation_3_number_by_number():
    n_masks, rank, shifts = 4, 5, [0.3, 2.0, 3.7, -1.2]
    masks = Masks("gaussian", n_masks, rank, "paper", dtype=torch.float64)
    values = masks.values(torch.tensor([shifts], dtype=torch.float64))
    for k in range(1, n_masks + 1):
        for r in range(1, rank + 1):
            expected = 1 / n_masks * math.exp(-((k / n_masks * (r - shifts[k - 1])) ** 2) / 2)
            assert values[0, k - 1, r - 1] == pytest.approx(expected, rel=1e-14)


@given(families, sizes, sizes, shift_lists)
def test_moving_the_shift_moves_the_mask(family, n_masks, rank, values):
    """Eq. (3) depends on r - s alone; the reference's shift is 2 k / (K R) for one position."""
    shifts = shifts_of(values, n_masks)
    position = 2 / (n_masks * (rank + 1)) * torch.arange(1, n_masks + 1, dtype=torch.float64)
    for parametrisation, one in (("paper", torch.ones(n_masks)), ("reference", position)):
        masks = Masks(family, n_masks, rank + 1, parametrisation, dtype=torch.float64)
        moved = masks.values(shifts + one)[:, :, 1:]
        np.testing.assert_allclose(moved, masks.values(shifts)[:, :, :-1], atol=1e-12)


@given(families, sizes, sizes, shift_lists)
def test_the_parametrisations_hold_the_same_masks(family, n_masks, rank, values):
    """They differ in where a shift is measured from, in its unit and in the height of two families."""
    shifts = shifts_of(values, n_masks)
    paper = Masks(family, n_masks, rank, "paper", dtype=torch.float64)
    reference = Masks(family, n_masks, rank, "reference", dtype=torch.float64)
    unit = 2 / (n_masks * rank) * torch.arange(1, n_masks + 1, dtype=torch.float64)
    same = HEIGHT.get(family, 1.0) * paper.values(shifts)
    np.testing.assert_allclose(reference.values(unit * (shifts - 1)), same, atol=1e-11)


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize(
    ("parametrisation", "n_masks"), [("reference", 1), ("reference", 36), ("paper", 1), ("paper", 20)]
)
def test_no_mask_is_so_small_that_a_fit_makes_it_subnormal(family, parametrisation, n_masks):
    """Zero, or large enough for the square of a product of two."""
    shifts = torch.linspace(-60, 60, 481)[:, None].repeat(1, n_masks)
    shifts = torch.cat([shifts, torch.tensor([[1e4], [-1e4]]).repeat(1, n_masks)])
    value, slope = Masks(family, n_masks, 6, parametrisation).values_and_slopes(shifts)
    for numbers in (value, slope):
        assert numbers.dtype == torch.float32 and numbers.isfinite().all()
    smallest = value[value != 0].abs().min()
    if family in ("gaussian", "sigmoid"):  # the others are as small as one likes near a zero of theirs
        assert smallest**4 >= torch.finfo(torch.float32).tiny


class Subnormal(TorchDispatchMode):
    """Counts the subnormal numbers that operations make of others."""

    LOOKS = ("new_empty", "empty", "select", "slice", "view", "as_strided", "expand", "unsqueeze", "split")

    def __init__(self):
        super().__init__()
        self.found, self.all = 0, 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        made = func(*args, **kwargs or {})
        if not any(name in str(func) for name in self.LOOKS):  # these look at memory, written or not
            for numbers in tree_flatten(made)[0]:
                if isinstance(numbers, torch.Tensor) and numbers.dtype == torch.float32:
                    small = numbers.abs() < torch.finfo(torch.float32).tiny
                    self.found += int((small & (numbers != 0)).sum())
                    self.all += numbers.numel()
        return made


@pytest.mark.parametrize("family", ["gaussian", "sigmoid"])
@pytest.mark.parametrize("solver", ["alternating-lm", "adam"])
def test_a_fit_makes_hardly_a_subnormal_number(family, solver):
    """With shifts so far apart that most masks are at an end; with masks cut at 9 they were 38,000."""
    X = np.random.default_rng(0).standard_normal((64, 64))
    model = MMF(40, n_masks=16, mask=family, solver=solver, max_iter=4, shift_spread=40.0, verbose=False)
    with Subnormal() as counted:
        model.set_params(dtype="float32", device="cpu").fit(X)
    assert counted.all > 1e6 and counted.found <= 1e-5 * counted.all


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("family", ["gaussian", "sigmoid"])
def test_what_is_cut_off_is_less_than_a_rounding(family, dtype):
    shifts = torch.linspace(-60, 60, 997, dtype=dtype)[:, None]
    masks = Masks(family, 1, 6, "paper", dtype=dtype)
    with np.errstate(over="ignore"):
        exact = FORMULAS[family][0](np.arange(1.0, 7.0) - shifts.double().numpy()[:, :, None])
    np.testing.assert_allclose(masks.values(shifts), exact, rtol=0, atol=torch.finfo(dtype).eps)


@pytest.mark.parametrize("family", FAMILIES)
def test_far_shifts_give_what_the_formula_gives(family):
    """Where the argument is cut off, the function no longer changes."""
    shifts = torch.tensor([[-3000.0], [-50.0], [-12.0], [12.0], [50.0], [3000.0]], dtype=torch.float64)
    argument, _ = arguments("paper", 1, 4, shifts)
    with np.errstate(over="ignore"):
        expected = FORMULAS[family][0](argument)
    got = Masks(family, 1, 4, "paper", dtype=torch.float64).values(shifts)
    np.testing.assert_allclose(got, expected, rtol=0, atol=3e-16)


def test_the_masks_take_the_type_of_their_factors():
    for dtype in (torch.float32, torch.float64):
        masks = Masks("sine", 2, 3, dtype=dtype)
        assert masks.values(torch.zeros(5, 2, dtype=dtype)).dtype == dtype


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("cosin", 2, 3), "unknown mask family 'cosin'.*expected one of.*Did you mean 'cosine'"),
        (("box", 2, 3), "unknown mask family 'box'"),
        (("sine", 2, 3, "papers"), "unknown parametrisation 'papers'.*Did you mean 'paper'"),
    ],
)
def test_unknown_names_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        Masks(*arguments)
