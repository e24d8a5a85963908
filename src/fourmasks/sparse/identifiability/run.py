"""The theorems on random instances against referees that do not know them.

Each run returns {"metrics": …} with `instances`, how many there were, and `contradictions`, how often a
theorem and its referee did not agree.
"""

from collections import Counter
from itertools import permutations

import numpy as np

from fourmasks.sparse.referees.exhaustive import fibres, lifted_orbit, orbit
from fourmasks.sparse.referees.jacobian import isolated_atoms
from fourmasks.sparse.referees.polynomial import unique_decomposition
from fourmasks.sparse.supports.arithmetic import Exact
from fourmasks.sparse.supports.families import SparseFamily
from fourmasks.sparse.supports.pair import SupportPair
from fourmasks.sparse.supports.pairs import only
from fourmasks.sparse.supports.random_instances import (
    random_factors,
    random_family,
    random_left,
    random_right,
    random_stable_pairs,
    random_supports,
)
from fourmasks.sparse.theorems.closure import closable, sufficient_condition
from fourmasks.sparse.theorems.degeneration import identical_columns, maximal_columns
from fourmasks.sparse.theorems.identification import support_identification
from fourmasks.sparse.theorems.kruskal import uniform_by_kruskal
from fourmasks.sparse.theorems.necessary import generic_conditions, necessary_conditions
from fourmasks.sparse.theorems.right import solutions, unique_right_factor
from fourmasks.sparse.theorems.right_theorems import (
    grouped_uniqueness,
    linear_uniqueness,
    ones_uniqueness,
    right_identifiability,
)
from fourmasks.sparse.theorems.uniform import uniform_decomposition, uniform_right

PRIME = 5  # of the exhaustive referee
UNKNOWNS = 6  # at most, for the algebraic one
SAMPLES = 3


def run_fixed(shape, rank, density, instances, seed) -> dict:
    """Compare Theorems 4.26 and 4.13 with the rank of the Jacobian on random supports.

    Parameters
    ----------
    shape, rank, density
        As for `random_supports`.
    instances, seed : int

    Returns
    -------
    dict
        More metrics, as shares of the instances: `closable` (Theorem 4.26), `identifiable` (Jacobian),
        `conditions` (Theorem 4.13 for almost all factors), `gap` (the last without the first) and
        `gap_identifiable`.
    """
    rng = np.random.default_rng(seed)
    seen = Counter()
    for _ in range(instances):
        supports = random_supports(rng, shape, rank, density)
        sufficient = closable(supports).holds
        local = isolated_atoms(supports).holds
        conditions = generic_conditions(supports).holds
        gap = conditions and not sufficient
        seen.update({"closable": sufficient, "identifiable": local, "conditions": conditions})
        seen.update({"gap": gap, "gap_identifiable": gap and local})
        seen["contradictions"] += (sufficient and not local) or (local and not conditions)
    shares = {name: count / instances for name, count in seen.items() if name != "contradictions"}
    return _result(instances, seen["contradictions"], shares)


def run_algebra(instances, seed) -> dict:
    """Compare Theorems 4.13 and 4.26 and Proposition 4.11 with Gröbner bases on tiny random instances.

    Returns
    -------
    dict
        More metrics, as shares: `unique` on fixed supports, `sufficient` (Theorem 4.26 applies), `conditions`
        (Theorem 4.13), `identified` (Proposition 4.11 applies, on stable families).
    """
    rng = np.random.default_rng(seed)
    seen = Counter()
    for _ in range(instances):
        supports = _drawn(lambda: random_supports(rng, *_tiny(rng), rng.uniform(0.2, 1)), _unknowns)
        X, Y = random_factors(rng, supports, zeros=rng.random() < 0.5)
        unique = unique_decomposition(X, Y, only(supports)).holds
        sufficient = sufficient_condition(X, Y, supports).holds is True
        conditions = necessary_conditions(X, Y, supports).holds
        omega = _drawn(
            lambda: random_stable_pairs(rng, *_tiny(rng), rng.integers(1, 3)),
            lambda drawn: max(map(_unknowns, drawn.members)),
        )
        factors = random_factors(rng, omega.members[0])
        identified = support_identification(factors[0] @ factors[1].T, omega, algebra=True).holds is True
        seen.update({"unique": unique, "sufficient": sufficient, "conditions": conditions})
        seen["identified"] += identified
        seen["contradictions"] += (sufficient and not unique) or (unique and not conditions)
        seen["contradictions"] += identified and not unique_decomposition(*factors, omega).holds
    shares = {name: count / instances for name, count in seen.items() if name != "contradictions"}
    return _result(instances, seen["contradictions"], shares)


def run_right(instances, seed) -> dict:
    """Compare Propositions 3.16, 3.17 and Theorem 3.14, mended, with all solutions of the linear systems.

    Returns
    -------
    dict
        More metrics: `identifiable`, a share; `too_strict`, how often Theorem 3.14 as printed says no where
        the factor is identifiable, and `too_lax`, the reverse.
    """
    rng = np.random.default_rng(seed)
    seen = Counter()
    for _ in range(instances):
        m, n, r = rng.integers(1, 4), rng.integers(1, 4), rng.integers(1, 5)
        X, family = random_left(rng, (m, r)), random_family(rng, (n, r))
        Y = random_right(rng, family)
        truth = unique_right_factor(X, Y, family).holds
        ones = np.ones((1, r), dtype=int)
        pairs = (
            (right_identifiability(X, Y, family).holds, truth),
            (ones_uniqueness(Y, family).holds, unique_right_factor(ones, Y, family).holds),
            (linear_uniqueness(X, Y, family).holds, _one_solution(X, Y, family)),
        )
        seen["contradictions"] += sum(found != expected for found, expected in pairs)
        seen["identifiable"] += truth
        if X.any(axis=0).all():
            printed = grouped_uniqueness(X, Y, family, as_printed=True).holds
            seen["too_strict"] += truth and not printed
            seen["too_lax"] += printed and not truth
    metrics = {"identifiable": seen["identifiable"] / instances}
    metrics |= {name: seen[name] for name in ("too_strict", "too_lax")}
    return _result(instances, seen["contradictions"], metrics)


def run_uniform(instances, seed) -> dict:
    """Compare Corollary 5.12, mended, with Corollary 5.6, and that with single factors.

    Returns
    -------
    dict
        More metrics: `uniform`, a share; `corollary`, the number of families that Corollary 5.12 has.
    """
    rng = np.random.default_rng(seed)
    seen = Counter()
    for _ in range(instances):
        m, n, r = rng.integers(1, 4, 3)
        X, family = random_left(rng, (m, r)), random_family(rng, (n, r))
        decision = uniform_right(X, family)
        seen["uniform"] += decision.holds
        if decision.holds:
            factors = [random_right(rng, family) for _ in range(SAMPLES)]
            alike = [unique_right_factor(X, Y, family).holds for Y in factors]
            seen["contradictions"] += not all(alike)
        else:
            first = decision.witness[0]
            seen["contradictions"] += unique_right_factor(X, first, family).holds
        if isinstance(family, SparseFamily):
            seen["corollary"] += 1
            seen["contradictions"] += uniform_by_kruskal(X, family).holds != decision.holds
    metrics = {"uniform": seen["uniform"] / instances, "corollary": seen["corollary"]}
    return _result(instances, seen["contradictions"], metrics)


def run_families(instances, seed) -> dict:
    """Compare Theorem 4.8 and Propositions 2.15, 4.9 and 5.5 with all factors over a finite field.

    Parameters
    ----------
    instances : int
        Random families that are stable by permutation, of rank and sizes at most 2.
    seed : int

    Returns
    -------
    dict
        More metrics: `factors`, the number of all factors listed; `identifiable`, the share of them that are.
    """
    rng = np.random.default_rng(seed)
    seen = Counter()
    for _ in range(instances):
        omega = _drawn(
            lambda: random_stable_pairs(rng, rng.integers(1, 3, 2), rng.integers(1, 3), rng.integers(1, 3)),
            lambda drawn: max(pair.left.sum() + pair.right.sum() for pair in drawn.members),
        )
        listed = fibres(omega, PRIME)
        alone = [_lifted_fibres(pair) for pair in omega.maximal()]
        uniform = True
        for fibre in listed:
            orbits = {orbit(X, Y, PRIME) for X, Y in fibre}
            lifted = {lifted_orbit(X, Y, PRIME) for X, Y in fibre}
            inside = {orbit(X, Y, PRIME) for X, Y in fibre if (X.any(axis=0) == Y.any(axis=0)).all()}
            X, Y = fibre[rng.integers(len(fibre))]
            unique = len(orbits) == 1
            proper = identical_columns(X, Y, omega).holds and maximal_columns(X, Y, omega).holds
            seen["contradictions"] += unique != (len(inside) == 1 and proper)
            seen["contradictions"] += unique != (len(lifted) == 1 and proper)
            seen["contradictions"] += (len(lifted) == 1) != _in_two_steps(X, Y, alone)
            seen["factors"] += len(fibre)
            seen["identifiable"] += unique * len(fibre)
            uniform = uniform and len(lifted) == 1
        seen["contradictions"] += uniform_decomposition(omega).holds != uniform
    metrics = {"factors": seen["factors"], "identifiable": seen["identifiable"] / seen["factors"]}
    return _result(instances, seen["contradictions"], metrics)


def _result(instances, contradictions, metrics):
    return {"metrics": {"instances": instances, "contradictions": contradictions} | metrics}


def _tiny(rng):
    return rng.integers(1, 4, 2), int(rng.integers(1, 4))


def _unknowns(supports):
    return np.maximum(supports.masks().sum(axis=0) - 1, 0).sum()


def _drawn(draw, size):
    """Draw until the size is at most what the slow referees take."""
    while size(drawn := draw()) > UNKNOWNS:
        pass
    return drawn


def _one_solution(X, Y, family):
    """Return whether Y itself is the only solution, by the linear system of every support."""
    field = Exact()
    X, Y = field.matrix(X), field.matrix(Y)
    Z = field.product(X, Y.T)
    found = (other for support in family.maximal() for other in solutions(field, X, Z, support))
    return all((other == Y).all() for other in found)


def _lifted_fibres(pair):
    """Return a pair of supports with its tuples of contributions, up to permutation, by their sum."""
    return pair, {
        (fibre[0][0] @ fibre[0][1].T % PRIME).tobytes(): {lifted_orbit(X, Y, PRIME) for X, Y in fibre}
        for fibre in fibres(only(pair), PRIME)
    }


def _in_two_steps(X, Y, alone):
    """Return whether conditions (i) and (ii) of Proposition 4.9 hold for φ(X, Y)."""
    total, here = (X @ Y.T % PRIME).tobytes(), lifted_orbit(X, Y, PRIME)
    filled = SupportPair.from_factors(X, Y).masks()
    for pair, tuples in alone:
        if total not in tuples:
            continue
        allowed = (filled[:, None] <= pair.masks()[None]).all(axis=(2, 3))
        orders = permutations(range(pair.rank))
        if not any(allowed[range(pair.rank), order].all() for order in orders):
            return False
        if allowed.diagonal().all() and tuples[total] != {here}:
            return False
    return True
