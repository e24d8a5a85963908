"""The transforms against SciPy."""

import numpy as np
import pytest
import scipy.fft
import scipy.linalg

from fourmasks.sparse.butterflies.transforms import TRANSFORMS, bit_reversal, dct2, dft, folding, hadamard


@pytest.mark.parametrize("n", [2, 8, 64])
def test_matrices(n):
    assert np.array_equal(hadamard(n).matrix, scipy.linalg.hadamard(n))
    assert np.abs(dft(n).matrix - scipy.linalg.dft(n)).max() < 1e-12
    assert np.abs(2 * dct2(n).matrix - scipy.fft.dct(np.eye(n), type=2, axis=0)).max() < 1e-13


@pytest.mark.parametrize("name", TRANSFORMS)
def test_the_matrix_from_its_butterfly_form(name):
    transform = TRANSFORMS[name](16)
    assert np.abs(transform.matrix_from(transform.butterfly) - transform.matrix).max() < 1e-14
    assert sorted(transform.order) == list(range(16))


def test_permutations():
    assert bit_reversal(8).tolist() == [0, 4, 2, 6, 1, 5, 3, 7]
    assert np.array_equal(bit_reversal(64)[bit_reversal(64)], np.arange(64))
    assert folding(8).tolist() == [0, 7, 1, 6, 2, 5, 3, 4]
    for make in (*TRANSFORMS.values(), folding, bit_reversal):
        with pytest.raises(ValueError, match="n = 6: expected a power of two"):
            make(6)
