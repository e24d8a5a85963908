"""One run of the ranking experiment: leave-one-out (paper, Section 3.1.2)."""

import functools
import time

import numpy as np

from fourmasks.baselines.ranking.bpr import BPRMF
from fourmasks.baselines.ranking.neumf import NeuMF
from fourmasks.baselines.top_n.ease import EASE
from fourmasks.baselines.top_n.popularity import Popularity
from fourmasks.data.held_out import N_CANDIDATES, leave_one_out
from fourmasks.learning.held_out_items import held_out_measures, sampled
from fourmasks.learning.ranking import pair_matrix
from fourmasks.lunet.models.data import load
from fourmasks.lunet.models.recommender import LUNetRecommender

PAIRWISE = {"bprmf": BPRMF, "neumf": NeuMF}
FROM_ITEMS = {"popularity": Popularity, "ease": EASE}
BASELINES = PAIRWISE | FROM_ITEMS


@functools.lru_cache(maxsize=2)
def parts(dataset, split_seed, candidates):
    """Return a data set with one rating of each user held out, kept for the next run on the same split."""
    return leave_one_out(load(dataset), split_seed, candidates)


def run(dataset, method, split_seed, seed, device="cpu", candidates=N_CANDIDATES, **settings) -> dict:
    """Fit a recommender to what leave-one-out leaves, and measure where it ranks what is held out.

    Parameters
    ----------
    dataset : str
        As `load_ratings` takes it.
    method : str
        A name; what it stands for is in the settings.
    split_seed : int
        Of `leave_one_out`.
    seed : int
        Of the training.
    device : str, default "cpu"
    candidates : int, default 100
        Of `leave_one_out`.
    **settings
        Of `LUNetRecommender`. With a `patience` the epoch with the highest NDCG@10 on the validation items is
        kept, each ranked among its candidates; else the last is.

    Returns
    -------
    dict
        "metrics": those of `held_out_measures`; validation_ndcg_at_10, n_parameters, best_epoch, epochs and
        training_seconds. "curves": train_loss and validation_ndcg_at_10 by epoch.
    """
    data = parts(dataset, split_seed, candidates)
    model, metrics, curves = _fitted(data, seed, device, settings)
    return {"metrics": metrics | held_out_measures(model.score_items, data), "curves": curves}


def run_trial(dataset, method, split_seed, seed, device="cpu", candidates=N_CANDIDATES, **settings) -> dict:
    """Fit as `run` does, and look at the validation items only."""
    _, metrics, curves = _fitted(parts(dataset, split_seed, candidates), seed, device, settings)
    return {"metrics": metrics, "curves": curves}


def run_baseline(dataset, method, split_seed, seed, candidates=N_CANDIDATES, **settings) -> dict:
    """Fit a baseline to what leave-one-out leaves, and measure it as `run` does."""
    data = leave_one_out(load(dataset), split_seed, candidates)
    score, metrics = _fitted_baseline(data, method, seed, settings)
    return {"metrics": metrics | held_out_measures(score, data)}


def run_baseline_trial(dataset, method, split_seed, seed, candidates=N_CANDIDATES, **settings) -> dict:
    """Fit as `run_baseline` does, and look at the validation items only."""
    data = leave_one_out(load(dataset), split_seed, candidates)
    return {"metrics": _fitted_baseline(data, method, seed, settings)[1]}


def _fitted(data, seed, device, settings):
    held_out, found = data.split.validation, []

    def measured(model):
        ranked = sampled(model.rank_pairs, held_out.users, held_out.items, data.validation_candidates)
        found.append(ranked["ndcg_at_10"])
        return -found[-1]

    model = LUNetRecommender(random_state=seed, device=device, **settings)
    hooks = {"after_epoch": measured} if model.patience is None else {"criterion": measured}
    start = time.perf_counter()
    model.fit(data.split.train, **hooks)
    metrics = {
        "validation_ndcg_at_10": found[model.best_epoch_ - 1],
        "n_parameters": model.n_parameters_,
        "best_epoch": model.best_epoch_,
        "epochs": len(found),
        "training_seconds": time.perf_counter() - start,
    }
    return model, metrics, {"train_loss": model.loss_curve_, "validation_ndcg_at_10": found}


def _fitted_baseline(data, method, seed, settings):
    """Return the function that scores all items for users, and what is known of the fit."""
    train, held_out = data.split.train, data.split.validation
    start = time.perf_counter()
    if method in PAIRWISE:
        model = PAIRWISE[method](random_state=seed, **settings).fit(train, held_out)
        score = model.score_items
        found = {"n_parameters": model.n_parameters_, "best_epoch": model.best_epoch_}
    else:
        shown = pair_matrix(train).astype(np.float32)
        model = FROM_ITEMS[method](**settings).fit(shown[np.diff(shown.indptr) > 0])
        found = {}

        def score(users):
            return model.predict(shown[users])

    found["training_seconds"] = time.perf_counter() - start
    scores = score(np.arange(train.shape[0]))
    ranked = sampled(
        lambda users, items: scores[users, items],
        held_out.users, held_out.items, data.validation_candidates,
    )  # fmt: skip
    return score, found | {"validation_ndcg_at_10": ranked["ndcg_at_10"]}
