"""Rating models as scikit-learn's regressors: identifiers of any kind, whoever is new, searches."""

import numpy as np
import pandas as pd
import pytest
import scipy.sparse
from sklearn.base import BaseEstimator, clone, is_regressor
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import Ridge
from sklearn.metrics import r2_score
from sklearn.model_selection import GridSearchCV, KFold, cross_val_score

from fourmasks import (
    MMF,
    LUNetRecommender,
    MultiVAE,
    RatingMMF,
    RatingRegressor,
    load_ratings,
    rating_pairs,
)
from fourmasks.baselines.ratings.averages import DampedAverages
from fourmasks.baselines.ratings.biased_mf import BiasedMF
from fourmasks.baselines.ratings.catalogue import MODELS

pytestmark = pytest.mark.usefixtures("one_thread")

X = [["ann", 10], ["ann", 20], ["bob", 10], ["cy", 30], ["bob", 30]]
Y = [5.0, 1.0, 4.0, 2.0, 3.0]


class Memory(BaseEstimator):
    """A model that keeps what it is fitted to, and predicts 100 for all that it knows."""

    def fit(self, train, validation=None):
        self.train_, self.validation_ = train, validation
        return self

    def predict(self, users, items):
        assert np.isin(users, self.train_.users).all() and np.isin(items, self.train_.items).all()
        return np.full(len(users), 100.0)


@pytest.fixture(scope="module")
def stars():
    ratings = load_ratings("simulated-small")
    names = np.array([f"user {u}" for u in range(ratings.shape[0])])
    return pd.DataFrame({"user": names[ratings.users], "item": ratings.items}), ratings.values


@pytest.mark.parametrize(
    "make", [list, lambda x: np.array(x, object), lambda x: pd.DataFrame(x, columns=["user", "item"])]
)
def test_identifiers_are_numbered_as_they_come(make):
    model = RatingRegressor(Memory(), validation=0).fit(make(X), Y)
    assert model.user_ids_.tolist() == ["ann", "bob", "cy"]
    assert model.item_ids_.tolist() == [10, 20, 30]
    train = model.model_.train_
    assert (train.shape, train.scale, model.model_.validation_) == ((3, 3), (1.0, 5.0), None)
    cells = zip(train.users.tolist(), train.items.tolist(), train.values.tolist(), strict=True)
    assert list(cells) == [(0, 0, 5), (0, 1, 1), (1, 0, 4), (2, 2, 2), (1, 2, 3)]
    assert model.n_features_in_ == 2


def test_whoever_is_new_gets_the_documented_mean():
    model = RatingRegressor(Memory(), validation=0).fit(X, Y)
    asked = [["ann", 30], ["dan", 10], ["dan", 30], ["bob", 99], ["dan", 99], ["ANN", "10"]]
    everything = np.mean(Y)
    assert model.predict(asked).tolist() == [100, 4.5, 2.5, 3.5, everything, everything]


def test_whoever_is_in_the_validation_alone_is_new_to_the_model():
    pairs = np.column_stack((np.arange(10), np.arange(10)))
    values = np.arange(10.0)
    model = RatingRegressor(Memory(), validation=0.3, random_state=1).fit(pairs, values)
    assert (len(model.model_.train_), len(model.model_.validation_)) == (7, 3)
    held_out = set(model.model_.validation_.users.tolist())
    expected = [value if user in held_out else 100 for user, value in enumerate(values)]
    assert model.predict(pairs).tolist() == expected
    other = RatingRegressor(Memory(), validation=0.3, random_state=2).fit(pairs, values)
    assert set(other.model_.validation_.users.tolist()) != held_out


@pytest.mark.parametrize("kind", [scipy.sparse.csr_array, scipy.sparse.coo_matrix, scipy.sparse.csc_array])
def test_a_sparse_matrix_has_its_pairs_and_ratings(kind):
    matrix = kind(np.array([[5, 0, 1], [0, 3, 0]]))
    pairs, values = rating_pairs(matrix)
    assert sorted(zip(*pairs.T.tolist(), values.tolist(), strict=True)) == [(0, 0, 5), (0, 2, 1), (1, 1, 3)]
    model = RatingRegressor(Memory(), validation=0).fit(*rating_pairs(matrix))
    assert model.predict([[0, 1], [7, 2], [1, 7]]).tolist() == [100, 1, 3]


def test_it_follows_scikit_learn_s_conventions(stars):
    pairs, values = stars
    inner = BiasedMF(rank=2, epochs=3)
    model = RatingRegressor(inner)
    assert is_regressor(model)
    assert clone(model).set_params(model__rank=3).model.rank == 3
    assert inner.rank == 2
    assert model.fit(pairs, values) is model
    assert not hasattr(inner, "best_epoch_")
    assert model.feature_names_in_.tolist() == ["user", "item"]
    assert model.score(pairs, values) == r2_score(values, model.predict(pairs)) > 0.2
    with pytest.raises(ValueError, match="feature names should match"):
        model.predict(pairs[["item", "user"]])


@pytest.mark.parametrize(
    "model",
    [RatingMMF(2, n_masks=1, epochs=2), LUNetRecommender(dimension=4, epochs=1, batch_size=512)]
    + [BiasedMF(rank=2), DampedAverages(), *(make(epochs=1) for make in MODELS.values())],
    ids=lambda model: type(model).__name__,
)
def test_every_rating_model_can_be_one(model, stars):
    pairs, values = stars
    found = RatingRegressor(model).fit(pairs, values).predict(pairs)
    assert np.isfinite(found).all()
    numbers = [pairs["user"].map({name: i for i, name in enumerate(pairs["user"].unique())}), pairs["item"]]
    again = RatingRegressor(model).fit(np.column_stack(numbers), values).predict(np.column_stack(numbers))
    np.testing.assert_array_equal(found, again)


@pytest.mark.parametrize("kind", ["frame", "array", "matrix"])
def test_a_search_over_the_settings_of_the_model(stars, kind):
    pairs, values = stars
    if kind == "array":
        pairs = pairs.to_numpy()
    if kind == "matrix":
        ratings = load_ratings("simulated-small")
        matrix = scipy.sparse.csr_array((values, (ratings.users, ratings.items)), shape=ratings.shape)
        pairs, values = rating_pairs(matrix)
    search = GridSearchCV(
        RatingRegressor(RatingMMF(n_masks=1, epochs=3, batch_size=256), scale=(1, 5)),
        {"model__rank": [2, 4], "validation": [0.0, 0.1]},
        scoring="neg_root_mean_squared_error",
        cv=KFold(3, shuffle=True, random_state=0),
        error_score="raise",
    ).fit(pairs, values)
    assert search.best_estimator_.model_.rank == search.best_params_["model__rank"]
    assert (search.cv_results_["mean_test_score"] > -values.std()).all()


@pytest.mark.parametrize("scoring", [None, "neg_root_mean_squared_error"])
@pytest.mark.parametrize("error_score", [np.nan, "raise"])
def test_a_search_over_a_sparse_matrix_says_what_to_give(scoring, error_score):
    search = GridSearchCV(
        RatingRegressor(Memory()), {"validation": [0.0]}, cv=2, scoring=scoring, error_score=error_score
    )
    with pytest.raises(ValueError, match=r"X is a sparse matrix: expected pairs .* rating_pairs\(X\)"):
        search.fit(scipy.sparse.csr_array(np.ones((4, 3))))


def test_cross_validation_with_the_default_score(stars):
    scores = cross_val_score(RatingRegressor(DampedAverages()), *stars, cv=3, error_score="raise")
    assert len(scores) == 3


@pytest.mark.parametrize(
    ("settings", "pairs", "values", "message"),
    [
        ({"validation": 1.0}, X, Y, "validation = 1.0: expected a share"),
        ({"random_state": None}, X, Y, "random_state = None: expected an integer"),
        ({"scale": (5, 1)}, X, Y, r"scale = \(5, 1\): expected the lowest and the highest rating"),
        ({"scale": "1:5"}, X, Y, "scale = '1:5': expected the lowest"),
        ({"scale": (1, 4)}, X, Y, "rating 5.0 at position 0: expected 1.0 to 4.0"),
        ({"model": Memory}, X, Y, "model = .*: expected a rating model, such as RatingMMF"),
        ({"model": Ridge()}, X, Y, r"model = Ridge\(\): expected a rating model, .* predict\(users, items\)"),
        ({"model": MMF(2)}, X, Y, r"model = MMF\(.*2.*\): expected a rating model"),
        ({"model": MultiVAE()}, X, Y, r"model = MultiVAE\(\): expected a rating model"),
        ({}, [row[:1] for row in X], Y, r"X has shape \(5, 1\): expected pairs \(n, 2\)"),
        ({}, [], [], r"X has shape \(0,\)"),
        ({}, np.empty((0, 2)), [], "y holds no ratings"),
        ({}, X, None, "y is None: expected a rating for each pair"),
        ({}, X, Y[:4], "inconsistent numbers of samples"),
        ({}, X, [*Y[:4], np.nan], "y is nan at position 4: expected finite numbers"),
        ({}, X, [*Y[:4], 1e300], r"y is 1e\+300 at position 4: expected finite numbers, of size 3.4e\+38"),
        ({}, [[["ann"], 1]], Y[:1], "X has users that identify nobody: unhashable"),
        ({}, X, ["a"] * 5, "y is no array of numbers"),
        ({}, X + X[:1], [*Y, 3], "X has user 'ann' and item 10 twice: expected every pair once"),
        ({}, [["ann", 1], [None, 2]], Y[:2], "X has the user None at position 1: expected none missing"),
        ({}, [["ann", np.nan], ["ann", 2]], Y[:2], "X has the item nan at position 0"),
        ({}, pd.DataFrame({"u": ["a", "b"], "i": pd.array([1, None], "Int64")}), Y[:2], "the item <NA>"),
        ({}, np.ma.array([[1, 2]]), Y[:1], "X is a masked array"),
        ({}, scipy.sparse.eye_array(3), None, r"X is a sparse matrix: expected pairs .* rating_pairs\(X\)"),
        ({}, scipy.sparse.eye_array(3), Y[:3], "X is a sparse matrix: expected pairs"),
    ],
)
def test_what_is_refused(settings, pairs, values, message):
    with pytest.raises(ValueError, match=message):
        RatingRegressor(**{"model": Memory()} | settings).fit(pairs, values)


def test_what_a_fitted_one_refuses():
    with pytest.raises(NotFittedError):
        RatingRegressor(Memory()).predict(X)
    model = RatingRegressor(Memory()).fit(X, Y)
    for ask in (model.predict, model.score):
        with pytest.raises(ValueError, match=r"X is a sparse matrix: expected pairs .* rating_pairs\(X\)"):
            ask(scipy.sparse.eye_array(3))
    with pytest.raises(ValueError, match="y is None: expected a rating for each pair"):
        model.score(X)
    with pytest.raises(ValueError, match="X has items that identify nobody: unhashable type: 'list'"):
        model.predict([["ann", [10]]])
    with pytest.raises(ValueError, match=r"X has shape \(2,\): expected pairs"):
        model.predict(["ann", 10])
    with pytest.raises(ValueError, match="matrix is of type ndarray: expected a sparse matrix"):
        rating_pairs(np.eye(3))
