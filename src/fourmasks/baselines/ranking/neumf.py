"""Neural matrix factorization (He et al., 2017)."""

from dataclasses import dataclass

import torch
from torch.nn import functional

from fourmasks.baselines.ranking.fitting import Network, Ranker, glorot, half_squares, normal, zeros

PAIRS_AT_ONCE = 2**14  # of a user and an item, when scores are computed: what fits in a core's cache


@dataclass(eq=False, repr=False, kw_only=True)
class NeuMF(Ranker):
    r"""A linear layer on :math:`u \odot v` beside the output of a small network on another pair of vectors.

    Half of each user's and each item's `rank` numbers go into the product, half into the network, whose three
    layers of rank / 2, rank / 4 and rank / 8 units halve its input, as in the paper. The loss is the paper's
    cross-entropy of single pairs, with one negative for each positive pair. Both parts are trained
    together from the start, without the paper's pretraining.

    Parameters
    ----------
    dropout : float, default 0.0
        Share of the inputs of each layer that are dropped in training.
    **others
        See `Ranker`; `rank` is to be a multiple of 8.

    References
    ----------
    He, Liao, Zhang, Nie, Hu and Chua, "Neural Collaborative Filtering", WWW 2017, Section 3.4.
    """

    dropout: float = 0.0

    def _make(self, train, generator):
        return _TwoParts(train.shape, self, generator)

    def _check_settings(self):
        super()._check_settings()
        if self.rank % 8:
            raise ValueError(f"rank = {self.rank}: expected a multiple of 8, because the layers halve")


class _TwoParts(Network):
    def __init__(self, shape, settings, generator):
        super().__init__()
        self._l2, self._dropout, self._half = settings.l2, settings.dropout, settings.rank // 2
        self.users, self.items = (normal((n, settings.rank), settings.factor_scale, generator) for n in shape)
        widths = [settings.rank, self._half, self._half // 2, self._half // 4]
        self.weights = torch.nn.ParameterList(
            glorot(n_in, n_out, generator) for n_in, n_out in zip(widths, widths[1:], strict=False)
        )
        self.biases = torch.nn.ParameterList(zeros(n) for n in widths[1:])
        self.output = glorot(self._half + widths[-1], 1, generator)
        self.bias = zeros(1)

    def loss(self, users, liked, others, generator):
        u, v, w = (
            table.index_select(0, numbers)
            for table, numbers in ((self.users, users), (self.items, liked), (self.items, others))
        )
        liked, others = self._pairs(u, v, generator), self._pairs(u, w, generator)
        entropy = functional.softplus(-liked).mean() + functional.softplus(others).mean()
        return entropy + self._l2 * half_squares(u, v, w)

    def tables(self):
        """Return what users and items bring to the product, and to the first layer before its bend."""
        first, half = self.weights[0], self._half
        users, items = self.users, self.items
        return (
            users[:, :half] * self.output[:half, 0],
            items[:, :half],
            users[:, half:] @ first[:half] + self.biases[0],
            items[:, half:] @ first[half:],
        )

    def scores(self, tables, users):
        u, v, deep_u, deep_v = tables
        few = max(1, PAIRS_AT_ONCE // len(v))
        products = u[users] @ v.T + self.bias
        deep = [self._deep((part[:, None] + deep_v).relu_()) for part in deep_u[users].split(few)]
        return products.add_(torch.cat(deep)) if deep else products

    def _pairs(self, u, v, generator):
        """Return the scores (n,) of pairs, whose vectors are (n, rank)."""
        half = self._half
        inputs = self._dropped(torch.cat((u[:, half:], v[:, half:]), 1), generator)
        hidden = (inputs @ self.weights[0] + self.biases[0]).relu()
        product = (u[:, :half] * v[:, :half]) @ self.output[:half, 0]
        return product + self._deep(hidden, generator) + self.bias

    def _deep(self, hidden, generator=None):
        for weight, bias in zip(self.weights[1:], self.biases[1:], strict=True):
            hidden = (self._dropped(hidden, generator) @ weight + bias).relu()
        return hidden @ self.output[self._half :, 0]

    def _dropped(self, values, generator):
        if not (self.training and self._dropout):
            return values
        kept = torch.rand(values.shape, generator=generator).to(values) >= self._dropout
        return values * kept / (1 - self._dropout)
