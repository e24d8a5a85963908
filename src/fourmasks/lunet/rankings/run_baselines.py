"""Baselines in the ranking experiment: apart, so that work on one leaves the records of the model valid."""

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

PAIRWISE = {"bprmf": BPRMF, "neumf": NeuMF}
FROM_ITEMS = {"popularity": Popularity, "ease": EASE}
MODELS = PAIRWISE | FROM_ITEMS


def train(dataset, method, split_seed, seed, candidates=N_CANDIDATES, **settings) -> dict:
    """Fit a baseline to what leave-one-out leaves, and measure it as `run.train` does."""
    data = leave_one_out(load(dataset), split_seed, candidates)
    score, metrics = _fitted(data, method, seed, settings)
    return {"metrics": metrics | held_out_measures(score, data)}


def try_out(dataset, method, split_seed, seed, candidates=N_CANDIDATES, **settings) -> dict:
    """Fit as `train` does, and look at the validation items only."""
    data = leave_one_out(load(dataset), split_seed, candidates)
    return {"metrics": _fitted(data, method, seed, settings)[1]}


def _fitted(data, method, seed, settings):
    """Return the function that scores all items for users, and what is known of the fit."""
    train, held_out = data.split.train, data.split.validation
    start = time.perf_counter()
    if method in PAIRWISE:
        model = PAIRWISE[method](random_state=seed, **settings).fit(train, held_out)
        score = model.score
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
