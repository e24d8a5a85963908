"""AutoRec: an autoencoder that completes the column of an item."""

import torch

from fourmasks.baselines.ratings.fitting import Baseline, normal, zeros
from fourmasks.baselines.ratings.sparse import Pattern


class AutoRec(Baseline):
    def __init__(
        self, n_hidden=500, *, ridge=5.0, learning_rate=0.001, batch_size=128, epochs=100, patience=10,
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
        users = data.shape[0]
        import os
        sc = float(os.environ.get("SC","0.005"))
        return {
            "encoder": normal((users, self.n_hidden), sc, data, generator),
            "hidden_biases": zeros((self.n_hidden,), data),
            "decoder": normal((users, self.n_hidden), sc, data, generator),
            "user_biases": zeros((users,), data),
        }

    def _losses(self, parameters, data, generator):
        ridge = self.ridge / data.by_item.nnz
        for batch in data.row_batches(data.by_item, self.batch_size, generator):
            _, pattern, values = batch
            residuals = values - self._mean
            hidden = self._hidden(parameters, pattern, residuals)
            predicted = pattern.sampled(hidden, parameters["decoder"]) + parameters["user_biases"][pattern.columns]
            penalty = parameters["encoder"].square().sum() + parameters["decoder"].square().sum()
            yield (predicted - residuals).square().mean() + ridge * penalty

    def _hidden(self, parameters, pattern, residuals):
        return torch.sigmoid(pattern.product(residuals, parameters["encoder"]) + parameters["hidden_biases"])

    @torch.no_grad()
    def _tables(self, parameters, data):
        pattern = Pattern(data.by_item, data.device)
        values = torch.as_tensor(data.by_item.data, device=data.device)
        hidden = self._hidden(parameters, pattern, values - self._mean)
        return {"hidden": hidden, "decoder": parameters["decoder"], "user_biases": parameters["user_biases"]}

    def _scores(self, tables, users, items):
        product = (tables["hidden"].index_select(0, items) * tables["decoder"].index_select(0, users)).sum(1)
        return self._mean + tables["user_biases"][users] + product
