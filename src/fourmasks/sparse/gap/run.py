"""Between Theorem 4.13, necessary, and Theorem 4.26, sufficient: random supports, and all of a size.

A tuple of supports is *closable* (Theorem 4.26: all contributions without zeros are unique), *crowded*
(almost all factors violate Theorem 4.13: none of them is unique), or in the *gap*. There the rank of the
Jacobian at a random point says whether generic solutions are isolated or lie on curves.
"""

from collections import Counter

import numpy as np

from fourmasks.sparse.referees.jacobian import isolated_atoms
from fourmasks.sparse.referees.solution_count import solutions_at_random
from fourmasks.sparse.supports.classes import support_classes, supports_of
from fourmasks.sparse.supports.pair import SupportPair
from fourmasks.sparse.supports.random_instances import random_supports
from fourmasks.sparse.theorems.closure import closable
from fourmasks.sparse.theorems.necessary import generic_conditions

LAWS = ("entries", "columns")
CLASSES = ("closable", "isolated", "moving", "crowded")
CONTRADICTIONS = ("sufficient_contradictions", "necessary_contradictions")
UNKNOWNS = 6  # at most, for a Gröbner basis


def run_phases(shape, rank, density, law, instances, seed) -> dict:
    """Sort random supports into the phases.

    Parameters
    ----------
    shape : [int, int]
        Of the product, [m, n].
    rank : int
        Number of atoms.
    density : float
    law : {"entries", "columns"}
        "entries": each entry of both supports is there with probability `density`, independently; empty
        columns are drawn again. "columns": each column has round(density · length) entries, at least one,
        uniformly at random.
    instances, seed : int

    Returns
    -------
    dict
        Metrics, as shares of the instances: `closable`; `isolated` and `moving`, the two parts of the gap;
        `crowded`; `countable`, tuples whose parameters are no more than the entries they have to explain.
        `sufficient_contradictions` and `necessary_contradictions` count the instances in which the Jacobian
        contradicts Theorem 4.26 or 4.13.
    """
    rng, seen = np.random.default_rng(seed), Counter()
    for _ in range(instances):
        supports = drawn(rng, shape, rank, density, law)
        seen.update(sorted_out(supports, rng.integers(2**31)))
    names = (*CLASSES, "countable")
    metrics = {name: seen[name] / instances for name in names}
    metrics |= {name: seen[name] for name in CONTRADICTIONS}
    return {"metrics": metrics | {"instances": instances}}


def run_census(shape, rank, seed) -> dict:
    """Sort all supports of a size into the phases, one of each class (see `support_classes`).

    Where solutions are isolated and few entries are shared, a Gröbner basis at random integer factors says
    whether there is one or several.

    Parameters
    ----------
    shape : [int, int]
        Of the product.
    rank, seed : int

    Returns
    -------
    dict
        Metrics: `classes`, and how many of them are in each phase; `unique` and `several`, of the isolated
        ones, as far as a Gröbner basis was asked, and `most`, the largest number of solutions there;
        `sufficient_is_tight` and `necessary_is_tight`, 1 where the gap has no isolated or no moving class;
        contradictions as for `run_phases`. Curves: the first class of each part of the gap, as types of rows
        and columns, `unique_rows`, `unique_columns` and so on.
    """
    rng, seen, first, most = np.random.default_rng(seed), Counter(), {}, 0
    for rows, columns in support_classes(tuple(shape), rank):
        supports, point = supports_of(rows, columns, rank), rng.integers(2**31)
        found = sorted_out(supports, point)
        if found["isolated"] and shared_entries(supports) <= UNKNOWNS:
            solutions = solutions_at_random(supports, point)
            found["unique" if solutions == 1 else "several"] += 1
            most = max(most, solutions or 0)
        seen.update(found)
        seen["classes"] += 1
        for name in ("unique", "several", "moving"):
            if found[name]:
                first.setdefault(name, (rows, columns))
    counts = ("classes", *CLASSES, "unique", "several", *CONTRADICTIONS)
    curves = {
        f"{name}_{side}": list(types)
        for name, pair in first.items()
        for side, types in zip(("rows", "columns"), pair, strict=True)
    }
    tight = {"sufficient_is_tight": not seen["isolated"], "necessary_is_tight": not seen["moving"]}
    metrics = {name: seen[name] for name in counts} | {name: int(holds) for name, holds in tight.items()}
    return {"metrics": metrics | {"most": most}, "curves": curves}


def sorted_out(supports: SupportPair, seed: int) -> Counter:
    """Return the phase of a tuple of supports, and what its Jacobian contradicts, as counts of one."""
    sufficient, conditions = closable(supports).holds, generic_conditions(supports).holds
    countable = parameters(supports) <= covered(supports)
    local = countable and isolated_atoms(supports, seed).holds
    phase = "closable" if sufficient else "crowded" if not conditions else "isolated" if local else "moving"
    contradictions = sufficient and not local, local and not conditions
    return Counter(
        {
            phase: 1,
            "countable": int(countable),
        }
        | dict(zip(CONTRADICTIONS, map(int, contradictions), strict=True))
    )


def parameters(supports: SupportPair) -> int:
    """Return the number of free parameters: entries of both factors, less one scaling for each atom."""
    return int(supports.left.sum() + supports.right.sum()) - supports.rank


def covered(supports: SupportPair) -> int:
    """Return the number of positions of the product that some atom covers."""
    return int((supports.left.astype(int) @ supports.right.T.astype(int) > 0).sum())


def shared_entries(supports: SupportPair) -> int:
    """Return the number of entries that have to be told apart: for each position the atoms beyond one."""
    return int(np.maximum(supports.left.astype(int) @ supports.right.T.astype(int) - 1, 0).sum())


def drawn(rng: np.random.Generator, shape, rank: int, density: float, law: str) -> SupportPair:
    """Return random supports by one of the laws of `run_phases`; none has an empty column."""
    if law == "entries":
        return random_supports(rng, shape, rank, density)
    if law != "columns":
        raise ValueError(f"law = {law!r}: expected one of {', '.join(LAWS)}")
    sides = []
    for size in shape:
        count = max(1, round(density * size))
        sides.append(np.argsort(rng.random((size, rank)), axis=0) < count)
    return SupportPair(*sides)
