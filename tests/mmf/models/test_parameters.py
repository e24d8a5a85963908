"""The parameters, Eq. (1) and (5), and what Theorem 1 says of the rank."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from fourmasks.mmf.models.masks import FAMILIES, Masks
from fourmasks.mmf.models.parameters import concatenated, draw, product

families = st.sampled_from(sorted(FAMILIES))
parametrisations = st.sampled_from(["reference", "paper"])


@given(families, parametrisations, st.integers(1, 4), st.integers(1, 4), st.integers(0, 10**6))
def test_the_product_is_the_sum_over_the_masks(problem, family, parametrisation, n_masks, rank, seed):
    _, masks, parameters = problem(
        seed, family=family, parametrisation=parametrisation, n_masks=n_masks, rank=rank, shape=(5, 4)
    )
    u, s, v, t = parameters
    expected, mask_u, mask_v = 0, masks.values(s), masks.values(t)
    for k in range(n_masks):
        expected = expected + (u * mask_u[:, k]) @ (v * mask_v[:, k]).T  # Eq. (1)
    np.testing.assert_allclose(product(parameters, masks), expected, atol=1e-13)
    u_cat, v_cat = concatenated(u, s, masks), concatenated(v, t, masks)
    assert u_cat.shape == (5, n_masks * rank) and v_cat.shape == (4, n_masks * rank)
    np.testing.assert_allclose(u_cat @ v_cat.T, expected, atol=1e-13)  # Eq. (5)
    np.testing.assert_array_equal(u_cat[:, :rank], u * mask_u[:, 0])


def a_draw(seed=0, factor_scale=0.5, shift_spread=3.0, dtype=torch.float32):
    generator = torch.Generator().manual_seed(seed)
    return draw(
        (4000, 3000), 2, 3, factor_scale=factor_scale, shift_spread=shift_spread, generator=generator,
        device="cpu", dtype=dtype,
    )  # fmt: skip


def test_a_start_has_the_given_scale_and_spread():
    u, s, v, t = a_draw()
    assert (u.shape, s.shape, v.shape, t.shape) == ((4000, 3), (4000, 2), (3000, 3), (3000, 2))
    for factors in (u, v):
        assert float(factors.mean()) == pytest.approx(0, abs=0.02)
        assert float(factors.std()) == pytest.approx(0.5, abs=0.02)
    for shifts in (s, t):
        assert 0 <= float(shifts.min()) < 0.01 and 2.99 < float(shifts.max()) < 3
        assert float(shifts.mean()) == pytest.approx(1.5, abs=0.05)
    assert not torch.equal(u[:3000], v)


def test_a_seed_means_the_same_in_both_precisions():
    for single, double in zip(a_draw(7), a_draw(7, dtype=torch.float64), strict=True):
        assert double.dtype == torch.float64 and torch.equal(single.double(), double)
    assert not torch.equal(a_draw(7).row_factors, a_draw(8).row_factors)


def test_a_clone_shares_no_memory():
    parameters = a_draw()
    copy = parameters.clone()
    for tensor in copy:
        tensor += 1
    assert all(torch.equal(now, then) for now, then in zip(parameters, a_draw(), strict=True))


# ---------------------------------------------------------------- Theorem 1

ANALYTIC = sorted(set(FAMILIES) - {"triangle"})


def rank_of(matrix):
    return int(np.linalg.matrix_rank(matrix.numpy(), rtol=1e-11))


@pytest.mark.parametrize("family", ANALYTIC)
@pytest.mark.parametrize("parametrisation", ["reference", "paper"])
@pytest.mark.parametrize(
    ("shape", "n_masks", "rank"),
    [((9, 8), 2, 3), ((7, 8), 3, 2), ((5, 4), 3, 2), ((4, 9), 2, 3), ((6, 6), 1, 2)],
)
def test_theorem_1_the_rank_is_k_times_r_or_as_large_as_fits(
    problem, family, parametrisation, shape, n_masks, rank
):
    """Random points, most with masks in their steep part; what rounding alone would give is far below."""
    for seed in range(3):
        _, masks, parameters = problem(
            seed, family=family, parametrisation=parametrisation, shape=shape, n_masks=n_masks, rank=rank,
            shift_spread=rank + 1.0,
        )  # fmt: skip
        assert rank_of(product(parameters, masks)) == min(*shape, n_masks * rank)


@pytest.mark.parametrize("parametrisation", ["reference", "paper"])
@pytest.mark.parametrize("family", ANALYTIC)
def test_without_shifts_k_masks_have_the_rank_of_one(problem, family, parametrisation):
    """Equal shifts make the masks equal for all instances: X̂ = U diag(w) Vᵀ for a constant w.

    The reference parametrisation counts positions from 0, where a sine, or a tanh, without shift is 0.
    """
    n_masks, rank = 3, 3
    _, masks, (u, s, v, t) = problem(
        family=family, parametrisation=parametrisation, shape=(9, 8), n_masks=n_masks, rank=rank
    )
    zero = product((u, torch.zeros_like(s), v, torch.zeros_like(t)), masks)
    weights = (masks.values(torch.zeros(1, n_masks).double()) ** 2).sum(1)
    np.testing.assert_allclose(zero, (u * weights) @ v.T, atol=1e-13)
    vanishes = parametrisation == "reference" and family in ("sine", "tanh")
    assert rank_of(zero) == rank - vanishes


def test_a_constant_mask_is_plain_factorization(problem):
    """K = 1 and a cosine at its top for every position: the gain R / 2 times 0, and R = 1."""
    _, _, (u, s, v, t) = problem(n_masks=1, rank=1)
    masks = Masks("cosine", 1, 1, dtype=torch.float64)
    plain = product((u, torch.zeros_like(s), v, torch.zeros_like(t)), masks)
    np.testing.assert_allclose(plain, u @ v.T, atol=1e-15)
