"""WARP: a linear autoencoder with the ranking loss of Weston et al. (2011)."""

from dataclasses import dataclass

import torch

from fourmasks.baselines.top_n.layers import Layer, Rows, half_squares
from fourmasks.baselines.top_n.training import NetworkRecommender


@dataclass(eq=False, repr=False, kw_only=True)
class WARP(NetworkRecommender):
    r"""Items that users have are to be ranked above others by a margin of 1, most of all at the top.

    WARP was made for vectors of users and items. A user who was not in the training has no vector, so that
    here a user's vector is the sum of vectors of the items shown: the network is linear, J - rank - J, with
    the L2-normalised row as its input and dropout. The PIA paper does not describe the WARP of its Table 1;
    the code published by Lobel et al. (2020), who have it beside LambdaNet too, puts it on this network.
    There the loss goes over all pairs with a margin of 0, here it is that of Weston et al.:

    For each item i that the user has, items are drawn from all until one, j, that the user has not has
    :math:`s_j > s_i - 1`. If it was the N-th, the loss is
    :math:`\Phi(\lfloor (J - 1) / N \rfloor) (1 - s_i + s_j)` with :math:`\Phi(k) = 1 + 1/2 + \ldots + 1/k`.
    The loss of a batch is the mean over users of the sums over their items.

    Parameters
    ----------
    rank : int, default 200
    trials : int, default 50
        Draws for each item at most; if none is ranked too high, the loss is 0.
    weight_decay : float, default 0.0
        Times half the squares of the weights, added to the loss of a batch.
    **others
        See `NetworkRecommender`.

    References
    ----------
    J. Weston, S. Bengio and N. Usunier. WSABIE: scaling up to large vocabulary image annotation. IJCAI 2011.
    S. Lobel, C. Li, J. Gao and L. Carin. RaCT: toward amortized ranking-critical training for collaborative
    filtering. ICLR 2020.
    """

    rank: int = 200
    trials: int = 50
    weight_decay: float = 0.0

    def _make(self, shape, generator):
        return LinearAutoencoder(shape[1], self.rank, generator)

    def _loss(self, users, rows, generator):
        scores = self._network(rows, rows.normalised(rows.kept(self.dropout, generator)))
        draws = torch.randint(rows.shape[1], (len(rows.items), self.trials), generator=generator)
        loss = warp_loss(scores, rows, draws.to(scores.device))
        return loss + self.weight_decay * half_squares(self._network) if self.weight_decay else loss

    def _scores(self, rows):
        return self._network(rows, rows.normalised())


class LinearAutoencoder(torch.nn.Module):
    """J - rank - J without a bend."""

    def __init__(self, n_items: int, rank: int, generator: torch.Generator):
        super().__init__()
        self.encoder, self.decoder = Layer(n_items, rank, generator), Layer(rank, n_items, generator)

    def forward(self, rows: Rows, values: torch.Tensor) -> torch.Tensor:
        """Return the scores (n, J) for sparse rows with these entries (nnz,)."""
        return self.decoder(self.encoder.sparse(rows, values))


def warp_loss(scores: torch.Tensor, rows: Rows, draws: torch.Tensor) -> torch.Tensor:
    """Return the loss of a batch, see `WARP`.

    Parameters
    ----------
    scores : Tensor of shape (n, J)
    rows : Rows
        What the users have.
    draws : Tensor of int64, shape (nnz, trials)
        Items drawn for each entry of `rows`, in this order. Those that the user has are no rivals.
    """
    own = scores[rows.users, rows.items]
    with torch.no_grad():
        rivals = scores.masked_fill(rows.dense().bool(), -torch.inf)
        too_high = rivals[rows.users[:, None], draws] > own[:, None] - 1
        first = too_high.int().argmax(1)
        counted = torch.arange(1, rows.shape[1] + 1, device=scores.device, dtype=scores.dtype)
        ranks = ((rows.shape[1] - 1) // (first + 1)).clamp(min=1)
        weights = too_high.any(1) * (1 / counted).cumsum(0)[ranks - 1]
    rival = scores[rows.users, draws.gather(1, first[:, None])[:, 0]]
    return (weights * (1 - own + rival)).sum() / rows.shape[0]
