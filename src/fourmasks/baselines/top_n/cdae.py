"""CDAE: a shallow denoising autoencoder with a node for each user (Wu et al., 2016)."""

from dataclasses import dataclass

import torch

from fourmasks.baselines.top_n.layers import Layer, Rows, half_squares
from fourmasks.baselines.top_n.training import NetworkRecommender


@dataclass(eq=False, repr=False, kw_only=True)
class CDAE(NetworkRecommender):
    r"""The scores of user u with items x are :math:`\tanh(W' \tanh(W \tilde x + v_u + b) + b')`.

    The input :math:`\tilde x` lacks a share of the items, the others being divided by 1 minus that share.
    As in Liang et al. (2018), both bends are tanh, batches are of users, and all entries count in the loss,

    .. math:: \sum_{i \in S_u} (1 - s_{ui})^2 + \nu \frac{|S_u|}{J - |S_u|} \sum_{i \notin S_u} s_{ui}^2,

    which is what :math:`\nu` sampled negatives for each item give on average in Wu et al.

    A user who was not in the training has no node :math:`v_u`: it is left out when users are scored, those of
    the training included. How the literature's tables deal with it is not stated. Without nodes in the
    training either (`user_nodes=False`) the model is a denoising autoencoder.

    Parameters
    ----------
    rank : int, default 200
        Width of the hidden layer.
    negatives : float, default 5.0
        :math:`\nu`.
    weight_decay : float, default 0.1
        Times half the squares of all weights and nodes, added to the loss summed over all users.
    user_nodes : bool, default True
    **others
        See `NetworkRecommender`.

    References
    ----------
    Y. Wu, C. DuBois, A. X. Zheng and M. Ester. Collaborative denoising auto-encoders for top-N recommender
    systems. WSDM 2016.
    """

    rank: int = 200
    negatives: float = 5.0
    weight_decay: float = 0.1
    user_nodes: bool = True

    def _make(self, shape, generator):
        self._n_users = shape[0]
        return ShallowAutoencoder(*shape, self.rank, self.user_nodes, generator)

    def _loss(self, users, rows, generator):
        nodes = self._network.nodes_of(torch.as_tensor(users, device=rows.sizes.device))
        scores = self._network(rows, rows.kept(self.dropout, generator), nodes)
        loss = weighted_squares(scores, rows, self.negatives).mean()
        return loss + self.weight_decay / self._n_users * half_squares(self._network)

    def _scores(self, rows):
        return self._network(rows, torch.ones_like(rows.items, dtype=rows.sizes.dtype))


class ShallowAutoencoder(torch.nn.Module):
    """J - rank - J with tanh twice; a user's node is added before the first, and starts at zero."""

    def __init__(self, n_users: int, n_items: int, rank: int, user_nodes: bool, generator: torch.Generator):
        super().__init__()
        self.encoder, self.decoder = Layer(n_items, rank, generator), Layer(rank, n_items, generator)
        self.nodes = torch.nn.Parameter(torch.zeros(n_users, rank)) if user_nodes else None

    def nodes_of(self, users: torch.Tensor) -> torch.Tensor | float:
        return 0.0 if self.nodes is None else self.nodes[users]

    def forward(self, rows: Rows, values: torch.Tensor, nodes: torch.Tensor | float = 0.0) -> torch.Tensor:
        """Return the scores (n, J) for sparse rows with these entries (nnz,) and nodes (n, rank)."""
        return torch.tanh(self.decoder(torch.tanh(self.encoder.sparse(rows, values) + nodes)))


def weighted_squares(scores: torch.Tensor, rows: Rows, negatives: float) -> torch.Tensor:
    """Return the loss (n,) of each user, without the weight decay, see `CDAE`."""
    own = scores[rows.users, rows.items]
    squares_of_own = rows.sums(own.square())
    weight = negatives * rows.sizes / (rows.shape[1] - rows.sizes).clamp(min=1)
    return rows.sums((1 - own).square()) + weight * (scores.square().sum(1) - squares_of_own)
