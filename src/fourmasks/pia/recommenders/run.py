"""One training run of the recommender experiment and of its sweep (paper, Tables 1 and 3, Figures 3 to 6)."""

import functools
import math
import time

import numpy as np

from fourmasks.baselines.top_n.catalogue import MODELS
from fourmasks.data.interactions import hold_out_users, load_interactions
from fourmasks.learning.held_out_users import measure, measured_users
from fourmasks.pia.models.multi_vae import MultiVAE
from fourmasks.pia.models.rec_vae import RecVAE

# What is fitted under which name; the rest of what a name stands for is in the settings.
OURS = {
    "multi-vae": MultiVAE, "multi-vae-clean": MultiVAE, "multi-vae+pia": MultiVAE, "multi-vae+zero": MultiVAE,
    "multi-vae+frozen": MultiVAE, "multi-vae+shuffled": MultiVAE, "rec-vae": RecVAE, "rec-vae+pia": RecVAE,
    "rec-vae+zero": RecVAE,
}  # fmt: skip
# The user groups of Table 3, by number of items, shown or not. Its "100+" begins where "51–100" ends.
GROUPS = {"5_to_10": (5, 10), "11_to_50": (11, 50), "51_to_100": (51, 100), "over_100": (101, math.inf)}
KEPT_USERS = 1000  # of the test, at most, whose own NDCG a record holds

load = functools.lru_cache(maxsize=2)(load_interactions)


@functools.lru_cache(maxsize=2)
def parts(dataset, split_seed):
    """Return the users of a data set divided, kept for the next run on the same split."""
    return hold_out_users(load(dataset), split_seed)


def run(dataset, method, split_seed, seed, device="cpu", **settings) -> dict:
    """Fit one recommender to one split and measure it on the test users.

    Parameters
    ----------
    dataset : str
        As `load_interactions` takes it.
    method : str
        A name in `OURS` or `MODELS`.
    split_seed : int
        Of the split into users of training, validation and test.
    seed : int
        Of the training.
    device : str, default "cpu"
    **settings
        Of the estimator.

    Returns
    -------
    dict
        "metrics": recall_at_20, recall_at_50 and ndcg_at_100 (test, mean over users with a target), and the
        same of each group of `GROUPS` that has such users, as ndcg_at_100_of_5_to_10; how many they are,
        users and users_of_5_to_10; validation_ndcg_at_100; training_seconds; of models that are trained epoch
        by epoch best_epoch and epochs, and n_parameters. "curves": validation_ndcg_at_100 by epoch, and as
        ndcg_at_100_of_5_to_10 that of each user, to 4 decimals, in an order that depends on the split alone;
        where more than `KEPT_USERS` are measured, of as many drawn at random.
    """
    data = parts(dataset, split_seed)
    model, found, curves = _fit(dataset, method, split_seed, seed, device, settings)
    by_user = measure(model.predict, data.test_in, data.test_out)
    users = measured_users(data.test_out)
    n_items = (np.diff(data.test_in.indptr) + np.diff(data.test_out.indptr))[users]
    return {
        "metrics": found | group_means(by_user, n_items),
        "curves": curves | user_values(by_user["ndcg_at_100"], n_items, split_seed),
    }


def run_trial(dataset, method, split_seed, seed, device="cpu", **settings) -> dict:
    """Fit as `run` does, and look at the validation users only."""
    _, found, curves = _fit(dataset, method, split_seed, seed, device, settings)
    return {"metrics": found, "curves": curves}


def group_means(by_user: dict[str, np.ndarray], n_items: np.ndarray) -> dict[str, float]:
    """Return means over all users and over those of each group, and the numbers of users.

    Parameters
    ----------
    by_user : dict of str to ndarray of shape (n,)
        Measures.
    n_items : ndarray of int, shape (n,)
        Items of each user, at least 5.
    """
    found = {name: float(values.mean()) for name, values in by_user.items()} | {"users": len(n_items)}
    for group, inside in _members(n_items):
        found |= {f"{name}_of_{group}": float(values[inside].mean()) for name, values in by_user.items()}
        found[f"users_of_{group}"] = int(inside.sum())
    return found


def user_values(values: np.ndarray, n_items: np.ndarray, split_seed: int) -> dict[str, list[float]]:
    """Return the NDCG of each user, or of `KEPT_USERS` drawn at random, group by group, to 4 decimals."""
    chosen = np.arange(len(values))
    if len(values) > KEPT_USERS:
        chosen = np.sort(np.random.default_rng(split_seed).permutation(len(values))[:KEPT_USERS])
    values, n_items = values[chosen].round(4), n_items[chosen]
    return {f"ndcg_at_100_of_{group}": values[inside].tolist() for group, inside in _members(n_items)}


def _members(n_items):
    """Yield the name of each group that is not empty, and which users are in it."""
    for group, (least, most) in GROUPS.items():
        inside = (least <= n_items) & (n_items <= most)
        if inside.any():
            yield group, inside


def _fit(dataset, method, split_seed, seed, device, settings):
    """Return a fitted model, what is known of the fit, and its validation curve if it has one."""
    data = parts(dataset, split_seed)
    validation = data.validation_in, data.validation_out
    estimator = OURS[method] if method in OURS else MODELS[method]
    takes = estimator().get_params()
    outer = {name: value for name, value in (("random_state", seed), ("device", device)) if name in takes}
    start = time.perf_counter()
    model = estimator(**outer, **settings).fit(data.train, validation)
    found = {"training_seconds": time.perf_counter() - start}
    ndcg = measure(model.predict, *validation, recall_at=())["ndcg_at_100"]
    found["validation_ndcg_at_100"] = float(ndcg.mean())
    curve = getattr(model, "validation_curve_", None)
    if curve is None:
        return model, found, {}
    found |= {"best_epoch": model.best_epoch_, "epochs": len(curve), "n_parameters": model.n_parameters_}
    return model, found, {"validation_ndcg_at_100": curve}
