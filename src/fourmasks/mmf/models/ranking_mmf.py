"""MMF for rankings, fitted to pairwise comparisons (paper, Section 5.4), and what is left of it unmasked."""

from dataclasses import dataclass

import torch

from fourmasks.baselines.ranking.fitting import Network, Ranker, bpr_loss, half_squares, normal, zeros
from fourmasks.learning.settings import check_settings
from fourmasks.mmf.models.masks import FAMILIES, Masks
from fourmasks.mmf.models.pairs import Pairs
from fourmasks.system.names import unknown

SHIFTS = ("learned", "zero", "constant")


@dataclass(eq=False, repr=False, kw_only=True)
class RankingMMF(Ranker):
    r"""Factors with masks on their latent dimensions.

    The score is :math:`c_i + \sum_r w_{ui}(r) U_{ur} V_{ir}`, with a bias of the item. The weights are
    :math:`w_{ui}(r) = \sum_k M_k^U(u, r) M_k^V(i, r)` (paper, Eq. 1 and 3). What `shifts` makes of them:

    - "learned": the masks of MMF, a shift for each user, item and mask, learned;
    - "zero": all shifts are zero: w depends on r alone;
    - "constant": as "zero", with the mean of w in place of w. No mask is left, only a rescaling.

    Parameters
    ----------
    rank : int, default 64
        Numbers that each user and each item has besides the bias: with learned shifts, R = rank - n_masks.
    shifts : {"learned", "zero", "constant"}, default "learned"
    n_masks : int, default 4
        K.
    mask : str, default "cosine"
        A key of `masks.FAMILIES`.
    shift_rate : float, default 0.1
        Adam's learning rate for the shifts, as a multiple of `learning_rate`.
    shift_spread : float, default 0.0
        The shifts start uniformly in [0, shift_spread), in units of the mask's argument.
    **others
        See `Ranker`.

    References
    ----------
    Park, Lee, Lee and Kang, "A Masked Mixture Model for Compact and Accurate Matrix Factorization", KDD 2026,
    Section 5.4, which gives the loss and no settings.
    """

    factor_scale: float = 0.3
    shifts: str = "learned"
    n_masks: int = 4
    mask: str = "cosine"
    shift_rate: float = 0.1
    shift_spread: float = 0.0

    def _make(self, train, generator):
        kind = _Masked if self.shifts == "learned" else _Weighted
        return kind(train.shape, self, generator)

    def _groups(self):
        network, rate = self._network, self.learning_rate
        shifts = [network.user_shifts, network.item_shifts] if self.shifts == "learned" else []
        others = [network.users, network.items, network.biases]
        return [{"params": others, "lr": rate}, {"params": shifts, "lr": self.shift_rate * rate}]

    def _check_settings(self):
        super()._check_settings()
        check_settings(self.get_params(), {"shifts": SHIFTS})
        if not (isinstance(self.mask, str) and self.mask in FAMILIES):
            raise ValueError(unknown("mask family", self.mask, FAMILIES))
        if self.shifts == "learned" and self.n_masks >= self.rank:
            raise ValueError(
                f"n_masks = {self.n_masks} leaves nothing of rank = {self.rank} for the factors:"
                f" give at most {self.rank - 1} masks"
            )


class _Masked(Network):
    """Masked factors are made for the users and items of a batch only, and multiplied at its pairs only."""

    def __init__(self, shape, settings, generator):
        super().__init__()
        n_masks, rank = settings.n_masks, settings.rank - settings.n_masks
        self._l2, self._settings = settings.l2, settings
        self._masks = Masks(settings.mask, n_masks, rank)
        spread = settings.shift_spread / (rank / 2)  # a shift is multiplied by R / 2 in the argument
        self.users, self.items = (normal((n, rank), settings.factor_scale, generator) for n in shape)
        self.user_shifts, self.item_shifts = (
            torch.nn.Parameter(spread * torch.rand(n, n_masks, generator=generator)) for n in shape
        )
        self.biases = zeros(shape[1])

    def _apply(self, function):
        """Move the parameters, and the masks with them."""
        super()._apply(function)
        like, n_masks, rank = self.users, self._masks.n_masks, self._masks.rank
        self._masks = Masks(self._settings.mask, n_masks, rank, device=like.device, dtype=like.dtype)
        return self

    def loss(self, users, liked, others, generator):
        pairs = Pairs(torch.cat((users, users)), torch.cat((liked, others)))
        u, v = self.users.index_select(0, pairs.users), self.items.index_select(0, pairs.items)
        left = self._table(u, self.user_shifts.index_select(0, pairs.users))
        right = self._table(v, self.item_shifts.index_select(0, pairs.items))
        biases = self.biases.index_select(0, pairs.items)[pairs.columns]
        scores = _Products.apply(pairs, left, right) + biases
        n = len(users)
        by_user, by_item = torch.bincount(pairs.rows[:n]), torch.bincount(pairs.columns)
        squares = (by_user * u.square().sum(1)).sum() + (by_item * v.square().sum(1)).sum()
        return bpr_loss(*scores.split(n)) + self._l2 * squares / (2 * n)

    def tables(self):
        return (self._table(self.items, self.item_shifts),)

    def scores(self, tables, users):
        return self._table(self.users[users], self.user_shifts[users]) @ tables[0].T + self.biases

    def _table(self, factors, shifts):
        return _MaskedFactors.apply(self._masks, factors, shifts)


class _MaskedFactors(torch.autograd.Function):
    """The rows [U ⊙ M_1 ... U ⊙ M_K] (n, K R) of factors (n, R) and shifts (n, K)."""

    @staticmethod
    def forward(ctx, masks, factors, shifts):
        values, slopes = masks.values_and_slopes(shifts)
        ctx.save_for_backward(factors, values, slopes)
        return (values * factors[:, None]).flatten(1)

    @staticmethod
    def backward(ctx, gradient):
        factors, values, slopes = ctx.saved_tensors
        gradient = gradient.view_as(values)
        by_shift = torch.einsum("nkr,nkr,nr->nk", gradient, slopes, factors)
        return None, (gradient * values).sum(1), by_shift


class _Products(torch.autograd.Function):
    """The scalar products at pairs."""

    @staticmethod
    def forward(ctx, pairs, left, right):
        ctx.pairs = pairs
        ctx.save_for_backward(left, right)
        return pairs.products(left, right)

    @staticmethod
    def backward(ctx, gradient):
        return None, *ctx.pairs.spread(gradient, *ctx.saved_tensors)


class _Weighted(Network):
    """The same with weights that all users and items share."""

    def __init__(self, shape, settings, generator):
        super().__init__()
        self._l2 = settings.l2
        self.users, self.items = (normal((n, settings.rank), settings.factor_scale, generator) for n in shape)
        self.biases = zeros(shape[1])
        values = Masks(settings.mask, settings.n_masks, settings.rank).values(
            torch.zeros(1, settings.n_masks)
        )
        weights = values[0].square().sum(0)
        weights = weights if settings.shifts == "zero" else weights.mean().expand(settings.rank)
        self.register_buffer("weights", weights.clone())

    def loss(self, users, liked, others, generator):
        u, v, w = (
            table.index_select(0, numbers)
            for table, numbers in ((self.users, users), (self.items, liked), (self.items, others))
        )
        weighted = u * self.weights
        scores = [
            (weighted * part).sum(1) + self.biases.index_select(0, numbers)
            for part, numbers in ((v, liked), (w, others))
        ]
        return bpr_loss(*scores) + self._l2 * half_squares(u, v, w)

    def tables(self):
        return self.users * self.weights, self.items

    def scores(self, tables, users):
        return super().scores(tables, users) + self.biases
