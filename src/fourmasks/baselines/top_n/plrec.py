"""PLRec: items are projected by a singular value decomposition, then regressed on (Sedhain et al., 2016)."""

from dataclasses import dataclass

import numpy as np
from sklearn.utils.extmath import randomized_svd

from fourmasks.baselines.top_n.recommender import Recommender

POWER_ITERATIONS = 4


@dataclass(eq=False, repr=False, kw_only=True)
class PLRec(Recommender):
    r"""Ridge regression of all items on a few features of the user (Linear-FLow).

    With Q (J, rank) the first right singular vectors of X, by a randomised decomposition, the features are
    :math:`Z = X D Q` and the scores :math:`Z B`, where B minimises
    :math:`\|X - ZB\|_F^2 + \lambda \|B\|_F^2`.

    The diagonal D is the identity in the paper. The PLRec of Shenbin and Nikolenko (2024), in their published
    code, has a power of the items' popularity there, to weaken popular items. Here it is :math:`D_{ii} = (n_i
    / \bar n)^{-p}`, with :math:`n_i` the number of users of item i and :math:`\bar n` its mean.

    Parameters
    ----------
    rank : int, default 100
        Of features; as many as there are users, or items, where these are fewer.
    l2 : float, default 100.0
        :math:`\lambda`.
    popularity_power : float, default 0.0
        p.
    random_state : int, default 0

    Attributes
    ----------
    projection_ : ndarray of float64, shape (J, rank)
        D Q.
    weights_ : ndarray of float64, shape (rank, J)
        B.

    References
    ----------
    S. Sedhain, H. Bui, J. Kawale, N. Vlassis, B. Kveton, A. K. Menon, T. Bui and S. Sanner. Practical linear
    models for large-scale one-class collaborative filtering. IJCAI 2016.
    I. Shenbin and S. Nikolenko. ImplicitSLIM and how it improves embedding-based collaborative filtering.
    ICLR 2024.
    """

    rank: int = 100
    l2: float = 100.0
    popularity_power: float = 0.0
    random_state: int = 0

    def _fit(self, train, validation):
        train, rank = train.astype(np.float64), min(self.rank, *train.shape)
        _, _, vectors = randomized_svd(train, rank, n_iter=POWER_ITERATIONS, random_state=self.random_state)
        popularity = np.maximum(np.bincount(train.indices, minlength=train.shape[1]), 1)
        self.projection_ = vectors.T * (popularity / popularity.mean())[:, None] ** -self.popularity_power
        features = train @ self.projection_
        normal = features.T @ features + self.l2 * np.eye(rank)
        self.weights_ = np.linalg.solve(normal, (train.T @ features).T)

    def _score(self, matrix):
        return (matrix @ self.projection_) @ self.weights_
