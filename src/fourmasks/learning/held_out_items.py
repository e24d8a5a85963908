"""Hit ratio and NDCG of a single held-out item, among sampled items and among all (LU-Net, Section 3.1.2)."""

from collections.abc import Callable

import numpy as np

from fourmasks.data.held_out import LeaveOneOut
from fourmasks.learning.ranking import FullRanking

CUTOFF = 10
AT_ONCE = 256  # users whose scores of all items are held in memory


def sampled(rank_pairs: Callable, users, items, candidates) -> dict[str, float]:
    """Rank each held-out item among its user's candidates.

    Parameters
    ----------
    rank_pairs : callable
        `rank_pairs(users, items)` returns scores (m,) of pairs.
    users, items : ndarray of int64, shape (n,)
    candidates : ndarray of int64, shape (n, c)

    Returns
    -------
    dict of str to float
        "hr_at_10" and "ndcg_at_10", means over n; see `measures`.
    """
    n, c = candidates.shape
    pairs = np.repeat(users, c + 1), np.column_stack((items, candidates)).ravel()
    return measures(rank_pairs(*pairs).reshape(n, c + 1))


def held_out_measures(score: Callable, data: LeaveOneOut) -> dict[str, float]:
    """Measure rankings of the test items, with each score computed once.

    Parameters
    ----------
    score : callable
        `score(users)` returns the scores (m, number of items) of all items.
    data : LeaveOneOut

    Returns
    -------
    dict of str to float
        "sampled_hr_at_10", "sampled_ndcg_at_10": among the candidates; "full_hr_at_10", "full_ndcg_at_10":
        among all items but those of the user in training and validation, where ties go by the item's number.
    """
    test = data.split.test
    place = np.full(test.shape[0], -1)
    place[test.users] = np.arange(len(test))
    drawn = []

    def kept(users):
        scores = score(users)
        rows = place[users]
        columns = np.column_stack((test.items[rows], data.test_candidates[rows]))
        drawn.append(np.take_along_axis(scores, columns, axis=1))
        return scores

    ranking = FullRanking(test, data.split.train, data.split.validation)
    full = {name: float(v.mean()) for name, v in ranking.measure(kept, (CUTOFF,), AT_ONCE).items()}
    found = {f"sampled_{name}": value for name, value in measures(np.concatenate(drawn)).items()}
    return found | {"full_hr_at_10": full["recall_at_10"], "full_ndcg_at_10": full["ndcg_at_10"]}


def measures(scores: np.ndarray) -> dict[str, float]:
    """Return the share of rows whose first score is among the best ten, and their mean NDCG.

    The place p of the first score is one more than the number of others that are at least as high, so that
    equal scores for all count as a miss. NDCG is 1 / log2(p + 1) for a hit, and 0 otherwise.

    Parameters
    ----------
    scores : ndarray of shape (n, c + 1)
    """
    if not np.isfinite(scores).all():
        raise ValueError("a score is not finite: the model has diverged")
    place = 1 + (scores[:, 1:] >= scores[:, :1]).sum(axis=1)
    hits = place <= CUTOFF
    return {
        f"hr_at_{CUTOFF}": float(hits.mean()),
        f"ndcg_at_{CUTOFF}": float(np.where(hits, 1 / np.log2(place + 1), 0).mean()),
    }
