"""What models are fitted to: users' items as binary matrices, and ratings, checked before any work."""

from numbers import Integral

import numpy as np
import scipy.sparse

from fourmasks.system.arrays import plain_array

RATINGS = ("users", "items", "values", "shape", "scale")  # what models look at


def binary_matrix(name: str, matrix, n_items: int | None = None) -> scipy.sparse.csr_array:
    """Return a matrix as a `csr_array` of float32 ones, or raise ValueError saying what is wrong.

    Parameters
    ----------
    name : str
        What it is called in the message.
    matrix : sparse matrix, array or data frame
        Ones and zeros; a pair that is stored twice is a two, and refused.
    n_items : int, optional
        Columns that it should have.

    Returns
    -------
    csr_array
        A copy without stored zeros, the columns of a row in ascending order, with indices of 32 bits where
        these suffice.
    """
    given = matrix
    if not scipy.sparse.issparse(matrix):
        matrix = plain_array(name, matrix)
    if matrix.ndim != 2 or matrix.dtype.kind not in "biuf":
        raise ValueError(
            f"{name} is of type {type(given).__name__}, shape {matrix.shape} and dtype {matrix.dtype}:"
            " expected a matrix of ones and zeros, users by items, sparse or not"
        )
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
    if not isinstance(validation, tuple | list) or len(validation) != 2:
        raise ValueError(
            f"validation is of type {type(validation).__name__}: expected a pair of matrices, the items shown"
            " of held-out users and those to be found"
        )
    shown, targets = (
        binary_matrix(name, part, n_items)
        for name, part in zip(("validation's input", "validation's targets"), validation, strict=True)
    )
    if shown.shape != targets.shape:
        raise ValueError(f"validation has {shown.shape[0]} and {targets.shape[0]} users: expected the same")
    if not targets.nnz or shown.multiply(targets).nnz:
        raise ValueError("validation's targets: expected one at least, and none that is in the input")
    return shown, targets


def check_rated_pairs(name: str, ratings, shape: tuple[int, int] | None = None) -> None:
    """Raise ValueError unless users and items of ratings are what they should be, whatever the values.

    Parameters
    ----------
    name : str
        What they are called in the message.
    ratings : Ratings
    shape : tuple of int, optional
        That they should have.
    """
    if not all(hasattr(ratings, part) for part in RATINGS):
        raise ValueError(
            f"{name} is of type {type(ratings).__name__}: expected Ratings, as make_ratings gives"
        )
    if shape is not None and tuple(ratings.shape) != tuple(shape):
        raise ValueError(f"{name} has shape {tuple(ratings.shape)}: expected that of train, {tuple(shape)}")
    check_pairs(ratings.users, ratings.items, ratings.shape)


def check_parts(train, validation):
    """Return the ratings for validation, None if there are none; raise ValueError unless models take both."""
    check_ratings("train", train)
    if validation is None:
        return None
    check_rated_pairs("validation", validation, train.shape)
    if not len(validation.values):
        return None
    check_ratings("validation", validation)
    return validation


def check_ratings(name: str, ratings) -> None:
    """Raise ValueError unless a model can be fitted to these ratings; `name` is for the error."""
    check_rated_pairs(name, ratings)
    if not len(ratings.values):
        raise ValueError(f"{name} holds no ratings: expected at least one")
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
    users, items = plain_array("users", users), plain_array("items", items)
    if users.ndim != 1 or users.shape != items.shape:
        raise ValueError(f"users {users.shape} and items {items.shape}: expected two arrays of one length")
    return _numbers("user", users, shape[0]), _numbers("item", items, shape[1])


def check_users(users, n_users: int) -> np.ndarray:
    """Return numbers of users (m,) as int64, or raise ValueError saying what is wrong with them."""
    users = plain_array("users", users)
    if users.ndim != 1:
        raise ValueError(f"users have shape {users.shape}: expected an array (m,)")
    return _numbers("user", users, n_users)


def check_length(n, n_items: int) -> None:
    """Raise ValueError unless lists of n items are possible."""
    if isinstance(n, bool) or not isinstance(n, Integral) or not 1 <= n <= n_items:
        raise ValueError(f"n = {n!r}: expected an integer from 1 to {n_items}, the number of items")


def _numbers(kind, numbers, n):
    if numbers.dtype.kind not in "iu" and len(numbers):
        raise ValueError(f"{kind}s have dtype {numbers.dtype}: expected integers")
    wrong = (numbers < 0) | (numbers >= n)
    if wrong.any():
        place = int(wrong.argmax())
        raise ValueError(f"{kind} {numbers[place]} at position {place}: expected 0 to {n - 1}")
    return numbers.astype(np.int64)
