"""The network and the training of Multi-VAE (Liang et al., 2018), on which LambdaNet and RaCT build."""

from dataclasses import dataclass

import numpy as np
import torch

from fourmasks.baselines.top_n.layers import Layer, Rows
from fourmasks.baselines.top_n.training import NetworkRecommender


@dataclass(eq=False, repr=False, kw_only=True)
class VariationalRecommender(NetworkRecommender):
    r"""A variational autoencoder; subclasses say with which loss :math:`\ell` of the scores.

    A batch costs the mean of :math:`\ell + \beta\, KL(q(z | x) \| N(0, I))` with one z drawn for each user.
    Users are scored at the means of q.

    Parameters
    ----------
    hidden, latent : int, default 600 and 200
        The network is J - hidden - latent - hidden - J, with tanh.
    beta : float, default 0.2
        :math:`\beta` in the end.
    anneal_epochs : float, default 20.0
        Epochs in which it gets there, in equal steps from 0; with 0 it is `beta` from the start.
    **others
        See `NetworkRecommender`.
    """

    hidden: int = 600
    latent: int = 200
    beta: float = 0.2
    anneal_epochs: float = 20.0

    def _make(self, shape, generator):
        self._steps, self._steps_in_all = 0, self.anneal_epochs * np.ceil(shape[0] / self.batch_size)
        return VariationalAutoencoder(shape[1], self.hidden, self.latent, generator)

    def _loss(self, users, rows, generator):
        scores, divergence = self._network(rows, rows.kept(self.dropout, generator), generator)
        share = min(1.0, self._steps / self._steps_in_all) if self._steps_in_all else 1.0
        self._steps += 1
        return (self._losses(scores, rows, generator) + self.beta * share * divergence).mean()

    def _losses(self, scores: torch.Tensor, rows: Rows, generator: torch.Generator) -> torch.Tensor:
        """Return the loss (n,) of the scores (n, J), by default the multinomial likelihood."""
        return negative_log_likelihood(scores, rows)

    def _scores(self, rows):
        mean, _ = self._network.encode(rows, rows.normalised())
        return self._network.decode(mean)


class VariationalAutoencoder(torch.nn.Module):
    """J - hidden - latent - hidden - J with tanh."""

    def __init__(self, n_items: int, hidden: int, latent: int, generator: torch.Generator):
        super().__init__()
        self.first, self.posterior = (
            Layer(n_items, hidden, generator),
            Layer(hidden, 2 * latent, generator),
        )
        self.expand, self.output = Layer(latent, hidden, generator), Layer(hidden, n_items, generator)

    def forward(
        self, rows: Rows, kept: torch.Tensor, generator: torch.Generator
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Return the scores (n, J) of one sample, and the divergence (n,) from the prior.

        Parameters
        ----------
        rows : Rows
        kept : Tensor of shape (nnz,)
            What the entries of the normalised rows are multiplied by.
        generator : torch.Generator
            On the CPU, of the noise.
        """
        mean, log_variance = self.encode(rows, rows.normalised(kept))
        noise = torch.randn(mean.shape, generator=generator).to(mean)
        divergence = 0.5 * (mean.square() + log_variance.exp() - 1 - log_variance).sum(1)
        return self.decode(mean + noise * torch.exp(0.5 * log_variance)), divergence

    def encode(self, rows: Rows, values: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Return mean and log-variance (n, latent) for sparse rows with these entries (nnz,)."""
        return self.posterior(torch.tanh(self.first.sparse(rows, values))).chunk(2, dim=1)

    def decode(self, z: torch.Tensor) -> torch.Tensor:
        return self.output(torch.tanh(self.expand(z)))


def negative_log_likelihood(scores: torch.Tensor, rows: Rows) -> torch.Tensor:
    """Return minus the sums (n,) of the logarithmic softmax of the scores (n, J) at what users have."""
    return rows.sizes * scores.logsumexp(1) - rows.sums(scores[rows.users, rows.items])
