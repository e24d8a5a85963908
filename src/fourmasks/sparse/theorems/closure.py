"""Observable entries and their completion (paper, Definitions 4.17–4.25), and the sufficient Theorem 4.26.

A tuple of bipartite graphs is a boolean array (r, m, n): for each rank-one support, its edges. That is for
small sizes; the completion of numbers, Algorithm 1, works on large ones.
"""

from dataclasses import dataclass

import numpy as np

from fourmasks.sparse.supports.decisions import Decision
from fourmasks.sparse.supports.lifting import prepared
from fourmasks.sparse.supports.pair import SupportPair, check_supports
from fourmasks.system.names import counted


@dataclass(frozen=True, eq=False)
class Closure:
    """The closure of a tuple of graphs, and how it came about.

    Parameters
    ----------
    edges : ndarray of bool (r, m, n)
        The closure.
    stages : list of (str, ndarray)
        "inside" or "across" and the edges after that operation, for the operations that added some.
    """

    edges: np.ndarray
    stages: list


def observable(supports: SupportPair) -> np.ndarray:
    """Return the observable supports (r, m, n): entries in one rank-one support only (Eq. 19)."""
    masks = supports.masks()
    return masks & (masks.sum(axis=0) == 1)


def complete_inside(edges: np.ndarray) -> np.ndarray:
    """Add to each graph the edges that close a K₂,₂ that lacks one: operation a of Definition 4.19.

    Remark 4.20 calls completing each connected part an equivalent definition. One application does less: on a
    path of five edges only the ends of its sub-paths of three are joined. Repeated, the two agree.
    """
    counts = edges.astype(np.int64)
    return edges | (counts @ counts.transpose(0, 2, 1) @ counts > 0)


def complete_components(edges: np.ndarray) -> np.ndarray:
    """Add to each graph all edges within its connected parts (Remark 4.20)."""
    while True:
        more = complete_inside(edges)
        if (more == edges).all():
            return edges
        edges = more


def complete_across(edges: np.ndarray, supports: SupportPair) -> np.ndarray:
    """Add the edges that only one of the rank-one supports which contain them lacks: operation b."""
    lacking = supports.masks() & ~edges
    return edges | (lacking & (lacking.sum(axis=0) == 1))


def closure(supports: SupportPair) -> Closure:
    """Return the closure of the observable graphs of a tuple of supports (Definition 4.24)."""
    edges = observable(supports)
    stages = []
    while True:
        before = edges
        for name in ("inside", "across"):
            more = complete_components(edges) if name == "inside" else complete_across(edges, supports)
            if (more != edges).any():
                stages.append((name, more))
            edges = more
        if (edges == before).all():
            return Closure(edges, stages)


def closable(supports: SupportPair) -> Decision:
    """Decide whether the tuple of rank-one supports is closable (Definition 4.25).

    Returns
    -------
    Decision
        Witness: the `Closure` if so; if not, the missing edges as rows (atom, row, column) of an array.
    """
    check_supports(supports)
    found = closure(supports)
    missing = np.argwhere(supports.masks() & ~found.edges)
    if len(missing):
        return Decision(
            False, f"the closure lacks {counted(len(missing), 'edge')} (Definition 4.25)", missing
        )
    return Decision(True, "the closure has all edges (Definition 4.25)", found)


def sufficient_condition(X, Y, supports: SupportPair, tolerance: float | None = None) -> Decision:
    """Decide by Theorem 4.26 whether φ(X, Y) is the unique decomposition in Γ_S, where the theorem tells.

    Parameters
    ----------
    X, Y, supports, tolerance
        As for `necessary.necessary_conditions`.

    Returns
    -------
    Decision
        `holds` is True or None. Witness: the `Closure`; if open, the missing edges, or the entries that
        are zero but allowed, as rows (atom, row, column) of an array.
    """
    check_supports(supports)
    field, X, Y = prepared(X, Y, tolerance)
    masks = supports.masks()
    filled = SupportPair(~field.is_zero(X), ~field.is_zero(Y)).masks()
    if filled.shape != masks.shape or (filled & ~masks).any():
        raise ValueError(
            f"contributions of shape {filled.shape}: the supports {masks.shape} do not allow them"
        )
    if (filled != masks).any():
        return Decision(
            None, "contributions are zero where they may have entries", np.argwhere(masks & ~filled)
        )
    decision = closable(supports)
    if not decision.holds:
        return Decision(None, decision.why, decision.witness)
    return Decision(True, "closable, and all allowed entries non-zero (Theorem 4.26)", decision.witness)
