import os
import subprocess
import sys

import numpy as np
import pytest

from fourmasks.data.matrices import digest, load_matrix, matrix_names

real_data = pytest.mark.skipif(not os.environ.get("FOURMASKS_DATA"), reason="FOURMASKS_DATA is not set")


def svd_errors(values, ranks):
    """Relative Frobenius errors of the truncated SVD, from the eigenvalues of the smaller Gram matrix."""
    gram = values @ values.T if values.shape[0] < values.shape[1] else values.T @ values
    energy = np.linalg.eigvalsh(gram)[::-1].cumsum()
    return [float(np.sqrt(1 - energy[rank - 1] / energy[-1])) for rank in ranks]


def test_names():
    assert matrix_names() == [
        "s6", "s7", "s8", "s9", "s10", "h2", "h3", "h4", "h5", "h6", "h4-240",
        "digits", "yale-b", "reuters-21578",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "shape", "kind"),
    [("s6", (64, 64), "synthetic"), ("h4-240", (240, 240), "synthetic"), ("digits", (1797, 64), "real")],
)
def test_what_a_matrix_carries(name, shape, kind):
    matrix = load_matrix(name)
    assert matrix.name == name and matrix.kind == kind
    assert matrix.values.shape == shape
    assert matrix.values.dtype == np.float64 and matrix.values.flags.c_contiguous
    assert matrix.sha256 == digest(matrix.values)
    assert matrix.description and matrix.source


def test_the_committed_records_rest_on_these_values():
    assert load_matrix("s6").sha256 == "022416e242239f133eb7875c9c6a830683c35705a81fca272a89d247b6fca0f7"
    assert load_matrix("h4-240").sha256 == "2bf1267e276f37b01cdadbf87ccc7bf274ccba39acacef73596289b7a4dcc438"


def test_the_seed_matters_for_synthetic_matrices_only():
    assert load_matrix("s6", seed=1).sha256 != load_matrix("s6", seed=2).sha256
    assert load_matrix("s6", seed=1).sha256 == load_matrix("s6", seed=1).sha256
    assert load_matrix("digits", seed=1).sha256 == load_matrix("digits", seed=2).sha256


def test_only_block_matrices_have_row_groups():
    groups = load_matrix("h4-240").row_groups
    assert groups == tuple(slice(start, start + 60) for start in (0, 60, 120, 180))
    assert load_matrix("s6").row_groups is None


def test_the_digest_sees_the_shape_and_every_bit():
    values = np.arange(6.0).reshape(2, 3)
    assert digest(values) == digest(np.asfortranarray(values))
    assert digest(values) != digest(values.reshape(3, 2))
    nudged = values.copy()
    nudged[1, 1] = np.nextafter(4.0, 5.0)
    assert digest(values) != digest(nudged)


def test_an_unknown_name_gets_the_valid_ones_and_the_nearest():
    with pytest.raises(ValueError, match=r"'yaleb'.*s6, s7.*reuters-21578.*Did you mean 'yale-b'"):
        load_matrix("yaleb")


def test_synthetic_matrices_need_nothing_but_numpy():
    program = """
import sys
for name in "pooch h5py sklearn scipy yaml requests matplotlib pandas torch".split():
    sys.modules[name] = None
from fourmasks.data.matrices import load_matrix
print(load_matrix("h4-240").values.shape)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.stdout == "(240, 240)\n", done.stderr


@real_data
def test_yale_b_is_the_matrix_whose_svd_errors_are_known():
    matrix = load_matrix("yale-b")
    assert matrix.values.shape == (2016, 2414)
    assert matrix.values.min() == 0 and matrix.values.max() == 255
    if matrix.source == "YaleB.mat":
        assert matrix.sha256 == "6331fa667a4f2b06038ffa27d6e3908a6edd650068d9ff137ca4c01101cd2c96"
        assert svd_errors(matrix.values, (10, 20, 60)) == pytest.approx([0.2406, 0.2003, 0.1314], abs=5e-5)


@real_data
def test_reuters_is_as_sparse_as_the_paper_says_and_near_its_svd_errors():
    matrix = load_matrix("reuters-21578")
    assert matrix.sha256 == "2e0a5e62dae0f4784cd847fc29a987834b6c3371916497245da7084f53b56686"
    values = matrix.values
    assert values.shape == (2000, 3000)
    assert round(float((values != 0).mean()), 3) == 0.007
    assert np.count_nonzero(values) < (2000 + 3000) * 20
    lengths = np.linalg.norm(values, axis=1)
    assert np.allclose(lengths[lengths > 0], 1) and np.count_nonzero(lengths == 0) == 1
    reported = [0.9256, 0.8907, 0.8627, 0.8383, 0.8165, 0.7964]
    assert svd_errors(values, range(20, 121, 20)) == pytest.approx(reported, abs=0.0031)
