"""Checks of settings and data before any work; the messages name what is wrong."""

import math
from numbers import Integral, Real

import numpy as np
import scipy.sparse

from fourmasks.names import unknown

DTYPES = ("float32", "float64")
COUNTS = (
    "rank",
    "hidden",
    "latent",
    "iterations",
    "threads",
    "neighbours",
    "trials",
    "others",
    "batch_size",
    "epochs",
    "critic_epochs",
    "ranking_epochs",
    "patience",
)
POSITIVE = ("l2", "learning_rate", "critic_rate", "ranking_rate")
NOT_NEGATIVE = (
    "confidence",
    "graph_weight",
    "popularity_power",
    "weight_decay",
    "beta",
    "anneal_epochs",
    "negatives",
)


def check_settings(settings: dict) -> None:
    """Raise ValueError unless sizes are whole, penalties and rates numbers, and names known."""
    for name, value in settings.items():
        whole = isinstance(value, Integral) and not isinstance(value, bool)
        real = isinstance(value, Real) and not isinstance(value, bool) and math.isfinite(value)
        if name in COUNTS and not (whole and value >= 1):
            raise ValueError(f"{name} = {value!r}: expected an integer of at least 1")
        if name in POSITIVE and not (real and value > 0):
            raise ValueError(f"{name} = {value!r}: expected a finite number > 0")
        if name in NOT_NEGATIVE and not (real and value >= 0):
            raise ValueError(f"{name} = {value!r}: expected a finite number >= 0")
        if name == "dropout" and not (real and 0 <= value < 1):
            raise ValueError(f"{name} = {value!r}: expected a share from 0 on and below 1")
        if name == "user_nodes" and not isinstance(value, bool):
            raise ValueError(f"{name} = {value!r}: expected True or False")
        if name == "dtype" and value not in DTYPES:
            raise ValueError(unknown("dtype", value, DTYPES))
        if name == "random_state" and not (whole and value >= 0):
            raise ValueError(f"{name} = {value!r}: expected an integer of at least 0")


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


def binary_matrix(name: str, matrix, n_items: int | None = None) -> scipy.sparse.csr_array:
    """Return a sparse matrix as a `csr_array` of float32 ones, or raise ValueError.

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
        Without stored zeros, the columns of a row in ascending order.
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
    return matrix
