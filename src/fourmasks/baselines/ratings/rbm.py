"""A restricted Boltzmann machine whose visible units are a user's ratings."""

import numpy as np
import scipy.sparse
import torch
from torch.nn.functional import softplus

from fourmasks.baselines.ratings.fitting import Baseline, factors, zeros
from fourmasks.baselines.ratings.sparse import Pattern

SMOOTHING = 5.0  # ratings as all items have them, added to those of each for the first visible biases


class RBM(Baseline):
    r"""A restricted Boltzmann machine per user, with one softmax unit for each item rated and shared weights.

    With the one-hot ratings :math:`v` of a user, its free energy is :math:`F(v) = -\sum_{ik} b_{ik} v_{ik} -
    \sum_h \ln(1 + \exp(c_h + \sum_{ik} v_{ik} W_{ikh}))`. Contrastive divergence descends :math:`F(v) -
    F(\tilde v)`, plus :math:`\lambda \|W\|^2`, where :math:`\tilde v` are the probabilities of the ratings
    given hidden units drawn given v. The prediction is the mean of :math:`p(v_i \mid v)`, which is in closed
    form (the paper's Eq. 11). Two things differ from the paper: one step of contrastive divergence
    throughout, in place of up to nine, since each costs as much as the rest of the epoch; and Adam in place
    of gradient descent with momentum, with which items of 3 and of 3000 ratings need no rates of their own.
    An item without ratings has those of all items, a user without has each item's.

    Parameters
    ----------
    n_hidden : int, default 50
    ridge : float, default 0.001
        :math:`\lambda`, against the mean of F over the users.
    learning_rate : float, default 0.002
    batch_size : int, default 64
        Users per step.
    epochs, patience : int, default 100 and 4
    random_state : int, default 0
    device : str, default "cpu"
    verbose : bool, default False

    References
    ----------
    R. Salakhutdinov, A. Mnih and G. Hinton. Restricted Boltzmann machines for collaborative filtering. ICML,
    2007.
    """

    def __init__(
        self, n_hidden=50, *, ridge=0.001, learning_rate=0.002, batch_size=64, epochs=100, patience=4,
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
        n_levels = len(self._levels)
        _, items = data.rated
        units = data.items * n_levels + level_numbers(data.values, self._levels)
        counts = torch.bincount(units, minlength=len(items) * n_levels).float().view(-1, n_levels)
        overall = (1 + counts.sum(0)) / (1 + counts.sum(0)).sum()  # no level is impossible
        shares = (counts + SMOOTHING * overall) / (counts.sum(1, keepdim=True) + SMOOTHING)
        return {
            "weights": factors(items.repeat_interleave(n_levels), self.n_hidden, 0.01, data, generator),
            "hidden_biases": zeros((self.n_hidden,), data),
            "visible_biases": shares.log().flatten().requires_grad_(),
        }

    def _losses(self, parameters, data, generator):
        for users, pattern, values in data.row_batches(data.by_user, self.batch_size, generator):
            seen, units = self._seen(pattern, values), self._units(pattern)
            ones = torch.ones_like(values)
            with torch.no_grad():
                imagined = self._imagine(parameters, seen, units, ones, generator)
            difference = free_energy(parameters, seen, ones) - free_energy(parameters, units, imagined)
            yield difference / len(users) + self.ridge * parameters["weights"].square().sum()

    def _seen(self, pattern, values):
        """Return the pattern (M, J L) of the units that are on, those of the ratings given."""
        n_levels = len(self._levels)
        columns = pattern.columns * n_levels + level_numbers(values, self._levels)
        return _pattern(pattern, columns, pattern.starts, n_levels)

    def _units(self, pattern):
        """Return the pattern (M, J L) of all units of the items rated, the L levels of an item in a row."""
        n_levels = len(self._levels)
        numbers = torch.arange(n_levels, device=pattern.columns.device)
        columns = (pattern.columns[:, None] * n_levels + numbers).flatten()
        return _pattern(pattern, columns, n_levels * pattern.starts, n_levels)

    def _imagine(self, parameters, seen, units, ones, generator):
        """Return the probabilities of the levels (n L,) given hidden units drawn given the ratings."""
        active = torch.sigmoid(_inputs(parameters, seen, ones))
        hidden = (torch.rand(active.shape, generator=generator).to(active.device) < active).float()
        logits = units.sampled(hidden, parameters["weights"]) + parameters["visible_biases"][units.columns]
        return logits.view(len(ones), -1).softmax(1).flatten()

    @torch.no_grad()
    def _tables(self, parameters, data):
        pattern = Pattern(data.by_user, data.device)
        seen = self._seen(pattern, torch.as_tensor(data.by_user.data, device=data.device))
        return {
            "inputs": _inputs(parameters, seen, torch.ones_like(data.values)),
            "weights": parameters["weights"].detach(),
            "visible_biases": parameters["visible_biases"].detach(),
        }

    def _probabilities(self, tables, users, items):
        """Return p(v_i = level | v) (n, L)."""
        n_levels = len(self._levels)
        weights = tables["weights"].view(-1, n_levels, self.n_hidden).index_select(0, items)
        inputs = tables["inputs"].index_select(0, users)
        logits = tables["visible_biases"].view(-1, n_levels)[items]
        return (logits + softplus(inputs[:, None] + weights).sum(2)).softmax(1)

    def _scores(self, tables, users, items):
        return self._probabilities(tables, users, items) @ self._levels


def rating_levels(values: torch.Tensor, scale: tuple[float, float]) -> torch.Tensor:
    """Return the ratings that can be given: from the lowest to the highest in whole or in half stars.

    Raises
    ------
    ValueError
        If a rating is between those.
    """
    lowest, highest = scale
    step = 0.5 if ((values - lowest) % 1).any() else 1.0
    levels = torch.arange(lowest, highest + step / 2, step, device=values.device)
    wrong = ((values - lowest) % step) != 0
    if wrong.any():
        raise ValueError(
            f"train holds the rating {float(values[wrong][0])}: expected whole or half stars from {lowest}"
        )
    return levels


def level_numbers(values: torch.Tensor, levels: torch.Tensor) -> torch.Tensor:
    """Return the positions (n,) of ratings among the levels."""
    return torch.searchsorted(levels, values)


def free_energy(parameters, pattern: Pattern, v: torch.Tensor) -> torch.Tensor:
    """Return the sum of F over users, for the values v (n,) of the visible units of a pattern."""
    biases = pattern.product(v, parameters["visible_biases"][:, None])
    return -biases.sum() - softplus(_inputs(parameters, pattern, v)).sum()


def _inputs(parameters, pattern, v):
    """Return what the hidden units (M, H) get."""
    return pattern.product(v, parameters["weights"]) + parameters["hidden_biases"]


def _pattern(pattern, columns, starts, n_levels):
    m, n = pattern.shape
    places = (part.cpu().numpy() for part in (columns, starts))
    ones = np.ones(len(columns), np.float32)
    return Pattern(scipy.sparse.csr_array((ones, *places), shape=(m, n * n_levels)), columns.device)
