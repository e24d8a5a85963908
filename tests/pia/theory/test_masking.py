"""Theorem 2.6: the law of the masked distance against all masks, its bounds, and what masks do to cosines."""

from itertools import product
from math import ceil, comb

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fourmasks.pia.theory.masking import (
    contraction,
    distance_law,
    expansion,
    expected_cosine,
    expected_distance,
    expected_dropout_distance,
    masked_pairs,
)


def expected_rescaled_distance(n_different: int, n_shared: int, keep: float) -> float:
    """Return E D' / ρ = h + 2(1 - ρ)s, for inputs divided by ρ as dropout does; never below h."""
    return n_different + 2 * (1 - keep) * n_shared


keeps = st.floats(0.0, 1.0)
counts = st.integers(0, 25)
deltas = st.floats(0.05, 40.0)


def pair(n_first, n_second, n_shared):
    """Return users with items of their own, shared items, and one item that neither has."""
    first = np.r_[np.ones(n_first), np.zeros(n_second), np.ones(n_shared), 0]
    second = np.r_[np.zeros(n_first), np.ones(n_second), np.ones(n_shared), 0]
    return first, second


def all_masks(first, second, keep):
    """Return all masked versions of a pair and their probabilities."""
    masks = np.array(list(product((0, 1), repeat=2 * len(first)))).reshape(-1, 2, len(first))
    kept = masks.sum((1, 2))
    chances = keep**kept * (1 - keep) ** (2 * len(first) - kept)
    return masks[:, 0] * first, masks[:, 1] * second, chances


def cosines(first, second):
    lengths = np.linalg.norm(first, axis=1) * np.linalg.norm(second, axis=1)
    return np.where(lengths > 0, (first * second).sum(1) / np.where(lengths > 0, lengths, 1), 0)


@pytest.mark.parametrize("keep", [0.0, 0.3, 0.5, 1.0])
@pytest.mark.parametrize("numbers", [(0, 0, 0), (1, 2, 0), (0, 0, 3), (2, 0, 2), (1, 1, 2)])
def test_the_law_against_all_masks(numbers, keep):
    first, second, chances = all_masks(*pair(*numbers), keep)
    distances = np.abs(first - second).sum(1).astype(int)
    n_different, n_shared = numbers[0] + numbers[1], numbers[2]
    law = distance_law(n_different, n_shared, keep)
    expected = np.bincount(distances, chances, n_different + n_shared + 1)
    np.testing.assert_allclose(law, expected, atol=1e-12)
    np.testing.assert_allclose(expected_distance(n_different, n_shared, keep), law @ np.arange(len(law)))


@given(counts, counts, keeps, deltas)
def test_the_bounds_are_the_papers_and_hold(h, s, keep, delta):
    split = 2 * keep * (1 - keep)
    kept = sum(comb(h, k) * keep**k * (1 - keep) ** (h - k) for k in range(min(h, ceil(delta) - 1) + 1))
    closer, farther = contraction(h, s, keep, delta), expansion(h, s, keep, delta)
    np.testing.assert_allclose(closer.bound, (keep**2 + (1 - keep) ** 2) ** s * kept, rtol=1e-9, atol=1e-12)
    tail = sum(comb(s, k) * split**k * (1 - split) ** (s - k) for k in range(ceil(delta), s + 1))
    np.testing.assert_allclose(farther.bound, tail, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(closer.exact + farther.exact, 1)
    assert closer.bound <= closer.exact + 1e-12
    assert farther.bound <= farther.exact + 1e-12


def test_monte_carlo():
    first, second = pair(12, 8, 15)
    rng = np.random.default_rng(0)
    kept = masked_pairs(first, second, 0.4, 20_000, rng)
    distances = (kept[0] != kept[1]).sum(1)
    law = distance_law(20, 15, 0.4)
    shares = np.bincount(distances, minlength=len(law)) / len(distances)
    errors = np.sqrt(law * (1 - law) / len(distances))
    assert (np.abs(shares - law) <= 4.5 * errors + 1e-4).all()
    again = masked_pairs(first, second, 0.4, 20_000, np.random.default_rng(0))
    assert np.array_equal(kept, again)


def test_where_the_bounds_are_sharp():
    closer = contraction(10, 0, 0.3, 4)
    np.testing.assert_allclose(closer.bound, closer.exact)
    farther = expansion(0, 10, 0.3, 4)
    np.testing.assert_allclose(farther.bound, farther.exact)


def test_each_bound_is_sharp_on_its_own_side_only():
    # Only shared items, five of them: the bound of the contraction asks that none is split, δ = 2 allows one.
    closer = contraction(0, 5, 0.5, 2)
    np.testing.assert_allclose((closer.bound, closer.exact), (1 / 32, 6 / 32))
    # No shared item: the other bound is 0, whatever the truth.
    farther = expansion(5, 0, 0.5, 2)
    np.testing.assert_allclose((farther.bound, farther.exact), (0, 26 / 32))


def test_where_they_say_nothing():
    # 20 shared items at ρ = 1/2: the contraction bound is smaller than 2^-20, the truth above one half.
    closer = contraction(40, 20, 0.5, 40)
    assert closer.bound <= 2**-20 < 0.5 < closer.exact
    # As soon as δ exceeds the number of shared items the expansion bound is 0.
    farther = expansion(40, 10, 0.5, 11)
    assert farther.bound == 0 < 0.99 < farther.exact


@given(counts, counts, st.floats(0.01, 0.99))
def test_the_average_distance_falls_iff_the_differences_outweigh(h, s, keep):
    margin = h - 2 * keep * s
    if abs(margin) > 1e-9:
        assert (expected_distance(h, s, keep) < h) == (margin > 0)
    np.testing.assert_allclose(expected_rescaled_distance(h, s, keep) * keep, expected_distance(h, s, keep))
    assert expected_rescaled_distance(h, s, keep) >= h


@pytest.mark.parametrize("keep", [0.3, 0.5, 0.9, 1.0])
@pytest.mark.parametrize("numbers", [(1, 2, 1), (0, 0, 3), (2, 0, 2), (2, 1, 0)])
def test_the_expected_cosine_against_all_masks(numbers, keep):
    first, second, chances = all_masks(*pair(*numbers), keep)
    sizes = numbers[0] + numbers[2], numbers[1] + numbers[2]
    found = expected_cosine(sizes, numbers[2], keep)
    np.testing.assert_allclose(found, chances @ cosines(first, second), atol=1e-12)
    assert found <= keep * numbers[2] / np.sqrt(np.prod(sizes)) + 1e-12


@pytest.mark.parametrize("keep", [0.3, 0.5, 1.0])
def test_unit_length_then_dropout_moves_every_pair_apart_by_the_same(keep):
    for numbers in [(1, 2, 1), (0, 0, 3), (2, 1, 0)]:
        first, second = pair(*numbers)
        masked = all_masks(first / np.linalg.norm(first), second / np.linalg.norm(second), keep)
        squared = (((masked[0] - masked[1]) / keep) ** 2).sum(1)
        sizes = numbers[0] + numbers[2], numbers[1] + numbers[2]
        expected = expected_dropout_distance(sizes, numbers[2], keep)
        np.testing.assert_allclose(masked[2] @ squared, expected)
        np.testing.assert_allclose(expected - expected_dropout_distance(sizes, numbers[2], 1.0), 2 / keep - 2)


def test_two_views_of_one_user_are_half_its_items_apart():
    assert expected_distance(0, 40, 0.5) == 20


@pytest.mark.parametrize("numbers", [(-1, 2, 0.5), (1, -2, 0.5), (1, 2, 1.5)])
def test_impossible_numbers_are_named(numbers):
    with pytest.raises(ValueError, match=r"-1|-2|1\.5"):
        distance_law(*numbers)


def test_more_shared_items_than_items():
    with pytest.raises(ValueError, match="cannot share 5"):
        expected_cosine((4, 9), 5, 0.5)
