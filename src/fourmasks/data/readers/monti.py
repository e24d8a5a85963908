"""Flixster and Douban as Monti et al. (2017) split them: MATLAB 7.3 files, that is HDF5."""

from pathlib import Path

import numpy as np

from fourmasks.system.extras import required


def read_mat(path: Path) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, tuple[int, int]]:
    """Read the ratings `M` and the masks `Otraining` and `Otest`, users by items in MATLAB.

    Returns
    -------
    users, items : ndarray of int64, shape (n,)
        In the order of the users, then of the items.
    values : ndarray of float64, shape (n,)
    is_test : ndarray of bool, shape (n,)
        Whether the rating is in the test set.
    shape : tuple of int
        Number of users and of items, those without a rating included.

    Raises
    ------
    ValueError
        If the file is not HDF5, a variable is missing or not a matrix of numbers, they differ in shape, or
        a rating is both in the training and in the test set.
    """
    ratings, training, test = _read_matrices(path, ("M", "Otraining", "Otest"))
    if not ratings.shape == training.shape == test.shape:
        shapes = f"{ratings.shape}, {training.shape} and {test.shape}"
        raise ValueError(f"{path}: M, Otraining and Otest are {shapes}: expected one shape")
    training, test = training != 0, test != 0
    if n_both := np.count_nonzero(training & test):
        raise ValueError(f"{path}: {n_both} ratings are both in Otraining and in Otest: expected none")
    users, items = np.nonzero(training | test)
    return users, items, ratings[users, items], test[users, items], ratings.shape


def _read_matrices(path: Path, names: tuple[str, ...]) -> list[np.ndarray]:
    h5py = required("h5py")
    try:
        with h5py.File(path) as file:
            held, matrices = list(map(str, file)), [_matrix(file, name) for name in names]
    except Exception as error:  # damage, depending on where it is: a dozen kinds of errors
        raise ValueError(f"{path}: cannot be read as a MATLAB 7.3 (HDF5) file; get it again") from error
    for name, matrix in zip(names, matrices, strict=True):
        if matrix is None:
            raise ValueError(
                f"{path}: expected a full matrix {name!r} of numbers; it holds {', '.join(held)}"
            )
    return matrices


def _matrix(file, name: str) -> np.ndarray | None:
    """Return a variable of an HDF5 file, if it is a full matrix of numbers."""
    h5py = required("h5py")
    found = file.get(name)
    if not isinstance(found, h5py.Dataset) or found.ndim != 2 or found.dtype.kind not in "fiub":
        return None
    return np.ascontiguousarray(found[:].T)  # MATLAB writes column after column
