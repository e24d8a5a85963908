"""One run of the rating experiment and of its sweeps (paper, Table 2, Figures 3 to 6)."""

import functools
import time

import numpy as np
import torch
from torch.nn.functional import softplus

from fourmasks.baselines.ratings.averages import DampedAverages
from fourmasks.baselines.ratings.biased_mf import BiasedMF
from fourmasks.data.held_out import split_per_user
from fourmasks.learning.metrics import mean_squared_error
from fourmasks.lunet.models.data import load
from fourmasks.lunet.models.losses import HybridLoss
from fourmasks.lunet.models.negatives import NonInteractions
from fourmasks.lunet.models.recommender import LUNetRecommender
from fourmasks.lunet.ratings.reconstruction import conditions, decoded, round_trip

BASELINES = {"averages": DampedAverages, "biased-mf": BiasedMF}  # without a network
FIT_PAIRS, MEASURED_PAIRS = 50_000, 20_000  # at most, to fit decoders with and to measure them on
GRID = 300  # users, and items, at most, whose pairs tell how much of the predictions is interaction


@functools.lru_cache(maxsize=2)
def parts(dataset, split_seed, validation):
    """Return a data set split, kept for the next run on the same split."""
    return split_per_user(load(dataset), split_seed, validation)


def run(dataset, method, split_seed, validation, seed, device="cpu", decoder_epochs=0, **settings) -> dict:
    """Fit a recommender to one split and measure it.

    Parameters
    ----------
    dataset : str
        As `load_ratings` takes it.
    method : str
        A name; what it stands for is in the settings.
    split_seed : int
        Of the split, 80 to 20 per user.
    validation : float
        Share of the training ratings that is kept apart. With a `patience` among the settings training is
        stopped on them; else the last epoch is kept, and what stopping would have given is a metric.
    seed : int
        Of the training.
    device : str, default "cpu"
    decoder_epochs : int, default 0
        Of the decoder that is fitted to the network's output; 0 for no decoders.
    **settings
        Of `LUNetRecommender`.

    Returns
    -------
    dict
        "metrics": test_mse; test_mse_clamped, with predictions clamped to the scale; train_mse, of the last
        epoch; train_loss_ratio and test_loss_ratio, last epoch over first; interaction_share, see there;
        those of `reconstruction`, on pairs of the test, also with "untrained_" before their names;
        validation_mse, and stopped_test_mse and stopped_epoch, at the epoch with the lowest validation error;
        n_parameters, n_network_parameters, best_epoch, epochs, training_seconds and step_milliseconds (median
        over epochs).
        "curves", by epoch: train_mse, train_entropy, train_loss, test_mse, test_entropy, test_loss and, with
        validation ratings, validation_mse.
    """
    data = parts(dataset, split_seed, validation)
    model = LUNetRecommender(random_state=seed, device=device, **settings)
    watch = _Watch(data, HybridLoss(model.gamma), seed)
    _fit(model, data, watch)
    curves = watch.curves | {
        "train_mse": model.mse_curve_,
        "train_entropy": model.entropy_curve_,
        "train_loss": model.loss_curve_,
    }
    metrics = _fitted(model, data, curves) | _errors(model, data, seed) | _from_curves(curves)
    return {"metrics": metrics | _reconstruction(model, data, seed, decoder_epochs), "curves": curves}


def run_trial(dataset, method, split_seed, validation, seed, device="cpu", **settings) -> dict:
    """Fit as `run` does, and look at the validation ratings only."""
    data = parts(dataset, split_seed, validation)
    model = LUNetRecommender(random_state=seed, device=device, **settings).fit(data.train, data.validation)
    curves = {"validation_mse": model.validation_curve_}
    return {"metrics": _fitted(model, data, curves), "curves": curves}


def run_baseline(dataset, method, split_seed, validation, seed, **settings) -> dict:
    """Fit a baseline to one split; the parameters are those of `run`.

    Returns
    -------
    dict
        "metrics": test_mse, test_mse_clamped, n_parameters, training_seconds and, with validation ratings,
        validation_mse.
    """
    data, model, metrics = _fitted_baseline(dataset, method, split_seed, validation, seed, settings)
    predicted, values = model.predict(data.test.users, data.test.items), data.test.values
    return {
        "metrics": metrics
        | {
            "test_mse": mean_squared_error(predicted, values),
            "test_mse_clamped": mean_squared_error(predicted.clip(*data.test.scale), values),
        }
    }


def run_baseline_trial(dataset, method, split_seed, validation, seed, **settings) -> dict:
    """Fit as `run_baseline` does, and look at the validation ratings only."""
    return {"metrics": _fitted_baseline(dataset, method, split_seed, validation, seed, settings)[-1]}


def interaction_share(predictions: np.ndarray) -> float:
    """Return how much of the variance of predictions (m, n) no sum of a user's and an item's number explains.

    It is 0 for an additive model, and 0 for predictions that are all the same.
    """
    centred = predictions.astype(np.float64) - predictions.mean(dtype=np.float64)
    rest = centred - centred.mean(axis=0) - centred.mean(axis=1, keepdims=True)
    whole = float(np.square(centred).sum())
    return float(np.square(rest).sum()) / whole if whole > 0 else 0.0


def _grid(model, train, seed):
    """Return the predictions for some users and items that have ratings, all pairs of them."""
    rng = np.random.default_rng(seed)
    users, items = (
        np.sort(rng.permutation(np.unique(numbers))[:GRID]) for numbers in (train.users, train.items)
    )
    pairs = np.repeat(users, len(items)), np.tile(items, len(users))
    return model.predict(*pairs).reshape(len(users), len(items))


class _Watch:
    """Looks at the validation and test ratings after each epoch; training does not hear of the latter.

    The cross-entropy of the test is that of its pairs and of as many non-interactions, always the same ones.
    """

    def __init__(self, data, loss: HybridLoss, seed: int):
        self._data, self._loss = data, loss
        names = ["test_mse", "test_entropy", "test_loss"]
        self.curves = {name: [] for name in names + ["validation_mse"] * bool(len(data.validation))}
        generator = torch.Generator().manual_seed(seed)
        drawn = NonInteractions(data.train, data.validation, data.test)
        self._others = drawn.draw(torch.as_tensor(data.test.users), generator).numpy()

    def __call__(self, model) -> None:
        test, validation = self._data.test, self._data.validation
        mse = mean_squared_error(model.predict(test.users, test.items), test.values)
        entropy = 0.0
        if self._loss.gamma < 1:
            happened, others = (
                torch.as_tensor(model.log_odds(test.users, items)).double()
                for items in (test.items, self._others)
            )
            entropy = float(torch.cat((softplus(-happened), softplus(others))).mean())
        found = {"test_mse": mse, "test_entropy": entropy, "test_loss": self._loss.combined(mse, entropy)}
        if len(validation):
            predicted = model.predict(validation.users, validation.items)
            found["validation_mse"] = mean_squared_error(predicted, validation.values)
        for name, value in found.items():
            self.curves[name].append(value)


def _fit(model, data, watch) -> None:
    stopping = data.validation if model.patience is not None else None
    model.fit(data.train, stopping, after_epoch=watch)


def _fitted(model, data, curves) -> dict:
    steps = -(-len(data.train) // model.batch_size)
    found = {
        "n_parameters": model.n_parameters_,
        "n_network_parameters": model.n_network_parameters_,
        "best_epoch": model.best_epoch_,
        "epochs": len(model.mse_curve_),
        "training_seconds": sum(model.seconds_),
        "step_milliseconds": 1000 * float(np.median(model.seconds_)) / steps,
    }
    curve = curves.get("validation_mse")
    return found | ({"validation_mse": min(curve)} if curve else {})


def _errors(model, data, seed) -> dict:
    predicted, values = model.predict(data.test.users, data.test.items), data.test.values
    return {
        "test_mse": mean_squared_error(predicted, values),
        "test_mse_clamped": mean_squared_error(predicted.clip(*data.test.scale), values),
        "interaction_share": interaction_share(_grid(model, data.train, seed)),
    }


def _from_curves(curves) -> dict:
    found = {"train_mse": curves["train_mse"][-1]}
    for name in ("train_loss", "test_loss"):
        found[f"{name}_ratio"] = curves[name][-1] / curves[name][0]
    if "validation_mse" in curves:
        stopped = int(np.argmin(curves["validation_mse"]))
        found |= {"stopped_epoch": stopped + 1, "stopped_test_mse": curves["test_mse"][stopped]}
    return found


def _reconstruction(model, data, seed, decoder_epochs) -> dict:
    """Return errors and condition numbers of the network, before and after the training."""
    rng = np.random.default_rng(seed)
    test, fit = (
        model.network_inputs(part.users[chosen], part.items[chosen])
        for part, most in ((data.test, MEASURED_PAIRS), (data.train, FIT_PAIRS))
        for chosen in [rng.permutation(len(part))[:most]]
    )
    network = model.model_.network
    found = round_trip(network, test) | conditions(network)
    start = model.start_
    rows = start.rows(*(torch.as_tensor(part).to(start.table.device) for part in _few(data.test, rng)))
    x = start.inputs(start.table.detach(), rows.view(-1))
    untrained = round_trip(start.network, x) | conditions(start.network)
    found |= {f"untrained_{name}": value for name, value in untrained.items()}
    if decoder_epochs and network is not None:
        generator = torch.Generator().manual_seed(seed)
        shape = {"n_layers": model.n_layers, "epochs": decoder_epochs, "generator": generator}
        found |= decoded(network, fit, test, **shape)
    return found | {"embedding_variance": float(test.double().var(correction=0))}


def _few(part, rng):
    chosen = rng.permutation(len(part))[:MEASURED_PAIRS]
    return part.users[chosen], part.items[chosen]


def _fitted_baseline(dataset, method, split_seed, validation, seed, settings):
    data = split_per_user(load(dataset), split_seed, validation)
    own = {"random_state": seed} if "random_state" in BASELINES[method]().get_params() else {}
    start = time.perf_counter()
    model = BASELINES[method](**settings, **own).fit(data.train, data.validation)
    found = {"training_seconds": time.perf_counter() - start, "n_parameters": model.n_parameters_}
    if len(data.validation):
        held_out = data.validation
        predicted = model.predict(held_out.users, held_out.items)
        found["validation_mse"] = mean_squared_error(predicted, held_out.values)
    return data, model, found
