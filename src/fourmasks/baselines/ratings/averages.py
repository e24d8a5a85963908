"""Predictions without any interaction of user and item: averages that are damped where ratings are few."""

from dataclasses import dataclass

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from fourmasks.learning.settings import check_settings
from fourmasks.learning.user_items import check_pairs, check_parts


@dataclass(eq=False, repr=False, kw_only=True)
class DampedAverages(BaseEstimator):
    r"""The prediction is :math:`\mu + b_i + c_j`, by one formula each (Koren et al., 2009, and before).

    :math:`\mu` is the mean of all training ratings, :math:`c_j = \sum (x_{ij} - \mu) / (n_j + \lambda_c)` the
    damped mean deviation of an item with :math:`n_j` ratings, and
    :math:`b_i = \sum (x_{ij} - \mu - c_j) / (n_i + \lambda_b)` that of a user. Not clamped.

    Parameters
    ----------
    item_damping, user_damping : float, default 5.0
        The two :math:`\lambda`.

    Attributes
    ----------
    mean_ : float
    user_biases_, item_biases_ : ndarray of float64
        Zero without ratings.
    n_parameters_ : int
    """

    item_damping: float = 5.0
    user_damping: float = 5.0

    def fit(self, train, validation=None):
        """Fit to ratings; those for validation are not used. Returns self."""
        check_settings(self.get_params(), dict.fromkeys(("item_damping", "user_damping"), "not negative"))
        check_parts(train, validation)
        values = train.values.astype(np.float64)
        self.mean_, self._shape = float(values.mean()), train.shape
        rest = values - self.mean_
        self.item_biases_ = _damped(rest, train.items, train.shape[1], self.item_damping)
        rest -= self.item_biases_[train.items]
        self.user_biases_ = _damped(rest, train.users, train.shape[0], self.user_damping)
        self.n_parameters_ = sum(train.shape)
        return self

    def predict(self, users, items) -> np.ndarray:
        """Return predicted ratings (n,) for pairs (n,), (n,); raises as the other models do."""
        check_is_fitted(self)
        users, items = check_pairs(users, items, self._shape)
        return self.mean_ + self.user_biases_[users] + self.item_biases_[items]


def _damped(values, groups, n, damping):
    counts = np.bincount(groups, minlength=n)
    return np.bincount(groups, values, minlength=n) / np.maximum(counts + damping, 1e-300)
