"""SVD++: biased matrix factorization whose users are also what they rated."""

import torch

from fourmasks.baselines.ratings.fitting import Baseline, factors, row_products, zeros
from fourmasks.baselines.ratings.sparse import Pattern


class SVDpp(Baseline):
    r"""SVD++: :math:`x_{ui} \approx \mu + a_u + b_i + q_i \cdot (p_u + |N(u)|^{-1/2} \sum_{j \in N(u)} y_j)`.

    N(u) are the items that u rated (the paper's Eq. 15). For each rating, its squared error is added to the
    squares of the parameters in its prediction, times the ridge, as in the paper. Steps are Adam's on all
    ratings of some users at a time, in place of one per rating: the sum over N(u) is then made once per user
    and epoch. A user without ratings is predicted by :math:`\mu + b_i`, and an item without by
    :math:`\mu + a_u`.

    Parameters
    ----------
    rank : int, default 32
        Length of p, q and y.
    ridge : float, default 0.05
        For a, b, p and q.
    implicit_ridge : float, default 0.5
        For y. It counts once per rating of an item, where the paper counts y once per rating of each user
        who rated that item: hence values that are larger.
    learning_rate : float, default 0.005
    batch_size : int, default 64
        Users per step.
    epochs, patience : int, default 100 and 4
    random_state : int, default 0
    device : str, default "cpu"
    verbose : bool, default False

    References
    ----------
    Y. Koren. Factorization meets the neighborhood: a multifaceted collaborative filtering model. KDD, 2008.
    """

    def __init__(
        self, rank=32, *, ridge=0.05, implicit_ridge=0.5, learning_rate=0.005, batch_size=64, epochs=100,
        patience=4, random_state=0, device="cpu", verbose=False,
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
        users, items = data.rated
        return {
            "user_biases": zeros((len(users),), data),
            "item_biases": zeros((len(items),), data),
            "users": factors(users, self.rank, 0.02, data, generator),
            "items": factors(items, self.rank, 0.02, data, generator),
            "implicit": factors(items, self.rank, 0.02, data, generator),
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
        of_users = self.ridge * (a.square() + p.square().sum(1))
        of_items = self.ridge * (b.square() + q.square().sum(1)) + self.implicit_ridge * y.square().sum(1)
        penalty = pattern.row_sizes @ of_users + pattern.column_sizes @ of_items
        return (errors.square().sum() + penalty) / len(values)

    @torch.no_grad()
    def _tables(self, parameters, data):
        pattern = Pattern(data.by_user, data.device)
        users = parameters["users"] + _implicit(pattern, parameters["implicit"])
        return {**super()._tables(parameters, data), "users": users}

    def _scores(self, tables, users, items):
        product = row_products(tables["users"], tables["items"], users, items)
        return self._mean + tables["user_biases"][users] + tables["item_biases"][items] + product


def _implicit(pattern, y):
    """Return |N(u)|^-1/2 Σ_{j in N(u)} y_j (M, R) for the users of a pattern."""
    weights = pattern.row_sizes.clamp(min=1).rsqrt()
    return pattern.product(weights[pattern.rows], y)
