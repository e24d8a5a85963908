import h5py
import numpy as np
import pytest

from fourmasks.data.readers.monti import read_mat

RATINGS = np.array([[5, 0, 3.5], [0, 0, 0], [0.5, 2, 0], [0, 0, 4]])  # four users, three items
TEST = np.array([[0, 0, 1], [0, 0, 0], [1, 0, 0], [0, 0, 0]])
MATRICES = {"M": RATINGS, "Otraining": (RATINGS > 0) - TEST, "Otest": TEST}


def write(path, matrices):
    """Write a file as MATLAB 7.3 does: a header of 512 bytes, matrices column after column, a class each."""
    with h5py.File(path, "w", userblock_size=512) as file:
        for name, matrix in matrices.items():
            file.create_dataset(name, data=np.asarray(matrix, float).T, compression="gzip")
            file[name].attrs["MATLAB_class"] = np.bytes_("double")
        cells = file.create_dataset("cells", (2, 1), dtype=h5py.ref_dtype)
        cells[0, 0] = file["M"].ref if "M" in file else file.ref
        file.create_group("struct")
    with path.open("r+b") as file:
        file.write(b"MATLAB 7.3 MAT-file, Platform: GLNXA64".ljust(124))
    return path


def test_rows_are_users_and_the_masks_say_what_is_for_the_test(tmp_path):
    users, items, values, is_test, shape = read_mat(write(tmp_path / "a.mat", MATRICES))
    assert shape == (4, 3)
    found = list(zip(users.tolist(), items.tolist(), values.tolist(), is_test.tolist(), strict=True))
    assert found == [
        (0, 0, 5.0, False), (0, 2, 3.5, True), (2, 0, 0.5, True), (2, 1, 2.0, False), (3, 2, 4.0, False),
    ]  # fmt: skip


def test_what_no_mask_names_is_left_out(tmp_path):
    training = np.zeros_like(TEST)
    training[0, 0] = 1
    users, items, *_ = read_mat(write(tmp_path / "a.mat", MATRICES | {"Otraining": training}))
    assert users.tolist() == [0, 0, 2] and items.tolist() == [0, 2, 0]


@pytest.mark.parametrize("name", list(MATRICES))
def test_a_missing_variable_is_named(tmp_path, name):
    rest = {other: matrix for other, matrix in MATRICES.items() if other != name}
    message = f"a.mat: expected a full matrix '{name}' of numbers; it holds .*cells"
    with pytest.raises(ValueError, match=message):
        read_mat(write(tmp_path / "a.mat", rest))


@pytest.mark.parametrize("source", ["cells", "struct"])
def test_cells_and_structs_are_no_matrices(tmp_path, source):
    path = write(tmp_path / "a.mat", MATRICES)
    with h5py.File(path, "r+") as file:
        del file["Otest"]
        file["Otest"] = file[source]
    with pytest.raises(ValueError, match="a.mat: expected a full matrix 'Otest'"):
        read_mat(path)


def test_masks_that_overlap_are_refused(tmp_path):
    with pytest.raises(ValueError, match="a.mat: 2 ratings are both in Otraining and in Otest"):
        read_mat(write(tmp_path / "a.mat", MATRICES | {"Otraining": RATINGS > 0}))


def test_masks_of_another_shape_are_refused(tmp_path):
    with pytest.raises(ValueError, match=r"are \(4, 3\), \(4, 3\) and \(3, 4\): expected one shape"):
        read_mat(write(tmp_path / "a.mat", MATRICES | {"Otest": TEST.T}))


@pytest.mark.parametrize("content", [b"", b"MATLAB 5.0 MAT-file", b"\x89HDF\r\n\x1a\n" + bytes(50)])
def test_what_is_not_hdf5_is_refused(tmp_path, content):
    (tmp_path / "a.mat").write_bytes(content)
    with pytest.raises(ValueError, match=r"a.mat: cannot be read as a MATLAB 7.3 \(HDF5\) file"):
        read_mat(tmp_path / "a.mat")


def test_numbers_of_a_damaged_type_are_refused_by_the_name_of_the_file(tmp_path):
    path = tmp_path / "a.mat"
    with h5py.File(path, "w") as file:
        for name, matrix in MATRICES.items():
            file[name] = np.asarray(matrix, float)
    bias = b"\x34\x0b\x00\x34\xff\x03\x00"  # the end of what HDF5 says of a double is that of its exponent
    path.write_bytes(path.read_bytes().replace(bias, bias[:-1] + b"\4"))
    with pytest.raises(ValueError, match="a.mat: cannot be read as a MATLAB 7.3"):
        read_mat(path)
