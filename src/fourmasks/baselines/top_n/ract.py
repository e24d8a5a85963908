"""RaCT: Multi-VAE that is trained on by a critic, which has learned to predict NDCG (Lobel et al., 2020)."""

from dataclasses import dataclass

import numpy as np
import scipy.sparse
import torch

from fourmasks.baselines.top_n.layers import Layer, Rows
from fourmasks.baselines.top_n.training import batches
from fourmasks.baselines.top_n.variational import VariationalRecommender, negative_log_likelihood
from fourmasks.learning.held_out_users import ndcg_of_users

CRITIC = (100, 100, 10)  # widths of its layers


@dataclass(eq=False, repr=False, kw_only=True)
class RaCT(VariationalRecommender):
    """Three phases: Multi-VAE, the actor, is trained; then the critic, with the actor as it is; then both.

    The critic is to predict the NDCG@100 that the actor reaches for a user on the items that dropout hides
    from it, those shown being left out of the list. It knows the negative log-likelihood of all of the user's
    items, the number of items shown, and that of items hidden. In the third phase each step first improves
    the critic, then the actor, which maximises the prediction; this depends on it through the likelihood
    alone. There is no divergence in that phase, as in the published code.

    What the critic knows is standardised by its mean and deviation over the training users after the first
    phase, where the published code has batch normalisation. Users of whom nothing is hidden do not count.

    The first phase ends as `epochs` and `patience` say, and its best epoch is gone on with. The third ends in
    the same way, and what is kept is the best epoch of both.

    Parameters
    ----------
    critic_epochs : int, default 10
        Of the second phase.
    ranking_epochs : int, default 20
        Of the third phase, at most.
    critic_rate, ranking_rate : float, default 1e-3 and 2e-5
        Adam's learning rates for the critic, and for the actor in the third phase. The published code has
        1e-4 and 2e-6, and 50 epochs for each phase, for data of some hundred batches and more.
    **others
        See `VariationalRecommender`. `dropout` must not be 0. `training_curve_` goes on with the squared
        error of the critic and with minus its mean prediction; `validation_curve_` leaves the second phase
        out.

    References
    ----------
    S. Lobel, C. Li, J. Gao and L. Carin. RaCT: toward amortized ranking-critical training for collaborative
    filtering. ICLR 2020.
    """

    critic_epochs: int = 10
    ranking_epochs: int = 20
    critic_rate: float = 1e-3
    ranking_rate: float = 2e-5

    def _fit(self, train, validation):
        if not self.dropout:
            raise ValueError(
                f"dropout = {self.dropout}: expected more than 0, or nothing is hidden to be found"
            )
        super()._fit(train, validation)

    def _train(self, train, trainer, generator):
        super()._train(train, trainer, generator)
        self._critic = self._make_critic(train, generator)
        improve_critic = self._minimising(self._error, self._critic.parameters(), self.critic_rate)
        improve_actor = self._minimising(torch.neg, self._network.parameters(), self.ranking_rate)

        def observe(users, rows, generator):
            with torch.no_grad():
                known, reached = observation(self._network, rows, self.dropout, generator)
            return improve_critic(known, reached)

        def rank(users, rows, generator):
            known, reached = observation(self._network, rows, self.dropout, generator)
            improve_critic(known.detach(), reached)
            return improve_actor(_where_hidden(self._critic(known), reached).mean())

        trainer.run(self._epoch(train, generator, observe), self.critic_epochs, scored=False)
        trainer.run(self._epoch(train, generator, rank), self.ranking_epochs)
        trainer.restore()

    def _error(self, known, reached):
        return _where_hidden(self._critic(known) - reached, reached).square().mean()

    @torch.no_grad()
    def _make_critic(self, train, generator):
        known = [
            observation(self._network, self._rows(train[users]), self.dropout, generator)[0]
            for users in batches(train.shape[0], self.batch_size, generator)
        ]
        deviation, mean = torch.std_mean(torch.cat(known), dim=0, correction=0)
        critic = Critic(generator).to(self._device, self._dtype)
        critic.mean, critic.deviation = mean, deviation.clamp(min=1e-6)
        return critic


class Critic(torch.nn.Module):
    """A network 3 - 100 - 100 - 10 - 1 with ReLU, and a sigmoid in the end."""

    def __init__(self, generator: torch.Generator):
        super().__init__()
        widths = (3, *CRITIC, 1)
        self.layers = torch.nn.ModuleList(
            Layer(n_in, n_out, generator) for n_in, n_out in zip(widths, widths[1:], strict=False)
        )
        self.register_buffer("mean", torch.zeros(3))
        self.register_buffer("deviation", torch.ones(3))

    def forward(self, known: torch.Tensor) -> torch.Tensor:
        """Return the predicted NDCG (n,) from what is known (n, 3)."""
        *layers, last = self.layers
        hidden = (known - self.mean) / self.deviation
        for layer in layers:
            hidden = layer(hidden).relu()
        return torch.sigmoid(last(hidden))[:, 0]


def observation(
    network: torch.nn.Module, rows: Rows, dropout: float, generator: torch.Generator
) -> tuple[torch.Tensor, torch.Tensor]:
    """Let the actor score users of whom some items are hidden.

    Returns
    -------
    known : Tensor of shape (n, 3)
        Negative log-likelihood of all items, number shown, number hidden.
    reached : Tensor of shape (n,)
        NDCG@100 on the hidden items; nan where there are none.
    """
    kept = rows.kept(dropout, generator)
    scores, _ = network(rows, kept, generator)
    is_shown = kept > 0
    shown = rows.sums(is_shown.to(kept))
    known = torch.stack((negative_log_likelihood(scores, rows), shown, rows.sizes - shown), dim=1)
    return known, _reached(scores.detach(), rows, is_shown.cpu().numpy())


def _reached(scores, rows, is_shown):
    users, items = rows.users.cpu().numpy(), rows.items.cpu().numpy()
    shown, hidden = (
        scipy.sparse.csr_array((np.ones(part.sum()), (users[part], items[part])), shape=rows.shape)
        for part in (is_shown, ~is_shown)
    )
    measured = np.flatnonzero(np.diff(hidden.indptr))
    reached = np.full(rows.shape[0], np.nan)
    if len(measured):
        some = scores.cpu().numpy()[measured]
        reached[measured] = ndcg_of_users(some, shown[measured], hidden[measured])
    return torch.as_tensor(reached, device=scores.device, dtype=scores.dtype)


def _where_hidden(values, reached):
    """Return the values of users with an NDCG, and 0 for the others."""
    return torch.where(reached.isnan(), 0.0, values)
