"""Baselines without a network in the rating experiment: apart, so that other records stay valid."""

import time

from fourmasks.baselines.ratings.averages import DampedAverages
from fourmasks.baselines.ratings.biased_mf import BiasedMF
from fourmasks.data.held_out import split_per_user
from fourmasks.learning.metrics import mean_squared_error
from fourmasks.lunet.models.data import load

MODELS = {"averages": DampedAverages, "biased-mf": BiasedMF}


def train(dataset, method, split_seed, validation, seed, **settings) -> dict:
    """Fit a baseline to one split; the parameters are those of `run.train`.

    Returns
    -------
    dict
        "metrics": test_mse, test_mse_clamped, n_parameters, training_seconds and, with validation ratings,
        validation_mse.
    """
    data, model, metrics = _fitted(dataset, method, split_seed, validation, seed, settings)
    predicted, values = model.predict(data.test.users, data.test.items), data.test.values
    return {
        "metrics": metrics
        | {
            "test_mse": mean_squared_error(predicted, values),
            "test_mse_clamped": mean_squared_error(predicted.clip(*data.test.scale), values),
        }
    }


def try_out(dataset, method, split_seed, validation, seed, **settings) -> dict:
    """Fit as `train` does, and look at the validation ratings only."""
    return {"metrics": _fitted(dataset, method, split_seed, validation, seed, settings)[-1]}


def _fitted(dataset, method, split_seed, validation, seed, settings):
    data = split_per_user(load(dataset), split_seed, validation)
    own = {"random_state": seed} if "random_state" in MODELS[method]().get_params() else {}
    start = time.perf_counter()
    model = MODELS[method](**settings, **own).fit(data.train, data.validation)
    found = {"training_seconds": time.perf_counter() - start, "n_parameters": model.n_parameters_}
    if len(data.validation):
        held_out = data.validation
        predicted = model.predict(held_out.users, held_out.items)
        found["validation_mse"] = mean_squared_error(predicted, held_out.values)
    return data, model, found
