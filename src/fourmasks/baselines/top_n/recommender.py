"""What all recommenders share: they are fitted to users' items, and score all items for any user's."""

from dataclasses import dataclass

import numpy as np
import scipy.sparse
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted, validate_data

from fourmasks.learning.held_out_users import HeldOutScore
from fourmasks.learning.settings import check_settings
from fourmasks.learning.user_items import binary_matrix, training_matrix, validation_matrices

SCORED_AT_ONCE = 500

_COUNTS = (
    "rank hidden latent iterations threads neighbours trials others batch_size epochs critic_epochs"
    " ranking_epochs patience"
)
_POSITIVE = "l2 learning_rate critic_rate ranking_rate"
_NOT_NEGATIVE = "confidence graph_weight popularity_power weight_decay beta anneal_epochs negatives"
SETTINGS = (
    dict.fromkeys(_COUNTS.split(), "count")
    | dict.fromkeys(_POSITIVE.split(), "positive")
    | dict.fromkeys(_NOT_NEGATIVE.split(), "not negative")
    | dict.fromkeys(("user_nodes", "verbose"), "flag")
    | {"dropout": "share", "random_state": "seed", "dtype": ("float32", "float64")}
)


@dataclass(eq=False, repr=False, kw_only=True)
class Recommender(HeldOutScore, BaseEstimator):
    """A model that recommends to users from the items that they show, whoever they are.

    A subclass has its settings as fields, and the methods

    - `_fit(train, validation)`: learns from checked matrices; the second is None or a pair;
    - `_score(matrix)`: the scores (m, J) for a few users' items, a `csr_array` (m, J).

    Attributes
    ----------
    n_items_, n_features_in_ : int
        J.
    feature_names_in_ : ndarray of str, shape (J,)
        Names of the columns, if train is a data frame whose columns have names.
    """

    def fit(self, train, validation=None):
        """Fit to users' items.

        Parameters
        ----------
        train : sparse matrix, array or data frame of shape (I, J)
            Ones where user and item interact; each user has an item at least, and J is at least 2.
        validation : pair of such matrices of shape (n, J), optional
            Items of held-out users that are shown, and those to be found. Models that are trained epoch by
            epoch keep the one with the highest NDCG@100 on them; others do not need them.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            Before any work: a bad setting or bad data; the message says which and what was expected.
        """
        check_settings(self.get_params(), SETTINGS)
        given, train = train, training_matrix(train)
        if train.shape[1] < 2:
            raise ValueError("train has 1 item: expected at least 2, or nothing is ranked")
        validate_data(self, given, skip_check_array=True)  # keeps number and names of the columns
        if validation is not None:
            given, validation = validation, validation_matrices(validation, train.shape[1])
            for part in given:
                self._check_names(part)
        self._fit(train, validation)
        self.n_items_ = train.shape[1]
        return self

    def predict(self, matrix) -> np.ndarray:
        """Return the scores of all items, those shown included.

        Parameters
        ----------
        matrix : sparse matrix, array or data frame of shape (n, J)
            Ones for the items shown of each user, who need not be of the training and may have none.

        Returns
        -------
        ndarray of shape (n, J)
            In the estimator's `dtype`, or float64 where it has none.

        Raises
        ------
        ValueError
            If the matrix has other columns than in `fit`, or a data frame others in name or order, or other
            entries than ones.
        sklearn.exceptions.NotFittedError
            Before `fit`.
        """
        check_is_fitted(self, "n_items_")
        given, matrix = matrix, binary_matrix("matrix", matrix, self.n_items_)
        self._check_names(given)
        scores = np.empty(matrix.shape, getattr(self, "dtype", "float64"))
        for first in range(0, matrix.shape[0], SCORED_AT_ONCE):
            rows = slice(first, first + SCORED_AT_ONCE)
            scores[rows] = self._score(matrix[rows])
        return scores

    def _fit(self, train: scipy.sparse.csr_array, validation) -> None:
        raise NotImplementedError

    def _score(self, matrix: scipy.sparse.csr_array) -> np.ndarray:
        raise NotImplementedError
