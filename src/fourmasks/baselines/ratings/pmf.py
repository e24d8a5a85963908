"""Probabilistic matrix factorization."""

from fourmasks.baselines.ratings.fitting import Baseline, factors, row_products


class PMF(Baseline):
    r"""Probabilistic matrix factorization: :math:`x_{ui} \approx \mu + p_u \cdot q_i`.

    Minimizes :math:`\sum (x_{ui} - \mu - p_u \cdot q_i)^2 + \lambda (\|P\|^2 + \|Q\|^2)`, which is the
    maximum of the posterior under normal noise and normal priors (the paper's Eq. 4). Two things differ from
    the paper: the ratings are centred at their mean in place of a logistic function of the product, with
    ratings mapped to [0, 1], so that all models here have one scale of errors; and steps are Adam's on the
    ratings of some users at a time, in place of gradient descent with momentum, because they need no rate
    found by hand for each data set. Whoever has no ratings has zero factors, the prior's mean, and is
    predicted by :math:`\mu`.

    Parameters
    ----------
    rank : int, default 32
        Length of p and q.
    ridge : float, default 5.0
        :math:`\lambda`: the noise's variance over the prior's, the same for users and items.
    learning_rate : float, default 0.01
    batch_size : int, default 64
        Users per step.
    epochs, patience : int, default 100 and 4
    random_state : int, default 0
    device : str, default "cpu"
    verbose : bool, default False

    References
    ----------
    A. Mnih and R. Salakhutdinov. Probabilistic matrix factorization. NIPS, 2007.
    """

    def __init__(
        self, rank=32, *, ridge=5.0, learning_rate=0.01, batch_size=64, epochs=100, patience=4,
        random_state=0, device="cpu", verbose=False,
    ):  # fmt: skip
        self.rank = rank
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
        return {
            "users": factors(users, self.rank, 0.1, data, generator),
            "items": factors(items, self.rank, 0.1, data, generator),
        }

    def _losses(self, parameters, data, generator):
        for batch in data.row_batches(data.by_user, self.batch_size, generator):
            yield self._loss(parameters, data, *batch)

    def _loss(self, parameters, data, users, pattern, values):
        """Return the loss of whole users, per rating; the items' penalty is shared out among the ratings."""
        p, q = parameters["users"].index_select(0, users), parameters["items"]
        errors = self._mean + pattern.sampled(p, q) - values
        of_items = q.square().sum() / len(data.values)
        return (errors.square().sum() + self.ridge * p.square().sum()) / len(values) + self.ridge * of_items

    def _scores(self, tables, users, items):
        return self._mean + row_products(tables["users"], tables["items"], users, items)
