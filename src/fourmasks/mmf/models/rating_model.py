"""MMF for ratings: mean, biases, masked factors, and the gradient of a batch (paper, Eq. 1, Section 5.3)."""

from typing import NamedTuple

import torch

from fourmasks.mmf.models.pairs import Pairs

# The table of masked factors of one chunk of pairs stays below this many numbers.
TABLE_SIZE = 2**23


class Side(NamedTuple):
    """The parameters of the users, or of the items: factors (n, R), shifts (n, K) or (n, 0), biases (n,)."""

    factors: torch.Tensor
    shifts: torch.Tensor
    biases: torch.Tensor


class RatingModel:
    r"""The prediction :math:`\mu + b_u + c_i + \sum_r w_{ui}(r) U_{ur} V_{ir}` at pairs, and its gradient.

    Parameters
    ----------
    users, items : Side
    mean : float
        :math:`\mu`, fixed.
    masks : RatingMasks, optional
        They give :math:`w_{ui}(r) = \sum_k M_k^U(u, r) M_k^V(i, r)`.
    orders : pair of Tensor, shapes (I, R) and (J, R), optional
        Each row's own order of the latent dimensions under its masks; default the same for all.
    weights : Tensor of shape (R,), optional
        In place of masks: w, the same for all pairs.
    """

    def __init__(self, users, items, mean, *, masks=None, orders=(None, None), weights=None):
        self.users, self.items, self.mean = users, items, mean
        self._masks, self._orders, self._weights = masks, orders, weights
        width = items.factors.shape[1] * (masks.n_masks if masks else 1)
        self.chunk = max(1024, TABLE_SIZE // width)

    def predict(self, users: torch.Tensor, items: torch.Tensor) -> torch.Tensor:
        """Return the predictions (n,) at pairs (n,), (n,), not clamped, a chunk at a time."""
        parts = [
            self._forward(Pairs(u, i))[0]
            for u, i in zip(users.split(self.chunk), items.split(self.chunk), strict=True)
        ]
        return torch.cat(parts) if parts else users.new_empty(0, dtype=self.users.factors.dtype)

    def scores(self, users: torch.Tensor) -> torch.Tensor:
        """Return the predictions (m, J) of some users, a few hundred at most, for all items."""
        left = self._masked(0, users).table
        items = torch.arange(len(self.items.biases), device=users.device)
        products = [left @ self._masked(1, part).table.T for part in items.split(self.chunk)]
        return self.mean + self.users.biases[users, None] + self.items.biases + torch.cat(products, 1)

    def add_gradient(self, gradient, users, items, ratings, ridge: float, bias_ridge: float) -> float:
        r"""Add a chunk's part of the gradient of its loss, and return that loss.

        The loss is :math:`\sum_n e_n^2 + \lambda (\lVert U_u \rVert^2 + \lVert V_i \rVert^2) + \lambda_b
        (b_u^2 + c_i^2)` over the chunk's pairs n = (u, i), with residuals e and two weights.
        """
        pairs = Pairs(users, items)
        prediction, left, right = self._forward(pairs)
        residuals = prediction - ratings
        to_left, to_right = pairs.spread(residuals, left.table, right.table)
        loss = residuals.square().sum()
        sides = (self.users, gradient[0], pairs.users, pairs.rows, left, to_left)
        others = (self.items, gradient[1], pairs.items, pairs.columns, right, to_right)
        for side, target, numbers, places, masked, table in (sides, others):
            counts = torch.bincount(places, minlength=len(numbers)).to(residuals.dtype)
            biases = side.biases[numbers]
            by_bias = torch.zeros_like(biases).index_add_(0, places, residuals) + bias_ridge * counts * biases
            by_factor, by_shift = masked.backward(table)
            by_factor += ridge * counts[:, None] * masked.factors
            target.biases.index_add_(0, numbers, 2 * by_bias)
            target.factors.index_add_(0, numbers, 2 * by_factor)
            if by_shift is not None:
                target.shifts.index_add_(0, numbers, 2 * by_shift)
            penalty = bias_ridge * biases.square() + ridge * masked.factors.square().sum(1)
            loss += (counts * penalty).sum()
        return float(loss)

    def _forward(self, pairs):
        left, right = self._masked(0, pairs.users), self._masked(1, pairs.items)
        biases = self.users.biases[pairs.users][pairs.rows] + self.items.biases[pairs.items][pairs.columns]
        return self.mean + biases + pairs.products(left.table, right.table), left, right

    def _masked(self, which, numbers):
        side, order = (self.users, self.items)[which], self._orders[which]
        factors = side.factors[numbers]
        if self._masks is not None:
            order = None if order is None else order[numbers]
            return _Masked(factors, *self._masks.values_and_slopes(side.shifts[numbers], order))
        ones = factors.new_ones(1, 1, 1)
        return _Masked(factors, self._weights[None, None] if which == 0 else ones, None)


class _Masked:
    """Some rows' factors (m, R) with their masks (m, K, R), or weights (1, 1, R) that all rows share."""

    def __init__(self, factors, masks, slopes):
        self.factors, self._masks, self._slopes = factors, masks, slopes
        self.table = (masks * factors[:, None]).flatten(1)

    def backward(self, table):
        """Return the gradient by the factors and by the shifts (None without) from that by the table."""
        table = table.view(len(self.factors), -1, self.factors.shape[1])
        by_factor = (table * self._masks).sum(1)
        if self._slopes is None:
            return by_factor, None
        return by_factor, torch.einsum("mkr,mkr,mr->mk", table, self._slopes, self.factors)
