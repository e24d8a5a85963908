import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fourmasks.data.readers.synthetic import block_diagonal, block_slices, random_dense


@given(exponent=st.integers(0, 8), seed=st.integers(0, 2**32))
def test_dense_is_square_and_depends_on_the_seed_alone(exponent, seed):
    one, two = (random_dense(exponent, np.random.default_rng(seed)) for _ in range(2))
    assert one.shape == (2**exponent, 2**exponent)
    assert np.array_equal(one, two)
    assert not np.array_equal(one, random_dense(exponent, np.random.default_rng(seed + 1)))


def test_dense_is_standard_normal():
    values = random_dense(9, np.random.default_rng(0)).ravel()
    # 2**18 draws: the mean's standard error is 0.002, the variance's 0.003.
    assert abs(values.mean()) < 0.01
    assert abs(values.var() - 1) < 0.015
    assert abs((np.abs(values) < 1).mean() - 0.6827) < 0.005


@given(size=st.integers(1, 60), data=st.data())
def test_blocks_cut_the_indices_as_evenly_as_can_be(size, data):
    n_blocks = data.draw(st.integers(1, size))
    groups = block_slices(size, n_blocks)
    assert [i for group in groups for i in range(group.start, group.stop)] == list(range(size))
    lengths = [group.stop - group.start for group in groups]
    assert len(lengths) == n_blocks and max(lengths) - min(lengths) <= 1


@given(size=st.integers(1, 60), data=st.data(), seed=st.integers(0, 99))
def test_without_noise_everything_off_the_blocks_is_exactly_zero(size, data, seed):
    n_blocks = data.draw(st.integers(1, size))
    values = block_diagonal(n_blocks, np.random.default_rng(seed), size=size, noise=0)
    inside = np.zeros((size, size), dtype=bool)
    for group in block_slices(size, n_blocks):
        inside[group, group] = True
    assert np.array_equal(values != 0, inside)
    assert not np.signbit(values[~inside]).any()


@pytest.mark.parametrize("n_blocks", [2, 3, 4, 5, 6])
def test_blocks_are_standard_normal_and_the_rest_is_faint_noise(n_blocks):
    values = block_diagonal(n_blocks, np.random.default_rng(1))
    assert values.shape == (1080, 1080)
    inside = np.zeros(values.shape, dtype=bool)
    for group in block_slices(1080, n_blocks):
        inside[group, group] = True
        # At least 180**2 draws: a standard error of at most 0.004.
        assert abs(values[group, group].std() - 1) < 0.02
    assert inside.mean() == pytest.approx(1 / n_blocks)
    assert values[~inside].std() == pytest.approx(0.01, rel=0.02)


def test_noise_leaves_the_blocks_alone():
    faint, loud, none = (
        block_diagonal(3, np.random.default_rng(2), size=31, noise=noise) for noise in (0.01, 0.5, 0)
    )
    for group in block_slices(31, 3):
        assert np.array_equal(faint[group, group], loud[group, group])
        assert np.array_equal(faint[group, group], none[group, group])
    assert np.allclose(loud[:5, 20:], 50 * faint[:5, 20:])


@pytest.mark.parametrize("n_blocks", [0, 5, -1])
def test_a_number_of_blocks_that_does_not_fit_is_refused(n_blocks):
    with pytest.raises(ValueError, match=f"n_blocks={n_blocks}.*between 1 and size=4"):
        block_diagonal(n_blocks, np.random.default_rng(0), size=4)


def test_negative_noise_is_refused():
    with pytest.raises(ValueError, match="noise=-1"):
        block_diagonal(2, np.random.default_rng(0), size=4, noise=-1)
