"""What every recommender has to do, whatever it is."""

import numpy as np
import pytest
import scipy.sparse
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

from fourmasks.baselines.top_n import recommender
from fourmasks.baselines.top_n.catalogue import MODELS, SPACES
from fourmasks.baselines.top_n.recommender import SETTINGS
from fourmasks.learning.settings import check_settings

NETWORK = {"batch_size": 40, "epochs": 15, "learning_rate": 0.02, "dtype": "float64"}
VARIATIONAL = NETWORK | {"hidden": 20, "latent": 5, "anneal_epochs": 5, "learning_rate": 0.01}
QUICK = {
    "popularity": {},
    "ease": {"l2": 20.0},
    "als": {"rank": 5, "l2": 2.0, "dtype": "float64"},
    "wmf": {"rank": 5, "l2": 2.0, "dtype": "float64"},
    "grals": {"rank": 5, "l2": 2.0, "neighbours": 5},
    "plrec": {"rank": 5, "l2": 2.0},
    "warp": NETWORK | {"rank": 5, "trials": 10},
    "lambdanet": VARIATIONAL | {"others": 10},
    "cdae": NETWORK | {"rank": 10},
    "ract": VARIATIONAL | {"critic_epochs": 2, "ranking_epochs": 2},
}
DRAWN = [name for name in MODELS if name not in ("popularity", "ease")]
every_model = pytest.mark.parametrize("name", MODELS)


def make(name, **settings):
    return MODELS[name](**QUICK[name] | settings)


@pytest.fixture(scope="module")
def held_out(blocks, fold):
    return fold(blocks(60, seed=1))


@pytest.fixture(scope="module")
def fitted(blocks, held_out):
    """Return the function that gives a fitted model by its name, the same for all tests."""
    models = {}

    def fit(name):
        if name not in models:
            models[name] = make(name).fit(blocks(), held_out)
        return models[name]

    return fit


@every_model
def test_beats_chance_and_popularity_on_planted_blocks(name, fitted, held_out, ndcg_by_hand):
    shown, targets = held_out
    chance = ndcg_by_hand(np.random.default_rng(0).random(shown.shape), shown, targets)
    popularity = ndcg_by_hand(fitted("popularity").predict(shown), shown, targets)
    ours = ndcg_by_hand(fitted(name).predict(shown), shown, targets)
    assert popularity > chance + 0.05
    assert ours >= popularity + (0.1 if name != "popularity" else 0)


@every_model
def test_a_user_without_items_has_finite_scores(name, fitted, held_out):
    shown = held_out[0].tolil()
    shown[7] = 0
    scores = fitted(name).predict(shown.tocsr())
    assert scores.shape == (60, 40) and scores.dtype == np.float64 and np.isfinite(scores).all()
    assert fitted(name).predict(shown.tocsr()[:0]).shape == (0, 40)


@every_model
def test_order_and_chunks_of_the_users_do_not_matter(name, fitted, held_out, monkeypatch):
    shown = held_out[0]
    whole = fitted(name).predict(shown)
    order = np.random.default_rng(0).permutation(shown.shape[0])
    np.testing.assert_allclose(fitted(name).predict(shown[order]), whole[order], rtol=1e-9, atol=1e-12)
    monkeypatch.setattr(recommender, "SCORED_AT_ONCE", 7)
    np.testing.assert_allclose(fitted(name).predict(shown), whole, rtol=1e-9, atol=1e-12)


@every_model
def test_any_sparse_format_is_taken_and_left_as_it_is(name, fitted, held_out):
    expected = fitted(name).predict(held_out[0])
    other = scipy.sparse.csr_matrix(held_out[0], dtype=np.int64)
    other.data[:3] = 0
    stored = other.nnz
    np.testing.assert_array_equal(fitted(name).predict(held_out[0].tocsc()), expected)
    fitted(name).predict(other)
    assert other.nnz == stored and (other.data[:3] == 0).all()


@pytest.mark.parametrize("name", DRAWN)
def test_the_same_seed_gives_the_same_bits(name, blocks, held_out):
    settings = {"epochs": 2} if "epochs" in QUICK[name] else {}
    one, same, other = (
        make(name, random_state=seed, **settings).fit(blocks(), held_out).predict(held_out[0])
        for seed in (1, 1, 2)
    )
    assert (one == same).all() and (one != other).any()


@every_model
def test_validation_matters_only_for_what_is_trained_by_epochs(name, fitted, blocks, held_out):
    if not hasattr(fitted(name), "validation_curve_"):
        alone = make(name).fit(blocks()).predict(held_out[0])
        assert (alone == fitted(name).predict(held_out[0])).all()
    else:
        assert 1 <= fitted(name).best_epoch_ <= len(fitted(name).validation_curve_)


@every_model
def test_a_search_draws_settings_that_are_taken(name):
    assert list(SPACES) == list(MODELS)
    defaults = MODELS[name]().get_params()
    for option, values in SPACES[name].items():
        assert len(set(values)) == len(values) > 1
        for value in values:
            check_settings(clone(MODELS[name](**{option: value})).get_params(), SETTINGS)
            assert type(value) is type(defaults[option])


@pytest.mark.parametrize(
    ("name", "settings", "message"),
    [
        ("ease", {"l2": 0.0}, "l2 = 0.0: expected a finite number > 0"),
        ("als", {"rank": 0}, "rank = 0: expected an integer"),
        ("wmf", {"confidence": -1.0}, "confidence = -1.0: expected a finite number >= 0"),
        ("wmf", {"dtype": "float16"}, "dtype 'float16'"),
        ("grals", {"graph_weight": float("nan")}, "graph_weight = nan"),
        ("grals", {"neighbours": 0}, "neighbours = 0: expected an integer"),
        ("warp", {"trials": 1.5}, "trials = 1.5"),
        ("cdae", {"dropout": 1.0}, "dropout = 1.0: expected a share"),
        ("cdae", {"user_nodes": "no"}, "user_nodes = 'no': expected True or False"),
        ("cdae", {"random_state": -1}, "random_state = -1"),
        ("lambdanet", {"learning_rate": 0.0}, "learning_rate = 0.0"),
        ("lambdanet", {"device": "cuda:99"}, "cuda:99"),
        ("ract", {"dropout": 0.0}, "dropout = 0.0: expected more than 0"),
        ("ract", {"patience": True}, "patience = True"),
    ],
)
def test_bad_settings_are_refused(name, settings, message, blocks):
    with pytest.raises(ValueError, match=message):
        make(name, **settings).fit(blocks())


@every_model
def test_bad_data_are_refused(name, blocks, held_out):
    train, (shown, targets) = blocks(), held_out
    model = make(name)
    with pytest.raises(NotFittedError):
        model.predict(shown)
    empty = train.tolil()
    empty[3] = 0
    for matrix, message in (
        (train.toarray()[0], "expected a matrix of ones and zeros, users by items"),
        (2 * train, "train holds the value 2.0: expected ones and zeros"),
        (empty.tocsr(), "1 of 160 users of train have no items"),
        (train[:0], "0 of 0 users"),
    ):
        with pytest.raises(ValueError, match=message):
            model.fit(matrix)
    for pair, message in (
        (shown, "validation is of type csr_array: expected a pair of matrices"),
        ((shown[:, :5], targets), "5 columns: expected 40"),
        ((shown[:5], targets), "5 and 60 users"),
        ((shown, shown), "none that is in the input"),
        ((shown, 0 * targets), "expected one at least"),
    ):
        with pytest.raises(ValueError, match=message):
            model.fit(train, pair)


def test_other_columns_than_those_of_the_training_are_refused(fitted, held_out):
    with pytest.raises(ValueError, match="matrix has 7 columns: expected 40"):
        fitted("ease").predict(held_out[0][:, :7])
