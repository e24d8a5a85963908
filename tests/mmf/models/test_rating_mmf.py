"""The estimator of ratings."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from torch.utils._python_dispatch import TorchDispatchMode

from fourmasks.data.ratings import load_ratings
from fourmasks.data.splits import split
from fourmasks.mmf.models.rating_masks import RatingMasks
from fourmasks.mmf.models.rating_mmf import SHIFTS, RatingMMF


@pytest.fixture(scope="module")
def data():
    return split(load_ratings("simulated-small"), "per-user", 0, validation=0.1)


def fit(data, **settings):
    return RatingMMF(**{"rank": 6, "n_masks": 3, "batch_size": 256, "epochs": 12} | settings).fit(
        data.train, data.validation
    )


def rmse(model, part):
    return float(np.sqrt(np.mean((model.predict(part.users, part.items) - part.values) ** 2)))


@pytest.mark.parametrize("shifts", SHIFTS)
def test_every_kind_learns_and_stays_on_the_scale(data, shifts, one_thread):
    model = fit(data, shifts=shifts, epochs=30, learning_rate=0.02)
    constant = float(np.std(data.test.values - data.train.values.mean()))
    assert rmse(model, data.test) < 0.97 * constant
    predicted = model.predict(data.test.users, data.test.items)
    assert predicted.dtype == np.float32 and predicted.shape == data.test.values.shape
    assert data.train.scale[0] <= predicted.min() and predicted.max() <= data.train.scale[1]


def test_the_best_epoch_is_kept(data, one_thread):
    model = fit(data, epochs=60, patience=4, learning_rate=0.05)
    assert len(model.validation_curve_) == model.best_epoch_ + 4 < 60
    assert rmse(model, data.validation) == pytest.approx(min(model.validation_curve_), abs=1e-5)


def test_without_validation_all_epochs_are_run(data, one_thread):
    model = RatingMMF(4, n_masks=2, epochs=3).fit(data.train)
    assert model.best_epoch_ == 3 and model.validation_curve_ == []


def test_the_same_seed_gives_the_same_bits(data, one_thread):
    one, same, other = (fit(data, random_state=seed, epochs=3) for seed in (1, 1, 2))
    for a, b, c in zip(one.users_, same.users_, other.users_, strict=True):
        assert torch.equal(a, b)
        assert not torch.equal(a, c)


def test_all_ratings_at_once_are_one_step(data, one_thread):
    whole = fit(data, batch_size=None, epochs=3)
    large = fit(data, batch_size=len(data.train), epochs=3)
    assert torch.equal(whole.users_.factors, large.users_.factors)


def test_zero_shifts_are_one_diagonal_between_plain_factors(data, one_thread):
    model = fit(data, shifts="zero", dtype="float64")
    weights = RatingMasks("gaussian", 3, 6, dtype=torch.float64).common_weights()
    users, items = data.test.users[:50], data.test.items[:50]
    left, right = model.users_.factors[users], model.items_.factors[items]
    expected = (
        float(np.mean(data.train.values, dtype=np.float64))
        + model.users_.biases[users]
        + model.items_.biases[items]
        + (left * weights * right).sum(1)
    )
    np.testing.assert_allclose(model.predict(users, items), expected.clamp(1, 5), rtol=1e-6)


def test_a_constant_weight_is_a_smaller_step_of_plain_factors(data, one_thread):
    """Adam's steps do not depend on the gradient's scale: w = c is w = 1 with rate and start times sqrt(c).

    Up to Adam's epsilon, which is small beside all but the smallest gradients.
    """
    weight = float(RatingMasks("gaussian", 3, 6, dtype=torch.float64).common_weights().mean())
    root = math.sqrt(weight)
    settings = {"dtype": "float64", "epochs": 4, "learning_rate": 0.01}
    rescaled = fit(data, shifts="constant", factor_scale=0.1, **settings)
    plain = fit(data, shifts="none", factor_scale=0.1 * root, factor_learning_rate=0.01 * root, **settings)
    difference = rescaled.users_.factors * root - plain.users_.factors
    assert difference.norm() < 0.02 * plain.users_.factors.norm()
    np.testing.assert_allclose(rescaled.validation_curve_, plain.validation_curve_, rtol=1e-4)
    unscaled = fit(data, shifts="none", factor_scale=0.1, **settings)
    assert abs(unscaled.validation_curve_[-1] - plain.validation_curve_[-1]) > 1e-3


def test_fixed_shifts_stay_and_learned_ones_move(data, one_thread):
    def moved(shifts):
        start = RatingMMF(6, n_masks=3, shifts=shifts, shift_spread=1.0)
        start._shape, start._device = data.train.shape, torch.device("cpu")
        drawn = start._start(0.0, torch.Generator().manual_seed(0)).users.shifts
        return float((fit(data, shifts=shifts, shift_spread=1.0).users_.shifts - drawn).abs().max())

    assert moved("random") == 0.0
    assert moved("learned") > 0.01


def test_recommendations_are_the_best_predictions(data, one_thread):
    model = fit(data)
    users = np.array([3, 140, 3])
    items, scores = model.recommend(users, 5, exclude=data.train)
    everything = np.arange(data.train.shape[1])
    for user, found, values in zip(users, items, scores, strict=True):
        seen = set(data.train.items[data.train.users == user].tolist())
        assert not seen & set(found.tolist())
        pairs = torch.full((len(everything),), int(user)), torch.as_tensor(everything)
        predicted = model._model.predict(*pairs)
        allowed = [float(predicted[i]) for i in everything if i not in seen]
        np.testing.assert_allclose(values, sorted(allowed, reverse=True)[:5], rtol=1e-5)


def test_numbers_of_parameters(data, one_thread):
    rows = sum(data.train.shape)
    assert fit(data, epochs=1).n_parameters_ == rows * (6 + 3 + 1)
    for shifts in ("random", "zero", "constant", "none"):
        assert fit(data, shifts=shifts, epochs=1).n_parameters_ == rows * (6 + 1)


class Largest(TorchDispatchMode):
    """Notes the largest tensor that any operation makes."""

    def __init__(self):
        super().__init__()
        self.numbers = 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        made = func(*args, **(kwargs or {}))
        for tensor in made if isinstance(made, tuple | list) else (made,):
            if isinstance(tensor, torch.Tensor) and tensor.layout == torch.strided:
                self.numbers = max(self.numbers, tensor.numel())
        return made


@pytest.mark.parametrize("batch_size", (4096, None))
def test_masked_factors_are_never_there_for_all_users(batch_size, one_thread):
    """50,000 users, 10,000 items, R = 64, K = 8: one of all users' tables would have 25.6 million numbers."""
    generator, n = np.random.default_rng(0), 60_000
    users = np.concatenate([np.arange(50_000), generator.integers(0, 50_000, n - 50_000)])
    cells = np.unique(users * 10_000 + generator.integers(0, 10_000, n))
    large = replace(
        load_ratings("simulated-small"),
        users=cells // 10_000,
        items=cells % 10_000,
        values=generator.integers(1, 6, len(cells)).astype(np.float32),
        shape=(50_000, 10_000),
    )
    with Largest() as largest:
        model = RatingMMF(64, n_masks=8, batch_size=batch_size, epochs=1).fit(large)
        model.predict(large.users, large.items)
    assert largest.numbers < 50_000 * 8 * 64 / 2


@pytest.mark.parametrize(
    "settings, message",
    [
        ({"rank": 0}, "rank = 0"),
        ({"shifts": "lerned"}, "learned"),
        ({"mask": "gauss"}, "gaussian"),
        ({"dtype": "float16"}, "float16"),
        ({"batch_size": 0}, "batch_size = 0"),
        ({"learning_rate": -1.0}, "learning_rate = -1.0"),
        ({"ridge": float("nan")}, "ridge = nan"),
        ({"patience": 0}, "patience = 0"),
        ({"rank": 4.0}, "rank = 4.0: expected an integer of at least 1"),
        ({"random_state": None}, "random_state = None: expected an integer"),
        ({"learning_rate": "0.1"}, "learning_rate = '0.1': expected a finite number > 0"),
    ],
)
def test_bad_settings_are_named(data, settings, message):
    with pytest.raises(ValueError, match=message):
        fit(data, **settings)


def test_bad_input_is_named(data):
    with pytest.raises(NotFittedError, match="This RatingMMF instance is not fitted yet"):
        RatingMMF().predict([0], [0])
    with pytest.raises(NotFittedError):
        RatingMMF().recommend([0], 1)
    with pytest.raises(ValueError, match="train holds no ratings"):
        RatingMMF().fit(data.train.take(np.arange(0)))
    other = replace(data.validation, shape=(150, 121))
    with pytest.raises(ValueError, match=r"validation has shape \(150, 121\): expected that of train, "):
        RatingMMF().fit(data.train, other)
    model = fit(data, epochs=1)
    for ask, message in (
        (lambda: model.predict([0, 150], [0, 0]), "user 150 at position 1: expected 0 to 149"),
        (lambda: model.predict([0.5], [0]), "users have dtype float64: expected integers"),
        (lambda: model.predict([0, 1], [0]), r"users \(2,\) and items \(1,\): expected two arrays"),
        (lambda: model.recommend([0], 121), "n = 121: expected an integer from 1 to 120"),
        (lambda: model.recommend([0], 2.0), "n = 2.0: expected an integer"),
        (lambda: model.recommend([0], 2, exclude=other), "exclude has shape"),
    ):
        with pytest.raises(ValueError, match=message):
            ask()


def test_it_follows_scikit_learn_s_conventions(data):
    model = RatingMMF(rank=4, epochs=1)
    assert repr(model) == "RatingMMF(epochs=1, rank=4)"
    copy = clone(model).set_params(rank=5)
    assert (model.get_params()["rank"], copy.get_params()["rank"]) == (4, 5)
    assert copy.fit(data.train).users_.factors.shape == (150, 5)
    assert not hasattr(clone(copy), "users_")


def test_a_rate_that_diverges_is_reported(data):
    with pytest.raises(FloatingPointError, match="learning_rate"):
        fit(data, learning_rate=1e30, dtype="float32", epochs=5)
