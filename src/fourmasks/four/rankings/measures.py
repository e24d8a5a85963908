"""How well lists find what is hidden, and what that costs: how many items they show, and how popular ones."""

from collections.abc import Callable

import numpy as np

from fourmasks.four.rankings.data import Hidden
from fourmasks.learning.held_out_users import measured_users, recall
from fourmasks.learning.ranking import ndcg, top_items

DEPTH, SHORT = 100, 20  # of the lists that NDCG and recall look at
AT_ONCE = 500  # users


def lists(score: Callable[[np.ndarray], np.ndarray], hidden: Hidden) -> tuple[np.ndarray, np.ndarray]:
    """Return the users (n,) who have a target, and the best items (n, min(100, J)) for each, best first.

    Parameters
    ----------
    score : callable
        `score(rows)` returns the scores (m, J) of all items for some rows of what is hidden.
    hidden : Hidden
    """
    users = measured_users(hidden.targets)
    depth = min(DEPTH, hidden.targets.shape[1])
    parts = [
        top_items(score(rows), depth, hidden.known[rows])
        for rows in np.split(users, range(AT_ONCE, len(users), AT_ONCE))
    ]
    return users, np.concatenate(parts)


def accuracy(users: np.ndarray, items: np.ndarray, hidden: Hidden) -> dict[str, np.ndarray]:
    """Return recall_at_20 and ndcg_at_100 (n,) of lists (n, k), as Liang et al. (2018) define them."""
    targets = hidden.targets[users]
    hits = np.take_along_axis(targets.toarray() > 0, items, axis=1)
    n_targets = np.diff(targets.indptr)
    return {"recall_at_20": recall(hits[:, :SHORT], n_targets, SHORT), "ndcg_at_100": ndcg(hits, n_targets)}


def variety(items: np.ndarray, train) -> dict[str, float]:
    """Return what the first 20 places of lists (n, k) show.

    Returns
    -------
    dict
        coverage_at_20: the share of all items that stand in a list; novelty_at_20: the mean self-information
        of a place in bits, -log2 of the share of training users who have its item, with one user more for
        each (Vargas and Castells, 2011).
    """
    counts = np.bincount(train.indices, minlength=train.shape[1])
    first = items[:, :SHORT]
    information = -np.log2((counts[first] + 1) / (train.shape[0] + 1))
    return {
        "coverage_at_20": len(np.unique(first)) / train.shape[1],
        "novelty_at_20": float(information.mean()),
    }
