"""Matrix factorization with biases of the library Surprise, as a model of ratings like ours."""

from dataclasses import dataclass

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from fourmasks.learning.settings import check_settings
from fourmasks.learning.user_items import check_pairs, check_parts

KINDS = dict.fromkeys(("rank", "epochs"), "count") | {
    "learning_rate": "positive",
    "ridge": "not negative",
    "random_state": "seed",
}


@dataclass(eq=False, repr=False, kw_only=True)
class SurpriseSVD(BaseEstimator):
    """`surprise.SVD`: stochastic gradient descent on one rating at a time, compiled.

    It has no early stopping, so that its epochs are searched like its other settings.

    Parameters
    ----------
    rank : int, default 100
    epochs : int, default 20
    learning_rate, ridge : float, default 0.005 and 0.02
        Of all parameters, and its penalty.
    random_state : int, default 0

    Attributes
    ----------
    n_parameters_ : int

    References
    ----------
    N. Hug. Surprise: a Python library for recommender systems. JOSS 5 (2020), 2174.
    """

    rank: int = 100
    epochs: int = 20
    learning_rate: float = 0.005
    ridge: float = 0.02
    random_state: int = 0

    def fit(self, train, validation=None):
        """Fit to ratings.

        Parameters
        ----------
        train : Ratings
        validation : Ratings, optional
            Checked, and not used.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            Before any work: a bad setting or bad ratings; the message says which and what was expected.
        ImportError
            Without the library, which is in the extra `peers`.
        """
        check_settings(self.get_params(), KINDS)
        check_parts(train, validation)
        import surprise

        rows, columns = {}, {}
        triples = zip(train.users.tolist(), train.items.tolist(), train.values.tolist(), strict=True)
        for user, item, value in triples:
            rows.setdefault(user, []).append((item, value))
            columns.setdefault(item, []).append((user, value))
        same = tuple({number: number for number in range(n)} for n in train.shape)
        data = surprise.Trainset(rows, columns, *train.shape, len(train), train.scale, *same)
        model = surprise.SVD(
            n_factors=self.rank,
            n_epochs=self.epochs,
            lr_all=self.learning_rate,
            reg_all=self.ridge,
            random_state=self.random_state,
        ).fit(data)
        self._mean, self._shape = data.global_mean, train.shape
        self._biases, self._factors = (model.bu, model.bi), (model.pu, model.qi)
        for factors, known in zip(self._factors, (rows, columns), strict=True):
            factors[np.setdiff1d(np.arange(len(factors)), list(known))] = (
                0  # where they were drawn, not learned
            )
        self.n_parameters_ = sum(train.shape) * (self.rank + 1)
        return self

    def predict(self, users, items) -> np.ndarray:
        """Return predicted ratings (n,) for pairs (n,), (n,), not clamped; whoever has no ratings has zeros.

        Raises
        ------
        ValueError
            If a user or an item is out of the range of the fit, or the shapes differ.
        sklearn.exceptions.NotFittedError
            Before `fit`.
        """
        check_is_fitted(self, "n_parameters_")
        users, items = check_pairs(users, items, self._shape)
        (b, c), (U, V) = self._biases, self._factors
        return self._mean + b[users] + c[items] + (U[users] * V[items]).sum(1)
