"""Products of masked factors at the rated pairs only, and what residuals at these pairs send back.

Of the I x J entries of U_cat V_cat^T a batch needs n. The products here never form the others.
"""

import warnings

import torch

# A dense product is the quicker one where a batch fills its block of users and items this densely. A GPU
# multiplies so fast that most of the block may be wasted.
CELLS_PER_PAIR = {"cpu": 8, "cuda": 500, "mps": 500}


class Pairs:
    """The rated pairs of one batch.

    Parameters
    ----------
    users, items : Tensor of int64, shape (n,)
        Numbers of users and items among all.

    Attributes
    ----------
    users, items : Tensor of int64, shapes (m,) and (p,)
        The different users and items of the batch, ascending.
    rows, columns : Tensor of int64, shape (n,)
        Where in `users` and `items` each pair's are.
    """

    def __init__(self, users: torch.Tensor, items: torch.Tensor):
        self.users, self.rows = torch.unique(users, return_inverse=True)
        self.items, self.columns = torch.unique(items, return_inverse=True)
        cells, device = len(self.users) * len(self.items), users.device.type
        if cells <= CELLS_PER_PAIR[device] * len(users):
            self._products = _Dense(self)
        elif device == "cpu" and torch.backends.mkl.is_available():
            self._products = _Sparse(self)
        else:
            self._products = _Gathered(self)

    def products(self, left: torch.Tensor, right: torch.Tensor) -> torch.Tensor:
        """Return the scalar products (n,) of the pairs' rows of `left` (m, d) and `right` (p, d)."""
        return self._products.at(left, right)

    def spread(self, weights: torch.Tensor, left: torch.Tensor, right: torch.Tensor):
        """Return W `right` (m, d) and W^T `left` (p, d), where W (m, p) holds the pairs' weights (n,)."""
        return self._products.spread(weights, left, right)


class _Dense:
    def __init__(self, pairs):
        self._place = (pairs.rows, pairs.columns)
        self._shape = (len(pairs.users), len(pairs.items))

    def at(self, left, right):
        return (left @ right.T)[self._place]

    def spread(self, weights, left, right):
        matrix = weights.new_zeros(self._shape).index_put_(self._place, weights, accumulate=True)
        return matrix @ right, matrix.T @ left


class _Gathered:
    def __init__(self, pairs):
        self._rows, self._columns = pairs.rows, pairs.columns

    def at(self, left, right):
        return (left.index_select(0, self._rows) * right.index_select(0, self._columns)).sum(1)

    def spread(self, weights, left, right):
        weights = weights[:, None]
        to_left = torch.zeros_like(left).index_add_(0, self._rows, weights * right[self._columns])
        return to_left, torch.zeros_like(right).index_add_(0, self._columns, weights * left[self._rows])


class _Sparse:
    """By the sparse products of Intel's MKL, several times quicker than gathering."""

    def __init__(self, pairs):
        self._by_row = _Pattern(pairs.rows, pairs.columns, len(pairs.users), len(pairs.items))
        self._by_column = _Pattern(pairs.columns, pairs.rows, len(pairs.items), len(pairs.users))

    def at(self, left, right):
        pattern = self._by_row
        matrix = pattern.matrix(left.new_ones(len(pattern.order)))
        found = torch.sparse.sampled_addmm(matrix, left, right.T, beta=0).values()
        return torch.empty_like(found).index_copy_(0, pattern.order, found)

    def spread(self, weights, left, right):
        return self._by_row.matrix(weights) @ right, self._by_column.matrix(weights) @ left


class _Pattern:
    """Where a sparse matrix has its entries; `order` sorts the pairs by row."""

    def __init__(self, rows, columns, n_rows, n_columns):
        self.order = torch.argsort(rows, stable=True)
        self._starts = torch.zeros(n_rows + 1, dtype=torch.int64)
        torch.cumsum(torch.bincount(rows, minlength=n_rows), 0, out=self._starts[1:])
        self._columns = columns[self.order]
        self._shape = (n_rows, n_columns)

    def matrix(self, weights):
        with warnings.catch_warnings():  # torch calls its sparse tensors a beta version, once per process
            warnings.simplefilter("ignore", UserWarning)
            return torch.sparse_csr_tensor(
                self._starts, self._columns, weights[self.order], self._shape, check_invariants=False
            )
