"""A matrix of one's own: NumPy, SciPy's sparse format or Matrix Market, packed or not."""

import io
from pathlib import Path

import numpy as np

from fourmasks.data.files import MATRICES, OwnFile, contents

MOST = 2**29  # numbers of a dense matrix, 4 GiB
ZIP = b"PK"  # what .npz files, which are zip archives, begin with


def read(source: OwnFile) -> np.ndarray:
    """Read a matrix, sparse ones too, as a dense one.

    Returns
    -------
    ndarray of float64, 2-D

    Raises
    ------
    DataNotFound
        If there is no such file.
    ValueError
        If it is none of these formats, is damaged, or is no matrix of finite numbers, two rows and columns at
        least, not all equal; the message names the file, the entry and the value.
    """
    path = source.path
    content, kind = contents(path)
    if kind not in MATRICES:
        raise ValueError(f"{path}: expected a matrix, a file that ends in {', '.join(MATRICES)}")
    try:
        found = READERS[kind](content)
    except Exception as error:  # each format stumbles in its own ways
        raise ValueError(
            f"{path}: cannot be read as {kind}: {error}; expected one matrix of numbers"
        ) from error
    if found.ndim != 2 or min(found.shape) < 2 or found.dtype.kind not in "fiub":
        raise ValueError(
            f"{path}: holds {found.dtype} numbers of shape {found.shape}: expected a matrix of real"
            " numbers with two rows and two columns at least"
        )
    if found.shape[0] * found.shape[1] > MOST:
        raise ValueError(f"{path}: {found.shape[0]} x {found.shape[1]} numbers: expected {MOST} at most")
    values = np.asarray(found if isinstance(found, np.ndarray) else found.toarray(), np.float64)
    _check_entries(str(path), values, np.isfinite(values), "a finite number")
    if (values == values[0, 0]).all():
        raise ValueError(f"{path}: all entries are {values[0, 0]:g}: expected different ones")
    return values


def read_supports(path: str | Path) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
    """Read the supports of two factors, and a matrix to factorize if there is one: `left`, `right`, `matrix`.

    Parameters
    ----------
    path : str or Path
        A `.npz` file, as `numpy.savez(path, left=..., right=...)` writes it.

    Raises
    ------
    DataNotFound
        If there is no such file.
    ValueError
        If it cannot be read or lacks one of the two; if they hold another number than 0 and 1, or differ in
        the number of their columns; or if the matrix is none of finite numbers with a row for each row of
        `left` and a column for each row of `right`.
    """
    content, kind = contents(Path(path).expanduser())
    if kind != ".npz":
        raise ValueError(f"{path}: expected supports, a file that ends in .npz")
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as file:
            found = {name: file[name] for name in file.files}
    except Exception as error:
        raise ValueError(f"{path}: cannot be read as .npz: {error}") from error
    if missing := [name for name in ("left", "right") if name not in found]:
        raise ValueError(
            f"{path}: holds {', '.join(found) or 'nothing'}: expected the array {missing[0]!r}, too"
        )
    left, right, matrix = found["left"], found["right"], found.get("matrix")
    for name, support in (("left", left), ("right", right)):
        if support.ndim != 2 or not support.size or support.dtype.kind not in "fiub":
            raise ValueError(
                f"{path}: {name} holds {support.dtype} numbers of shape {support.shape}: expected a matrix of"
                " 0 and 1"
            )
        _check_entries(f"{path}, {name}", support, (support == 0) | (support == 1), "0 or 1")
    if left.shape[1] != right.shape[1]:
        raise ValueError(
            f"{path}: left has {left.shape[1]} columns and right {right.shape[1]}: expected one for each atom"
            " in both"
        )
    if matrix is not None:
        shape = len(left), len(right)
        if matrix.shape != shape or matrix.dtype.kind not in "fiub":
            raise ValueError(
                f"{path}: matrix holds {matrix.dtype} numbers of shape {matrix.shape}: expected real numbers"
                f" of shape {shape}, a row for each of left and a column for each row of right"
            )
        _check_entries(f"{path}, matrix", matrix, np.isfinite(matrix), "a finite number")
    return left, right, matrix


def _check_entries(what: str, values: np.ndarray, right: np.ndarray, expected: str) -> None:
    """Raise ValueError, naming the first wrong entry of a matrix, unless all are right."""
    if not right.all():
        row, column = np.argwhere(~right)[0]
        raise ValueError(
            f"{what}: the entry in row {row + 1} and column {column + 1} is {values[row, column]}: expected"
            f" {expected}"
        )


def _npy(content: bytes):
    if content.startswith(ZIP):
        raise ValueError("it holds what .npz files do; name it so")
    return np.load(io.BytesIO(content), allow_pickle=False)


def _npz(content: bytes):
    import scipy.sparse

    if not content.startswith(ZIP):
        raise ValueError("it is no zip archive")
    with np.load(io.BytesIO(content), allow_pickle=False) as file:
        names = file.files
        if len(names) == 1:
            return file[names[0]]
    if "format" not in names:
        raise ValueError(f"it holds {', '.join(names)}")
    found = scipy.sparse.load_npz(io.BytesIO(content))
    if hasattr(found, "check_format"):  # scipy writes outside of the array where an index is out of range
        found.check_format(full_check=True)
    return found


def _mtx(content: bytes):
    from scipy.io import mminfo, mmread

    rows, columns, *_ = mminfo(io.BytesIO(content))
    if rows * columns > MOST:  # scipy takes the memory of a full matrix before it reads one
        raise ValueError(f"{rows} x {columns} numbers, more than {MOST}")
    return mmread(io.BytesIO(content))


READERS = {".npy": _npy, ".npz": _npz, ".mtx": _mtx}
