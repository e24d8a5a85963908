"""One run of the comparison of rating models: any of them on any split, measured alike."""

import functools
import math
import time
from collections.abc import Callable

import numpy as np

from fourmasks.baselines.ratings.autorec import AutoRec
from fourmasks.baselines.ratings.averages import DampedAverages
from fourmasks.data.ratings import load_ratings
from fourmasks.data.splits import Split, split
from fourmasks.four.memory import fit_memory
from fourmasks.four.models.surprise_svd import SurpriseSVD
from fourmasks.lunet.models.recommender import LUNetRecommender
from fourmasks.mmf.models.rating_mmf import RatingMMF

# What is fitted under which name; the rest of what a name stands for is in the settings.
MODELS = {
    "averages": DampedAverages, "autorec": AutoRec, "lu-net-tuned": LUNetRecommender,
    "mf-tuned": RatingMMF, "mmf-learned": RatingMMF, "mmf-zero": RatingMMF, "mmf-constant": RatingMMF,
    "surprise-svd": SurpriseSVD,
}  # fmt: skip
# Users and items in groups by how many ratings they have in the training.
GROUPS = {"0_to_10": (0, 10), "11_to_30": (11, 30), "31_to_100": (31, 100), "over_100": (101, math.inf)}

load = functools.lru_cache(maxsize=2)(load_ratings)


@functools.lru_cache(maxsize=2)
def parts(dataset, protocol, split_seed, validation, share):
    """Return a data set split, with a share of what is not for the test; kept for the next run."""
    data = split(load(dataset), protocol, split_seed, validation)
    if share == 1:
        return data
    rng = np.random.default_rng(split_seed)
    return Split(*(_thinned(part, share, rng) for part in (data.train, data.validation)), data.test)


def _thinned(ratings, share, rng):
    kept = rng.permutation(len(ratings))[: round(share * len(ratings))]
    return ratings.take(np.sort(kept))


def run(dataset, method, protocol, split_seed, validation, seed, device="cpu", share=1.0, **settings) -> dict:
    """Fit one model to one split and measure its errors.

    Parameters
    ----------
    dataset, protocol : str
        As `load_ratings` and `split` take them.
    method : str
        A name in `MODELS`.
    split_seed : int
        Of the split.
    validation : float
        Share of the training ratings for early stopping.
    seed : int
        Of the training.
    device : str, default "cpu"
    share : float, default 1.0
        Of the ratings that are not for the test, drawn at random: the others are hidden from the model.
    **settings
        Of the estimator.

    Returns
    -------
    dict
        "metrics": test_rmse and test_bias, the mean error (in stars, predictions clamped to the scale); the
        same of each group of `GROUPS` of users and of items, as rmse_of_users_0_to_10 and
        bias_of_items_over_100, with the number of its test ratings, as ratings_of_users_0_to_10;
        validation_rmse; n_parameters; training_seconds, of a core, looks at validation among them;
        inference_seconds of a core for the whole test set; and best_epoch and epochs of models that are
        trained epoch by epoch. "curves": of these models validation, the error that stops them, by epoch.
    """
    data = parts(dataset, protocol, split_seed, validation, share)
    fit = prepared(dataset, method, protocol, split_seed, validation, seed, device, share, **settings)
    model, found, curves = _fitted(fit, data.validation)
    start = time.process_time()
    predicted = model.predict(data.test.users, data.test.items)
    found["inference_seconds"] = time.process_time() - start
    errors = _clamped(predicted, data.test) - data.test.values
    return {"metrics": found | _means("test_", "", errors) | by_group(errors, data), "curves": curves}


def run_trial(
    dataset, method, protocol, split_seed, validation, seed, device="cpu", share=1.0, **settings
) -> dict:
    """Fit as `run` does, and look at the validation ratings only.

    A training that diverges is marked by `diverged`, with the error of a guess at the wrong end of the scale.
    """
    data = parts(dataset, protocol, split_seed, validation, share)
    fit = prepared(dataset, method, protocol, split_seed, validation, seed, device, share, **settings)
    start = time.process_time()
    try:
        _, found, curves = _fitted(fit, data.validation)
    except FloatingPointError:
        low, high = data.train.scale
        found, curves = {"validation_rmse": high - low, "diverged": 1}, {}
        found["training_seconds"] = time.process_time() - start
    return {"metrics": found, "curves": curves}


def run_memory(**parameters) -> dict:
    """Return in "metrics" memory_mb, see `fit_memory`, of the fit that `run` would make."""
    return {"metrics": {"memory_mb": fit_memory(prepared, parameters)}, "curves": {}}


def prepared(
    dataset, method, protocol, split_seed, validation, seed, device="cpu", share=1.0, **settings
) -> Callable:
    """Return a call that fits the model of a run, which it takes as `run` does, and returns it."""
    data = parts(dataset, protocol, split_seed, validation, share)
    estimator = MODELS[method]
    takes = estimator().get_params()
    outer = {name: value for name, value in (("random_state", seed), ("device", device)) if name in takes}
    model = estimator(**outer, **settings)
    if isinstance(model, LUNetRecommender):  # by itself it is stopped by errors that are not clamped
        criterion = functools.partial(_rmse, held=data.validation)
        return functools.partial(model.fit, data.train, criterion=criterion)
    return functools.partial(model.fit, data.train, data.validation)


def by_group(errors: np.ndarray, data: Split) -> dict[str, float]:
    """Return root mean squares and means of the errors (n,) of a test by `GROUPS`, and their numbers."""
    found = {}
    for what, axis in (("users", 0), ("items", 1)):
        counts = np.bincount(getattr(data.train, what), minlength=data.train.shape[axis])
        of_pair = counts[getattr(data.test, what)]
        for group, (least, most) in GROUPS.items():
            inside = (least <= of_pair) & (of_pair <= most)
            if inside.any():
                found[f"ratings_of_{what}_{group}"] = int(inside.sum())
                found |= _means("", f"_of_{what}_{group}", errors[inside])
    return found


def _means(before: str, after: str, errors: np.ndarray) -> dict[str, float]:
    return {
        f"{before}rmse{after}": float(np.sqrt(np.mean(errors**2))),
        f"{before}bias{after}": float(np.mean(errors)),
    }


def _fitted(fit, validation):
    """Return a fitted model, what is known of the fit, and its validation curve if it has one."""
    start = time.process_time()
    model = fit()
    found = {"training_seconds": time.process_time() - start, "n_parameters": model.n_parameters_}
    found["validation_rmse"] = _rmse(model, validation)
    curve = getattr(model, "validation_curve_", None)
    if curve is None:
        return model, found, {}
    found |= {"best_epoch": model.best_epoch_, "epochs": len(curve)}
    return model, found, {"validation": curve}


def _rmse(model, held) -> float:
    errors = _clamped(model.predict(held.users, held.items), held) - held.values
    return float(np.sqrt(np.mean(errors**2)))


def _clamped(predicted: np.ndarray, ratings) -> np.ndarray:
    return predicted.astype(np.float64).clip(*ratings.scale)
