"""GRALS: matrix factorization in which similar items are to have similar vectors (Rao et al., 2015)."""

from dataclasses import dataclass

import numpy as np
import scipy.sparse

from fourmasks.baselines.top_n.recommender import Recommender
from fourmasks.learning.ranking import top_items

COMPARED_AT_ONCE = 500  # items
START = 0.01  # standard deviation of the vectors' numbers at the start
TOLERANCE = 1e-6  # of a residual, as a share of the right side
STEPS = 100  # of conjugate gradients, at most


@dataclass(eq=False, repr=False, kw_only=True)
class GRALS(Recommender):
    r"""U and V minimise :math:`\|X - U V^\top\|_F^2 + \lambda (\|U\|_F^2 + \|V\|_F^2) + \gamma\,
    \mathrm{tr}(V^\top L V)`, the last part being
    :math:`\frac{\gamma}{2} \sum_{ij} a_{ij} \|v_i - v_j\|^2`.

    L is the Laplacian of a graph of items with weights :math:`a_{ij}`. Rao et al. have side information for
    it, and squares over the known ratings alone. Here there are neither ratings nor side information: the
    squares are over all entries, as in `ALS`, and an item is joined to those with which it occurs most, by
    the cosine of their columns in X, which is the weight; either of two items may choose the other. Which
    graph the GRALS of the PIA paper's Table 1 had is not stated there.

    The vectors of users are updated in closed form. Those of items solve :math:`V M + \gamma L V = X^\top U`
    with :math:`M = U^\top U + \lambda I`: in the basis of M's eigenvectors there is one system for each, and
    all of them are solved at once by conjugate gradients, starting from the last V. A user who was not in the
    training has the vector that minimises the first two parts for the items shown.

    Parameters
    ----------
    rank : int, default 100
    l2 : float, default 10.0
        :math:`\lambda`.
    graph_weight : float, default 1.0
        :math:`\gamma`; with 0 it is `ALS` with exact updates.
    neighbours : int, default 20
        Items that each item is joined to; all others where these are fewer.
    iterations : int, default 15
    random_state : int, default 0

    Attributes
    ----------
    user_factors_, item_factors_ : ndarray of float64, shape (I, rank) and (J, rank)
        U and V, where V was updated last.
    laplacian_ : csr_array of float64, shape (J, J)

    References
    ----------
    N. Rao, H.-F. Yu, P. Ravikumar and I. S. Dhillon. Collaborative filtering with graph information:
    consistency and scalable methods. NeurIPS 2015.
    """

    rank: int = 100
    l2: float = 10.0
    graph_weight: float = 1.0
    neighbours: int = 20
    iterations: int = 15
    random_state: int = 0

    def _fit(self, train, validation):
        train = train.astype(np.float64)
        self.laplacian_ = laplacian(cosine_graph(train, min(self.neighbours, train.shape[1])))
        rng = np.random.default_rng(self.random_state)
        self.item_factors_ = START * rng.standard_normal((train.shape[1], self.rank))
        transposed = train.T.tocsr()
        for _ in range(self.iterations):
            self.user_factors_ = self._users(train)
            self.item_factors_ = self._items(transposed)

    def _score(self, matrix):
        return self._users(matrix) @ self.item_factors_.T

    def _users(self, matrix):
        normal = self.item_factors_.T @ self.item_factors_ + self.l2 * np.eye(self.rank)
        return np.linalg.solve(normal, (matrix @ self.item_factors_).T).T

    def _items(self, transposed):
        users = self.user_factors_
        shifts, basis = np.linalg.eigh(users.T @ users + self.l2 * np.eye(self.rank))
        right = transposed @ (users @ basis)
        start = self.item_factors_ @ basis
        return solve_shifted(self.graph_weight * self.laplacian_, shifts, right, start) @ basis.T


def cosine_graph(matrix: scipy.sparse.csr_array, neighbours: int) -> scipy.sparse.csr_array:
    """Return the symmetric graph (J, J) of items whose columns of a binary matrix (I, J) are most alike.

    Weights are cosines. An item chooses those with the highest ones, of equal ones the lower number, as many
    as `neighbours`, but none with which it never occurs; where either chooses the other there is an edge.
    """
    counts = np.maximum(np.bincount(matrix.indices, minlength=matrix.shape[1]), 1)
    by_item = matrix.T.tocsr()
    rows, columns, weights = [], [], []
    for first in range(0, by_item.shape[0], COMPARED_AT_ONCE):
        items = np.arange(first, min(first + COMPARED_AT_ONCE, by_item.shape[0]))
        cosines = (by_item[items] @ matrix).toarray() / np.sqrt(counts[items, None] * counts)
        cosines[items - first, items] = 0
        chosen = top_items(cosines, neighbours)
        rows.append(np.repeat(items, neighbours))
        columns.append(chosen.ravel())
        weights.append(np.take_along_axis(cosines, chosen, axis=1).ravel())
    triples = (np.concatenate(weights), (np.concatenate(rows), np.concatenate(columns)))
    graph = scipy.sparse.csr_array(triples, shape=(len(counts), len(counts)))
    graph = graph.maximum(graph.T).tocsr()
    graph.eliminate_zeros()
    return graph


def laplacian(graph: scipy.sparse.csr_array) -> scipy.sparse.csr_array:
    """Return the degrees on the diagonal minus the weights of a symmetric graph."""
    return (scipy.sparse.diags_array(graph.sum(axis=1)) - graph).tocsr()


def solve_shifted(matrix, shifts: np.ndarray, right: np.ndarray, start: np.ndarray) -> np.ndarray:
    r"""Return the columns that solve :math:`(A + s_k I) v_k = c_k`, by preconditioned conjugate gradients.

    A column is done when its residual is at most `TOLERANCE` of its right side, and no more than `STEPS`
    steps are taken.

    Parameters
    ----------
    matrix : sparse matrix of shape (n, n)
        A, symmetric and not negative definite.
    shifts : ndarray of shape (r,)
        Positive.
    right, start : ndarray of shape (n, r)
        Right sides, and where the solutions are looked for first.
    """
    diagonal = matrix.diagonal()[:, None] + shifts
    solution = start.copy()
    residual = right - (matrix @ solution + solution * shifts)
    bound = TOLERANCE * np.linalg.norm(right, axis=0)
    direction, before = np.zeros_like(right), np.ones(len(shifts))
    for _ in range(STEPS):
        open_ = np.linalg.norm(residual, axis=0) > bound
        if not open_.any():
            break
        scaled = residual / diagonal
        now = (residual * scaled).sum(0)
        direction = scaled + direction * (now / before)
        image = matrix @ direction + direction * shifts
        step = np.divide(now, (direction * image).sum(0), out=np.zeros_like(now), where=open_)
        solution += direction * step
        residual -= image * step
        before = np.where(open_, now, 1)
    return solution
