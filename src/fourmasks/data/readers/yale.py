"""Extended Yale B: 2414 faces of 48 x 42 pixels as the columns of a matrix."""

import re
from pathlib import Path

import numpy as np

from fourmasks.data.readers.archives import read_members
from fourmasks.data.readers.mat5 import check_cells
from fourmasks.system.extras import required

HEIGHT, WIDTH = 48, 42
EXPECTED = "expected a cell array 'YaleB' with two columns (subject, images)"
# Neither the pictures of the empty lit room (..._Ambient.pgm) nor those that the archive itself
# marks as damaged (....pgm.bad) have such a name.
FACE = re.compile(r"yaleB\d\d_P\d\dA[+-]\d{3}E[+-]\d\d\.pgm")


def read_mat(path: Path) -> np.ndarray:
    """Read `YaleB.mat`, whose cell array `YaleB` holds in its second column 2016 x n blocks of images.

    Returns
    -------
    ndarray of float64, shape (2016, number of images)
        Grey levels 0 to 255, one image a column, in the order of the file.

    Raises
    ------
    ValueError
        If the file cannot be read as one of MATLAB, has no such cell array, or a block has another height.
    """
    h5py = required("h5py")
    blocks = _cells_of_7_3(path) if h5py.is_hdf5(path) else _cells(path)
    for subject, block in enumerate(blocks, start=1):
        if block.ndim != 2 or block.shape[0] != HEIGHT * WIDTH:
            raise ValueError(f"{path}: block {subject} is {block.shape}, expected {HEIGHT * WIDTH} rows")
    return np.ascontiguousarray(np.hstack(blocks), dtype=np.float64)


def _cells(path: Path) -> list[np.ndarray]:
    """Return the second column of the cell array in a file of version 5 or 7."""
    from scipy.io import loadmat
    from scipy.io.matlab import matfile_version

    try:
        if matfile_version(path)[0] == 1:
            check_cells(path.read_bytes(), "YaleB")
        cells = loadmat(path, variable_names=["YaleB"]).get("YaleB")
    except Exception as error:  # scipy says what it stumbled over: a dozen kinds of errors
        raise ValueError(f"{path}: cannot be read as a MATLAB file; get it again") from error
    if cells is None or cells.ndim != 2 or cells.shape[1] < 2:
        raise ValueError(f"{path}: {EXPECTED}")
    return list(cells[:, 1])


def _cells_of_7_3(path: Path) -> list[np.ndarray]:
    """Return the same of a file of version 7.3, which is HDF5 and has every matrix transposed."""
    h5py = required("h5py")
    try:
        with h5py.File(path) as file:
            cells = file.get("YaleB")
            if isinstance(cells, h5py.Dataset) and cells.ndim == 2 and len(cells) >= 2:
                return [file[reference][:].T for reference in cells[1]]
    except Exception as error:  # damage, depending on where it is: a dozen kinds of errors
        raise ValueError(f"{path}: cannot be read as a MATLAB 7.3 (HDF5) file; get it again") from error
    raise ValueError(f"{path}: {EXPECTED}")


def read_zip(path: Path) -> np.ndarray:
    """Read the official archive of cropped images (PGM, 192 x 168) without unpacking it.

    Every image is reduced to 48 x 42 by the mean over its squares of 4 x 4 pixels, rounded to whole
    grey levels (halves to even), and written column after column as MATLAB does. Images are ordered
    by name. How the widespread 48 x 42 packing was reduced is not documented, so that the two
    readers agree in layout and order of magnitude, not in every grey level.

    Returns
    -------
    ndarray of float64, shape (2016, number of images)

    Raises
    ------
    ValueError
        If the archive is broken or unsafe (see `read_members`), an image has another size, or there
        is none.
    """
    images = read_members(path, FACE)
    return np.column_stack([_reduce(read_pgm(content, name), name) for name, content in images.items()])


def read_pgm(content: bytes, name: str) -> np.ndarray:
    """Read a binary 8-bit PGM image (`P5`), comments allowed, into a height x width array of uint8."""
    gap = rb"(?:\s|#[^\n]*\n)+"
    header = re.match(rb"P5" + gap + rb"(\d+)" + gap + rb"(\d+)" + gap + rb"(\d+)\s", content)
    if header is None or int(header[3]) > 255:
        raise ValueError(f"{name}: not a binary 8-bit PGM image")
    width, height = int(header[1]), int(header[2])
    pixels = np.frombuffer(content, np.uint8, offset=header.end())
    if pixels.size < width * height:
        raise ValueError(f"{name}: {pixels.size} pixels where its header promises {width} x {height}")
    return pixels[: width * height].reshape(height, width)


def _reduce(image: np.ndarray, name: str) -> np.ndarray:
    if image.shape != (4 * HEIGHT, 4 * WIDTH):
        raise ValueError(f"{name}: {image.shape} pixels, expected {(4 * HEIGHT, 4 * WIDTH)}")
    small = image.reshape(HEIGHT, 4, WIDTH, 4).mean(axis=(1, 3))
    return np.rint(small).ravel(order="F")
