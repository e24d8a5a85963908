"""One training run of the rating experiment (paper, Section 5.3, Tables 4 and 7)."""

import functools
import time

import numpy as np

from fourmasks.baselines.ratings.catalogue import MODELS
from fourmasks.data.ratings import load_ratings
from fourmasks.data.splits import split
from fourmasks.mmf.models.rating_mmf import RatingMMF

# What is fitted under which name; the rest of what a name stands for is in the settings.
OURS = {
    "mf-plain": RatingMMF, "mf-tuned": RatingMMF, "mf-wide": RatingMMF,
    "mmf-reference": RatingMMF, "mmf-constant": RatingMMF, "mmf-learned": RatingMMF, "mmf-wide": RatingMMF,
    "mmf-unmasked": RatingMMF, "mmf-random": RatingMMF, "mmf-permuted": RatingMMF, "mmf-same-size": RatingMMF,
}  # fmt: skip

load = functools.lru_cache(maxsize=4)(load_ratings)


@functools.lru_cache(maxsize=8)
def parts(dataset, protocol, split_seed, validation):
    """Return a data set split, kept for the next run on the same split."""
    return split(load(dataset), protocol, split_seed, validation)


def run(dataset, method, protocol, split_seed, validation, seed, device="cpu", **settings) -> dict:
    """Fit one method to one split and measure its error.

    Parameters
    ----------
    dataset, protocol : str
        As `load_ratings` and `split` take them.
    method : str
        A name in `OURS` or `MODELS`.
    split_seed : int
        Of the split.
    validation : float
        Share of the training ratings for early stopping.
    seed : int
        Of the training.
    device : str, default "cpu"
    **settings
        Of the estimator.

    Returns
    -------
    dict
        "metrics": errors (in stars), validation_rmse, n_parameters, best_epoch, epochs, and seconds: of an
        epoch (median), of the training, and of the prediction of the whole test set; "curves":
        validation_rmse by epoch.
    """
    data = parts(dataset, protocol, split_seed, validation)
    model, seconds = _fit(method, data, seed, device, settings)
    start = time.perf_counter()
    predicted = model.predict(data.test.users, data.test.items)
    inference = time.perf_counter() - start
    residuals = predicted.astype(np.float64) - data.test.values
    metrics = _fitted(model) | {
        "test_rmse": float(np.sqrt(np.mean(residuals**2))),
        "test_mae": float(np.mean(np.abs(residuals))),
        "epoch_seconds": seconds / len(model.validation_curve_),
        "training_seconds": seconds,
        "inference_seconds": inference,
    }
    return {"metrics": metrics, "curves": {"validation_rmse": model.validation_curve_}}


def run_trial(dataset, method, protocol, split_seed, validation, seed, device="cpu", **settings) -> dict:
    """Fit as `run` does, and look at the validation ratings only."""
    data = parts(dataset, protocol, split_seed, validation)
    model, seconds = _fit(method, data, seed, device, settings)
    return {"metrics": _fitted(model) | {"training_seconds": seconds}}


def _fit(method, data, seed, device, settings):
    start = time.perf_counter()
    estimator = OURS[method] if method in OURS else MODELS[method]
    model = estimator(random_state=seed, device=device, **settings).fit(data.train, data.validation)
    return model, time.perf_counter() - start


def _fitted(model):
    return {
        "validation_rmse": min(model.validation_curve_),
        "n_parameters": model.n_parameters_,
        "best_epoch": model.best_epoch_,
        "epochs": len(model.validation_curve_),
    }
