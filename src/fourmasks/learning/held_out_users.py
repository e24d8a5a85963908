r"""Measures of Liang et al. (2018) for held-out users.

Recall@k is divided by :math:`\min(k, n)`, n being the user's number of targets, so that a perfect list has
recall 1 at every k. Unlike the recall that is divided by n, it can fall as the list grows.
"""

from collections.abc import Callable, Sequence

import numpy as np
import scipy.sparse
from sklearn.utils.validation import check_is_fitted, validate_data

from fourmasks.data.interactions import FOLD, fold
from fourmasks.learning.ranking import ndcg, top_items
from fourmasks.learning.user_items import binary_matrix

CUTOFF = 100  # of the NDCG by which training stops
SEED = 0  # of what is hidden from a model that is scored: the same for all, so that scores can be compared


class HeldOutScore:
    """The `score` of a model that recommends to any user, by its `predict`; for scikit-learn's searches."""

    def score(self, X, y=None) -> float:
        """Return how well items that are hidden are found: the mean NDCG@100 of users.

        Of the n items of each user max(1, n // 5), drawn at random with a fixed seed, are hidden. All items
        but those left are ranked.

        Parameters
        ----------
        X : sparse matrix, array or data frame of shape (n, J)
            Ones for the items of each user, who need not be of the training. Users without items do not
            count.
        y : ignored

        Returns
        -------
        float
            From 0 to 1.

        Raises
        ------
        ValueError
            If X has other columns than in `fit`, or has them in another order, or other entries than ones and
            zeros, or no ones.
        sklearn.exceptions.NotFittedError
            Before `fit`.
        """
        check_is_fitted(self)
        matrix = binary_matrix("X", X, self.n_features_in_)
        self._check_names(X)
        counts = np.diff(matrix.indptr)
        n_targets = np.where(counts > 0, np.maximum(counts // FOLD, 1), 0)
        shown, targets = fold(matrix, n_targets, np.random.default_rng(SEED))
        found = measure(self.predict, shown, targets, recall_at=(), ndcg_at=(CUTOFF,))
        return float(found[f"ndcg_at_{CUTOFF}"].mean())

    def _check_names(self, matrix) -> None:
        """Raise ValueError if a data frame has columns of other names, or in another order, than in `fit`."""
        if not scipy.sparse.issparse(matrix):  # which has none
            validate_data(self, matrix, reset=False, skip_check_array=True)


def measured_users(targets: scipy.sparse.csr_array) -> np.ndarray:
    """Return the rows with at least one target, ascending: the users that are measured."""
    return np.flatnonzero(np.diff(targets.indptr))


def measure(
    score: Callable[[scipy.sparse.csr_array], np.ndarray],
    shown: scipy.sparse.csr_array,
    targets: scipy.sparse.csr_array,
    *,
    recall_at: Sequence[int] = (20, 50),
    ndcg_at: Sequence[int] = (100,),
    chunk: int = 500,
) -> dict[str, np.ndarray]:
    """Rank for each held-out user all items but those shown, and measure how well the targets are found.

    Parameters
    ----------
    score : callable
        `score(rows)` returns the scores (m, J) of the items for a `csr_array` (m, J) of users' shown items,
        as the `predict` of an estimator does.
    shown, targets : csr_array of shape (n, J)
        Disjoint; see `fourmasks.data.interactions.HeldOutUsers`.
    recall_at, ndcg_at : sequence of int, default (20, 50) and (100,)
        Lengths k of the lists. The NDCG's gains are 0 and 1, its ideal list has min(k, targets) hits.
    chunk : int, default 500
        Users that are scored at once; memory is a few times chunk x J.

    Returns
    -------
    dict of str to ndarray of float64
        "recall_at_20", "recall_at_50", "ndcg_at_100" and so on, for each of
        `measured_users(targets)`.

    Raises
    ------
    ValueError
        If the shapes differ, a target is shown, no user has a target, a length is below 1, or scores have the
        wrong shape or are not numbers.
    """
    _check(shown, targets, (*recall_at, *ndcg_at))
    users = measured_users(targets)
    depth = min(max(*recall_at, *ndcg_at, 1), shown.shape[1])
    parts = []
    for first in range(0, len(users), chunk):
        rows = users[first : first + chunk]
        seen, wanted = shown[rows], targets[rows]
        scores = score(seen)
        if scores.shape != seen.shape:
            raise ValueError(f"scores have shape {scores.shape}: expected {seen.shape}")
        hits = np.take_along_axis(wanted.toarray() > 0, top_items(scores, depth, seen), axis=1)
        n = np.diff(wanted.indptr)
        parts.append(
            {f"recall_at_{k}": recall(hits[:, :k], n, k) for k in recall_at}
            | {f"ndcg_at_{k}": ndcg(hits[:, :k], n) for k in ndcg_at}
        )
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def ndcg_of_users(
    scores: np.ndarray, shown: scipy.sparse.csr_array, targets: scipy.sparse.csr_array
) -> np.ndarray:
    """Return NDCG@100 (n,) of users who have a target each, all items but those shown being ranked.

    Parameters
    ----------
    scores : ndarray of shape (n, J)
    shown, targets : csr_array of shape (n, J)
    """
    top = top_items(scores, min(CUTOFF, scores.shape[1]), shown)
    hits = np.take_along_axis(targets.toarray() > 0, top, axis=1)
    return ndcg(hits, np.diff(targets.indptr))


def recall(hits: np.ndarray, n_targets: np.ndarray, k: int) -> np.ndarray:
    """Return the number of hits in each list of k items, divided by min(k, number of targets).

    Parameters
    ----------
    hits : ndarray of bool, shape (n, at most k)
        Which places hold a target; there are fewer than k where all items are fewer.
    n_targets : ndarray of int, shape (n,)
        At least one.
    k : int
    """
    return hits.sum(axis=1) / np.minimum(k, n_targets)


def _check(shown, targets, lengths) -> None:
    if shown.shape != targets.shape:
        raise ValueError(
            f"targets have shape {targets.shape}: expected {shown.shape}, that of the shown items"
        )
    if not targets.nnz:
        raise ValueError("no user has a target: expected one at least")
    if leaked := shown.multiply(targets).nnz:
        raise ValueError(f"{leaked} of the targets are shown: expected disjoint parts")
    for k in lengths:
        if k < 1:
            raise ValueError(f"k = {k}: expected a list of 1 item at least")
