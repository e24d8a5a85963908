"""Products with the sparse matrix of who rated what, differentiable in the dense factors."""

import warnings

import numpy as np
import scipy.sparse
import torch


class Pattern:
    """The places of the ratings of some users (or items): a sparse matrix without its values.

    Parameters
    ----------
    matrix : csr_array of shape (M, N)
        Its n stored entries are the places, whatever their values.
    device : torch.device

    Attributes
    ----------
    rows, columns : Tensor, shape (n,)
        The places, row by row.
    starts : Tensor, shape (M + 1,)
        Where each row begins among them.
    row_sizes, column_sizes : Tensor of float32, shapes (M,) and (N,)
        How many there are.
    """

    def __init__(self, matrix: scipy.sparse.csr_array, device: torch.device):
        positions = scipy.sparse.csr_array(
            (np.arange(matrix.nnz, dtype=np.int32), matrix.indices, matrix.indptr), shape=matrix.shape
        )
        transposed = positions.T.tocsr()
        self.shape = matrix.shape
        self._rows = [torch.as_tensor(part, device=device) for part in (matrix.indptr, matrix.indices)]
        self._columns = [
            torch.as_tensor(part, device=device) for part in (transposed.indptr, transposed.indices)
        ]
        self._order = torch.as_tensor(transposed.data, device=device)
        self.row_sizes, self.column_sizes = self._rows[0].diff().float(), self._columns[0].diff().float()
        self.rows = torch.arange(matrix.shape[0], device=device).repeat_interleave(self._rows[0].diff())
        self.starts, self.columns = self._rows

    def with_values(self, values: torch.Tensor) -> torch.Tensor:
        """Return the sparse matrix (M, N) with these entries, shape (n,), in the order of its rows."""
        return _sparse(self._rows, values, self.shape)

    def transposed(self, values: torch.Tensor) -> torch.Tensor:
        """Return the transposed matrix (N, M) with the same entries."""
        return _sparse(self._columns, values[self._order], self.shape[::-1])

    def product(self, values: torch.Tensor, dense: torch.Tensor) -> torch.Tensor:
        """Return S D (M, r) for the sparse S with fixed entries `values` (n,) and a dense D (N, r)."""
        return _Product.apply(self, values, dense)

    def sampled(self, left: torch.Tensor, right: torch.Tensor) -> torch.Tensor:
        """Return the entries (n,) of L Rᵀ at these places, for dense L (M, r) and R (N, r)."""
        return _Sampled.apply(self, left, right)


def _sparse(places, values, shape):
    with warnings.catch_warnings():  # torch calls its sparse tensors a beta version, once per process
        warnings.simplefilter("ignore", UserWarning)
        return torch.sparse_csr_tensor(*places, values, shape, check_invariants=False)


class _Product(torch.autograd.Function):
    @staticmethod
    def forward(ctx, pattern, values, dense):
        ctx.pattern, ctx.values = pattern, values
        return pattern.with_values(values) @ dense

    @staticmethod
    def backward(ctx, gradient):
        return None, None, ctx.pattern.transposed(ctx.values) @ gradient


class _Sampled(torch.autograd.Function):
    @staticmethod
    def forward(ctx, pattern, left, right):
        ctx.pattern = pattern
        ctx.save_for_backward(left, right)
        empty = pattern.with_values(left.new_zeros(len(pattern._order)))
        return torch.sparse.sampled_addmm(empty, left, right.T, beta=0.0).values()

    @staticmethod
    def backward(ctx, gradient):
        left, right = ctx.saved_tensors
        pattern = ctx.pattern
        return None, pattern.with_values(gradient) @ right, pattern.transposed(gradient) @ left
