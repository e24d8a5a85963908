"""Matrix factorization of all entries by alternating least squares, with equal weights or not.

The alternation is that of the library implicit, which is compiled and well tested.
"""

from dataclasses import dataclass

import numpy as np
import scipy.sparse
from threadpoolctl import threadpool_limits

from fourmasks.baselines.top_n.recommender import Recommender


@dataclass(eq=False, repr=False, kw_only=True)
class ALS(Recommender):
    r"""Matrix factorization with equal weights: U and V minimise
    :math:`\|X - U V^\top\|_F^2 + \lambda (\|U\|_F^2 + \|V\|_F^2)`.

    Vectors are updated by three steps of conjugate gradients (Takács et al., 2011). A user is scored by
    :math:`v_i^\top u`, where u minimises the same sum for the items shown, with V as it is, exactly.

    Parameters
    ----------
    rank : int, default 100
        Numbers in each vector.
    l2 : float, default 10.0
        :math:`\lambda`. In the end it is taken off the singular values.
    iterations : int, default 15
        Updates of all users' and all items' vectors.
    threads : int, default 1
        For the vectors of different users, or items; the result does not depend on it.
    dtype : {"float32", "float64"}, default "float32"
    random_state : int, default 0

    Attributes
    ----------
    user_factors_, item_factors_ : ndarray of shape (I, rank) and (J, rank)
        U and V.

    References
    ----------
    Y. Hu, Y. Koren and C. Volinsky. Collaborative filtering for implicit feedback datasets. ICDM 2008.
    G. Takács, I. Pilászy and D. Tikk. Applications of the conjugate gradient method for implicit feedback
    collaborative filtering. RecSys 2011.
    """

    rank: int = 100
    l2: float = 10.0
    iterations: int = 15
    threads: int = 1
    dtype: str = "float32"
    random_state: int = 0

    def _fit(self, train, validation):
        # Only here: the library warns about progress bars as soon as a notebook imports it.
        from implicit.cpu.als import AlternatingLeastSquares

        with threadpool_limits(1, "blas"):  # products of small matrices, whose sums then have one order
            self._model = AlternatingLeastSquares(
                factors=self.rank,
                regularization=self.l2,
                dtype=np.dtype(self.dtype),
                iterations=self.iterations,
                num_threads=self.threads,
                random_state=self.random_state,
            )
            self._model.fit(self._weighted(train), show_progress=False)
        self.user_factors_, self.item_factors_ = self._model.user_factors, self._model.item_factors

    def _score(self, matrix):
        users = self._model.recalculate_user(np.arange(matrix.shape[0]), self._weighted(matrix))
        return users @ self.item_factors_.T

    def _weighted(self, matrix):
        """Return the weights of what users have, in the one form that the library takes."""
        return scipy.sparse.csr_matrix(matrix * np.float32(self._weight()))

    def _weight(self):
        return 1.0


@dataclass(eq=False, repr=False, kw_only=True)
class WMF(ALS):
    r"""Weighted matrix factorization: U and V minimise
    :math:`\sum_{ui} c_{ui} (x_{ui} - u_u^\top v_i)^2 + \lambda (\|U\|_F^2 + \|V\|_F^2)`
    (Hu et al., Eq. 3).

    The weight :math:`c_{ui}` of an entry is :math:`1 + \alpha` where the user has the item, and 1 elsewhere.

    Parameters
    ----------
    confidence : float, default 5.0
        :math:`\alpha`.
    **others
        See `ALS`.
    """

    confidence: float = 5.0

    def _weight(self):
        return 1.0 + self.confidence
