"""One training run of the ranking experiment (paper, Section 5.4, Table 5)."""

import functools
import time

from fourmasks.baselines.ranking.catalogue import MODELS
from fourmasks.data.ratings import load_ratings
from fourmasks.data.splits import implicit_split
from fourmasks.learning.ranking import FullRanking
from fourmasks.mmf.models.ranking_mmf import RankingMMF

# What is fitted under which name; the rest of what a name stands for is in the settings.
OURS = {"mmf": RankingMMF, "mmf-zero": RankingMMF, "mmf-unmasked": RankingMMF}

load = functools.lru_cache(maxsize=2)(load_ratings)


@functools.lru_cache(maxsize=2)
def parts(dataset, threshold, split_seed):
    """Return the likes of a data set split, kept for the next run on the same split."""
    return implicit_split(load(dataset), threshold, seed=split_seed)


def run(dataset, method, threshold, split_seed, seed, device="cpu", **settings) -> dict:
    """Fit one method to one split and measure its rankings of all items that the user is not known to like.

    Parameters
    ----------
    dataset : str
        As `load_ratings` takes it.
    method : str
        A name in `OURS` or `MODELS`.
    threshold : float
        Ratings of at least so many stars are likes.
    split_seed : int
        Of the split, user by user: 80 % for training, 10 % for validation, 10 % for the test.
    seed : int
        Of the training.
    device : str, default "cpu"
    **settings
        Of the estimator.

    Returns
    -------
    dict
        "metrics": recall_at_10, ndcg_at_10, recall_at_20, ndcg_at_20 (test, mean over users),
        validation_ndcg_at_10, n_parameters, best_epoch, epochs, training_seconds;
        "curves": validation_ndcg_at_10 by epoch.
    """
    data = parts(dataset, threshold, split_seed)
    model, seconds = _fit(method, data, seed, device, settings)
    measures = FullRanking(data.test, data.train, data.validation).measure(model.score_items)
    metrics = {name: float(by_user.mean()) for name, by_user in measures.items()}
    return {
        "metrics": metrics | _fitted(model, seconds),
        "curves": {"validation_ndcg_at_10": model.validation_curve_},
    }


def run_trial(dataset, method, threshold, split_seed, seed, device="cpu", **settings) -> dict:
    """Fit as `run` does, and look at the validation likes only."""
    model, seconds = _fit(method, parts(dataset, threshold, split_seed), seed, device, settings)
    return {"metrics": _fitted(model, seconds)}


def _fit(method, data, seed, device, settings):
    start = time.perf_counter()
    estimator = OURS[method] if method in OURS else MODELS[method]
    model = estimator(random_state=seed, device=device, **settings).fit(data.train, data.validation)
    return model, time.perf_counter() - start


def _fitted(model, seconds):
    return {
        "validation_ndcg_at_10": max(model.validation_curve_),
        "n_parameters": model.n_parameters_,
        "best_epoch": model.best_epoch_,
        "epochs": len(model.validation_curve_),
        "training_seconds": seconds,
    }
