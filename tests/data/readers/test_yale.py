import zipfile

import h5py
import numpy as np
import pytest
from scipy.io import savemat

from fourmasks.data.readers.yale import read_mat, read_pgm, read_zip


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def cells(blocks):
    content = np.empty((len(blocks), 2), dtype=object)
    for row, block in enumerate(blocks):
        content[row, 0], content[row, 1] = f"yaleB{row:02}", block
    return content


def pgm(image, comment=b""):
    height, width = image.shape
    return b"P5\n" + comment + b"%d %d\n255\n" % (width, height) + image.astype(np.uint8).tobytes()


def archive(path, members):
    with zipfile.ZipFile(path, "w") as file:
        for name, content in members.items():
            file.writestr(name, content)
    return path


def test_mat_blocks_are_joined_in_order(tmp_path, rng):
    blocks = [rng.integers(0, 256, (2016, n), dtype=np.uint8) for n in (3, 1, 2)]
    savemat(tmp_path / "YaleB.mat", {"YaleB": cells(blocks), "imSize": [48, 42]})
    values = read_mat(tmp_path / "YaleB.mat")
    assert values.dtype == np.float64
    assert np.array_equal(values, np.hstack(blocks))


def save_7_3(path, blocks):
    """Write the cell array as MATLAB's version 7.3 does: references, everything transposed."""
    with h5py.File(path, "w", userblock_size=512) as file:
        cells = file.create_dataset("YaleB", (2, len(blocks)), h5py.ref_dtype)
        for column, block in enumerate(blocks):
            for row, content in enumerate((np.frombuffer(b"yaleB", np.uint8)[:, None], block)):
                file[f"#refs#/{row}-{column}"] = content.T
                cells[row, column] = file[f"#refs#/{row}-{column}"].ref


def test_version_7_3_is_read(tmp_path, rng):
    blocks = [rng.integers(0, 256, (2016, n), dtype=np.uint8) for n in (3, 2)]
    save_7_3(tmp_path / "YaleB.mat", blocks)
    assert np.array_equal(read_mat(tmp_path / "YaleB.mat"), np.hstack(blocks))
    with h5py.File(tmp_path / "other.mat", "w") as file:
        file["faces"] = np.zeros((2, 2))
    with pytest.raises(ValueError, match="other.mat: expected a cell array 'YaleB'"):
        read_mat(tmp_path / "other.mat")


@pytest.mark.parametrize(
    "save", [lambda p, b: savemat(p, {"YaleB": cells(b)}, do_compression=True), save_7_3]
)
def test_a_damaged_mat_is_named(tmp_path, rng, save):
    path = tmp_path / "YaleB.mat"
    save(path, [rng.integers(0, 256, (2016, 2), dtype=np.uint8)])
    content = path.read_bytes()
    for part in (content[:100], content[: len(content) // 2], b"", b"no such file at all" * 20):
        path.write_bytes(part)
        with pytest.raises(ValueError, match="YaleB.mat: cannot be read as a MATLAB"):
            read_mat(path)


@pytest.mark.parametrize(
    ("place", "bit"),
    [(144, 4), (184, 1), (188, 8), (210, 1)],  # a class, a cell's type and size, its number of dimensions
)
def test_a_damaged_tag_is_named_before_scipy_crashes_on_it(tmp_path, rng, place, bit):
    path = tmp_path / "YaleB.mat"
    savemat(path, {"YaleB": cells([rng.integers(0, 256, (2016, 2), dtype=np.uint8)])})
    content = bytearray(path.read_bytes())
    content[place] ^= bit
    path.write_bytes(content)
    with pytest.raises(ValueError, match="YaleB.mat: cannot be read as a MATLAB"):
        read_mat(path)


def test_cells_that_become_an_object_by_damage_are_not_read(tmp_path):
    savemat(tmp_path / "YaleB.mat", {"YaleB": cells([np.zeros((2016, 2), np.uint8)])})
    content = bytearray((tmp_path / "YaleB.mat").read_bytes())
    content[144] ^= 16
    (tmp_path / "YaleB.mat").write_bytes(content)
    with pytest.raises(ValueError, match="YaleB.mat: "):
        read_mat(tmp_path / "YaleB.mat")


def test_mat_without_the_cells_is_refused(tmp_path):
    savemat(tmp_path / "other.mat", {"faces": np.zeros((2, 2))})
    with pytest.raises(ValueError, match="other.mat: expected a cell array 'YaleB'"):
        read_mat(tmp_path / "other.mat")


def test_mat_block_of_another_size_is_refused(tmp_path):
    savemat(tmp_path / "YaleB.mat", {"YaleB": cells([np.zeros((2016, 2)), np.zeros((1024, 2))])})
    with pytest.raises(ValueError, match=r"block 2 is \(1024, 2\), expected 2016 rows"):
        read_mat(tmp_path / "YaleB.mat")


def test_zip_keeps_the_good_faces_in_order_of_name(tmp_path, rng):
    small = {
        "yaleB01_P00A+000E+00.pgm": rng.integers(0, 256, (48, 42)),
        "yaleB01_P00A-005E+10.pgm": rng.integers(0, 256, (48, 42)),
        "yaleB39_P00A+120E-40.pgm": rng.integers(0, 256, (48, 42)),
    }
    members = {
        f"CroppedYale/{name[:7]}/{name}": pgm(np.kron(image, np.ones((4, 4))))
        for name, image in reversed(small.items())
    }
    members |= {
        "CroppedYale/": b"",
        "CroppedYale/yaleB01/yaleB01_P00_Ambient.pgm": pgm(np.zeros((480, 640))),
        "CroppedYale/yaleB11/yaleB11_P00A+050E-40.pgm.bad": b"damaged",
        "CroppedYale/yaleB11/yaleB11_P00.info": b"text",
        "__MACOSX/yaleB01/._yaleB01_P00A+000E+00.pgm": b"resource fork",
    }
    values = read_zip(archive(tmp_path / "CroppedYale.zip", members))
    assert values.shape == (2016, 3)
    for column, image in zip(values.T, small.values(), strict=True):
        assert np.array_equal(column.reshape(48, 42, order="F"), image)


def test_zip_images_shrink_to_the_rounded_mean_of_their_squares(tmp_path, rng):
    image = rng.integers(0, 256, (192, 168))
    path = archive(tmp_path / "CroppedYale.zip", {"yaleB01_P00A+000E+00.pgm": pgm(image)})
    reduced = read_zip(path)[:, 0].reshape(48, 42, order="F")
    assert reduced[0, 0] == round(image[:4, :4].mean())
    assert reduced[47, 41] == round(image[188:, 164:].mean())
    assert reduced[5, 40] == round(image[20:24, 160:164].mean())


def test_zip_image_of_another_size_is_refused(tmp_path):
    path = archive(tmp_path / "a.zip", {"yaleB01_P00A+000E+00.pgm": pgm(np.zeros((480, 640)))})
    with pytest.raises(ValueError, match=r"yaleB01_P00A\+000E\+00.pgm: \(480, 640\) pixels, expected"):
        read_zip(path)


def test_pgm_with_comments():
    image = np.arange(12).reshape(3, 4)
    assert np.array_equal(read_pgm(pgm(image, b"# a camera\n# 12 5\n"), "a.pgm"), image)


@pytest.mark.parametrize("content", [b"P2\n1 1\n255\n0", b"P5\n1 1\n65535\n00", b"P5" + b" " * 99, b""])
def test_what_is_not_an_eight_bit_pgm_is_refused(content):
    with pytest.raises(ValueError, match="a.pgm: not a binary 8-bit PGM"):
        read_pgm(content, "a.pgm")


def test_a_cut_pgm_is_refused():
    with pytest.raises(ValueError, match="11 pixels where its header promises 4 x 3"):
        read_pgm(pgm(np.zeros((3, 4)))[:-1], "a.pgm")


def test_a_damaged_version_7_3_is_named(tmp_path):
    path = tmp_path / "YaleB.mat"
    save_7_3(path, [np.zeros((2016, 1))])
    bias = b"\x34\x0b\x00\x34\xff\x03\x00"  # the end of what HDF5 says of a double is that of its exponent
    path.write_bytes(path.read_bytes().replace(bias, bias[:-1] + b"\4"))
    with pytest.raises(ValueError, match="YaleB.mat: cannot be read as a MATLAB 7.3"):
        read_mat(path)
