"""Local identifiability on fixed supports, almost everywhere: the rank of the map (X, Y) ↦ X Yᵀ.

The referee for supports that are too large for algebra. At almost every point the Jacobian has one and the
same rank. Each non-empty rank-one support gives one direction that changes nothing, the scaling of its two
columns; if the rank is the number of parameters less those, generic solutions are isolated up to scaling,
otherwise there are curves of them.

This counts *atoms*: a column that is empty on one side makes no atom, and the product does not depend on what
stands on the other side. Theorems 4.13 and 4.26 speak of atoms, so their referee is `isolated_atoms`. For the
factors themselves such a column is never identifiable (Lemma 2.12), and `generic_identifiability` says so.
"""

from dataclasses import dataclass
from numbers import Integral

import numpy as np

from fourmasks.sparse.supports.decisions import Decision
from fourmasks.sparse.supports.finite_field import PRIME, ranks
from fourmasks.sparse.supports.pair import SupportPair, check_supports
from fourmasks.system.names import counted


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
    """Return the rank at a random point modulo a prime p of 31 bits.

    It is never above the generic rank over the complex numbers. It is equal with probability at least
    1 - 10⁻⁶ (Schwartz and Zippel) for up to 2000 parameters, if some minor of the size of the generic rank is
    not the zero polynomial modulo p. Columns that are empty on one side are left out.
    """
    check_supports(supports)
    if not (isinstance(seed, Integral) and seed >= 0):
        raise ValueError(f"seed = {seed!r}: expected an integer of at least 0")
    rng = np.random.default_rng(seed)
    X, Y = (rng.integers(1, PRIME, support.shape) for support in (supports.left, supports.right))
    matrix = jacobian(X, Y, supports)
    full = supports.left.any(axis=0) & supports.right.any(axis=0)
    return JacobianRank(int(ranks(matrix[None])[0]), matrix.shape[1], int(full.sum()))


def isolated_atoms(supports: SupportPair, seed: int = 0) -> Decision:
    """Decide whether almost all tuples of atoms in Γ_S are isolated among those with the same sum.

    Returns
    -------
    Decision
        Witness: the `JacobianRank`. A yes is exact; a no is wrong with probability below 10⁻⁶, see
        `jacobian_rank`.
    """
    found = jacobian_rank(supports, seed)
    if found.freedom:
        why = f"generic solutions move in {counted(found.freedom, 'dimension')} besides scaling"
        return Decision(False, why, found)
    return Decision(True, "generic solutions are isolated up to scaling", found)


def generic_identifiability(supports: SupportPair, seed: int = 0) -> Decision:
    """Decide whether almost all factors on these supports are locally identifiable up to scaling.

    That is: `isolated_atoms`, and no column that is empty on one side only. What stands on its other side,
    say in y_i, the product does not tell. No pair of factors on these supports is then PS-unique (Lemma
    2.12): where y_i is zero one may fill it, and where it is not one may set it to zero. `closable` and
    `generic_conditions` speak of atoms, and so ignore these columns.

    Returns
    -------
    Decision
        Witness: the `JacobianRank`. A yes is exact as to the atoms being isolated; a no for the reason of
        `isolated_atoms` is wrong with probability below 10⁻⁶.
    """
    atoms = isolated_atoms(supports, seed)
    lone = np.flatnonzero(supports.left.any(axis=0) != supports.right.any(axis=0))
    if len(lone):
        empty = "right" if supports.left[:, lone[0]].any() else "left"
        return Decision(False, f"column {lone[0]} is empty on the {empty} only (Lemma 2.12)", atoms.witness)
    return atoms
