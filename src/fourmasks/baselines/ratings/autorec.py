"""AutoRec: an autoencoder that completes the column of an item."""

import torch

from fourmasks.baselines.ratings.fitting import Baseline, factors, row_products, zeros
from fourmasks.baselines.ratings.sparse import Pattern


class AutoRec(Baseline):
    r"""Item-based AutoRec: :math:`x_{\cdot i} \approx \mu + W \sigma(V^\top (x_{\cdot i} - \mu) + c) + b`.

    The ratings of an item go in, those that are missing as zero, and the errors of those that are there are
    minimized, plus :math:`\lambda (\|W\|^2 + \|V\|^2)` (the paper's Eq. 2 and 3, twice the penalty). The
    ratings are centred at their mean, so that a missing one is an average one, and steps are Adam's in place
    of resilient propagation, which needs the whole gradient for each. A user without ratings is predicted by
    :math:`\mu`, an item without by what each user gives on average.

    Parameters
    ----------
    n_hidden : int, default 300
    ridge : float, default 5.0
        :math:`\lambda`.
    learning_rate : float, default 0.001
    batch_size : int, default 128
        Items per step.
    epochs, patience : int, default 100 and 4
    random_state : int, default 0
    device : str, default "cpu"
    verbose : bool, default False

    References
    ----------
    S. Sedhain, A. K. Menon, S. Sanner and L. Xie. AutoRec: autoencoders meet collaborative filtering. WWW,
    2015.
    """

    def __init__(
        self, n_hidden=300, *, ridge=5.0, learning_rate=0.001, batch_size=128, epochs=100, patience=4,
        random_state=0, device="cpu", verbose=False,
    ):  # fmt: skip
        self.n_hidden = n_hidden
        self.ridge = ridge
        self.learning_rate = learning_rate
        self.batch_size = batch_size
        self.epochs = epochs
        self.patience = patience
        self.random_state = random_state
        self.device = device
        self.verbose = verbose

    def _start(self, data, generator):
        users, _ = data.rated
        return {
            "encoder": factors(users, self.n_hidden, 0.005, data, generator),
            "hidden_biases": zeros((self.n_hidden,), data),
            "decoder": factors(users, self.n_hidden, 0.005, data, generator),
            "user_biases": zeros((len(users),), data),
        }

    def _losses(self, parameters, data, generator):
        for _, pattern, values in data.row_batches(data.by_item, self.batch_size, generator):
            yield self._loss(parameters, data, pattern, values)

    def _loss(self, parameters, data, pattern, values):
        """Return the loss of whole items, per rating; the penalty is shared out among the ratings."""
        residuals = values - self._mean
        hidden = _hidden(parameters, pattern, residuals)
        product = pattern.sampled(hidden, parameters["decoder"])
        errors = product + parameters["user_biases"][pattern.columns] - residuals
        penalty = parameters["encoder"].square().sum() + parameters["decoder"].square().sum()
        return errors.square().mean() + self.ridge / len(data.values) * penalty

    @torch.no_grad()
    def _tables(self, parameters, data):
        pattern = Pattern(data.by_item, data.device)
        values = torch.as_tensor(data.by_item.data, device=data.device)
        return {
            "hidden": _hidden(parameters, pattern, values - self._mean),
            "decoder": parameters["decoder"].detach(),
            "user_biases": parameters["user_biases"].detach(),
        }

    def _scores(self, tables, users, items):
        product = row_products(tables["decoder"], tables["hidden"], users, items)
        return self._mean + tables["user_biases"][users] + product


def _hidden(parameters, pattern, residuals):
    """Return the hidden units (M, H) of the items of a pattern."""
    return torch.sigmoid(pattern.product(residuals, parameters["encoder"]) + parameters["hidden_biases"])
