"""Measures of how well items are ranked for users: all items, by full ranking, each user by himself."""

from collections.abc import Callable, Sequence

import numpy as np
import scipy.sparse
import torch

CUTOFFS = (10, 20)


class FullRanking:
    """For each user with held-out items, all items that are not known are ranked.

    Parameters
    ----------
    held_out : Ratings
        The pairs to be found: its `users`, `items` and `shape` count, and no value.
    *known : Ratings
        The pairs that are not to be recommended, those of the training.

    Attributes
    ----------
    users : ndarray of int64, shape (m,)
        Those with held-out items, ascending.

    Raises
    ------
    ValueError
        If nothing is held out, the shapes differ, or a held-out pair is known.
    """

    def __init__(self, held_out, *known):
        for part in known:
            if part.shape != held_out.shape:
                raise ValueError(f"known pairs have shape {part.shape}: expected {held_out.shape}")
        if not len(held_out):
            raise ValueError("nothing is held out: expected at least one pair")
        relevant, excluded = pair_matrix(held_out), pair_matrix(*known, shape=held_out.shape)
        leaked = relevant.multiply(excluded).nnz
        if leaked:
            raise ValueError(f"{leaked} of the held-out pairs are known: expected disjoint parts")
        self.users = np.flatnonzero(np.diff(relevant.indptr))
        self._relevant, self._excluded = relevant[self.users], excluded[self.users]

    def measure(
        self, score: Callable[[np.ndarray], np.ndarray], cutoffs: Sequence[int] = CUTOFFS, chunk: int = 1024
    ) -> dict[str, np.ndarray]:
        """Rank the items by their scores and measure what the first of them hold.

        Parameters
        ----------
        score : callable
            `score(users)` returns the scores (len(users), number of items) of an array of users.
        cutoffs : sequence of int, default (10, 20)
        chunk : int, default 1024
            Users that are scored at once.

        Returns
        -------
        dict of str to ndarray of float64, shape (m,)
            "recall_at_10", "ndcg_at_10" and so on, for each of `users`.
        """
        parts = []
        for first in range(0, len(self.users), chunk):
            rows = slice(first, first + chunk)
            relevant = self._relevant[rows]
            top = top_items(score(self.users[rows]), max(cutoffs), self._excluded[rows])
            hits = np.take_along_axis(relevant.toarray(), top, axis=1)
            parts.append(_measures(hits, np.diff(relevant.indptr), cutoffs))
        return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def top_items(scores: np.ndarray, k: int, excluded: scipy.sparse.csr_array | None = None) -> np.ndarray:
    """Return the k items with the highest scores of each row, best first; of equal ones, the lower number.

    Parameters
    ----------
    scores : ndarray of shape (n, number of items)
    k : int
        At most the number of items.
    excluded : csr_array of shape (n, number of items), optional
        Its stored entries come last, whatever their scores.

    Returns
    -------
    ndarray of int64, shape (n, k)

    Raises
    ------
    ValueError
        If k is out of range or a score is not a number.
    """
    if not 1 <= k <= scores.shape[1]:
        raise ValueError(f"k = {k}: expected 1 to {scores.shape[1]}, the number of items")
    scores = torch.tensor(scores)  # a copy
    if scores.isnan().any():
        raise ValueError("a score is not a number: the model has diverged")
    if excluded is not None:
        rows, columns = excluded.nonzero()
        scores[torch.as_tensor(rows), torch.as_tensor(columns)] = -torch.inf
    values, items = scores.topk(k)
    items, order = items.sort(dim=1)
    items = items.gather(1, values.gather(1, order).sort(dim=1, descending=True, stable=True).indices)
    # Where the last place is shared, topk takes any of those that share it.
    last = values[:, -1:]
    shared = (scores == last).sum(1) > (values == last).sum(1)
    if shared.any():
        items[shared] = scores[shared].sort(dim=1, descending=True, stable=True).indices[:, :k]
    return items.numpy()


def recall(hits: np.ndarray, n_relevant: np.ndarray) -> np.ndarray:
    """Return which share of its relevant items each list holds.

    Parameters
    ----------
    hits : ndarray of bool, shape (n, k)
        Which places of the list hold a relevant item.
    n_relevant : ndarray of int, shape (n,)
        Number of relevant items, in the list or not, at least one.
    """
    return hits.sum(axis=1) / n_relevant


def ndcg(hits: np.ndarray, n_relevant: np.ndarray) -> np.ndarray:
    r"""Return the normalised discounted cumulative gain of each list, with gains 0 and 1.

    It is :math:`\sum_{p \in hits} 1 / \log_2(p + 1)` over the places p = 1, ..., k, divided by the same sum
    over the first min(k, number of relevant items) places (Järvelin and Kekäläinen, 2002). The parameters
    are those of `recall`.
    """
    k = hits.shape[1]
    discounts = 1 / np.log2(np.arange(2, k + 2))
    return (hits @ discounts) / np.cumsum(discounts)[np.minimum(n_relevant, k) - 1]


def _measures(hits, n_relevant, cutoffs):
    measures = {}
    for k in cutoffs:
        measures[f"recall_at_{k}"] = recall(hits[:, :k], n_relevant)
        measures[f"ndcg_at_{k}"] = ndcg(hits[:, :k], n_relevant)
    return measures


def pair_matrix(*parts, shape: tuple[int, int] | None = None) -> scipy.sparse.csr_array:
    """Return the pairs of one or more `Ratings` as a sparse matrix of booleans, each pair once.

    `shape` is that of the first by default.
    """
    users = np.concatenate([part.users for part in parts]) if parts else np.empty(0, np.int64)
    items = np.concatenate([part.items for part in parts]) if parts else np.empty(0, np.int64)
    shape = parts[0].shape if shape is None else shape
    return scipy.sparse.csr_array((np.ones(len(users), bool), (users, items)), shape=shape)
