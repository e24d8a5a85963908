"""The two ends of a network on sparse rows: a first layer and a softmax over all items, with their gradients.

Neither makes a dense matrix of the rows. Products with them are sums of rows of the dense factor,
`embedding_bag` in both directions, which goes through the stored entries alone. Gradients as long as there
are items go into memory that is kept from step to step: on the CPU fresh pages for them would cost about as
much as the optimizer.
"""

from collections.abc import Iterator
from functools import cached_property

import numpy as np
import scipy.sparse
import torch
from torch.nn.functional import embedding_bag

CHUNK = 16  # rows of logits whose softmax is taken at once, so that they stay in the cache
PART = 2**20  # numbers of a gradient that are computed at once, in memory that is used again for the next


def dropped(
    matrix: scipy.sparse.csr_array, rate: float, generator: torch.Generator
) -> scipy.sparse.csr_array:
    """Return the matrix (n, J) with each stored entry left out with probability `rate`.

    A zero that is dropped is a zero, so that this is dropout of the dense rows, but for the factor 1 / (1 -
    rate) of what stays.
    """
    kept = (torch.rand(matrix.nnz, generator=generator) >= rate).numpy()
    starts = np.concatenate([[0], np.cumsum(kept)])[matrix.indptr].astype(matrix.indptr.dtype)
    return scipy.sparse.csr_array((matrix.data[kept], matrix.indices[kept], starts), shape=matrix.shape)


def input_rows(
    matrix: scipy.sparse.csr_array,
    dropout: float = 0.0,
    generator: torch.Generator | None = None,
    *,
    device=None,
    dtype=torch.float32,
) -> "SparseRows":
    """Return what the encoders take of binary rows (n, J): divided by their norms, then with dropout.

    A row without entries stays as it is.
    """
    scale = 1 / (np.sqrt(np.maximum(np.diff(matrix.indptr), 1)) * (1 - dropout))
    pattern = dropped(matrix, dropout, generator) if dropout else matrix
    return SparseRows(pattern, torch.as_tensor(scale), device=device, dtype=dtype)


class SparseRows:
    """A sparse matrix S whose entries are the same along each row, for products with dense ones.

    Parameters
    ----------
    matrix : csr_array of shape (n, J)
        Where its stored entries are; their values do not matter.
    scale : Tensor of shape (n,), optional
        What they are; by default 1.
    device : torch.device, optional
    dtype : torch.dtype, default torch.float32

    Attributes
    ----------
    shape : tuple of int
    row_sizes : Tensor of shape (n,)
        How many entries each row has.
    """

    def __init__(self, matrix: scipy.sparse.csr_array, scale=None, *, device=None, dtype=torch.float32):
        self.shape, self._matrix, self._device = matrix.shape, matrix, device
        self.row_sizes = torch.as_tensor(np.diff(matrix.indptr), device=device, dtype=dtype)
        self._scale = None if scale is None else scale.to(device, dtype)[:, None]

    @cached_property
    def rows(self) -> torch.Tensor:
        """The rows (nnz,) of the entries, row by row."""
        return torch.repeat_interleave(self.row_sizes.long())

    @cached_property
    def columns(self) -> torch.Tensor:
        """Their columns (nnz,)."""
        return torch.as_tensor(self._matrix.indices, device=self._device).long()

    def times(self, dense: torch.Tensor) -> torch.Tensor:
        """Return S D (n, r) for a dense D (J, r)."""
        sums = self._sums(dense, self._matrix.indices, self._matrix.indptr)
        return sums if self._scale is None else sums.mul_(self._scale)

    def transposed_times(self, dense: torch.Tensor) -> torch.Tensor:
        """Return Sᵀ D (J, r) for a dense D (n, r)."""
        return torch.cat([part for _, part in self.transposed_parts(dense)])

    def transposed_parts(self, dense: torch.Tensor) -> Iterator[tuple[slice, torch.Tensor]]:
        """Yield Sᵀ D (J, r) in parts of bounded size: which rows, and these."""
        dense = dense if self._scale is None else self._scale * dense
        size = max(1, PART // dense.shape[1])
        starts, places = self._transposed.indptr, self._transposed.indices
        for first in range(0, self.shape[1], size):
            here = starts[first : first + size + 1]
            part = self._sums(dense, places[here[0] : here[-1]], here - here[0])
            yield slice(first, first + size), part

    @cached_property
    def _transposed(self):
        return self._matrix.tocsc()  # its arrays are those of the transposed matrix by rows

    def _sums(self, dense, places, starts):
        places, starts = (
            torch.as_tensor(part.astype(np.int32, copy=False), device=self._device)
            for part in (places, starts)
        )
        # Detached: with a gradient in view embedding_bag prepares a backward pass that nobody asks for.
        return embedding_bag(places, dense.detach(), starts, mode="sum", include_last_offset=True)


class Memory:
    """Tensors that are kept from step to step. What is in one is lost when it is asked for again."""

    def __init__(self):
        self._tensors = {}

    def empty(self, name: str, shape: tuple[int, ...], like: torch.Tensor) -> torch.Tensor:
        """Return the tensor of that name, with any content, at least as long as before in its first axis."""
        found = self._tensors.get(name)
        if found is None or len(found) < shape[0] or found.shape[1:] != shape[1:]:
            self._tensors[name] = found = like.new_empty(shape)
        return found[: shape[0]]

    def clear(self) -> None:
        """Give all of it back."""
        self._tensors.clear()


def sparse_product(rows: SparseRows, dense: torch.Tensor, memory: Memory | None = None) -> torch.Tensor:
    """Return S D (n, r), differentiable in the dense D (J, r).

    With a `memory` the gradient lies there: it may be computed once per step, and is gone with the next.
    """
    return _Product.apply(rows, dense, memory)


def multinomial_nll(
    hidden: torch.Tensor,
    weight: torch.Tensor,
    bias: torch.Tensor,
    targets: SparseRows,
    memory: Memory | None = None,
) -> torch.Tensor:
    r"""Return :math:`-\sum_j x_{uj} \log \mathrm{softmax}_j(W h_u + b)` for each row u (Liang et al., Eq. 2).

    The gradient by the logits, :math:`n_u \, \mathrm{softmax} - x_u`, takes the place of the logits at once.

    Parameters
    ----------
    hidden : Tensor of shape (n, H)
    weight : Tensor of shape (J, H)
    bias : Tensor of shape (J,)
    targets : SparseRows
        x, shape (n, J), each row with ones.
    memory : Memory, optional
        Where logits and gradient lie: one backward pass after each forward pass, and before the next.

    Returns
    -------
    Tensor of shape (n,)
        Differentiable in `hidden`, `weight` and `bias`.
    """
    return _Multinomial.apply(hidden, weight, bias, targets, memory)


class _Product(torch.autograd.Function):
    @staticmethod
    def forward(ctx, rows, dense, memory):
        ctx.rows, ctx.memory, ctx.n = rows, memory or Memory(), len(dense)
        return rows.times(dense)

    @staticmethod
    def backward(ctx, gradient):
        by_dense = ctx.memory.empty("gradient", (ctx.n, gradient.shape[1]), gradient)
        for rows, part in ctx.rows.transposed_parts(gradient.contiguous()):
            by_dense[rows] = part
        # Detached, since autograd takes over a tensor that nobody else holds, and copies any other.
        return None, by_dense.detach(), None


class _Multinomial(torch.autograd.Function):
    @staticmethod
    def forward(ctx, hidden, weight, bias, targets, memory):
        memory = memory or Memory()
        logits = memory.empty("logits", (len(hidden), len(weight)), hidden)
        torch.addmm(bias, hidden, weight.T, out=logits)
        places = targets.rows * logits.shape[1] + targets.columns
        likelihoods = hidden.new_zeros(len(hidden))
        at_positives = hidden.new_empty(len(places))
        first = 0
        bounds = np.append(targets.row_sizes.cumsum(0).long().cpu().numpy()[CHUNK - 1 :: CHUNK], len(places))
        for start, last in zip(range(0, len(logits), CHUNK), bounds, strict=False):
            chunk = logits[start : start + CHUNK]
            log_probabilities = torch.log_softmax(chunk, 1)
            at_positives[first:last] = log_probabilities.view(-1)[places[first:last] - start * len(weight)]
            torch.exp(log_probabilities, out=chunk).mul_(targets.row_sizes[start : start + CHUNK, None])
            first = last
        likelihoods.index_add_(0, targets.rows, at_positives)
        logits.view(-1)[places] -= 1
        ctx.save_for_backward(hidden, weight)
        ctx.by_logits, ctx.memory = logits, memory
        return -likelihoods

    @staticmethod
    def backward(ctx, gradient):
        hidden, weight = ctx.saved_tensors
        by_hidden = by_weight = by_bias = None
        if ctx.needs_input_grad[0]:
            by_hidden = (ctx.by_logits @ weight) * gradient[:, None]
        if ctx.needs_input_grad[1]:
            by_weight = ctx.memory.empty("gradient", weight.shape, weight)
            torch.mm(ctx.by_logits.T, hidden * gradient[:, None], out=by_weight)
            by_weight = by_weight.detach()  # as above
        if ctx.needs_input_grad[2]:
            by_bias = ctx.by_logits.T @ gradient
        return by_hidden, by_weight, by_bias, None, None


class SparseLinear(torch.nn.Module):
    """The first layer x W + b on sparse rows x, with W (J, H) and b (H,)."""

    def __init__(self, weight: torch.Tensor, bias: torch.Tensor):
        super().__init__()
        self.weight, self.bias = torch.nn.Parameter(weight), torch.nn.Parameter(bias)
        self.memory = Memory()

    def forward(self, rows: SparseRows) -> torch.Tensor:
        return sparse_product(rows, self.weight, self.memory) + self.bias


class MultinomialOutput(torch.nn.Module):
    """The last layer: logits W h + b of all items, with W (J, H) and b (J,), and their likelihood."""

    def __init__(self, weight: torch.Tensor, bias: torch.Tensor):
        super().__init__()
        self.weight, self.bias = torch.nn.Parameter(weight), torch.nn.Parameter(bias)
        self.memory = Memory()

    def nll(self, hidden: torch.Tensor, targets: SparseRows) -> torch.Tensor:
        """Return the negative log-likelihood (n,) of the rows, see `multinomial_nll`."""
        return multinomial_nll(hidden, self.weight, self.bias, targets, self.memory)

    def scores(self, hidden: torch.Tensor) -> torch.Tensor:
        """Return the logits (n, J)."""
        return torch.addmm(self.bias, hidden, self.weight.T)
