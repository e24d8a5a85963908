"""One run of the comparison of recommenders: any of them, for users or for items held out, measured alike."""

import math
import time
from collections.abc import Callable
from functools import partial

import numpy as np

from fourmasks.baselines.ranking.bpr import BPRMF
from fourmasks.baselines.ranking.graph import LightGCN
from fourmasks.baselines.top_n.ease import EASE
from fourmasks.baselines.top_n.factorization import WMF
from fourmasks.baselines.top_n.popularity import Popularity
from fourmasks.data.ratings import Ratings, make_ratings
from fourmasks.four.memory import fit_memory
from fourmasks.four.models.supported_ease import SupportedEASE
from fourmasks.four.rankings.data import Hidden, parts
from fourmasks.four.rankings.measures import accuracy, lists, variety
from fourmasks.learning.held_out_users import measured_users
from fourmasks.lunet.models.recommender import LUNetRecommender
from fourmasks.mmf.models.ranking_mmf import RankingMMF
from fourmasks.pia.models.multi_vae import MultiVAE
from fourmasks.pia.models.rec_vae import RecVAE

# Models that recommend to anybody whose items they are shown.
FROM_ITEMS = {
    "popularity": Popularity, "ease": EASE, "wmf": WMF,
    "ease-supported": SupportedEASE, "ease-cut": SupportedEASE, "similar-items": SupportedEASE,
    "multi-vae": MultiVAE, "multi-vae+pia": MultiVAE, "rec-vae": RecVAE, "rec-vae+pia": RecVAE,
}  # fmt: skip
# Models with numbers for each user, who must be of the training.
OF_USERS = {
    "bprmf": BPRMF, "lightgcn": LightGCN, "mmf": RankingMMF, "mmf-unmasked": RankingMMF,
    "lu-net-implicit": LUNetRecommender,
}  # fmt: skip
# Users by how many items they have, shown or not; as in the PIA paper, Table 3.
GROUPS = {"5_to_10": (0, 10), "11_to_50": (11, 50), "51_to_100": (51, 100), "over_100": (101, math.inf)}
# Users of validation, at most, by whom LU-Net is stopped: it has to score every pair, and a look at all
# users takes four times as long as an epoch.
LOOKED_AT = 200


def run(dataset, method, protocol, split_seed, seed, device="cpu", **settings) -> dict:
    """Fit one recommender to one split of the data, and measure its lists on the test.

    Parameters
    ----------
    dataset, protocol, split_seed
        As `parts` takes them.
    method : str
        A name in `FROM_ITEMS`, or in `OF_USERS` where items are held out.
    seed : int
        Of the training.
    device : str, default "cpu"
    **settings
        Of the estimator.

    Returns
    -------
    dict
        "metrics": recall_at_20 and ndcg_at_100, means over users with a target, and of each group of `GROUPS`
        that has such users, as ndcg_at_100_of_5_to_10, with their number, as users_of_5_to_10;
        coverage_at_20 and novelty_at_20, see `variety`; validation_ndcg_at_100; training_seconds, of a core,
        looks at validation among them, and inference_seconds, of a core for a thousand lists; n_parameters;
        of models that are trained epoch by epoch best_epoch and epochs. "curves": of these models validation,
        what stops them, by epoch.
    """
    data = parts(dataset, protocol, split_seed)
    fit = prepared(dataset, method, protocol, split_seed, seed, device, **settings)
    score, found, curves = _fitted(fit, method, data)
    start = time.process_time()
    users, items = lists(lambda rows: score(data.test, rows), data.test)
    found["inference_seconds"] = 1000 * (time.process_time() - start) / len(users)
    by_user = accuracy(users, items, data.test)
    n_items = np.diff(data.test.known.indptr) + np.diff(data.test.targets.indptr)
    found |= by_group(by_user, n_items[users]) | variety(items, data.train)
    return {"metrics": found, "curves": curves}


def run_trial(dataset, method, protocol, split_seed, seed, device="cpu", **settings) -> dict:
    """Fit as `run` does, and look at what is hidden for validation only.

    A training that diverges has found nothing, and is marked by `diverged`.
    """
    fit = prepared(dataset, method, protocol, split_seed, seed, device, **settings)
    start = time.process_time()
    try:
        _, found, curves = _fitted(fit, method, parts(dataset, protocol, split_seed))
    except FloatingPointError:
        found, curves = {"validation_ndcg_at_100": 0.0, "diverged": 1}, {}
        found["training_seconds"] = time.process_time() - start
    return {"metrics": found, "curves": curves}


def run_memory(**parameters) -> dict:
    """Return in "metrics" memory_mb, see `fit_memory`, of the fit that `run` would make."""
    return {"metrics": {"memory_mb": fit_memory(prepared, parameters)}, "curves": {}}


def prepared(dataset, method, protocol, split_seed, seed, device="cpu", **settings) -> Callable:
    """Return a call that fits the model of a run, which it takes as `run` does, and returns it."""
    data = parts(dataset, protocol, split_seed)
    estimator = (FROM_ITEMS | OF_USERS)[method]
    takes = estimator().get_params()
    outer = {name: value for name, value in (("random_state", seed), ("device", device)) if name in takes}
    model = estimator(**outer, **settings)
    if method in FROM_ITEMS:
        return partial(model.fit, data.train, (data.validation.shown, data.validation.targets))
    if isinstance(model, LUNetRecommender):
        return partial(model.fit, as_ratings(data.train), criterion=_stopping(data.validation, seed))
    return partial(model.fit, as_ratings(data.train), as_ratings(data.validation.targets))


def by_group(by_user: dict[str, np.ndarray], n_items: np.ndarray) -> dict[str, float]:
    """Return means over all users and over those of each of `GROUPS`, and how many users these are."""
    found = {name: float(values.mean()) for name, values in by_user.items()}
    for group, (least, most) in GROUPS.items():
        inside = (least <= n_items) & (n_items <= most)
        if inside.any():
            found[f"users_of_{group}"] = int(inside.sum())
            found |= {f"{name}_of_{group}": float(values[inside].mean()) for name, values in by_user.items()}
    return found


def _fitted(fit, method, data) -> tuple[Callable, dict, dict]:
    """Return what scores items for rows of what is hidden, what is known of the fit, and its curve."""
    start = time.process_time()
    model = fit()
    found = {"training_seconds": time.process_time() - start, "n_parameters": _size(model)}

    def score(hidden, rows):
        if method in FROM_ITEMS:
            return np.asarray(model.predict(hidden.shown[rows]))
        return model.score_items(rows)

    users, items = lists(lambda rows: score(data.validation, rows), data.validation)
    ndcg = accuracy(users, items, data.validation)["ndcg_at_100"]
    found["validation_ndcg_at_100"] = float(ndcg.mean())
    curve = getattr(model, "validation_curve_", None)
    if curve is None:
        return score, found, {}
    return score, found | {"best_epoch": model.best_epoch_, "epochs": len(curve)}, {"validation": curve}


def _size(model) -> int:
    """Return how many numbers a model has learned: of a matrix of items by items those that are not zero."""
    match model:
        case Popularity():
            return len(model.counts_)
        case WMF():
            return model.user_factors_.size + model.item_factors_.size
        case EASE():
            return int(np.count_nonzero(model.weights_))
        case SupportedEASE():
            return model.weights_.nnz
    return model.n_parameters_


def _stopping(validation: Hidden, seed: int) -> Callable:
    """Return what stops a model that has to score every pair: the negative NDCG@100 of a few users."""
    few = np.random.default_rng(seed).permutation(measured_users(validation.targets))[:LOOKED_AT]
    few = np.sort(few)
    hidden = Hidden(*(part[few] for part in (validation.shown, validation.targets, validation.known)))

    def criterion(fitted):
        users, items = lists(lambda rows: fitted.score_items(few[rows]), hidden)
        return -float(accuracy(users, items, hidden)["ndcg_at_100"].mean())

    return criterion


def as_ratings(matrix) -> Ratings:
    """Return ones as ratings of 1, for models that take pairs."""
    users, items = matrix.nonzero()
    return make_ratings("pairs", users, items, np.ones(len(users)), matrix.shape, (0, 1))
