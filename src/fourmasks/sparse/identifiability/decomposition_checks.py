"""Statements of the paper's Sections 4 and 5.1 as printed, each asked of one random instance.

A check draws an instance and returns whether the statement holds for it, by the definitions or by brute
force; None where its assumptions do not.
"""

import numpy as np

from fourmasks.sparse.completion.literal import complete_literally
from fourmasks.sparse.completion.outcome import INCOMPATIBLE, UNIQUE
from fourmasks.sparse.completion.rank_one_masks import completable, completions
from fourmasks.sparse.referees.exhaustive import fibres, lifted_orbit, orbit
from fourmasks.sparse.referees.polynomial import unique_decomposition
from fourmasks.sparse.supports.instances import planted_factors
from fourmasks.sparse.supports.lifting import unlift, within
from fourmasks.sparse.supports.pair import SupportPair
from fourmasks.sparse.supports.pairs import only
from fourmasks.sparse.supports.random_instances import random_factors, random_supports
from fourmasks.sparse.theorems.closure import closable, complete_components, complete_inside
from fourmasks.sparse.theorems.degeneration import identical_columns, maximal_columns
from fourmasks.sparse.theorems.uniform import disjoint

PRIME = 5
UNKNOWNS, ENTRIES = 5, 6  # at most, for Gröbner bases and for listing all factors over the field


def lemma_4_4(rng) -> bool:
    """Lemmas 4.1 and 4.4: in IC, equal lifted tuples mean equivalent factors."""
    proper = [
        (X, Y)
        for fibre in fibres(only(_listable(rng)), PRIME)
        for X, Y in fibre
        if _identical(X, Y)
    ]  # fmt: skip
    lifted = {}
    for X, Y in proper:
        lifted.setdefault(lifted_orbit(X, Y, PRIME), set()).add(orbit(X, Y, PRIME))
    return all(len(orbits) == 1 for orbits in lifted.values())


def lemma_4_6(rng) -> bool:
    """Lemma 4.6: within IC, unique factors are those whose lifted tuple is unique."""
    for fibre in fibres(only(_listable(rng)), PRIME):
        inside = [(X, Y) for X, Y in fibre if _identical(X, Y)]
        if inside:
            orbits = {orbit(X, Y, PRIME) for X, Y in inside}
            lifted = {lifted_orbit(X, Y, PRIME) for X, Y in fibre}
            if (len(orbits) == 1) != (len(lifted) == 1):
                return False
    return True


def corollary_4_10(rng) -> bool:
    """Corollary 4.10: on fixed supports, unique factors have a unique lifted tuple and are in IC and MC."""
    omega = only(_listable(rng))
    for fibre in fibres(omega, PRIME):
        unique = len({orbit(X, Y, PRIME) for X, Y in fibre}) == 1
        lifted = len({lifted_orbit(X, Y, PRIME) for X, Y in fibre}) == 1
        X, Y = fibre[rng.integers(len(fibre))]
        if unique != (lifted and identical_columns(X, Y, omega).holds and maximal_columns(X, Y, omega).holds):
            return False
    return True


def proposition_4_18(rng) -> bool:
    """Proposition 4.18: one completion exactly if the mask's graph is connected; all are tried."""
    m, n = rng.integers(1, 4, 2)
    mask = rng.random((m, n)) < rng.uniform(0.3, 1)
    matrix = np.outer(rng.integers(1, PRIME, m), rng.integers(1, PRIME, n)) % PRIME
    return (completions(matrix, mask, PRIME) == 1) == completable(mask).holds


def remark_4_20(rng) -> bool:
    """Remark 4.20 as printed: one application of operation a completes the connected parts."""
    edges = rng.random((1, *rng.integers(2, 6, 2))) < 0.4
    return bool((complete_inside(edges) == complete_components(edges)).all())


def remark_4_20_repeated(rng) -> bool:
    """Remark 4.20, mended: operation a, repeated until nothing changes, completes the connected parts."""
    edges = rng.random((1, *rng.integers(2, 6, 2))) < 0.4
    parts = complete_components(edges)
    for _ in range(edges.size):
        edges = complete_inside(edges)
    return bool((edges == parts).all())


def corollary_4_27(rng) -> bool | None:
    """Corollary 4.27: disjoint rank-one supports are closable, and contributions without zeros unique."""
    supports = _small(rng)
    if not disjoint(supports).holds:
        return None
    return closable(supports).holds and _unique(rng, supports)


def lemma_k_1(rng) -> bool | None:
    """Lemma K.1 and Remark 4.14: a unique tuple is zero nowhere but where its supports are empty."""
    supports = _small(rng)
    X, Y = random_factors(rng, supports, bound=1)
    if not unique_decomposition(X, Y, only(supports)).holds:
        return None
    return bool((X.any(axis=0) & Y.any(axis=0)).all())


def proposition_4_29_i(rng) -> bool:
    """Proposition 4.29 (i), turned round: Algorithm 1 finds no conflict in the sum of a tuple in Γ_S."""
    supports = _random(rng)
    X, Y = random_factors(rng, supports, zeros=True)
    return complete_literally(X @ Y.T, supports, corrected=False).outcome != INCOMPATIBLE


def proposition_4_29_ii(rng) -> bool | None:
    """Proposition 4.29 (ii) as printed: an output without missing values is in Γ_S and sums to Z."""
    return _complete_output(rng, corrected=False)


def proposition_4_29_ii_corrected(rng) -> bool | None:
    """Proposition 4.29 (ii) for the algorithm that also asks for rank one and looks outside the supports."""
    return _complete_output(rng, corrected=True)


def after_proposition_4_29(rng) -> bool | None:
    """After Proposition 4.29: of an output without missing values, PS-unique factors can be made.

    Taken is the algorithm that also asks for rank one, and asked is a part of PS-uniqueness alone: with the
    supports as they are, no other factors have more columns that are not zero.
    """
    supports = _random(rng, largest=4)
    X, Y = random_factors(rng, supports, zeros=True)
    found = complete_literally(X @ Y.T, supports, corrected=True)
    if found.outcome != UNIQUE:
        return None
    C, _ = found.contributions()
    return maximal_columns(*unlift(C), only(supports)).holds


def lemma_4_30(rng) -> bool | None:
    """Lemma 4.30: on closable supports Algorithm 1 completes every sum of contributions without zeros."""
    supports = _random(rng)
    if not closable(supports).holds:
        return None
    X, Y = planted_factors(supports, rng, "integer")
    return complete_literally(X @ Y.T, supports, corrected=False).outcome == UNIQUE


def lemma_5_1(rng) -> bool:
    """Lemma 5.1: uniform uniqueness, injectivity and disjoint supports are one; all tuples are listed."""
    supports = _listable(rng)
    sizes = [
        (len({lifted_orbit(X, Y, PRIME) for X, Y in fibre}), len({_lifted(X, Y) for X, Y in fibre}))
        for fibre in fibres(only(supports), PRIME)
    ]
    uniform, injective = (all(size[place] == 1 for size in sizes) for place in (0, 1))
    return uniform == injective == disjoint(supports).holds


def proposition_5_3(rng) -> bool | None:
    """Proposition 5.3: on disjoint supports, unique up to scaling alone is to be in IC and MC."""
    supports = _listable(rng)
    if not disjoint(supports).holds:
        return None
    omega = only(supports)
    for fibre in fibres(omega, PRIME):
        X, Y = fibre[rng.integers(len(fibre))]
        atoms = {tuple(orbit(X[:, [i]], Y[:, [i]], PRIME) for i in range(supports.rank)) for X, Y in fibre}
        proper = identical_columns(X, Y, omega).holds and maximal_columns(X, Y, omega).holds
        if (len(atoms) == 1) != proper:
            return False
    return True


def remark_5_1(rng) -> bool | None:
    """The remark after Lemma 5.1: on disjoint supports almost every pair of factors is identifiable.

    Asked of it is only that one is.
    """
    supports = _listable(rng)
    if not disjoint(supports).holds:
        return None
    return any(len({orbit(X, Y, PRIME) for X, Y in fibre}) == 1 for fibre in fibres(only(supports), PRIME))


def _complete_output(rng, corrected):
    supports = _random(rng, largest=4)
    Z = rng.integers(-1, 2, supports.shape)
    found = complete_literally(Z, supports, corrected=corrected)
    if found.outcome != UNIQUE:
        return None
    C, _ = found.contributions()
    return within(C, supports) and bool((C.sum(axis=0) == Z).all())


def _unique(rng, supports):
    X, Y = random_factors(rng, supports, zeros=False)
    return unique_decomposition(X, Y, only(supports)).holds


def _random(rng, largest=6):
    shape, rank = rng.integers(1, largest, 2), int(rng.integers(1, 4))
    return random_supports(rng, shape, rank, rng.uniform(0.2, 0.9))


def _small(rng):
    """Return random supports with few shared entries."""
    while True:
        supports = _random(rng, largest=4)
        if np.maximum(supports.masks().sum(axis=0) - 1, 0).sum() <= UNKNOWNS:
            return supports


def _listable(rng):
    """Return random supports of rank and sizes up to 2 with few entries, some with empty columns."""
    while True:
        shape, rank, density = rng.integers(1, 3, 2), int(rng.integers(1, 3)), rng.uniform(0.3, 1)
        pair = SupportPair(*(rng.random((size, rank)) < density for size in shape))
        if pair.left.sum() + pair.right.sum() <= ENTRIES:
            return pair


def _identical(X, Y):
    return bool((X.any(axis=0) == Y.any(axis=0)).all())


def _lifted(X, Y):
    return (X.T[:, :, None] * Y.T[:, None, :] % PRIME).tobytes()
