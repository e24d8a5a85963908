"""LLORMA: many low-rank models, each for the part of the matrix near one of its entries."""

import math

import torch

from fourmasks.baselines.ratings.fitting import Baseline, normal
from fourmasks.baselines.ratings.sparse import Pattern


class LLORMA(Baseline):
    def __init__(
        self, rank=5, *, n_local=30, bandwidth=0.8, ridge=5.0, initial_rank=5, epochs=15, patience=2,
        random_state=0, device="cpu", verbose=False,
    ):  # fmt: skip
        self.rank = rank
        self.n_local = n_local
        self.bandwidth = bandwidth
        self.initial_rank = initial_rank
        self.ridge = ridge
        self.epochs = epochs
        self.patience = patience
        self.random_state = random_state
        self.device = device
        self.verbose = verbose

    def _start(self, data, generator):
        self._pattern = Pattern(data.by_user, data.device)
        self._values = torch.as_tensor(data.by_user.data, device=data.device)-self._mean
        ones = [torch.ones(n) for n in data.shape]
        factors = [0.1*torch.randn(n, self.rank, generator=generator) for n in data.shape]
        for _ in range(5):
            sweep(self._pattern, self._values, ones, factors, self.ridge)
        anchors = torch.randint(len(self._values), (self.n_local,), generator=generator)
        anchors = self._pattern.rows[anchors], self._pattern.columns[anchors]
        self._weights = [epanechnikov(angles(f, f[a]), self.bandwidth) for f, a in zip(factors, anchors)]
        print([ (float((w>0).float().mean()), float(w.mean())) for w in self._weights])
        return {"users": torch.stack([factors[0]]*self.n_local),
         "items": torch.stack([factors[1]]*self.n_local), }

    def _trainer(self, parameters, data, generator):
        def run():
            for t in range(self.n_local):
                w = [w[:, t] for w in self._weights]
                f = [parameters["users"][t], parameters["items"][t]]
                sweep(self._pattern, self._values, w, f, self.ridge)
        return run

    def _tables(self, parameters, data):
        return {"user_weights": self._weights[0], "item_weights": self._weights[1], **parameters}

    def _scores(self, tables, users, items):
        w = tables["user_weights"][users] * tables["item_weights"][items]
        total = w.sum(1)
        out = torch.zeros(len(users))
        for t in range(self.n_local):
            out += w[:, t] * (tables["users"][t].index_select(0, users) * tables["items"][t].index_select(0, items)).sum(1)
        return self._mean + out / total.clamp(min=1e-12)


def angles(a, b):
    cos = torch.nn.functional.normalize(a, dim=1) @ torch.nn.functional.normalize(b, dim=1).T
    return torch.arccos(cos.clamp(-1, 1))

def epanechnikov(d, h):
    return (1 - (d / h) ** 2).clamp(min=0)

def sweep(pattern, values, weights, factors, ridge):
    (wu, wi), (u, v) = weights, factors
    u.copy_(solve(pattern.with_values, values, wu, wi, v, ridge))
    v.copy_(solve(pattern.transposed, values, wi, wu, u, ridge))

def solve(matrix, values, w_own, w_other, other, ridge):
    r = other.shape[1]
    i, j = torch.tril_indices(r, r)
    weighted = w_other[:, None] * other
    grams = matrix(torch.ones_like(values)) @ (weighted[:, i] * other[:, j])
    sides = matrix(values) @ weighted
    full = torch.zeros(len(grams), r, r)
    full[:, i, j] = grams; full[:, j, i] = grams
    full = w_own[:, None, None] * full + ridge * torch.eye(r)
    sides = w_own[:, None] * sides
    return torch.linalg.solve(full, sides)
