"""Simulated ratings, for what has to run without any file."""

from dataclasses import dataclass

import numpy as np

MEAN, USER_SPREAD, ITEM_SPREAD, TASTE_SPREAD, NOISE = 3.6, 0.4, 0.5, 0.5, 0.7
ACTIVITY_SPREAD, POPULARITY_DECAY = 0.7, 0.8


@dataclass(frozen=True)
class Law:
    """How many users, items and ratings to draw, the rank of the interaction, and the seed."""

    n_users: int
    n_items: int
    n_ratings: int
    rank: int
    seed: int


LAWS = {
    "simulated": Law(n_users=600, n_items=500, n_ratings=40_000, rank=4, seed=2024),
    "simulated-small": Law(n_users=150, n_items=120, n_ratings=4_000, rank=2, seed=2025),
}


def draw(law: Law) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    r"""Draw ratings from a law; the same law gives the same ratings.

    *Who rates what.* Pairs of user i and item j are drawn one after another without replacement, with
    probabilities proportional to :math:`a_i p_j`. The activity :math:`a_i` is log-normal,
    :math:`\ln a_i \sim N(0, 0.7^2)`; the popularity :math:`p_j = \rho_j^{-0.8}` falls with the rank
    :math:`\rho_j` of the item in a random order, which makes a long tail. Nobody chooses what he likes:
    the pairs do not depend on the ratings.

    *How.* :math:`x_{ij} = 3.6 + b_i + c_j + u_i^\top v_j + e_{ij}`, where :math:`b_i \sim N(0, 0.4^2)`,
    :math:`c_j \sim N(0, 0.5^2)`, :math:`e_{ij} \sim N(0, 0.7^2)`, and :math:`u_i` and :math:`v_j` are
    normal vectors such that :math:`u_i^\top v_j` has standard deviation 0.5. The rating is
    :math:`x_{ij}` rounded to a whole number and clipped to 1 to 5.

    Returns
    -------
    users, items : ndarray of int64, shape (n_ratings,)
        In the order of the users, then of the items.
    values : ndarray of float64, shape (n_ratings,)
    """
    rng = np.random.default_rng(law.seed)
    users, items = _pairs(law, rng)
    user_bias = USER_SPREAD * rng.standard_normal(law.n_users)
    item_bias = ITEM_SPREAD * rng.standard_normal(law.n_items)
    tastes = rng.standard_normal((law.n_users, law.rank))
    traits = TASTE_SPREAD / np.sqrt(law.rank) * rng.standard_normal((law.n_items, law.rank))
    noise = NOISE * rng.standard_normal(law.n_ratings)
    interaction = (tastes[users] * traits[items]).sum(axis=1)
    values = MEAN + user_bias[users] + item_bias[items] + interaction + noise
    return users, items, np.clip(np.rint(values), 1, 5)


def _pairs(law: Law, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    log_activity = ACTIVITY_SPREAD * rng.standard_normal(law.n_users)
    log_popularity = -POPULARITY_DECAY * np.log1p(rng.permutation(law.n_items))
    # The largest sums of a log-weight and a Gumbel variable are a draw without replacement.
    keys = log_activity[:, None] + log_popularity + rng.gumbel(size=(law.n_users, law.n_items))
    chosen = np.argpartition(-keys.ravel(), law.n_ratings - 1)[: law.n_ratings]
    return np.divmod(np.sort(chosen), law.n_items)
