"""A restricted Boltzmann machine whose visible units are a user's ratings."""

import numpy as np
import scipy.sparse
import torch
from torch.nn.functional import softplus

from fourmasks.baselines.ratings.fitting import Baseline, normal
from fourmasks.baselines.ratings.sparse import Pattern


import os
MF=int(os.environ.get("MF","0"))

class RBM(Baseline):
    def __init__(
        self, n_hidden=100, *, ridge=0.001, learning_rate=0.002, batch_size=64, epochs=100, patience=5,
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
        self._levels = rating_levels(data.values, data.scale)
        n = data.shape[1] * len(self._levels)
        c = np.ones(n); 
        lv = torch.searchsorted(self._levels, data.values)
        counts = torch.bincount(data.items*len(self._levels)+lv, minlength=n).float() 
        g = torch.bincount(lv, minlength=len(self._levels)).float()
        counts = counts.view(-1, len(self._levels)) + g/g.sum()*5
        return {
            "weights": normal((n, self.n_hidden), float(__import__("os").environ.get("INI","0.01")), data, generator),
            "hidden_biases": torch.zeros(self.n_hidden, device=data.device, requires_grad=True),
            "visible_biases": (counts/counts.sum(1,keepdim=True)).log().flatten().requires_grad_()
        }

    def _losses(self, parameters, data, generator):
        for users, pattern, values in data.row_batches(data.by_user, self.batch_size, generator):
            units = self._units(pattern)
            seen = self._one_hot(values)
            with torch.no_grad():
                imagined = self._imagine(parameters, units, seen, generator)
            loss = (self._free_energy(parameters, units, seen) - self._free_energy(parameters, units, imagined)).sum()
            yield loss / len(users) + self.ridge * parameters["weights"].square().sum()

    def _one_hot(self, values):
        return (values[:, None] == self._levels).float()

    def _units(self, pattern):
        k = len(self._levels)
        columns = (pattern.columns[:, None] * k + torch.arange(k)).flatten().cpu().numpy()
        m, n = pattern.shape
        starts = k * pattern._rows[0].cpu().numpy()
        ones = np.ones(len(columns), dtype=np.float32)
        return Pattern(scipy.sparse.csr_array((ones, columns, starts), shape=(m, n * k)), pattern.columns.device)

    def _inputs(self, parameters, units, v):
        return units.product(v.flatten(), parameters["weights"]) + parameters["hidden_biases"]

    def _free_energy(self, parameters, units, v):
        visible = (v.flatten() * parameters["visible_biases"][units.columns]).sum()
        return -visible - softplus(self._inputs(parameters, units, v)).sum()

    def _imagine(self, parameters, units, v, generator):
        active = torch.sigmoid(self._inputs(parameters, units, v))
        if MF: hidden=active
        else: hidden = (torch.rand(active.shape, generator=generator).to(active.device) < active).float()
        logits = units.sampled(hidden, parameters["weights"]) + parameters["visible_biases"][units.columns]
        return logits.view(len(v), -1).softmax(1)

    @torch.no_grad()
    def _tables(self, parameters, data):
        pattern = Pattern(data.by_user, data.device)
        values = torch.as_tensor(data.by_user.data, device=data.device)
        units = self._units(pattern)
        return {"inputs": self._inputs(parameters, units, self._one_hot(values)), "weights": parameters["weights"].detach(), "visible_biases": parameters["visible_biases"].detach()}

    def _scores(self, tables, users, items):
        k = len(self._levels)
        w = tables["weights"].view(-1, k, self.n_hidden)[items]
        x = tables["inputs"][users]
        logits = tables["visible_biases"].view(-1, k)[items] + softplus(x[:, None] + w).sum(2)
        return logits.softmax(1) @ self._levels

def rating_levels(values, scale):
    lowest, highest = scale
    step = 0.5 if ((values - lowest) % 1).any() else 1
    return torch.arange(lowest, highest + step / 2, step, device=values.device)
