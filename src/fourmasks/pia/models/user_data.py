"""Users' items as the models take them: in batches, normalised and dropped out."""

from collections.abc import Iterator

import numpy as np
import scipy.sparse
import torch

from fourmasks.pia.models.sparse_layer import SparseRows, input_rows


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
