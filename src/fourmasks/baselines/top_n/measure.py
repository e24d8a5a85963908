"""How well held-out items are ranked."""

import numpy as np
import scipy.sparse

from fourmasks.learning.ranking import ndcg, top_items

CUTOFF = 100


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
