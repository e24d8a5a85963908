"""SVD++: biased matrix factorization whose users are also what they rated."""

import torch

from fourmasks.baselines.ratings.fitting import Baseline, normal, zeros
from fourmasks.baselines.ratings.sparse import Pattern


class SVDpp(Baseline):
    def __init__(
        self, rank=32, *, ridge=0.1, implicit_ridge=1.0, learning_rate=0.005, batch_size=64, epochs=100,
        patience=5, random_state=0, device="cpu", verbose=False,
    ):  # fmt: skip
        self.rank = rank
        self.ridge = ridge
        self.implicit_ridge = implicit_ridge
        self.learning_rate = learning_rate
        self.batch_size = batch_size
        self.epochs = epochs
        self.patience = patience
        self.random_state = random_state
        self.device = device
        self.verbose = verbose

    def _start(self, data, generator):
        users, items = data.shape
        return {
            "user_biases": zeros((users,), data),
            "item_biases": zeros((items,), data),
            "users": normal((users, self.rank), 0.02, data, generator),
            "items": normal((items, self.rank), 0.02, data, generator),
            "implicit": normal((items, self.rank), 0.02, data, generator),
        }

    def _losses(self, parameters, data, generator):
        for batch in data.row_batches(data.by_user, self.batch_size, generator):
            yield self._loss(parameters, *batch)

    def _loss(self, parameters, users, pattern, values):
        """Return the loss of whole users: the sum over their ratings, divided by their number."""
        a, p = parameters["user_biases"][users], parameters["users"].index_select(0, users)
        b, q, y = parameters["item_biases"], parameters["items"], parameters["implicit"]
        product = pattern.sampled(p + _implicit(pattern, y), q)
        errors = self._mean + a[pattern.rows] + b[pattern.columns] + product - values
        penalty = self.ridge * pattern.row_sizes @ (a.square() + p.square().sum(1))
        of_items = self.ridge * (b.square() + q.square().sum(1)) + self.implicit_ridge * y.square().sum(1)
        return (errors.square().sum() + penalty + pattern.column_sizes @ of_items) / len(values)

    @torch.no_grad()
    def _tables(self, parameters, data):
        pattern = Pattern(data.by_user, data.device)
        users = parameters["users"] + _implicit(pattern, parameters["implicit"])
        return {**super()._tables(parameters, data), "users": users}

    def _scores(self, tables, users, items):
        product = (tables["users"].index_select(0, users) * tables["items"].index_select(0, items)).sum(1)
        return self._mean + tables["user_biases"][users] + tables["item_biases"][items] + product


def _implicit(pattern, y):
    """Return |N(u)|^-1/2 Σ_{j in N(u)} y_j (M, R) for the users of a pattern."""
    weights = pattern.row_sizes.clamp(min=1).rsqrt()
    return pattern.product(weights[pattern.rows], y)
