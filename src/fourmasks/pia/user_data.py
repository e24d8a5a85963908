"""Users' items as the models take them: checked, in batches, normalised and dropped out."""

from collections.abc import Iterator

import numpy as np
import scipy.sparse
import torch

from fourmasks.pia.sparse_layer import SparseRows, input_rows


class UserData:
    """The training users, batch by batch, and what the networks take of them.

    Parameters
    ----------
    matrix : csr_array of shape (I, J)
    batch_size : int
    generator : torch.Generator
        Of the order of the users, of the dropout and of the noise of z, on the CPU and in this order.
    device : torch.device
    dtype : torch.dtype
    """

    def __init__(self, matrix, batch_size: int, generator: torch.Generator, device, dtype):
        ones = np.ones(matrix.nnz, np.int8)  # little to carry along
        self._matrix = scipy.sparse.csr_array((ones, matrix.indices, matrix.indptr), shape=matrix.shape)
        self._batch_size, self._generator = batch_size, generator
        self._where = {"device": device, "dtype": dtype}
        self.n_users = matrix.shape[0]
        self.n_batches = -(-self.n_users // batch_size)

    def batches(self) -> Iterator[np.ndarray]:
        """Yield the numbers (n,) of a batch's users; all users come once, in a random order."""
        order = torch.randperm(self.n_users, generator=self._generator).numpy()
        yield from np.split(order, range(self._batch_size, self.n_users, self._batch_size))

    def inputs(self, users: np.ndarray) -> SparseRows:
        """Return their normalised rows."""
        return input_rows(self._matrix[users], **self._where)

    def inputs_and_targets(self, users: np.ndarray, dropout: float) -> tuple[SparseRows, SparseRows]:
        """Return their normalised rows with dropout, and their rows with ones."""
        matrix = self._matrix[users]
        return input_rows(matrix, dropout, self._generator, **self._where), SparseRows(matrix, **self._where)

    def targets(self, users: np.ndarray) -> SparseRows:
        """Return their rows with ones."""
        return SparseRows(self._matrix[users], **self._where)

    def noise(self, n: int, latent: int) -> torch.Tensor:
        """Return standard normal numbers (n, latent)."""
        return torch.randn(n, latent, generator=self._generator).to(**self._where)


def binary_matrix(name: str, matrix, n_items: int | None = None) -> scipy.sparse.csr_array:
    """Return a sparse matrix as a `csr_array`, or raise ValueError saying what is wrong with it.

    Parameters
    ----------
    name : str
        What it is called in the message.
    matrix : sparse matrix
        Ones and zeros.
    n_items : int, optional
        Columns that it should have.
    """
    if not scipy.sparse.issparse(matrix) or matrix.ndim != 2:
        raise ValueError(f"{name} is of type {type(matrix).__name__}: expected a sparse matrix of scipy")
    if n_items is not None and matrix.shape[1] != n_items:
        raise ValueError(
            f"{name} has {matrix.shape[1]} columns: expected {n_items}, the items of the training"
        )
    matrix = scipy.sparse.csr_array(matrix)
    if not matrix.has_canonical_format:
        matrix = matrix.copy()
        matrix.sum_duplicates()
    wrong = matrix.data != 1
    if wrong.any():
        raise ValueError(f"{name} holds the value {matrix.data[wrong][0]}: expected ones and zeros")
    places = (part.astype(np.int32) for part in (matrix.indices, matrix.indptr))  # as the products want them
    return scipy.sparse.csr_array((matrix.data, *places), shape=matrix.shape)


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
