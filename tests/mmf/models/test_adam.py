"""Adam: its gradients by three independent ways, and its whole path."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from fourmasks.mmf.models.adam import AdamSolver
from fourmasks.mmf.models.masks import FAMILIES
from fourmasks.mmf.models.parameters import Parameters, product

RATES = dict(learning_rate=0.02, shift_learning_rate=0.01)

families = st.sampled_from(sorted(FAMILIES))
parametrisations = st.sampled_from(["reference", "paper"])


def loss(parameters, masks, target):
    return ((product(parameters, masks) - target) ** 2).mean()


@given(families, parametrisations, st.integers(1, 4), st.integers(1, 4), st.integers(0, 10**6))
def test_the_gradients_are_autograd_s(problem, family, parametrisation, n_masks, rank, seed):
    target, masks, start = problem(
        seed, family=family, parametrisation=parametrisation, n_masks=n_masks, rank=rank
    )
    solver = AdamSolver(target, masks, start, learn_shifts=True, **RATES)
    solver.iterate()
    free = Parameters(*(tensor.clone().requires_grad_() for tensor in start))
    loss(free, masks, target).backward()
    for tensor, expected in zip(solver.parameters, free, strict=True):
        np.testing.assert_allclose(tensor.grad, expected.grad, rtol=1e-9, atol=1e-13)


@given(families, parametrisations, st.integers(0, 10**6))
def test_the_gradients_predict_how_the_loss_changes(problem, family, parametrisation, seed):
    """Along a random direction; this knows nothing of how PyTorch differentiates."""
    target, masks, start = problem(seed, family=family, parametrisation=parametrisation)
    solver = AdamSolver(target, masks, start, learn_shifts=True, **RATES)
    solver.iterate()
    generator, h = torch.Generator().manual_seed(seed), 1e-6
    direction = [torch.randn(t.shape, generator=generator, dtype=t.dtype) for t in start]
    ahead, behind = (
        loss(Parameters(*(t + step * d for t, d in zip(start, direction, strict=True))), masks, target)
        for step in (h, -h)
    )
    slope = sum(float((t.grad * d).sum()) for t, d in zip(solver.parameters, direction, strict=True))
    assert slope == pytest.approx(float(ahead - behind) / (2 * h), rel=1e-4, abs=2e-5)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_the_error_returned_is_that_of_the_parameters_returned(problem, dtype):
    target, masks, start = problem(dtype=dtype)
    solver = AdamSolver(target, masks, start, learn_shifts=True, **RATES)
    seen = [solver.iterate() for _ in range(5)]
    assert all(torch.equal(a, b) for a, b in zip(seen[0][1], start, strict=True))
    for error, parameters in seen:  # those of the first iterations too: later steps did not touch them
        true = float(torch.linalg.norm(target - product(parameters, masks)) / torch.linalg.norm(target))
        assert error == pytest.approx(true, rel=1e-12 if dtype == torch.float64 else 1e-5)
    assert len({error for error, _ in seen}) == 5


def test_frozen_shifts_stay(problem):
    target, masks, start = problem()
    solver = AdamSolver(target, masks, start, learn_shifts=False, **RATES)
    for _ in range(5):
        solver.iterate()
    assert torch.equal(solver.parameters.row_shifts, start.row_shifts)
    assert torch.equal(solver.parameters.column_shifts, start.column_shifts)
    assert not torch.isclose(solver.parameters.row_factors, start.row_factors).any()
    assert not torch.isclose(solver.parameters.column_factors, start.column_factors).any()


BASES = {
    "gaussian": lambda d: 4 * torch.exp(-d.square() / 2),
    "sine": torch.sin,
    "cosine": torch.cos,
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "triangle": lambda d: 4 * torch.relu(1 - d.abs()),
}


def independent_path(target, start, base, n_masks, rank, epochs):
    """Train the model of the reference implementation by autograd; return its errors and last parameters."""
    u, s, v, t = (tensor.clone().requires_grad_() for tensor in start)
    optimizer = torch.optim.Adam([{"params": [u, v], "lr": 0.02}, {"params": [s, t], "lr": 0.01}])
    frequency = torch.linspace(1 / n_masks, 1, n_masks, dtype=target.dtype)
    grid = torch.outer(frequency, torch.arange(rank, dtype=target.dtype))
    errors = []
    for _ in range(epochs):
        optimizer.zero_grad()
        row_masks = base(grid - rank / 2 * s.unsqueeze(2))
        column_masks = base(grid - rank / 2 * t.unsqueeze(2))
        estimate = torch.einsum("ir,ikr,jr,jkr->ij", u, row_masks, v, column_masks) / n_masks**2
        errors.append((estimate.detach() - target).norm().item() / target.norm().item())
        torch.nn.functional.mse_loss(estimate, target).backward()
        optimizer.step()
    return errors, (u, s, v, t)


@pytest.mark.parametrize("family", FAMILIES)
def test_the_path_is_that_of_an_independent_implementation(problem, family):
    """From the reference implementation's start: small factors, and shifts at zero."""
    target, masks, start = problem(4, family=family, factor_scale=0.02, shift_spread=0.0)
    target = 3 * target / target.norm()
    solver = AdamSolver(target, masks, start, learn_shifts=True, **RATES)
    errors = [solver.iterate()[0] for _ in range(20)]
    expected, last = independent_path(target, start, BASES[family], 3, 2, 20)
    np.testing.assert_allclose(errors, expected, rtol=1e-9)
    for tensor, other in zip(solver.parameters, last, strict=True):
        np.testing.assert_allclose(tensor, other.detach(), atol=1e-8)
    assert not torch.equal(solver.parameters.row_shifts, start.row_shifts)


@pytest.mark.parametrize("learn_shifts", [True, False])
@pytest.mark.parametrize("before", [0, 3])
def test_a_restored_solver_goes_on_bit_by_bit(problem, learn_shifts, before):
    target, masks, start = problem(1)
    _, _, elsewhere = problem(2)
    solver = AdamSolver(target, masks, start, learn_shifts=learn_shifts, **RATES)
    for _ in range(before):
        solver.iterate()
    state = {name: tensor.clone() for name, tensor in solver.state().items()}
    expected = [solver.iterate()[0] for _ in range(4)]
    other = AdamSolver(target, masks, elsewhere, learn_shifts=learn_shifts, **RATES)
    other.restore(state)
    assert [other.iterate()[0] for _ in range(4)] == expected
    assert all(torch.equal(a, b) for a, b in zip(other.parameters, solver.parameters, strict=True))


def test_the_start_is_not_changed(problem):
    target, masks, start = problem()
    kept = start.clone()
    AdamSolver(target, masks, start, learn_shifts=True, **RATES).iterate()
    assert all(torch.equal(a, b) for a, b in zip(start, kept, strict=True))
