"""What the networks are made of: users' items as tensors, and layers that start from a generator's draws."""

import math

import numpy as np
import scipy.sparse
import torch
from torch.nn.functional import embedding_bag


class Rows:
    """The items of some users, on a device.

    Parameters
    ----------
    matrix : csr_array of shape (n, J)
        Ones and zeros.
    device : torch.device
    dtype : torch.dtype

    Attributes
    ----------
    shape : tuple of int
    starts : Tensor of int64, shape (n,)
        Where each user's entries begin.
    users, items : Tensor of int64, shape (nnz,)
        Of each entry, user by user; users are numbered from 0.
    sizes : Tensor of `dtype`, shape (n,)
        How many items each user has.
    """

    def __init__(self, matrix: scipy.sparse.csr_array, device: torch.device, dtype: torch.dtype):
        def moved(array):
            return torch.as_tensor(array.astype(np.int64), device=device)

        self.shape = matrix.shape
        sizes = np.diff(matrix.indptr)
        self.starts, self.items = moved(matrix.indptr[:-1]), moved(matrix.indices)
        self.users = moved(np.repeat(np.arange(len(sizes)), sizes))
        self.sizes = moved(sizes).to(dtype)

    def dense(self) -> torch.Tensor:
        """Return the rows (n, J), ones and zeros in the `dtype`."""
        rows = self.sizes.new_zeros(self.shape)
        rows[self.users, self.items] = 1
        return rows

    def sums(self, values: torch.Tensor) -> torch.Tensor:
        """Return the sums (n,) of the entries' values (nnz,)."""
        return values.new_zeros(self.shape[0]).index_add(0, self.users, values)

    def normalised(self, kept: torch.Tensor | None = None) -> torch.Tensor:
        """Return the entries (nnz,) of the rows divided by their norms, and only then times `kept` (nnz,)."""
        values = self.sizes.clamp(min=1).rsqrt()[self.users]
        return values if kept is None else values * kept

    def kept(self, dropout: float, generator: torch.Generator) -> torch.Tensor:
        """Return for each entry (nnz,) 0 with probability `dropout`, and 1 / (1 - dropout) otherwise.

        The draws are made on the CPU, so that a seed means the same on every device.
        """
        kept = torch.rand(len(self.items), generator=generator) >= dropout
        return kept.to(self.sizes) / (1 - dropout)


class Layer(torch.nn.Module):
    """x W + b, for dense or sparse rows x; W is drawn after Glorot and Bengio (2010), b starts at 0.

    W is drawn on the CPU in float32, so that a seed means the same on every device and precision.
    """

    def __init__(self, n_in: int, n_out: int, generator: torch.Generator):
        super().__init__()
        bound = math.sqrt(6 / (n_in + n_out))
        self.weight = torch.nn.Parameter(bound * (2 * torch.rand(n_in, n_out, generator=generator) - 1))
        self.bias = torch.nn.Parameter(torch.zeros(n_out))

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        return torch.addmm(self.bias, inputs, self.weight)

    def sparse(self, rows: Rows, values: torch.Tensor) -> torch.Tensor:
        """Return the layer's output (n, n_out) for sparse rows with these entries (nnz,)."""
        return self.bias + embedding_bag(
            rows.items, self.weight, rows.starts, mode="sum", per_sample_weights=values
        )


def half_squares(network: torch.nn.Module) -> torch.Tensor:
    """Return half the sum of the squares of all weights; biases do not count."""
    return (
        sum(parameter.square().sum() for name, parameter in network.named_parameters() if "bias" not in name)
        / 2
    )
