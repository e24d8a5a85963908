"""The same items for everybody."""

from dataclasses import dataclass

import numpy as np

from fourmasks.baselines.top_n.recommender import Recommender


@dataclass(eq=False, repr=False, kw_only=True)
class Popularity(Recommender):
    """The score of an item is the number of training users who have it.

    Attributes
    ----------
    counts_ : ndarray of int64, shape (J,)
    """

    def _fit(self, train, validation):
        self.counts_ = np.bincount(train.indices, minlength=train.shape[1])

    def _score(self, matrix):
        return np.broadcast_to(self.counts_, matrix.shape)
