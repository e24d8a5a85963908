"""Neural network matrix factorization: a network in place of the inner product."""

import math

import torch

from fourmasks.baselines.ratings.fitting import Baseline, factors, zeros

HIDDEN_LAYERS = 3


class NNMF(Baseline):
    r"""Neural network matrix factorization: :math:`x_{ui} \approx \mu + f(p_u, q_i, p'_u \odot q'_i)`.

    f is a network of three hidden layers of sigmoid units, learned together with the features (the paper's
    Eq. 3 and 4). The squared errors are summed, and the squares of all features, times the ridge, are added;
    the network is not penalized, as in the paper. Two things differ from it: the ratings are centred at
    their mean, and Adam moves network and features together, in place of each in turn, at half the cost of
    an epoch. Whoever has no ratings has zero features.

    Parameters
    ----------
    rank : int, default 16
        Length of p' and q', which are multiplied.
    n_features : int, default 10
        Length of p and q.
    n_hidden : int, default 30
        Units of each hidden layer; 50 in the paper.
    ridge : float, default 30.0
        Of the features.
    learning_rate : float, default 0.005
    batch_size : int, default 2048
        Ratings per step.
    epochs, patience : int, default 100 and 3
    random_state : int, default 0
    device : str, default "cpu"
    verbose : bool, default False

    References
    ----------
    G. K. Dziugaite and D. M. Roy. Neural network matrix factorization. arXiv:1511.06443, 2015.
    """

    def __init__(
        self, rank=16, *, n_features=10, n_hidden=30, ridge=30.0, learning_rate=0.005, batch_size=2048,
        epochs=100, patience=3, random_state=0, device="cpu", verbose=False,
    ):  # fmt: skip
        self.rank = rank
        self.n_features = n_features
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
        users, items = data.rated
        parameters = {
            "users": factors(users, self.n_features + self.rank, 0.2, data, generator),
            "items": factors(items, self.n_features + self.rank, 0.2, data, generator),
        }
        sizes = [2 * self.n_features + self.rank, *[self.n_hidden] * HIDDEN_LAYERS, 1]
        for number, (n_in, n_out) in enumerate(zip(sizes, sizes[1:], strict=False)):
            # Glorot and Bengio's range, which for sigmoid units is four times that for tanh.
            bound = 4 * math.sqrt(6 / (n_in + n_out))
            drawn = bound * (2 * torch.rand(n_in, n_out, generator=generator) - 1)
            parameters[f"weights{number}"] = drawn.to(data.device).requires_grad_()
            parameters[f"biases{number}"] = zeros((n_out,), data)
        return parameters

    def _losses(self, parameters, data, generator):
        for batch in data.batches(self.batch_size, generator):
            yield self._loss(parameters, data, batch)

    def _loss(self, parameters, data, batch):
        """Return the loss of some ratings, per rating; the penalty is shared out among all ratings."""
        predicted = self._scores(parameters, data.users[batch], data.items[batch])
        penalty = parameters["users"].square().sum() + parameters["items"].square().sum()
        return (predicted - data.values[batch]).square().mean() + self.ridge / len(data.values) * penalty

    def _scores(self, tables, users, items):
        p, q = tables["users"].index_select(0, users), tables["items"].index_select(0, items)
        d = self.n_features
        values = torch.cat([p[:, :d], q[:, :d], p[:, d:] * q[:, d:]], 1)
        for number in range(HIDDEN_LAYERS):
            layer = torch.addmm(tables[f"biases{number}"], values, tables[f"weights{number}"])
            values = torch.sigmoid(layer)
        last = torch.addmm(tables[f"biases{HIDDEN_LAYERS}"], values, tables[f"weights{HIDDEN_LAYERS}"])
        return self._mean + last.squeeze(1)
