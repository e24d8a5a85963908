"""What users may rely on in all models: scikit-learn's parameters, checks before any work, pickles, score."""

import pickle

import joblib
import numpy as np
import pandas as pd
import pytest
import scipy.sparse
import torch
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, KFold

import fourmasks
from fourmasks.baselines.matrix import BlockSVD, LargestEntries, MatrixFactorization, TruncatedSVD
from fourmasks.baselines.ranking.catalogue import MODELS as RANKERS
from fourmasks.baselines.ratings.averages import DampedAverages
from fourmasks.baselines.ratings.catalogue import MODELS as RATING_MODELS
from fourmasks.baselines.top_n.catalogue import MODELS as RECOMMENDERS
from fourmasks.lunet.flows.activations import GeneralLeakySoftplus
from fourmasks.mmf.models.masks import FAMILIES
from fourmasks.mmf.models.rating_masks import FAMILIES as RATING_FAMILIES

pytestmark = pytest.mark.usefixtures("one_thread")

SHORT = {"epochs": 2, "batch_size": 512}
SMALL = {"hidden": 8, "latent": 3}

MATRIX_MODELS = [
    *(fourmasks.MMF(4, mask=mask, max_iter=2, verbose=False, device="cpu") for mask in FAMILIES),
    TruncatedSVD(2),
    BlockSVD(2, [slice(0, 4), slice(4, 8)]),
    LargestEntries(2),
    MatrixFactorization(2, epochs=3, verbose=False, device="cpu"),
]
OF_RATINGS = [
    *(fourmasks.RatingMMF(4, n_masks=2, mask=mask, **SHORT) for mask in RATING_FAMILIES),
    *(fourmasks.RatingMMF(4, shifts=shifts, **SHORT) for shifts in ("permuted", "zero", "none")),
    *(fourmasks.LUNetRecommender(network=name, dimension=4, **SHORT) for name in ("lu", "coupling", "mlp")),
    fourmasks.BiasedMF(rank=2, epochs=2),
    DampedAverages(),
    *(make(epochs=2) for make in RATING_MODELS.values()),
]
OF_LIKES = [
    *(fourmasks.RankingMMF(rank=8, n_masks=2, mask=mask, **SHORT) for mask in FAMILIES),
    *(fourmasks.RankingMMF(rank=8, shifts=shifts, **SHORT) for shifts in ("zero", "constant")),
    *(make(rank=8, **SHORT) for make in RANKERS.values()),
]
OF_USERS = [
    *(make(**SMALL, **SHORT, alignment=kind) for make in (fourmasks.MultiVAE, fourmasks.RecVAE)
      for kind in ("none", "items")),
    *(make(**{name: value for name, value in (SMALL | SHORT | {"rank": 4}).items() if hasattr(make, name)})
      for make in RECOMMENDERS.values()),
]  # fmt: skip
REGRESSORS = [fourmasks.RatingRegressor(fourmasks.BiasedMF(rank=2, epochs=2))]
ESTIMATORS = [*MATRIX_MODELS, *OF_RATINGS, *OF_LIKES, *OF_USERS, *REGRESSORS]


@pytest.fixture(scope="module")
def data():
    """What models are fitted to, and a pair of held-out users' matrices."""
    ratings = fourmasks.load_ratings("simulated-small")
    users = fourmasks.hold_out_users(fourmasks.load_interactions("simulated-small"), seed=0)
    return {
        "matrix": np.random.default_rng(0).standard_normal((8, 8)),
        "ratings": ratings,
        "likes": fourmasks.implicit_split(ratings, seed=0).train,
        "users": users.train,
        "held out": users.test_in,
        "pairs": np.column_stack((ratings.users, ratings.items)),
    }


def fitted(model, data, settings=None):
    """Return a fitted clone with other settings."""
    for kind, models in (
        ("matrix", MATRIX_MODELS), ("ratings", OF_RATINGS), ("likes", OF_LIKES), ("users", OF_USERS),
    ):  # fmt: skip
        if model in models:
            return clone(model).set_params(**settings or {}).fit(data[kind])
    return clone(model).set_params(**settings or {}).fit(data["pairs"], data["ratings"].values)


def answers(model, data):
    """Return what a fitted model says."""
    users, items = data["ratings"].users[:50], data["ratings"].items[:50]
    kind = type(model)
    if kind in {type(one) for one in MATRIX_MODELS}:
        return model.reconstruct()
    if kind in {type(one) for one in OF_LIKES}:
        return model.score_items(users)
    if kind in {type(one) for one in OF_USERS}:
        return model.predict(data["held out"])
    if kind is fourmasks.RatingRegressor:
        return model.predict(data["pairs"][:50])
    return model.predict(users, items)


def named(model):
    return f"{type(model).__name__}-{getattr(model, 'mask', getattr(model, 'network', ''))}"


every_estimator = pytest.mark.parametrize("model", ESTIMATORS, ids=named)


def test_all_public_models_are_here():
    public = {getattr(fourmasks, name) for name in fourmasks.__all__ if name != "SupportPair"}
    models = {one for one in public if isinstance(one, type) and hasattr(one, "fit")}
    assert models == models & {type(model) for model in ESTIMATORS}
    assert {fourmasks.MMF, fourmasks.RatingMMF, fourmasks.EASE, fourmasks.RatingRegressor} <= models


@every_estimator
def test_pickles_answer_as_the_models_do(model, data, tmp_path):
    unfitted = pickle.loads(pickle.dumps(model))
    assert repr(unfitted) == repr(model)
    ours = fitted(model, data)
    expected = answers(ours, data)
    np.testing.assert_array_equal(answers(fitted(model, data), data), expected)  # the same bits again
    joblib.dump(ours, tmp_path / "model")
    for copy in (pickle.loads(pickle.dumps(ours)), joblib.load(tmp_path / "model")):
        assert repr(copy) == repr(ours)
        np.testing.assert_array_equal(answers(copy, data), expected)


@pytest.mark.parametrize("dump", [pickle.dumps, None], ids=["pickle", "joblib"])
def test_flows_layers_and_supports_are_pickled(dump, tmp_path):
    def copied(one):
        return pickle.loads(pickle.dumps(one)) if dump else joblib.load(joblib.dump(one, tmp_path / "one")[0])

    generator = torch.Generator().manual_seed(0)
    x = torch.randn(5, 4, generator=generator)
    for flow in (
        fourmasks.LUFlow(4, 2, generator=generator),
        fourmasks.LULayer(4, GeneralLeakySoftplus(), generator=generator),
    ):
        assert torch.equal(copied(flow)(x), flow(x))
        assert torch.equal(copied(flow).inverse(x), flow.inverse(x))
    supports = fourmasks.SupportPair(np.eye(3), np.eye(3))
    assert copied(supports) == supports


@every_estimator
def test_every_parameter_is_checked_before_any_work(model, data, monkeypatch):
    monkeypatch.setattr(torch.optim, "Adam", lambda *_, **__: pytest.fail("the work began before the error"))
    for name in model.get_params(deep=False):
        for wrong in (object(), "none of these", [1, 2, 3], {}):
            if name == "checkpoint" and isinstance(wrong, str):
                continue  # a path
            with pytest.raises(ValueError, match=name):
                fitted(model, data, {name: wrong})


@every_estimator
def test_before_a_fit_there_is_nothing_to_ask(model, data):
    asks = [
        getattr(model, name)
        for name in ("reconstruct", "predict", "score", "score_items", "recommend", "posterior", "log_odds")
        if hasattr(model, name)
    ]
    assert asks
    for ask in asks:
        arguments = {"reconstruct": 0, "predict": 2, "score": 1, "recommend": 2, "log_odds": 2}
        given = [np.arange(2)] * arguments.get(ask.__name__, 1)
        if model in (*OF_USERS, *REGRESSORS) and ask.__name__ == "predict":
            given = given[:1]
        if model in REGRESSORS and ask.__name__ == "score":
            given = [data["pairs"], data["ratings"].values]
        with pytest.raises(NotFittedError):
            ask(*given)


@pytest.mark.parametrize("model", OF_USERS, ids=named)
def test_users_may_be_a_sparse_matrix_an_array_or_a_data_frame(model, data):
    expected = fitted(model, data)
    for kind in (np.ndarray.astype, pd.DataFrame):
        train, shown = (kind(data[name].toarray(), np.int8 if kind is np.ndarray.astype else None)
                        for name in ("users", "held out"))  # fmt: skip
        found = clone(model).fit(train)
        np.testing.assert_array_equal(found.predict(shown), expected.predict(data["held out"]))
        assert found.score(train) == expected.score(data["users"])
    with pytest.raises(ValueError, match="train is a masked array"):
        clone(model).fit(np.ma.array(data["users"].toarray()))
    with pytest.raises(ValueError, match="validation is of type ndarray: expected a pair of matrices"):
        clone(model).fit(np.eye(4), np.zeros(4))  # a y


@pytest.mark.parametrize("model", OF_USERS, ids=named)
def test_of_one_item_nothing_is_learned(model):
    with pytest.raises(ValueError, match="train has 1 item: expected at least 2"):
        clone(model).fit(np.ones((4, 1)))


@pytest.mark.parametrize("model", OF_USERS, ids=named)
def test_columns_that_have_names_are_asked_for_in_their_order(model, data):
    names = [f"film {j}" for j in range(data["users"].shape[1])]
    frame = pd.DataFrame(data["users"].toarray(), columns=names)
    ours = clone(model).fit(frame)
    assert (ours.n_features_in_, ours.feature_names_in_.tolist()) == (len(names), names)
    expected = ours.predict(data["held out"])
    shown = pd.DataFrame(data["held out"].toarray(), columns=names)
    np.testing.assert_array_equal(ours.predict(shown), expected)
    turned = names[::-1]
    with pytest.raises(ValueError, match="feature names should match"):
        ours.predict(shown[turned])
    with pytest.raises(ValueError, match="feature names should match"):
        ours.score(frame[turned])
    with pytest.raises(ValueError, match="feature names should match"):
        ours.fit(frame, validation=(shown[turned], 1 - shown[turned]))
    ours.fit(data["users"])
    assert ours.n_features_in_ == len(names) and not hasattr(ours, "feature_names_in_")


def test_the_score_of_users_is_the_ndcg_of_what_is_hidden():
    """Two groups of items: whoever has some of one has all of it, and EASE finds the one that is hidden."""
    groups = np.kron(np.eye(2), np.ones((20, 6)))
    model = fourmasks.EASE(l2=1.0).fit(groups)
    assert model.score(groups) == 1.0
    assert model.score(np.vstack((groups, np.zeros((3, 12))))) == 1.0  # whoever has nothing does not count
    lonely = np.eye(
        12
    )  # of one item, that is hidden: all items have equal scores, and ties go by their number
    assert model.score(lonely) == pytest.approx((1 / np.log2(np.arange(2, 14))).mean())
    assert model.score(groups, np.zeros(40)) == model.score(groups)
    for matrix, message in (
        (np.zeros((2, 12)), "no user has a target"),
        (np.ones((2, 11)), "11 columns: expected 12"),
        (2 * groups, "X holds the value 2.0"),
    ):
        with pytest.raises(ValueError, match=message):
            model.score(matrix)


@pytest.mark.parametrize("kind", [scipy.sparse.csr_array, scipy.sparse.csr_matrix, np.asarray, pd.DataFrame])
@pytest.mark.parametrize(
    ("model", "grid"),
    [
        (fourmasks.MultiVAE(**SMALL, **SHORT), {"latent": [2, 3]}),
        (fourmasks.EASE(), {"l2": [1.0, 1e6]}),
    ],
    ids=["MultiVAE", "EASE"],
)
def test_a_search_over_users(model, grid, kind, data):
    users = kind(data["users"].toarray())
    search = GridSearchCV(model, grid, cv=KFold(3), error_score="raise").fit(users)
    ((name, values),) = grid.items()
    scores = search.cv_results_["mean_test_score"]
    assert search.best_params_ == {name: values[int(scores.argmax())]}
    assert len(set(scores)) == 2
    assert (0 < scores).all() and (scores < 1).all()
