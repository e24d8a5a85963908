"""EASE with a mask: an item is regressed on few others, chosen first as the sparse chapter's supports are."""

from dataclasses import dataclass

import numpy as np
import scipy.sparse
from scipy.linalg import cho_factor, cho_solve

from fourmasks.baselines.top_n.ease import EASE
from fourmasks.baselines.top_n.recommender import Recommender
from fourmasks.learning.settings import check_settings

WEIGHTS = ("fitted", "cut", "similarity")


@dataclass(eq=False, repr=False, kw_only=True)
class SupportedEASE(Recommender):
    r"""The scores are x B, with the B (J, J) that minimises :math:`\|X - XB\|_F^2 + \lambda \|B\|_F^2` among
    those that are zero outside of a support.

    The support of an item's column are the items nearest to it by the cosine of their users, itself left out.
    With the support fixed, columns do not meet: each is a ridge regression on few items,
    :math:`(G_{SS} + \lambda I)\, b = G_{Sj}` with :math:`G = X^\top X`. With all other items in it B is that
    of EASE. Memory of B grows with J times `neighbours`, time with J times their cube.

    Parameters
    ----------
    neighbours : int, default 100
        Items in the support of each, at most; fewer where no more have a user in common with it.
    l2 : float, default 300.0
        :math:`\lambda`.
    weights : {"fitted", "cut", "similarity"}, default "fitted"
        What stands on the support. "fitted": the regression above. Its two controls: "cut", the largest
        entries of each column of EASE's own B, as many as `neighbours`, not fitted again; "similarity", the
        cosines themselves.

    Attributes
    ----------
    weights_ : csc_array of shape (J, J)
        B, float64.
    n_features_in_, feature_names_in_
        As of EASE.

    References
    ----------
    H. Steck. Embarrassingly shallow autoencoders for sparse data. WWW 2019.
    X. Ning and G. Karypis. SLIM: sparse linear methods for top-N recommender systems. ICDM 2011: their fsSLIM
    chooses the neighbours first, too, and fits them with a penalty of the absolute values.
    """

    neighbours: int = 100
    l2: float = 300.0
    weights: str = "fitted"

    def _fit(self, train, validation):
        own = {"neighbours": self.neighbours, "weights": self.weights}
        check_settings(own, {"neighbours": "count", "weights": WEIGHTS})
        train = scipy.sparse.csc_array(train.astype(np.float64))
        if self.weights == "cut":
            dense = EASE(l2=self.l2).fit(scipy.sparse.csr_array(train)).weights_
            columns = [_largest(np.abs(dense[:, j]), self.neighbours) for j in range(len(dense))]
            values = [dense[support, j] for j, support in enumerate(columns)]
        else:
            gram = (train.T @ train).toarray()
            similar = _cosines(gram)
            columns = [_largest(similar[:, j], self.neighbours) for j in range(len(gram))]
            values = [
                similar[support, j] if self.weights == "similarity" else self._regressed(gram, support, j)
                for j, support in enumerate(columns)
            ]
        starts = np.cumsum([0, *map(len, columns)])
        parts = np.concatenate(values), np.concatenate(columns), starts
        self.weights_ = scipy.sparse.csc_array(parts, shape=(train.shape[1],) * 2)

    def _regressed(self, gram, support, j):
        if not len(support):
            return np.empty(0)
        system = gram[np.ix_(support, support)]
        system[np.diag_indices_from(system)] += self.l2
        return cho_solve(cho_factor(system, overwrite_a=True, check_finite=False), gram[support, j])

    def _score(self, matrix):
        return (matrix @ self.weights_).toarray()


def _cosines(gram: np.ndarray) -> np.ndarray:
    """Return the cosines of items (J, J), with zeros on the diagonal and where an item has no user."""
    norms = np.sqrt(np.maximum(np.diag(gram), 1))
    similar = gram / norms / norms[:, None]
    np.fill_diagonal(similar, 0)
    return similar


def _largest(values: np.ndarray, n: int) -> np.ndarray:
    """Return the places of the n largest of some numbers that are not negative, ascending; zeros are none."""
    places = np.flatnonzero(values)
    if len(places) > n:  # of equal ones the first
        places = places[np.argsort(-values[places], kind="stable")[:n]]
    return np.sort(places)
