"""Multi-VAE and PIA-VAE."""

from dataclasses import dataclass

from fourmasks.pia.models.networks import MultiVAENetwork, sample, standard_divergence
from fourmasks.pia.models.vae_recommender import VAERecommender


@dataclass(eq=False, repr=False, kw_only=True)
class MultiVAE(VAERecommender):
    r"""Multi-VAE of Liang et al. (2018), and with `alignment="items"` the PIA-VAE of this chapter's paper.

    The objective of a user with items :math:`S_u` and dropped-out, L2-normalised input :math:`x_h` is
    :math:`-\sum_{i \in S_u} \ln \mathrm{softmax}_i(f(z)) + \beta\, KL(q(z | x_h) \| N(0, I)) + \lambda_A L_A`
    with one sample z of q (Eq. 1, 2 and 8) and :math:`L_A` in closed form (Eq. 10). Input and gradient of the
    first layer are sparse.

    Parameters
    ----------
    hidden, latent : int, default 600 and 200
        The network is J - hidden - latent - hidden - J, with tanh.
    dropout : float, default 0.5
        Share of the input that is dropped; 0 is Setting 1 of the paper. (Its mask's :math:`\rho` in Eq. 2 is
        the share that stays.)
    beta : float, default 0.2
        Weight of the divergence in the end.
    anneal_epochs : float, default 170
        Epochs in which it gets there, in equal steps from 0; with 0 it is `beta` from the start. The default
        is what 200,000 steps to 1, cut at 0.2, come to for ML-20M (Liang et al.).
    alignment : {"none", "items", "zero", "frozen", "shuffled-users"}, default "none"
        PIA is "items"; the others are controls, see `Alignment`.
    alignment_weight : float, default 1.0
        :math:`\lambda_A` at the start.
    alignment_patience : int, default 5
        Epochs without a higher validation NDCG@100 (:math:`\rho` of Algorithm 1) after which
    alignment_scale : float, default 2.0
        multiplies the weight; 1 keeps it. See `WeightSchedule`.
    anchor_scale : float, default 1.0
        Standard deviation of the anchors' numbers at the start, as in torch.nn.Embedding.
    learning_rate : float, default 1e-3
        Adam's.
    batch_size : int, default 500
        Users per step.
    epochs : int, default 200
        At most.
    patience : int, optional
        Epochs without a higher validation NDCG@100 after which training stops; by default it does not.
    dtype : {"float32", "float64"}, default "float32"
    random_state : int, default 0
        The network's start, batches and noise do not depend on the alignment.
    device : str, default "cpu"
    verbose : bool, default False
        Show a progress bar, on a terminal only.

    Attributes
    ----------
    n_features_in_ : int
        J.
    feature_names_in_ : ndarray of str, shape (J,)
        Names of the columns, if train is a data frame whose columns have names.
    n_parameters_ : int
        Numbers learned, anchors included.
    training_curve_ : list of float
        By epoch, the mean objective of a user.
    validation_curve_ : list of float
        NDCG@100 by epoch.
    alignment_curve_ : list of float
        :math:`\lambda_A` in each epoch; 0 without an alignment.
    best_epoch_ : int
        From 1: the one that is kept.
    seconds_ : list of float
        By epoch, without the validation.

    References
    ----------
    D. Liang, R. G. Krishnan, M. D. Hoffman and T. Jebara. Variational autoencoders for collaborative
    filtering. WWW, 2018.
    """

    beta: float = 0.2
    anneal_epochs: float = 170

    def _make(self, n_items, generator):
        return MultiVAENetwork(n_items, self.hidden, self.latent, generator)

    def _begin(self, data):
        self._optimizers = (self._adam(self._learned()),)
        self._steps = 0

    def _epoch(self, data):
        return sum(self._step(data, users) for users in data.batches()) / data.n_users

    def _step(self, data, users):
        """Make a step on a batch of users, and return the sum of their objectives."""
        (optimizer,) = self._optimizers
        inputs, targets = data.inputs_and_targets(users, self.dropout)
        mean, log_variance = self._network.encode(inputs)
        z = sample(mean, log_variance, data.noise(len(users), self.latent))
        loss = self._network.nll(z, targets) + self._beta(data) * standard_divergence(mean, log_variance)
        loss = (loss + self._alignment_term(data, users, targets, mean, log_variance)).sum()
        optimizer.zero_grad()
        (loss / len(users)).backward()
        optimizer.step()
        self._steps += 1
        return float(loss.detach())

    def _beta(self, data):
        last = self.anneal_epochs * data.n_batches
        return self.beta * (min(1.0, self._steps / last) if last else 1.0)
