"""Matrix factorization with biases and ridge, fitted by alternating least squares."""

import math
from dataclasses import dataclass

import numpy as np
import scipy.sparse
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from fourmasks.learning.settings import check_settings
from fourmasks.learning.user_items import check_pairs, check_parts

KINDS = {
    **dict.fromkeys(("rank", "epochs", "patience"), "count"),
    **dict.fromkeys(("ridge", "bias_ridge"), "positive"),
    "random_state": "seed",
}
AT_ONCE = 1024  # rows whose Gram matrices are in memory together


@dataclass(eq=False, repr=False, kw_only=True)
class BiasedMF(BaseEstimator):
    r"""The prediction is :math:`\mu + b_i + c_j + u_i^\top v_j`, not clamped.

    Minimizes over the training ratings
    :math:`\sum (x_{ij} - \hat x_{ij})^2 + \lambda (\|U\|^2 + \|V\|^2) + \lambda_b (\|b\|^2 + \|c\|^2)`.
    Given the other side, a user's bias and factors are one small least-squares problem: an epoch solves that
    of every user, then that of every item, in double precision.

    Parameters
    ----------
    rank : int, default 16
        R.
    ridge, bias_ridge : float, default 10.0 and 3.0
        The two :math:`\lambda`, in units of the noise's variance.
    epochs, patience : int, default 30 and 3
        At most, and without a lower validation error.
    random_state : int, default 0
        Of the items' factors at the start, normal with standard deviation 0.1.

    Attributes
    ----------
    n_parameters_ : int
    validation_curve_ : list of float
        Mean squared error by epoch; empty without validation ratings.
    best_epoch_ : int
        From 1: the one that predictions are made with.
    """

    rank: int = 16
    ridge: float = 10.0
    bias_ridge: float = 3.0
    epochs: int = 30
    patience: int = 3
    random_state: int = 0

    def fit(self, train, validation=None):
        """Fit to ratings.

        Parameters
        ----------
        train : Ratings
        validation : Ratings, optional
            The epoch with the lowest error on them is kept, and the last without them.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            Before any work: a bad setting or bad ratings; the message says which and what was expected.
        """
        check_settings(self.get_params(), KINDS)
        validation = check_parts(train, validation)
        values = train.values.astype(np.float64)
        self._mean, self._shape = float(values.mean()), train.shape
        rows = scipy.sparse.csr_array((values - self._mean, (train.users, train.items)), shape=train.shape)
        columns = rows.T.tocsr()
        penalty = np.append(np.full(self.rank, self.ridge), self.bias_ridge)
        factors = np.random.default_rng(int(self.random_state)).standard_normal((train.shape[1], self.rank))
        items = np.column_stack((0.1 * factors, np.zeros(len(factors))))
        self.validation_curve_, self.best_epoch_, lowest, kept = [], 0, math.inf, None
        for epoch in range(1, self.epochs + 1):
            users = _solve(rows, items, penalty)
            items = _solve(columns, users, penalty)
            self._sides = users, items
            if validation is None:
                self.best_epoch_ = epoch
                continue
            errors = self.predict(validation.users, validation.items) - validation.values
            self.validation_curve_.append(float(np.mean(np.square(errors))))
            if self.validation_curve_[-1] < lowest:
                lowest, kept, self.best_epoch_ = self.validation_curve_[-1], self._sides, epoch
            elif epoch - self.best_epoch_ >= self.patience:
                break
        self._sides = self._sides if kept is None else kept
        self.n_parameters_ = sum(train.shape) * (self.rank + 1)
        return self

    def predict(self, users, items) -> np.ndarray:
        """Return predicted ratings (n,) for pairs (n,), (n,); whoever has no ratings has zeros.

        Raises
        ------
        ValueError
            If a user or an item is out of the range of the fit, or the shapes differ.
        sklearn.exceptions.NotFittedError
            Before `fit`.
        """
        check_is_fitted(self, "best_epoch_")
        users, items = check_pairs(users, items, self._shape)
        left, right = (side[numbers] for side, numbers in zip(self._sides, (users, items), strict=True))
        return self._mean + (left[:, :-1] * right[:, :-1]).sum(1) + left[:, -1] + right[:, -1]


def _solve(matrix: scipy.sparse.csr_array, others: np.ndarray, penalty: np.ndarray) -> np.ndarray:
    """Return factors and bias (n, R + 1) of each row, given those of the columns (m, R + 1)."""
    counts = np.diff(matrix.indptr)
    rest = scipy.sparse.csr_array(
        (matrix.data - others[matrix.indices, -1], matrix.indices, matrix.indptr), shape=matrix.shape
    )
    ones = scipy.sparse.csr_array((np.ones(matrix.nnz), matrix.indices, matrix.indptr), shape=matrix.shape)
    features = np.column_stack((others[:, :-1], np.ones(len(others))))
    size = features.shape[1]
    products = (features[:, :, None] * features[:, None]).reshape(len(features), -1)
    solved = np.zeros((len(counts), size))
    for first in range(0, len(counts), AT_ONCE):
        part = slice(first, first + AT_ONCE)
        grams = (ones[part] @ products).reshape(-1, size, size) + np.diag(penalty)
        solved[part] = np.linalg.solve(grams, (rest[part] @ features)[:, :, None])[:, :, 0]
    return solved
