"""What every rating model has to do, whatever it is."""

import math
from itertools import pairwise

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

from fourmasks.baselines.ratings.catalogue import MODELS, SPACES
from fourmasks.baselines.ratings.llorma import LLORMA
from fourmasks.data.ratings import make_ratings

GRADIENT = [name for name in MODELS if name != "llorma"]
QUICK = {
    "pmf": {"rank": 2, "learning_rate": 0.02, "ridge": 6.0},
    "svd++": {"rank": 2, "learning_rate": 0.02},
    "llorma": {"rank": 2, "n_local": 4},
    "autorec": {"n_hidden": 20, "learning_rate": 0.01, "batch_size": 16},
    "rbm": {"n_hidden": 10, "learning_rate": 0.01, "batch_size": 16},
    "nnmf": {"rank": 4, "n_features": 4, "n_hidden": 12, "batch_size": 256, "ridge": 5.0},
}
every_model = pytest.mark.parametrize("name", MODELS)


def make(name, **settings):
    return MODELS[name](**QUICK[name] | {"epochs": 2} | settings)


def rmse(model, part):
    return float(np.sqrt(np.mean((model.predict(part.users, part.items) - part.values) ** 2)))


def average_rmse(data):
    """The error of the mean plus each item's damped average."""
    train, test = data.train, data.test
    mean = train.values.mean()
    sums = np.bincount(train.items, train.values - mean, train.shape[1])
    averages = sums / (np.bincount(train.items, minlength=train.shape[1]) + 5)
    return float(np.sqrt(np.mean((mean + averages[test.items] - test.values) ** 2)))


@every_model
def test_beats_the_averages_of_the_items(name, simulated):
    model = make(name, epochs=60).fit(simulated.train, simulated.validation)
    assert rmse(model, simulated.test) < average_rmse(simulated)


@every_model
def test_the_best_epoch_is_kept(name, simulated):
    model = make(name, epochs=60, patience=1).fit(simulated.train, simulated.validation)
    curve = model.validation_curve_
    assert model.best_epoch_ <= len(curve) == len(model.seconds_) < 60
    assert min(curve) == curve[model.best_epoch_ - 1]
    if name in GRADIENT:
        assert len(curve) == model.best_epoch_ + 1 and curve[-1] >= min(curve)
    else:
        assert all(before - after >= LLORMA.least_gain for before, after in pairwise(curve[:-1]))
        assert curve[-2] - curve[-1] < LLORMA.least_gain
    assert rmse(model, simulated.validation) == pytest.approx(min(curve), abs=1e-6)
    again = make(name, epochs=model.best_epoch_).fit(simulated.train)
    pairs = simulated.test.users, simulated.test.items
    np.testing.assert_array_equal(model.predict(*pairs), again.predict(*pairs))


@every_model
def test_without_validation_all_epochs_are_run(name, simulated):
    for validation in (None, simulated.validation.take(np.arange(0))):
        model = make(name, epochs=3).fit(simulated.train, validation)
        assert model.best_epoch_ == len(model.seconds_) == 3 and model.validation_curve_ == []


@every_model
def test_the_same_seed_gives_the_same_bits(name, simulated):
    pairs = simulated.test.users, simulated.test.items
    one, same, other = (
        make(name, random_state=seed).fit(simulated.train, simulated.validation).predict(*pairs)
        for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(one, same)
    assert not np.array_equal(one, other)


@every_model
def test_predictions_are_in_the_order_of_the_pairs(name, simulated):
    model = make(name).fit(simulated.train)
    users, items = simulated.test.users, simulated.test.items
    order = np.random.default_rng(0).permutation(len(users))
    shuffled = model.predict(users[order], items[order])
    np.testing.assert_allclose(shuffled, model.predict(users, items)[order], rtol=1e-5)


@every_model
def test_predictions_stay_on_the_scale(name, simulated):
    train = simulated.train
    extreme = np.where(train.users % 2 == 0, 1, 5)
    ratings = make_ratings("extreme", train.users, train.items, extreme, train.shape, (1, 5))
    settings = {"epochs": 15, "learning_rate": 0.03} if name in GRADIENT else {}
    model = make(name, ridge=1e-3, **settings).fit(ratings)
    predicted = model.predict(train.users, train.items)
    assert predicted.dtype == np.float32 and predicted.shape == train.users.shape
    assert 1 <= predicted.min() and predicted.max() <= 5
    if name != "rbm":  # whose predictions are means of ratings, on the scale by themselves
        assert (predicted == 1).any() and (predicted == 5).any()


@every_model
def test_those_without_ratings_get_averages(name, simulated):
    """More users and items than there are ratings of: their predictions lie among those of the others."""
    train = simulated.train
    users, items = train.shape
    ratings = make_ratings(
        "more", train.users, train.items, train.values, (users + 2, items + 3), train.scale
    )
    model = make(name, epochs=30).fit(ratings, make_ratings(
        "more", simulated.validation.users, simulated.validation.items, simulated.validation.values,
        ratings.shape, train.scale,
    ))  # fmt: skip
    mean = float(train.values.mean())
    assert model.predict([users], [items])[0] == pytest.approx(mean, abs=0.6)
    popular = np.bincount(train.items).argsort()[-20:]
    averages = np.array([train.values[train.items == item].mean() for item in popular])
    unknown = model.predict(np.full(20, users + 1), popular)
    assert np.sqrt(np.mean((unknown - averages) ** 2)) < 1.1 * np.sqrt(np.mean((mean - averages) ** 2))


@every_model
def test_ratings_in_half_stars_on_few_places(name, tiny):
    model = make(name, epochs=3).fit(tiny)
    users, items = np.divmod(np.arange(20), 4)
    predicted = model.predict(users, items)
    assert np.isfinite(predicted).all() and predicted.min() >= 0.5 and predicted.max() <= 5


@pytest.mark.parametrize("name", GRADIENT)
def test_a_rate_that_diverges_is_reported(name, simulated):
    model = make(name, learning_rate=1e30, epochs=6)
    with pytest.raises(FloatingPointError, match="smaller learning_rate"):
        model.fit(simulated.train)
    with pytest.raises(NotFittedError):
        model.predict([0], [0])


@every_model
@pytest.mark.parametrize(
    "setting, value",
    [
        ("epochs", 0), ("patience", 1.5), ("ridge", -1.0), ("ridge", float("nan")), ("random_state", "a"),
        ("device", "gpu"),
    ],
)  # fmt: skip
def test_bad_settings_are_named(name, setting, value, simulated):
    with pytest.raises(ValueError, match=f"{setting}.*{value}"):
        make(name, **{setting: value}).fit(simulated.train)


@every_model
def test_bad_sizes_are_named(name, simulated):
    for setting in {"rank", "n_hidden", "n_features", "n_local", "batch_size"} & QUICK[name].keys():
        with pytest.raises(ValueError, match=f"{setting} = 0: expected an integer of at least 1"):
            make(name, **{setting: 0}).fit(simulated.train)


@every_model
def test_bad_ratings_and_pairs_are_named(name, simulated):
    train = simulated.train
    with pytest.raises(ValueError, match="train holds no ratings"):
        make(name).fit(train.take(np.arange(0)))
    with pytest.raises(ValueError, match="two ratings of item"):
        make(name).fit(train.take(np.array([0, 1, 1])))
    with pytest.raises(NotFittedError):
        make(name).predict([0], [0])
    model = make(name, epochs=1).fit(train)
    with pytest.raises(ValueError, match="user 150 at position 1: expected 0 to 149"):
        model.predict([0, 150], [0, 0])
    with pytest.raises(ValueError, match="expected integers"):
        model.predict([0.5], [0])
    with pytest.raises(ValueError, match="one length"):
        model.predict([0, 1], [0])


@every_model
def test_a_search_draws_settings_that_the_model_takes(name, simulated):
    space = SPACES[name]
    assert 3 <= len(space) <= 5 and all(2 <= len(values) <= 5 for values in space.values())
    lowest, highest = ({key: pick(values) for key, values in space.items()} for pick in (min, max))
    for settings in (lowest, highest):
        model = MODELS[name](epochs=1, random_state=0, device="cpu", **settings)
        model.fit(simulated.train, simulated.validation)
        assert math.isfinite(model.validation_curve_[0]) and model.n_parameters_ > 0
    assert clone(model).get_params() == model.get_params()


def test_models_and_spaces_have_the_same_names():
    assert MODELS.keys() == SPACES.keys()
