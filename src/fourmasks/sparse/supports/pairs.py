"""Families Ω of pairs of supports, and membership of factors in Σ_Ω (paper, Eq. 3; Definition 2.4)."""

from collections.abc import Iterator
from itertools import product

import numpy as np

from fourmasks.sparse.supports.decisions import Decision
from fourmasks.sparse.supports.families import Family, check_family, transpositions
from fourmasks.sparse.supports.pair import SupportPair, check_supports


class GivenPairs:
    """A family of pairs given by its members.

    Parameters
    ----------
    members : sequence of SupportPair
        At least one, all of one shape and rank.
    """

    def __init__(self, members):
        if isinstance(members, SupportPair):
            raise ValueError("members is a SupportPair: expected a sequence of such; for one there is `only`")
        members = tuple(members)
        for member in members:
            check_supports(member)
        self.members = tuple(dict.fromkeys(members))
        kinds = sorted({(member.shape, member.rank) for member in self.members})
        if len(kinds) != 1:
            raise ValueError(f"pairs of shapes and ranks {kinds}: expected at least one pair, all alike")
        self.shape, self.rank = kinds[0]

    def contains(self, pair: SupportPair) -> bool:
        """Return whether a pair of supports is a member."""
        return pair in self.members

    def maximal(self) -> Iterator[SupportPair]:
        """Yield the members that no other contains."""
        for pair in self.members:
            if not any(included(pair, other) for other in self.members if other != pair):
                yield pair

    def stability(self) -> Decision:
        """Decide whether the family is stable by permutation (Definition 2.4).

        Witness if not: a member and the permutation that leads out of the family.
        """
        for pair in self.members:
            for permutation in transpositions(self.rank):
                if permuted(pair, permutation) not in self.members:
                    return Decision(False, "a permuted pair is not in the family", (pair, permutation))
        return Decision(True, "exchanging two neighbouring columns never leads out of the family")


class ProductPairs:
    """The family Λ × Θ of all pairs of a left and a right support.

    Parameters
    ----------
    left, right : Family
        Of supports (m, r) and (n, r).
    """

    def __init__(self, left: Family, right: Family):
        check_family(left), check_family(right)
        if left.shape[1] != right.shape[1]:
            raise ValueError(f"families of shapes {left.shape} and {right.shape}: expected as many columns")
        self.left, self.right = left, right
        self.shape, self.rank = (left.shape[0], right.shape[0]), left.shape[1]

    def contains(self, pair: SupportPair) -> bool:
        """Return whether a pair of supports is a member."""
        return self.left.contains(pair.left) and self.right.contains(pair.right)

    def maximal(self) -> Iterator[SupportPair]:
        """Yield the members that no other contains."""
        for left, right in product(list(self.left.maximal()), list(self.right.maximal())):
            yield SupportPair(left, right)

    def stability(self) -> Decision:
        """Decide whether the family is stable by permutation: whether both factors' families are.

        Witness if not: a support of one side and the permutation that leads out of that side's family.
        """
        for side in (self.left, self.right):
            decision = side.stability()
            if not decision.holds:
                return decision
        return Decision(True, "both sides are stable by permutation")


Pairs = GivenPairs | ProductPairs


def only(pair: SupportPair) -> GivenPairs:
    """Return the family of this one pair: fixed supports."""
    return GivenPairs([pair])


def as_pairs(omega) -> Pairs:
    """Return a family of pairs as it is, and fixed supports as the family of this one pair.

    Raises
    ------
    ValueError
        If it is neither.
    """
    if isinstance(omega, SupportPair):
        return only(omega)
    if not isinstance(omega, Pairs):
        raise ValueError(
            f"omega is of type {type(omega).__name__}: expected GivenPairs, ProductPairs or one SupportPair"
        )
    return omega


def allowing(omega: Pairs, X, Y, tolerance: float = 0.0) -> list[SupportPair]:
    """Return the maximal pairs S of the family with (X, Y) in Σ_S."""
    omega, support = as_pairs(omega), SupportPair.from_factors(X, Y, tolerance)
    if (support.shape, support.rank) != (omega.shape, omega.rank):
        raise ValueError(
            f"factors for shape {support.shape} and rank {support.rank}: "
            f"expected {omega.shape} and {omega.rank}, the family's"
        )
    return [pair for pair in omega.maximal() if included(support, pair)]


def included(pair: SupportPair, other: SupportPair) -> bool:
    """Return whether a pair of supports is contained in another, side by side."""
    return bool((pair.left <= other.left).all() and (pair.right <= other.right).all())


def permuted(pair: SupportPair, permutation) -> SupportPair:
    """Return (Sᴸ P, Sᴿ P)."""
    return SupportPair(pair.left[:, permutation], pair.right[:, permutation])


def column_support(matrix, tolerance: float = 0.0) -> np.ndarray:
    """Return which columns are not zero, as a boolean vector."""
    return (np.abs(np.asarray(matrix)) > tolerance).astype(bool).any(axis=0)
