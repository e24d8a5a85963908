"""RecVAE, with and without the alignment of PIA."""

from dataclasses import dataclass

import numpy as np
import torch

from fourmasks.pia.models.networks import RecVAENetwork, composite_divergence, sample
from fourmasks.pia.models.vae_recommender import SCORED_AT_ONCE, VAERecommender


@dataclass(eq=False, repr=False, kw_only=True)
class RecVAE(VAERecommender):
    r"""RecVAE of Shenbin et al. (2020), and with `alignment="items"` RecVAE + PIA.

    It differs from Multi-VAE in five things: an encoder of five densely connected layers with a linear
    decoder; a composite prior, which has a part at the user's posterior under the encoder of the epoch
    before; a weight :math:`\beta_u = \gamma |S_u|` of the divergence; encoder and decoder updated in turn,
    `encoder_epochs` passes over the users for the one and `decoder_epochs` for the other; and no dropout for
    the decoder's. The divergence is estimated from the sample of z. The alignment belongs to the encoder's
    updates. What the decoder's objective does not depend on is not computed in its updates.

    The old posteriors are those at the start of the first epoch (of an encoder of its own in the reference
    implementation); they are computed once per epoch and kept, 2 x latent numbers for each user.

    Parameters
    ----------
    hidden, latent : int, default 600 and 200
    dropout : float, default 0.5
        Share of the input that is dropped in the encoder's updates.
    gamma : float, default 0.005
    encoder_epochs, decoder_epochs : int, default 3 and 1
    learning_rate : float, default 5e-4
    epochs : int, default 50
        Of `encoder_epochs` + `decoder_epochs` passes over the users each.
    alignment, alignment_weight, alignment_patience, alignment_scale, anchor_scale, batch_size, patience,
    dtype, random_state, device, verbose
        As in `MultiVAE`.

    Attributes
    ----------
    training_curve_ : list of float
        By epoch, the mean objective of a user in the encoder's updates.
    n_features_in_, feature_names_in_, n_parameters_, validation_curve_, alignment_curve_, best_epoch_,
    seconds_
        As in `MultiVAE`.

    References
    ----------
    I. Shenbin, A. Alekseev, E. Tutubalina, V. Malykh and S. I. Nikolenko. RecVAE: a new variational
    autoencoder for top-N recommendations with implicit feedback. WSDM, 2020.
    """

    gamma: float = 0.005
    encoder_epochs: int = 3
    decoder_epochs: int = 1
    learning_rate: float = 5e-4
    epochs: int = 50

    def _make(self, n_items, generator):
        return RecVAENetwork(n_items, self.hidden, self.latent, generator)

    def _begin(self, data):
        encoder = self._network.encoder_parameters() + self._learned_anchors()
        self._optimizers = (self._adam(encoder), self._adam(self._network.decoder_parameters()))
        self._old = self._posteriors(data)

    def _epoch(self, data):
        for parameter in self._network.decoder_parameters():
            parameter.requires_grad_(False)
        losses = [
            self._encoder_step(data, users) for _ in range(self.encoder_epochs) for users in data.batches()
        ]
        for parameter in self._network.decoder_parameters():
            parameter.requires_grad_(True)
        self._old = self._posteriors(data)
        for _ in range(self.decoder_epochs):
            for users in data.batches():
                self._decoder_step(data, users)
        return sum(losses) / (self.encoder_epochs * data.n_users)

    def _encoder_step(self, data, users):
        """Make a step of the encoder on a batch of users, and return the sum of their objectives."""
        inputs, targets = data.inputs_and_targets(users, self.dropout)
        mean, log_variance = self._network.encode(inputs)
        z = sample(mean, log_variance, data.noise(len(users), self.latent))
        old = (part[torch.as_tensor(users, device=part.device)] for part in self._old)
        divergence = composite_divergence(z, mean, log_variance, *old)
        loss = self._network.nll(z, targets) + self.gamma * targets.row_sizes * divergence
        loss = (loss + self._alignment_term(data, users, targets, mean, log_variance)).sum()
        _descend(self._optimizers[0], loss / len(users))
        return float(loss.detach())

    def _decoder_step(self, data, users):
        """Make a step of the decoder on a batch of users, their input as it is."""
        with torch.no_grad():
            mean, log_variance = self._network.encode(data.inputs(users))
            z = sample(mean, log_variance, data.noise(len(users), self.latent))
        _descend(self._optimizers[1], self._network.nll(z, data.targets(users)).mean())

    @torch.no_grad()
    def _posteriors(self, data):
        """Return mean and log-variance (I, latent) of all users, their input as it is."""
        users = np.arange(data.n_users)
        parts = [
            self._network.encode(data.inputs(part))
            for part in np.split(users, range(SCORED_AT_ONCE, len(users), SCORED_AT_ONCE))
        ]
        return tuple(torch.cat(part) for part in zip(*parts, strict=True))

    def _release(self, modules):
        super()._release(modules)
        del self._old


def _descend(optimizer, loss):
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
