"""Completing a matrix of rank one from some of its entries (paper, Proposition 4.18 and Figure 2)."""

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from fourmasks.sparse.supports.decisions import Decision
from fourmasks.sparse.supports.pair import support_matrix


def completable(mask) -> Decision:
    """Decide whether a mask tells every matrix of rank one without zeros from its entries there (Prop. 4.18).

    Parameters
    ----------
    mask : array-like of bool (m, n)
        The known entries.

    Returns
    -------
    Decision
        Witness: for each row and then each column the number of its part of the bipartite graph, an int
        array (m + n,).
    """
    mask = support_matrix(mask, "mask")
    count, parts = connected_components(_graph(mask), directed=False)
    if count > 1:
        return Decision(False, f"the graph of the mask has {count} parts (Proposition 4.18)", parts)
    return Decision(True, "the graph of the mask is connected (Proposition 4.18)", parts)


def other_completion(matrix, mask) -> np.ndarray:
    """Return another matrix of rank one with the same entries on a mask that does not tell it.

    Rows of one part of the graph are multiplied by 2 and its columns by 1/2, which no entry of the mask
    notices.

    Parameters
    ----------
    matrix : array-like (m, n)
        Of rank one, without zeros; fractions stay fractions.
    mask : array-like of bool (m, n)

    Raises
    ------
    ValueError
        If the mask has a connected graph: then there is no other.
    """
    decision = completable(mask)
    if decision.holds:
        raise ValueError(f"{decision.why}: expected a mask with several parts")
    matrix = np.asarray(matrix, object)
    rows, columns = np.split(decision.witness == decision.witness[0], [matrix.shape[0]])
    return np.where(rows[:, None], 2 * matrix, matrix) / np.where(columns[None, :], 2, 1)


def completions(matrix: np.ndarray, mask, prime: int) -> int:
    """Count the matrices of rank at most one over a prime field that agree with one on a mask, by trying all.

    The matrix holds residues, int (m, n), the mask is bool (m, n).
    """
    mask = support_matrix(mask, "mask")
    columns = _vectors(mask.shape[0], prime)
    first = (columns != 0).argmax(axis=1)
    normal = columns[columns[np.arange(len(columns)), first] == 1]  # one on each line through zero
    rows = _vectors(mask.shape[1], prime)
    found = int(not matrix[mask].any())  # zero
    for column in normal:
        products = column[None, :, None] * rows[1:, None, :] % prime
        found += int((products == matrix)[:, mask].all(axis=1).sum())
    return found


def _vectors(size, prime):
    return np.array(list(np.ndindex(*[prime] * size)))


def _graph(mask):
    m, n = mask.shape
    rows, columns = np.nonzero(mask)
    return csr_array((np.ones(len(rows)), (rows, m + columns)), shape=(m + n, m + n))
