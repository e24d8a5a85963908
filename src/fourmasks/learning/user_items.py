"""What models are fitted to: users' items as binary matrices, and ratings, checked before any work."""

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


def check_ratings(name: str, ratings, shape: tuple[int, int] | None = None) -> None:
    """Raise ValueError unless ratings are such that a model can be fitted to them.

    Parameters
    ----------
    name : str
        What they are called in the message.
    ratings : Ratings
    shape : tuple of int, optional
        That they should have.
    """
    if shape is not None and tuple(ratings.shape) != tuple(shape):
        raise ValueError(f"{name} has shape {tuple(ratings.shape)}: expected that of train, {tuple(shape)}")
    if not len(ratings.values):
        raise ValueError(f"{name} holds no ratings: expected at least one")
    check_pairs(ratings.users, ratings.items, ratings.shape)
    lowest, highest = ratings.scale
    wrong = ~((ratings.values >= lowest) & (ratings.values <= highest))  # nan is in no range
    if wrong.any():
        place = int(wrong.argmax())
        raise ValueError(
            f"{name} holds the rating {ratings.values[place]} at position {place}:"
            f" expected {lowest} to {highest}, its scale"
        )
    places = np.sort(ratings.users * ratings.shape[1] + ratings.items)
    twice = places[:-1][places[:-1] == places[1:]]
    if len(twice):
        user, item = divmod(int(twice[0]), ratings.shape[1])
        raise ValueError(f"{name} holds two ratings of item {item} by user {user}: expected one, merge them")


def check_pairs(users, items, shape: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """Return pairs as two arrays of int64, or raise ValueError saying what is wrong with them."""
    users, items = np.asarray(users), np.asarray(items)
    if users.ndim != 1 or users.shape != items.shape:
        raise ValueError(f"users {users.shape} and items {items.shape}: expected two arrays of one length")
    for kind, numbers, n in (("user", users, shape[0]), ("item", items, shape[1])):
        if numbers.dtype.kind not in "iu" and len(numbers):
            raise ValueError(f"{kind}s have dtype {numbers.dtype}: expected integers")
        wrong = (numbers < 0) | (numbers >= n)
        if wrong.any():
            place = int(wrong.argmax())
            raise ValueError(f"{kind} {numbers[place]} at position {place}: expected 0 to {n - 1}")
    return users.astype(np.int64), items.astype(np.int64)
