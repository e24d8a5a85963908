"""LambdaNet: the network of Multi-VAE with the ranking loss LambdaRank (Burges et al., 2006)."""

from dataclasses import dataclass

import torch
from torch.nn.functional import softplus

from fourmasks.baselines.top_n.layers import Rows
from fourmasks.baselines.top_n.variational import VariationalRecommender


@dataclass(eq=False, repr=False, kw_only=True)
class LambdaNet(VariationalRecommender):
    r"""Pairs of items cost :math:`\Delta_{ij} \ln(1 + e^{s_j - s_i})`, where the user has i and not j.

    :math:`\Delta_{ij}` is the change in the NDCG of the list of all items if i and j change places, at the
    current scores; no gradient goes through it.

    The PIA paper does not describe the LambdaNet of its Table 1. The code published by Lobel et al. (2020),
    who have it beside WARP too, puts this loss on Multi-VAE in place of the likelihood and keeps the
    divergence. There all pairs count. Here, for each step and user, of the items j those in the first places
    of the list count, and as many drawn from the other places, which are weighted so that the sum over pairs
    is right on average: the cost is then mostly that of sorting.

    Parameters
    ----------
    others : int, default 50
        Items in the first places, and as many drawn; at most half of all items count as the first.
    **rest
        See `VariationalRecommender`.

    References
    ----------
    C. J. C. Burges, R. Ragno and Q. V. Le. Learning to rank with nonsmooth cost functions. NIPS 2006.
    S. Lobel, C. Li, J. Gao and L. Carin. RaCT: toward amortized ranking-critical training for collaborative
    filtering. ICLR 2020.
    """

    others: int = 50

    def _losses(self, scores, rows, generator):
        n_users, n_items = rows.shape
        first = min(self.others, n_items // 2)
        drawn = torch.randint(first, n_items, (n_users, first), generator=generator)
        places = torch.cat((torch.arange(first).expand(n_users, -1), drawn), dim=1).to(scores.device)
        weights = scores.new_ones(2 * first)
        weights[first:] = (n_items - first) / first
        return lambda_losses(scores, rows, places, weights)


def lambda_losses(
    scores: torch.Tensor, rows: Rows, places: torch.Tensor, weights: torch.Tensor
) -> torch.Tensor:
    """Return the loss (n,) of users, see `LambdaNet`.

    Parameters
    ----------
    scores : Tensor of shape (n, J)
    rows : Rows
        What the users have.
    places : Tensor of int64, shape (n, m)
        Where in the list the items stand against which they are held, from 0. What the user has does not
        count.
    weights : Tensor of shape (m,)
        Of these items.
    """
    n_items = scores.shape[1]
    with torch.no_grad():
        order = scores.sort(dim=1, descending=True, stable=True).indices
        discounts = 1 / torch.log2(torch.arange(2, n_items + 2, device=scores.device, dtype=scores.dtype))
        ideal = discounts.cumsum(0)[(rows.sizes.long() - 1).clamp(min=0)]
        gains = torch.empty_like(scores).scatter_(1, order, discounts.expand_as(scores))
        others = order.gather(1, places)
        counted = weights / ideal[:, None] * (1 - rows.dense().gather(1, others))
        changes = gains[rows.users, rows.items][:, None] - discounts[places][rows.users]
        changes = changes.abs_() * counted[rows.users]
    gaps = scores.gather(1, others)[rows.users] - scores[rows.users, rows.items][:, None]
    return rows.sums((changes * softplus(gaps)).sum(1))
