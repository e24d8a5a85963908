import gzip

import numpy as np
import pytest
import scipy.sparse
from scipy.io import mmwrite

from fourmasks.data import own_matrix
from fourmasks.data.files import parse
from fourmasks.data.matrices import load_matrix

VALUES = np.arange(12.0).reshape(4, 3)


def save(path, values=VALUES):
    """Write a matrix as the path's name says."""
    if path.name == "dense.npz":
        np.savez(path, anything=values)
    elif path.suffix == ".npz":
        scipy.sparse.save_npz(path, scipy.sparse.csr_array(values))
    elif path.suffix == ".mtx":
        mmwrite(path, scipy.sparse.coo_array(values) if "sparse" in path.name else values)
    else:
        np.save(path, values)
    return path


@pytest.mark.parametrize("name", ["a.npy", "dense.npz", "sparse.npz", "a.mtx", "sparse.mtx"])
@pytest.mark.parametrize("packed", [False, True])
def test_a_matrix_is_read_by_any_of_its_formats(tmp_path, name, packed):
    path = save(tmp_path / name)
    if packed:
        path = tmp_path / f"{name}.gz"
        path.write_bytes(gzip.compress((tmp_path / name).read_bytes()))
    assert np.array_equal(own_matrix.read(parse(str(path))), VALUES)
    matrix = load_matrix(str(path))
    assert matrix.kind == "real" and matrix.source == path.name


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (np.array([[1, np.nan], [2, 3]]), "the entry in row 1 and column 2 is nan: expected a finite number"),
        (np.ones((3, 3)), "all entries are 1: expected different ones"),
        (np.ones(4), r"of shape \(4,\): expected a matrix"),
        (np.ones((1, 4)), r"of shape \(1, 4\): expected a matrix"),
        (np.ones((2, 2), complex), "complex128"),
        (np.array([["a", "b"], ["c", "d"]]), "<U1"),
    ],
)
def test_what_is_no_matrix_of_numbers_is_refused(tmp_path, values, message):
    with pytest.raises(ValueError, match=f"a.npy: .*{message}"):
        load_matrix(str(save(tmp_path / "a.npy", values)))


def test_objects_are_never_unpickled(tmp_path):
    np.save(tmp_path / "a.npy", np.array([[print, 1], [2, 3]], object), allow_pickle=True)
    with pytest.raises(ValueError, match="a.npy: cannot be read as .npy: Object arrays cannot be loaded"):
        load_matrix(str(tmp_path / "a.npy"))


@pytest.mark.parametrize("name", ["a.npy", "a.npz", "a.mtx", "a.npy.gz"])
def test_a_damaged_file_is_named(tmp_path, name):
    (tmp_path / name).write_bytes(b"no such thing")
    with pytest.raises(ValueError, match=name):
        load_matrix(str(tmp_path / name))


def test_a_sparse_matrix_too_large_for_memory_is_refused_before_it_is_filled(tmp_path):
    huge = scipy.sparse.coo_array(([1.0], ([0], [0])), shape=(10**6, 10**6))
    scipy.sparse.save_npz(tmp_path / "a.npz", huge)
    with pytest.raises(ValueError, match="1000000 x 1000000 numbers"):
        load_matrix(str(tmp_path / "a.npz"))


@pytest.mark.parametrize("column", [99999999, -7])
def test_a_sparse_matrix_with_an_index_out_of_range_is_refused(tmp_path, column):
    np.savez(
        tmp_path / "a.npz",
        format=np.array(b"csr"), shape=np.array([2, 2]), data=np.array([1.0, 2.0]),
        indices=np.array([0, column]), indptr=np.array([0, 1, 2]),
    )  # fmt: skip
    with pytest.raises(ValueError, match="a.npz: cannot be read as .npz: .*indices"):
        load_matrix(str(tmp_path / "a.npz"))


def test_a_full_matrix_too_large_for_memory_is_refused_by_its_header(tmp_path):
    (tmp_path / "a.mtx").write_text("%%MatrixMarket matrix array real general\n100000 1000000\n1\n")
    with pytest.raises(ValueError, match="a.mtx: .*100000 x 1000000 numbers"):
        load_matrix(str(tmp_path / "a.mtx"))


@pytest.mark.parametrize(
    ("real", "named", "message"),
    [("dense.npz", "a.npy", "it holds what .npz files do"), ("a.npy", "dense.npz", "it is no zip archive")],
)
def test_a_format_under_the_name_of_the_other_is_refused(tmp_path, real, named, message):
    save(tmp_path / real).rename(tmp_path / named)
    with pytest.raises(ValueError, match=f"{named}: cannot be read as .*{message}"):
        load_matrix(str(tmp_path / named))


def test_supports(tmp_path):
    left, right = np.eye(4, 2), np.ones((3, 2))
    np.savez(tmp_path / "a.npz", left=left, right=right)
    np.savez(tmp_path / "b.npz", left=left, right=right, matrix=VALUES)
    np.savez(tmp_path / "c.npz", left=left)
    found = own_matrix.read_supports(tmp_path / "a.npz")
    assert np.array_equal(found[0], left) and np.array_equal(found[1], right) and found[2] is None
    assert np.array_equal(own_matrix.read_supports(tmp_path / "b.npz")[2], VALUES)
    with pytest.raises(ValueError, match="c.npz: holds left: expected the array 'right', too"):
        own_matrix.read_supports(tmp_path / "c.npz")


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"left": [[1, 0.5]]}, "a.npz, left: the entry in row 1 and column 2 is 0.5: expected 0 or 1"),
        (
            {"right": [1, 1]},
            r"a.npz: right holds int64 numbers of shape \(2,\): expected a matrix of 0 and 1",
        ),
        ({"right": [[1]]}, "a.npz: left has 2 columns and right 1: expected one for each atom in both"),
        ({"matrix": [[np.nan]]}, "a.npz, matrix: the entry in row 1 and column 1 is nan: expected a finite"),
        ({"matrix": [[1, 2]]}, r"a.npz: matrix holds .*of shape \(1, 2\): expected .*of shape \(1, 1\)"),
        ({"matrix": [["a"]]}, "a.npz: matrix holds <U1 numbers"),
    ],
)
def test_wrong_supports_are_refused_by_the_name_of_the_file(tmp_path, changed, message):
    np.savez(tmp_path / "a.npz", **({"left": [[1, 0]], "right": [[1, 1]]} | changed))
    with pytest.raises(ValueError, match=message):
        own_matrix.read_supports(tmp_path / "a.npz")
