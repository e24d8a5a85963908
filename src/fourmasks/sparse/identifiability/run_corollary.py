"""Corollary 5.12 against its definition, over a small field, and how long exact Kruskal ranks take."""

import time
from itertools import combinations, combinations_with_replacement, product
from math import comb

import numpy as np

from fourmasks.sparse.supports.families import SparseFamily, column_sparse, globally_sparse, row_sparse
from fourmasks.sparse.theorems.kruskal import kruskal_rank, required_rank, uniform_by_kruskal

PRIME = 5
PARTS = ("row", "column", "both", "global")
QUESTIONS = ("rank", "s = 2", "s = 3")
ENTRIES = 1000  # of the integers in the matrices that are timed


def run_part(part, rows, columns, height) -> dict:
    """Compare a part of Corollary 5.12 with the definition, over the field of 5 elements, by trying all.

    All left factors up to the order and scaling of their columns, all bounds, all right factors.

    Parameters
    ----------
    part : {"row", "column", "both", "global"}
        (i), (ii), (iii) or (iv).
    rows, columns : int
        m and r: the shape of the left factor.
    height : int
        n: the rows of the right factor.

    Returns
    -------
    dict
        Metrics: `instances`, pairs of a left factor and a family; `uniform`, those with uniform right
        identifiability; `printed`, those to which the corollary applies as printed, and
        `printed_contradictions` among them; `mended_contradictions`, with `required_rank`, of all.
    """
    rights = right_factors(height, columns)
    counts = dict.fromkeys(
        ("instances", "uniform", "printed", "printed_contradictions", "mended_contradictions"), 0
    )
    families = [(family, rights[allowed(rights, family)]) for family in bounded(part, (height, columns))]
    for X in left_factors(rows, columns):
        rank = field_kruskal_rank(X)
        for family, factors in families:
            truth = uniform_by_definition(X, factors)
            counts["instances"] += 1
            counts["uniform"] += truth
            counts["mended_contradictions"] += truth != (rank >= required_rank(family))
            printed = printed_rank(family)
            if printed is not None:
                counts["printed"] += 1
                counts["printed_contradictions"] += truth != (rank >= printed)
    return {"metrics": counts}


def run_timing(question, columns, seed) -> dict:
    """Take the time of an exact computation with a random integer matrix.

    Parameters
    ----------
    question : {"rank", "s = 2", "s = 3"}
        "rank": the Kruskal rank of a matrix with half as many rows as columns. Otherwise whether every right
        factor with at most s entries is unique (Corollary 5.12 (iv)), for a matrix with 2 s rows.
    columns : int
    seed : int

    Returns
    -------
    dict
        Metrics: `cpu_seconds`; `sets`, how many sets of columns there are of the size that decides; `rank`,
        the Kruskal rank or the bound that it was found to reach.
    """
    s = None if question == "rank" else int(question.split()[-1])
    size = columns // 2 if s is None else 2 * s
    X = np.random.default_rng(seed).integers(-ENTRIES, ENTRIES + 1, (size, columns))
    start = time.process_time()
    if s is None:
        rank = kruskal_rank(X).value
    else:
        rank = size if uniform_by_kruskal(X, globally_sparse((2, columns), s)).holds else size - 1
    seconds = time.process_time() - start
    return {"metrics": {"cpu_seconds": seconds, "sets": comb(columns, size), "rank": rank}}


def bounded(part: str, shape: tuple[int, int]) -> list[SparseFamily]:
    """Return the families of a part of the corollary on right factors of a shape (n, r), all bounds."""
    n, r = shape
    if part == "row":
        return [row_sparse(shape, a) for a in range(1, r + 1)]
    if part == "column":
        return [column_sparse(shape, b) for b in range(1, n + 1)]
    if part == "both":
        bounds = product(range(1, r + 1), range(1, n + 1))
        return [SparseFamily(shape, per_column=b, per_row=a) for a, b in bounds]
    if part == "global":
        return [globally_sparse(shape, s) for s in range(1, n * r + 1)]
    raise ValueError(f"part = {part!r}: expected one of {', '.join(PARTS)}")


def printed_rank(family: SparseFamily) -> int | None:
    """Return the Kruskal rank that Corollary 5.12 asks for as printed; None where it leaves the case out."""
    n, r = family.shape
    column, row, total = family.per_column, family.per_row, family.total
    if total is not None:
        return min(r, 2 * total) if n >= 2 or total >= 2 else None
    if row is None:
        return r
    larger = n >= 2 if column is None else n >= 2 and column >= 2
    return min(r, 2 * row) if row >= 2 or larger else None


def left_factors(rows: int, columns: int):
    """Yield all matrices over the field up to the order and the scaling of their columns."""
    vectors = [vector for vector in product(range(PRIME), repeat=rows) if _normal(vector) == vector]
    for chosen in combinations_with_replacement(vectors, columns):
        yield np.array(chosen, dtype=np.int64).T


def right_factors(height: int, columns: int) -> np.ndarray:
    """Return all matrices over the field as an array (number, height, columns)."""
    cells = height * columns
    digits = np.arange(PRIME**cells)[:, None] // PRIME ** np.arange(cells) % PRIME
    return digits.reshape(-1, height, columns)


def allowed(factors: np.ndarray, family: SparseFamily) -> np.ndarray:
    """Return which matrices have a support in the family."""
    filled = factors != 0
    counts = (
        (family.per_column, filled.sum(axis=1)), (family.per_row, filled.sum(axis=2)),
        (family.total, filled.sum(axis=(1, 2))[:, None]),
    )  # fmt: skip
    fits = [(count <= bound).all(axis=1) for bound, count in counts if bound is not None]
    return np.logical_and.reduce(fits)


def uniform_by_definition(X: np.ndarray, factors: np.ndarray) -> bool:
    """Return whether right factors with one product are all PS-equivalent, X being normalised by columns."""
    products = X @ factors.transpose(0, 2, 1) % PRIME
    which = products.reshape(len(factors), -1) @ PRIME ** np.arange(products[0].size)
    height = factors.shape[1]
    weights = PRIME ** np.arange(height)
    atoms = factors.transpose(0, 2, 1) @ weights
    lines = np.array([np.dot(_normal(v[::-1])[::-1], weights) for v in product(range(PRIME), repeat=height)])
    codes = PRIME ** np.arange(len(X)) @ X
    atoms = np.where(codes == 0, lines[_reversed(atoms, height)], atoms)  # a zero column of X scales freely
    atoms = np.sort(atoms + codes * PRIME**height, axis=1)
    orbits = np.column_stack([which, atoms])
    return len(np.unique(orbits, axis=0)) == len(np.unique(which))


def field_kruskal_rank(X: np.ndarray) -> int:
    """Return the Kruskal rank over the field, by trying all combinations of columns."""
    for size in range(1, X.shape[1] + 1):
        weights = np.array([w for w in product(range(PRIME), repeat=size) if any(w)]).T
        for columns in combinations(range(X.shape[1]), size):
            if (X[:, columns] @ weights % PRIME == 0).all(axis=0).any():
                return size - 1
    return X.shape[1]


def _normal(vector):
    """Return a vector scaled so that its first entry that is not zero is one."""
    leading = next((value for value in vector if value), 1)
    inverse = pow(int(leading), -1, PRIME)
    return tuple(value * inverse % PRIME for value in vector)


def _reversed(codes, height):
    """Return the place of each code in the order of `itertools.product`, whose last digit runs fastest."""
    digits = codes[..., None] // PRIME ** np.arange(height) % PRIME
    return digits @ PRIME ** np.arange(height)[::-1]
