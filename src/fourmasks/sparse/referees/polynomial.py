"""Uniqueness of decompositions by algebra: Gröbner bases over the (Gaussian) rationals, for tiny sizes.

The tuples C' in Γ_S with sum Z are the complex zeros of the 2 × 2 minors of their matrices, whose entries are
known up to one unknown for each further support that shares an entry. By Hilbert's theorem there is none of a
kind exactly if the ideal of that kind is everything.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations, permutations

import numpy as np
from sympy.polys.groebnertools import groebner
from sympy.polys.orderings import grevlex
from sympy.polys.rings import PolyElement, ring

from fourmasks.sparse.supports.arithmetic import Exact
from fourmasks.sparse.supports.decisions import Decision
from fourmasks.sparse.supports.lifting import contributions, prepared
from fourmasks.sparse.supports.pair import SupportPair
from fourmasks.sparse.supports.pairs import Pairs, allowing, as_pairs

MAX_UNKNOWNS = 12


@dataclass(frozen=True, eq=False)
class Ideal:
    """A witness: solutions that are left, as the zeros of polynomials.

    Parameters
    ----------
    supports : SupportPair
        The supports that allow them.
    entries : ndarray (r, m, n) of polynomials
        The solution's entries.
    basis : list of polynomials
        Gröbner basis; its last unknown is an inverse that keeps given solutions away.
    """

    supports: SupportPair
    entries: np.ndarray
    basis: list


def unique_decomposition(X, Y, omega: Pairs, seed: int = 0) -> Decision:
    """Decide whether φ(X, Y) is the P-unique decomposition of X Yᵀ in Γ_Ω over the complex numbers.

    Parameters
    ----------
    X : array-like (m, r)
    Y : array-like (n, r)
        With exact entries.
    omega : GivenPairs or ProductPairs
        One of its pairs allows the factors.
    seed : int, default 0
        Of the linear form that tells other solutions from the permutations of this one. It fails to see
        isolated ones with probability below 10⁻³ each; solutions that it sees are there.

    Returns
    -------
    Decision
        Witness if not: an `Ideal` whose zeros are other solutions.

    Raises
    ------
    ValueError
        If no pair allows the factors, or there are more than `MAX_UNKNOWNS` unknowns.
    """
    omega = as_pairs(omega)
    field, X, Y = prepared(X, Y)
    if not allowing(omega, field.give(X), field.give(Y)):
        raise ValueError("no pair of supports allows the factors")
    C, Z = contributions(X, Y), field.product(X, Y.T)
    weights = np.random.default_rng(seed).integers(1, 10_000, C.shape)
    for supports in omega.maximal():
        system = _system(field, supports, Z)
        if system is None:
            continue
        entries, equations, inverse = system
        values = {_form(weights, C[list(order)]) for order in _fitting(C, field, supports)}
        form, others = _form(weights, entries), inverse.ring.one
        for value in values:
            others = others * (form - value)
        basis = _basis([*equations, 1 - inverse * others])
        if basis is not None:
            witness = Ideal(supports, entries, basis)
            return Decision(False, "other tuples of rank-one matrices have the same sum", witness)
    return Decision(True, "no other complex solution, by a Gröbner basis for each pair of supports")


def disjoint_solutions(Z, omega: Pairs) -> Decision:
    """Decide whether all decompositions of Z in Γ_Ω have disjoint supports: (i) of Proposition 4.11.

    Parameters
    ----------
    Z : array-like (m, n)
        With exact entries.
    omega : GivenPairs or ProductPairs

    Returns
    -------
    Decision
        Witness if not: an `Ideal` whose zeros are decompositions in which two supports share an entry.
    """
    omega = as_pairs(omega)
    field, Z, _ = prepared(Z, np.zeros((0, np.shape(Z)[1]), dtype=int))
    for supports in omega.maximal():
        system = _system(field, supports, Z)
        if system is None:
            continue
        entries, equations, inverse = system
        masks = supports.masks()
        for row, column in np.argwhere(masks.sum(axis=0) > 1):
            for i, j in combinations(np.flatnonzero(masks[:, row, column]), 2):
                shared = entries[i, row, column] * entries[j, row, column]
                basis = _basis([*equations, 1 - inverse * shared])
                if basis is not None:
                    why = f"in some decompositions atoms {i} and {j} share entry ({row}, {column})"
                    return Decision(False, why, Ideal(supports, entries, basis))
    return Decision(True, "no complex decomposition has an entry in two supports, by Gröbner bases")


def _system(field: Exact, supports: SupportPair, Z) -> tuple[np.ndarray, list, PolyElement] | None:
    """Return the entries of the solutions, the equations between them, and one more unknown; None if Z has
    entries outside the supports."""
    masks = supports.masks()
    counts = masks.sum(axis=0)
    if Z.shape != supports.shape:
        raise ValueError(f"Z of shape {Z.shape}: expected {supports.shape}, as the supports have")
    if not field.is_zero(Z[counts == 0]).all():
        return None
    number = int(np.maximum(counts - 1, 0).sum())
    if number > MAX_UNKNOWNS:
        raise ValueError(f"{number} unknown entries: expected at most {MAX_UNKNOWNS}")
    world, *unknowns = ring([*(f"c{i}" for i in range(number)), "t"], field.domain, grevlex)
    inverse = unknowns.pop()
    entries = np.full(masks.shape, world.zero, dtype=object)
    for row, column in np.argwhere(counts):
        *free, last = np.flatnonzero(masks[:, row, column])
        for atom in free:
            entries[atom, row, column] = unknowns.pop()
        entries[last, row, column] = world(Z[row, column]) - sum(entries[free, row, column], world.zero)
    return entries, list(_minors(entries, supports)), inverse


def _minors(entries, supports) -> Iterator[PolyElement]:
    for i in range(supports.rank):
        rows, columns = supports.rectangle(i)
        for k, p in combinations(rows, 2):
            for l, q in combinations(columns, 2):  # noqa: E741
                minor = entries[i, k, l] * entries[i, p, q] - entries[i, k, q] * entries[i, p, l]
                if minor:
                    yield minor


def _fitting(C, field, supports):
    """Yield the orders of the tuple that the supports allow."""
    filled, masks = np.array([~field.is_zero(matrix) for matrix in C]), supports.masks()
    allowed = (filled[:, None] <= masks[None]).all(axis=(2, 3))
    for order in permutations(range(len(C))):
        if allowed[list(order), range(len(C))].all():
            yield order


def _form(weights, entries):
    return sum((int(weight) * entry for weight, entry in zip(weights.flat, entries.flat, strict=True)), 0)


def _basis(polynomials):
    """Return a Gröbner basis, or None if the ideal is everything: if there is no zero."""
    polynomials = [polynomial for polynomial in polynomials if polynomial]
    world = polynomials[-1].ring
    basis = groebner(polynomials, world)
    return None if basis == [world.one] else basis
