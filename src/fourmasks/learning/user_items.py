"""Users' items as recommenders take them: binary sparse matrices, checked before any work."""

import numpy as np
import scipy.sparse


def binary_matrix(name: str, matrix, n_items: int | None = None) -> scipy.sparse.csr_array:
    """Return a sparse matrix as a `csr_array` of float32 ones, or raise ValueError saying what is wrong.

    Parameters
    ----------
    name : str
        What it is called in the message.
    matrix : sparse matrix
        Ones and zeros; a pair that is stored twice is a two, and refused.
    n_items : int, optional
        Columns that it should have.

    Returns
    -------
    csr_array
        A copy without stored zeros, the columns of a row in ascending order, with indices of 32 bits where
        these suffice.
    """
    if not scipy.sparse.issparse(matrix) or matrix.ndim != 2:
        raise ValueError(f"{name} is of type {type(matrix).__name__}: expected a sparse matrix of scipy")
    if n_items is not None and matrix.shape[1] != n_items:
        raise ValueError(
            f"{name} has {matrix.shape[1]} columns: expected {n_items}, the items of the training"
        )
    matrix = scipy.sparse.csr_array(matrix, dtype=np.float32, copy=True)
    matrix.sum_duplicates()
    matrix.eliminate_zeros()
    wrong = matrix.data != 1
    if wrong.any():
        raise ValueError(f"{name} holds the value {matrix.data[wrong][0]}: expected ones and zeros")
    short = scipy.sparse.get_index_dtype(maxval=max(matrix.nnz, *matrix.shape))
    places = (part.astype(short, copy=False) for part in (matrix.indices, matrix.indptr))
    return scipy.sparse.csr_array((matrix.data, *places), shape=matrix.shape)


def training_matrix(matrix) -> scipy.sparse.csr_array:
    """Return the items of the training users, see `binary_matrix`; each user has one at least."""
    matrix = binary_matrix("train", matrix)
    empty = int((np.diff(matrix.indptr) == 0).sum())
    if empty or not matrix.shape[0]:
        raise ValueError(f"{empty} of {matrix.shape[0]} users of train have no items: leave them out")
    return matrix


def validation_matrices(validation, n_items: int) -> tuple[scipy.sparse.csr_array, scipy.sparse.csr_array]:
    """Return the items shown and the targets of held-out users, or raise ValueError."""
    shown, targets = (
        binary_matrix(name, part, n_items)
        for name, part in zip(("validation's input", "validation's targets"), validation, strict=True)
    )
    if shown.shape != targets.shape:
        raise ValueError(f"validation has {shown.shape[0]} and {targets.shape[0]} users: expected the same")
    if not targets.nnz or shown.multiply(targets).nnz:
        raise ValueError("validation's targets: expected one at least, and none that is in the input")
    return shown, targets
