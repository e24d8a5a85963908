"""Rating models as regressors of scikit-learn: pairs of a user and an item in, ratings out.

With it a rating model can go where scikit-learn's regressors go, such as a search with cross-validation.
Experiments fit the models themselves.
"""

import inspect
from numbers import Real

import numpy as np
import scipy.sparse
from sklearn.base import BaseEstimator, RegressorMixin, clone
from sklearn.metrics import r2_score
from sklearn.utils.validation import check_consistent_length, check_is_fitted, column_or_1d, validate_data

from fourmasks.data.ratings import make_ratings
from fourmasks.learning.settings import check_settings
from fourmasks.system.arrays import plain_array

LARGEST = float(np.finfo(np.float32).max)  # that ratings are stored as
MISSING = ("nan", "NaT", "<NA>", "None")  # what stands for a value that is not there, in words


class RatingRegressor(RegressorMixin, BaseEstimator):
    """A rating model, as `RatingMMF`, `LUNetRecommender` or `BiasedMF`, that is fitted to pairs and ratings.

    A user or an item that the model has not learned, because no rating in its training is theirs, has no
    prediction of the model. The answer is then the mean of the item's ratings if the item was in `fit`, else
    that of the user's, else that of all.

    Parameters
    ----------
    model : estimator
        A rating model of this package, not fitted; a clone of it is.
    validation : float, default 0.1
        Share of the ratings that is kept from the training to stop it early, drawn at random and rounded
        down; 0 for none.
    scale : tuple of float, optional
        Lowest and highest rating that can be given, to which many models clamp. Default: those of y. Give it
        for cross-validation, where a part may lack them.
    random_state : int, default 0
        Of the draw for validation. The model has its own.

    Attributes
    ----------
    model_ : estimator
        The fitted model. It knows users and items by their positions in the next two.
    user_ids_, item_ids_ : ndarray of object
        The identifiers, in the order in which they first occur.
    n_features_in_ : int
        2.
    feature_names_in_ : ndarray of str, shape (2,)
        Names of the columns, if X is a data frame whose columns have names.

    Raises
    ------
    ValueError
        Before any work: a bad setting, bad pairs or bad ratings; the message says which and what was
        expected.
    sklearn.exceptions.NotFittedError
        In `predict` and `score`, before `fit`.

    Notes
    -----
    `GridSearchCV(RatingRegressor(RatingMMF()), {"model__rank": [2, 4]}).fit(X, y)` takes arrays and data
    frames. It would divide a sparse matrix by its rows, and no user would be known. `fit` therefore refuses
    one: give `fit(*rating_pairs(matrix))`.
    """

    def __init__(self, model, *, validation=0.1, scale=None, random_state=0):
        self.model = model
        self.validation = validation
        self.scale = scale
        self.random_state = random_state

    def fit(self, X, y=None):
        """Fit a clone of the model.

        Parameters
        ----------
        X : array-like or data frame of shape (n, 2)
            A user and an item in each row, every pair once: numbers, strings or whatever identifies them.
        y : array-like of shape (n,)
            The ratings.

        Returns
        -------
        self
        """
        check_settings(self.get_params(), {"validation": "share", "random_state": "seed"})
        self._check_model()
        users, items = self._columns(X, reset=True)
        values = self._values(users, y)
        (users, user_numbers), (items, item_numbers) = _numbered("user", users), _numbered("item", items)
        self._numbers = user_numbers, item_numbers
        self.user_ids_, self.item_ids_ = (np.fromiter(ids, object, len(ids)) for ids in self._numbers)
        self._check_once(users, items)
        self._mean = values.mean()
        self._means = [np.bincount(numbers, values) / np.bincount(numbers) for numbers in (users, items)]
        shape = len(self.user_ids_), len(self.item_ids_)
        ratings = make_ratings("y", users, items, values, shape, self._scale(values))
        held_out = np.zeros(len(values), bool)
        order = np.random.default_rng(int(self.random_state)).permutation(len(values))
        held_out[order[: int(self.validation * len(values))]] = True
        train, validation = ratings.take(~held_out), ratings.take(held_out)
        self._learned = [
            np.bincount(numbers, minlength=n) > 0
            for numbers, n in zip((train.users, train.items), shape, strict=True)
        ]
        self.model_ = clone(self.model).fit(train, validation if len(validation) else None)
        return self

    def predict(self, X) -> np.ndarray:
        """Return predicted ratings (n,), float64, for pairs as in `fit`; see above for those never seen."""
        check_is_fitted(self)
        kinds, columns = ("user", "item"), self._columns(X, reset=False)
        pairs = [_looked_up(*one) for one in zip(kinds, columns, self._numbers, strict=True)]
        ratings = np.full(len(pairs[0]), self._mean)
        by_model = np.ones(len(pairs[0]), bool)
        for numbers, means, learned in zip(pairs, self._means, self._learned, strict=True):
            known = numbers >= 0
            ratings[known] = means[numbers[known]]  # that of the item, which comes second, stands
            by_model &= known & learned[numbers]
        if by_model.any():
            ratings[by_model] = self.model_.predict(*(numbers[by_model] for numbers in pairs))
        return ratings

    def score(self, X, y=None, sample_weight=None) -> float:
        """Return R² of the predictions, as regressors of scikit-learn do.

        Parameters
        ----------
        X : array-like or data frame of shape (n, 2)
            Pairs as in `fit`.
        y : array-like of shape (n,)
            Their ratings.
        sample_weight : array-like of shape (n,), optional
        """
        predicted = self.predict(X)
        self._values(predicted, y)
        return r2_score(y, predicted, sample_weight=sample_weight)

    def _check_model(self) -> None:
        model = self.model
        is_estimator = hasattr(model, "get_params") and not isinstance(model, type)
        if not is_estimator or _arguments(getattr(model, "predict", None)) != ["users", "items"]:
            raise ValueError(
                f"model = {model!r}: expected a rating model, such as RatingMMF(), with predict(users, items)"
            )

    def _columns(self, X, reset):
        if scipy.sparse.issparse(X):
            raise ValueError(
                "X is a sparse matrix: expected pairs and their ratings, as rating_pairs(X) returns; without"
                " them a search would divide the matrix by users"
            )
        pairs = plain_array("X", X, object)
        if pairs.ndim != 2 or pairs.shape[1] != 2:
            raise ValueError(f"X has shape {pairs.shape}: expected pairs (n, 2), a user and an item each")
        validate_data(self, X, reset=reset, skip_check_array=True)
        return pairs.T.tolist()

    def _values(self, users, y) -> np.ndarray:
        if y is None:
            raise ValueError(
                "y is None: expected a rating for each pair; RatingRegressor requires y to be passed"
            )
        values = column_or_1d(plain_array("y", y, np.float64), warn=True)
        check_consistent_length(users, values)
        if not len(values):
            raise ValueError("y holds no ratings: expected at least one")
        wrong = ~(np.abs(values) <= LARGEST)  # nan is not
        if wrong.any():
            place = int(wrong.argmax())
            raise ValueError(
                f"y is {values[place]} at position {place}: expected finite numbers, of size {LARGEST:.1e} at"
                " most, which float32 can hold"
            )
        return values

    def _check_once(self, users, items) -> None:
        cells, firsts = np.unique(users * len(self.item_ids_) + items, return_index=True)
        if len(cells) < len(users):
            place = np.setdiff1d(np.arange(len(users)), firsts)[0]
            user, item = self.user_ids_[users[place]], self.item_ids_[items[place]]
            raise ValueError(
                f"X has user {user!r} and item {item!r} twice: expected every pair once, merge them"
            )

    def _scale(self, values) -> tuple[float, float]:
        if self.scale is None:
            return values.min(), values.max()
        given = self.scale
        if not (
            isinstance(given, tuple | list)
            and len(given) == 2
            and all(isinstance(end, Real) for end in given)
            and given[0] < given[1]
        ):
            raise ValueError(f"scale = {given!r}: expected the lowest and the highest rating, as (1, 5)")
        return tuple(given)


def rating_pairs(matrix) -> tuple[np.ndarray, np.ndarray]:
    """Return the stored entries of a sparse matrix of users by items as pairs and ratings.

    Parameters
    ----------
    matrix : sparse matrix of shape (I, J)

    Returns
    -------
    X : ndarray of int, shape (n, 2)
        Row and column of each entry.
    y : ndarray of shape (n,)

    Raises
    ------
    ValueError
        If it is no sparse matrix, of which a zero may or may not be a rating.
    """
    if not scipy.sparse.issparse(matrix) or matrix.ndim != 2:
        raise ValueError(
            f"matrix is of type {type(matrix).__name__}: expected a sparse matrix of users by items"
        )
    entries = matrix.tocoo()
    return np.column_stack(entries.coords), entries.data


def _arguments(function) -> list[str]:
    return list(inspect.signature(function).parameters) if callable(function) else []


def _looked_up(kind, identifiers, numbers) -> np.ndarray:
    """Return the numbers of identifiers, -1 for those without."""
    try:
        return np.fromiter((numbers.get(one, -1) for one in identifiers), np.int64, len(identifiers))
    except TypeError as error:
        raise ValueError(
            f"X has {kind}s that identify nobody: {error}; expected numbers or strings"
        ) from error


def _numbered(kind, identifiers) -> tuple[np.ndarray, dict]:
    """Return the numbers of identifiers in the order in which they first occur, and which has which."""
    numbers = {}
    try:
        found = [numbers.setdefault(one, len(numbers)) for one in identifiers]
    except TypeError as error:
        raise ValueError(
            f"X has {kind}s that identify nobody: {error}; expected numbers or strings"
        ) from error
    for one, number in numbers.items():
        if not isinstance(one, str) and str(one) in MISSING:
            raise ValueError(
                f"X has the {kind} {one!r} at position {found.index(number)}: expected none missing"
            )
    return np.array(found, np.int64), numbers
