"""Alternating Levenberg-Marquardt: its linear algebra, and that it does what other solvers do."""

import numpy as np
import pytest
import scipy.optimize
import torch
from hypothesis import given
from hypothesis import strategies as st

from fourmasks.mmf.models import alternating
from fourmasks.mmf.models.alternating import DAMPING, DOWN, UP, AlternatingLM, step
from fourmasks.mmf.models.masks import FAMILIES
from fourmasks.mmf.models.parameters import Parameters, concatenated, product

families = st.sampled_from(sorted(FAMILIES))
parametrisations = st.sampled_from(["reference", "paper"])
seeds = st.integers(0, 10**6)


def error(target, parameters, masks):
    return float((target - product(parameters, masks)).norm() / target.norm())


def row_problem(target, parameters, masks):
    """Return what `step` needs of X and V: the Gram matrix and the correlations."""
    other = concatenated(parameters.column_factors, parameters.column_shifts, masks)
    return other, other.T @ other, target @ other


@given(families, parametrisations, st.integers(1, 4), st.integers(1, 4), st.booleans(), seeds)
def test_the_normal_equations_are_those_of_the_jacobian(
    problem, family, parametrisation, n_masks, rank, learn_shifts, seed
):
    """One undamped step solves Jᵀ G J d = -Jᵀ (G w - c), for J differentiated by PyTorch."""
    target, masks, p = problem(
        seed, family=family, parametrisation=parametrisation, n_masks=n_masks, rank=rank, shape=(3, 9)
    )
    _, gram, correlation = row_problem(target, p, masks)
    mask, slope = masks.values_and_slopes(p.row_shifts)
    slope = slope * p.row_factors[:, None]
    residual = (mask * p.row_factors[:, None]).flatten(1) @ gram - correlation
    gradient, normal = alternating._normal_equations(
        mask, slope if learn_shifts else None, residual.view_as(mask), gram
    )
    for i in range(3):

        def weights(u, s):
            return concatenated(u[None], s[None], masks)[0]

        jacobians = torch.autograd.functional.jacobian(weights, (p.row_factors[i], p.row_shifts[i]))
        jacobian = torch.cat(jacobians if learn_shifts else jacobians[:1], 1)
        np.testing.assert_allclose(gradient[i], jacobian.T @ residual[i], atol=1e-10)
        np.testing.assert_allclose(normal[i], jacobian.T @ gram @ jacobian, atol=1e-10)


@given(families, parametrisations, st.booleans(), seeds)
def test_a_sweep_never_raises_the_error_and_returns_the_true_one(
    problem, family, parametrisation, learn_shifts, seed
):
    target, masks, start = problem(seed, family=family, parametrisation=parametrisation)
    solver = AlternatingLM(target, masks, start, learn_shifts=learn_shifts)
    before = error(target, start, masks)
    for _ in range(6):
        after, parameters = solver.iterate()
        assert after**2 == pytest.approx(error(target, parameters, masks) ** 2, abs=1e-12)
        assert after**2 <= before**2 + 1e-12
        before = after
    if not learn_shifts:
        assert torch.equal(parameters.row_shifts, start.row_shifts)
        assert torch.equal(parameters.column_shifts, start.column_shifts)


def test_in_single_precision_the_error_is_the_true_one_to_rounding(problem):
    target, masks, start = problem(dtype=torch.float32)
    solver = AlternatingLM(target, masks, start, learn_shifts=True)
    for _ in range(20):
        after, parameters = solver.iterate()
        assert after**2 == pytest.approx(error(target, parameters, masks) ** 2, abs=1e-5)


@given(families, seeds)
def test_the_step_s_objective_is_the_squared_error_less_that_of_zero(problem, family, seed):
    target, masks, p = problem(seed, family=family)
    _, gram, correlation = row_problem(target, p, masks)
    u, s, _, objective = step(p.row_factors, p.row_shifts, torch.ones(9).double(), correlation, gram, masks)
    residual = target - product(Parameters(u, s, *p[2:]), masks)
    np.testing.assert_allclose(objective, (residual**2).sum(1) - (target**2).sum(1), atol=1e-10)


def least_squares_factors(target, shifts, other, masks):
    """Return argmin ||x_i - V_cat (u_i ⊙ m_i)||² for each row, by NumPy."""
    mask = masks.values(shifts).numpy()
    blocks = other.numpy().reshape(-1, *mask.shape[1:])
    designs = np.einsum("jkr,ikr->ijr", blocks, mask)
    rows = zip(designs, target.numpy(), strict=True)
    return np.stack([np.linalg.lstsq(design, row, rcond=None)[0] for design, row in rows])


@given(st.sampled_from(["cosine", "gaussian", "sigmoid"]), parametrisations, seeds)
def test_an_undamped_sweep_with_frozen_shifts_is_linear_least_squares(problem, family, parametrisation, seed):
    target, masks, start = problem(seed, family=family, parametrisation=parametrisation)
    solver = AlternatingLM(target, masks, start, learn_shifts=False)
    none = {"row_damping": torch.zeros(9).double(), "column_damping": torch.zeros(7).double()}
    solver.restore(solver.state() | none)
    _, (u, s, v, t) = solver.iterate()
    rows = least_squares_factors(target, s, concatenated(start.column_factors, t, masks), masks)
    np.testing.assert_allclose(u, rows, rtol=1e-5, atol=1e-7)
    columns = least_squares_factors(target.T, t, concatenated(u, s, masks), masks)
    np.testing.assert_allclose(v, columns, rtol=1e-5, atol=1e-7)


def repeat(p, correlation, gram, masks, times):
    """Return the factors, the shifts and the objectives of the rows after many steps."""
    u, s, damping = p.row_factors, p.row_shifts, torch.full((len(p.row_factors),), 1e-2).double()
    for _ in range(times):
        u, s, damping, objective = step(u, s, damping, correlation, gram, masks)
    return u, s, objective


@pytest.mark.parametrize(
    ("parametrisation", "family", "n_masks"),
    [
        ("reference", "cosine", 2), ("reference", "sine", 2), ("reference", "gaussian", 2),
        ("reference", "tanh", 2), ("reference", "sigmoid", 1), ("paper", "cosine", 2), ("paper", "sine", 2),
        ("paper", "gaussian", 1), ("paper", "tanh", 1), ("paper", "sigmoid", 1),
    ],
)  # fmt: skip
def test_repeated_steps_reach_the_optimum_that_scipy_finds(problem, parametrisation, family, n_masks):
    """Rows near a planted optimum, with noise, so that both go to the same local one."""
    rank = 3
    _, masks, p = problem(
        3, family=family, parametrisation=parametrisation, shape=(8, 30), n_masks=n_masks, rank=rank
    )
    generator = torch.Generator().manual_seed(0)
    target = product(p, masks)
    target = target + 0.01 * torch.randn(target.shape, generator=generator, dtype=target.dtype)
    noise = [0.02 * torch.randn(t.shape, generator=generator, dtype=t.dtype) for t in p[:2]]
    start = Parameters(p.row_factors + noise[0], p.row_shifts + noise[1], *p[2:])
    other, gram, correlation = row_problem(target, start, masks)
    u, s, objective = repeat(start, correlation, gram, masks, 200)
    for i in range(8):

        def residual(x, i=i):
            x = torch.as_tensor(x)
            return (other @ concatenated(x[None, :rank], x[None, rank:], masks)[0] - target[i]).numpy()

        x0 = torch.cat([start.row_factors[i], start.row_shifts[i]]).numpy()
        best = scipy.optimize.least_squares(residual, x0, xtol=1e-12, ftol=1e-12, gtol=1e-12)
        ours = (residual(torch.cat([u[i], s[i]])) ** 2).sum()
        assert ours <= 2 * best.cost * (1 + 1e-6) < (residual(x0) ** 2).sum()
        assert ours == pytest.approx(float(objective[i] + (target[i] ** 2).sum()), abs=1e-9)


@pytest.mark.parametrize("family", ["cosine", "sine", "sigmoid"])
def test_repeated_steps_from_anywhere_end_where_the_gradient_vanishes(problem, family):
    """For most rows: some have no optimum but at infinite factors."""
    target, masks, p = problem(family=family, shape=(60, 40))
    _, gram, correlation = row_problem(target, p, masks)

    def gradient_size(u, s):
        u, s = u.clone().requires_grad_(), s.clone().requires_grad_()
        ((product(Parameters(u, s, *p[2:]), masks) - target) ** 2).sum().backward()
        return ((u.grad**2).sum(1) + (s.grad**2).sum(1)).sqrt()

    u, s, _ = repeat(p, correlation, gram, masks, 200)
    assert float(gradient_size(u, s).median()) < 1e-4 * float(gradient_size(*p[:2]).median())


def test_a_row_does_not_see_the_others(problem):
    """A row that cannot be improved stays, and takes shorter steps; the others go their way."""
    target, masks, p = problem()
    _, gram, correlation = row_problem(target, p, masks)
    damping = torch.full((9,), 0.5).double()
    alone = step(p.row_factors, p.row_shifts, damping, correlation, gram, masks)
    spoilt = correlation.clone()
    spoilt[4] = torch.nan
    together = step(p.row_factors, p.row_shifts, damping, spoilt, gram, masks)
    others = torch.arange(9) != 4
    for one, other in zip(alone, together, strict=True):
        assert torch.equal(one[others], other[others])
    assert torch.equal(together[0][4], p.row_factors[4]) and torch.equal(together[1][4], p.row_shifts[4])
    assert float(together[2][4]) == 0.5 * UP
    moved = (alone[0] != p.row_factors).any(1)
    assert moved.any()
    np.testing.assert_allclose(alone[2], torch.where(moved, 0.5 * DOWN, 0.5 * UP))


@pytest.mark.parametrize(("limit", "spoil"), [(DAMPING[0], 1.0), (DAMPING[1], torch.nan)])
def test_the_damping_stays_within_its_limits(problem, limit, spoil):
    """With frozen shifts every step from a random start helps; with NaN none does."""
    target, masks, p = problem()
    _, gram, correlation = row_problem(target, p, masks)
    damping = torch.full((9,), limit).double()
    _, _, after, _ = step(*p[:2], damping, spoil * correlation, gram, masks, learn_shifts=False)
    assert (after == limit).all()


def test_chunks_change_nothing(problem, monkeypatch):
    target, masks, start = problem()
    whole = AlternatingLM(target, masks, start, learn_shifts=True)
    expected = [whole.iterate()[0] for _ in range(3)]
    monkeypatch.setitem(alternating.CHUNK, "cpu", 2)
    parts = AlternatingLM(target, masks, start, learn_shifts=True)
    assert [parts.iterate()[0] for _ in range(3)] == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("family", sorted(set(FAMILIES) - {"triangle"}))
def test_a_planted_matrix_is_recovered(problem, family):
    """From near its parameters, which are 104 for 168 entries, so that recovery is no accident."""
    _, masks, truth = problem(family=family, shape=(14, 12), n_masks=2, rank=2)
    planted = product(truth, masks)
    generator = torch.Generator().manual_seed(0)
    start = Parameters(*(t + 0.03 * torch.randn(t.shape, generator=generator, dtype=t.dtype) for t in truth))
    assert error(planted, start, masks) > 0.02
    solver = AlternatingLM(planted, masks, start, learn_shifts=True)
    for _ in range(300):
        solver.iterate()
    assert error(planted, solver.parameters, masks) < 1e-6


@pytest.mark.parametrize("learn_shifts", [True, False])
def test_a_restored_solver_goes_on_bit_by_bit(problem, learn_shifts):
    target, masks, start = problem(1)
    _, _, elsewhere = problem(2)
    solver = AlternatingLM(target, masks, start, learn_shifts=learn_shifts)
    for _ in range(3):
        solver.iterate()
    state = {name: tensor.clone() for name, tensor in solver.state().items()}
    expected = [solver.iterate()[0] for _ in range(4)]
    other = AlternatingLM(target, masks, elsewhere, learn_shifts=learn_shifts)
    other.restore(state)
    assert [other.iterate()[0] for _ in range(4)] == expected
    assert all(torch.equal(a, b) for a, b in zip(other.parameters, solver.parameters, strict=True))


def test_parameters_once_returned_stay(problem):
    """The best iterate is kept by reference."""
    target, masks, start = problem()
    kept = start.clone()
    solver = AlternatingLM(target, masks, start, learn_shifts=True)
    _, first = solver.iterate()
    copy = first.clone()
    for _ in range(3):
        solver.iterate()
    assert all(torch.equal(a, b) for a, b in zip(first, copy, strict=True))
    assert all(torch.equal(a, b) for a, b in zip(start, kept, strict=True))
