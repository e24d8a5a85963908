"""Probabilistic matrix factorization."""

from fourmasks.baselines.ratings.fitting import Baseline, normal


class PMF(Baseline):
    r"""Probabilistic matrix factorization: x_ui ≈ µ + p_u · q_i."""

    def __init__(
        self, rank=32, *, ridge=5.0, learning_rate=0.005, batch_size=8192, epochs=100, patience=5,
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
        users, items = data.shape
        return {
            "users": normal((users, self.rank), 0.1, data, generator),
            "items": normal((items, self.rank), 0.1, data, generator),
        }

    def _losses(self, parameters, data, generator):
        for batch in data.batches(self.batch_size, generator):
            p = parameters["users"].index_select(0, data.users[batch])
            q = parameters["items"].index_select(0, data.items[batch])
            error = (self._mean + (p*q).sum(1) - data.values[batch]).square().mean()
            yield error + self.ridge * (p.square().sum() + q.square().sum()) / len(batch)

    def _scores(self, tables, users, items):
        p, q = tables["users"].index_select(0, users), tables["items"].index_select(0, items)
        return self._mean + (p * q).sum(1)
