"""Local identifiability of almost all factors on fixed supports: the rank of the map (X, Y) ↦ X Yᵀ.

The referee for supports that are too large for algebra. At almost every point the Jacobian has one and the
same rank. Each non-empty rank-one support gives one direction that changes nothing, the scaling of its two
columns; if the rank is the number of parameters less those, generic solutions are isolated up to scaling,
otherwise there are curves of them.
"""

from dataclasses import dataclass

import numpy as np

from fourmasks.sparse.supports.decisions import Decision
from fourmasks.sparse.supports.finite_field import PRIME, ranks
from fourmasks.sparse.supports.pair import SupportPair


@dataclass(frozen=True)
class JacobianRank:
    """The rank of the Jacobian at a random point.

    Parameters
    ----------
    rank : int
    parameters : int
        Entries of both factors, in columns that are not empty on either side.
    scalings : int
        Such columns.
    """

    rank: int
    parameters: int
    scalings: int

    @property
    def freedom(self) -> int:
        """Dimension of the solutions near a generic one, apart from scaling."""
        return self.parameters - self.scalings - self.rank


def jacobian(X: np.ndarray, Y: np.ndarray, supports: SupportPair) -> np.ndarray:
    """Return the derivative of X Yᵀ by the allowed entries of integer X and Y, as (m n, parameters)."""
    m, n = supports.shape
    columns = []
    for i in range(supports.rank):
        rows, others = supports.rectangle(i)
        if len(rows) and len(others):
            for k in rows:
                columns.append(np.outer(np.arange(m) == k, Y[:, i] * supports.right[:, i]).ravel())
            for l in others:  # noqa: E741
                columns.append(np.outer(X[:, i] * supports.left[:, i], np.arange(n) == l).ravel())
    return np.array(columns, dtype=np.int64).reshape(-1, m * n).T


def jacobian_rank(supports: SupportPair, seed: int = 0) -> JacobianRank:
    """Return the rank at a random point modulo a prime of 31 bits.

    It is never above the generic rank over the complex numbers, and equal with probability at least 1 - 10⁻⁶
    for up to 2000 parameters (Schwartz and Zippel).
    """
    rng = np.random.default_rng(seed)
    X, Y = (rng.integers(1, PRIME, support.shape) for support in (supports.left, supports.right))
    matrix = jacobian(X, Y, supports)
    full = supports.left.any(axis=0) & supports.right.any(axis=0)
    return JacobianRank(int(ranks(matrix[None])[0]), matrix.shape[1], int(full.sum()))


def generic_identifiability(supports: SupportPair, seed: int = 0) -> Decision:
    """Decide whether almost all factors on these supports are locally identifiable up to scaling.

    Returns
    -------
    Decision
        Witness: the `JacobianRank`. A yes is exact; a no is wrong with probability below 10⁻⁶.
    """
    found = jacobian_rank(supports, seed)
    if found.freedom:
        why = f"generic solutions move in {found.freedom} dimensions besides scaling"
        return Decision(False, why, found)
    return Decision(True, "generic solutions are isolated up to scaling", found)
