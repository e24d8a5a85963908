"""The paper's figures and examples, computed: exact numbers, nothing drawn at random.

Each returns {"metrics": …}; where a metric compares two things, it counts what differs.
"""

from collections.abc import Callable
from itertools import product

import numpy as np

from fourmasks.sparse.butterflies.butterfly import product_support
from fourmasks.sparse.completion.literal import stages
from fourmasks.sparse.completion.rank_one_masks import completable, completions
from fourmasks.sparse.referees import symbolic
from fourmasks.sparse.referees.polynomial import unique_decomposition
from fourmasks.sparse.supports.families import (
    Family,
    GivenFamily,
    SparseFamily,
    column_sparse,
    globally_sparse,
    regular,
    row_sparse,
)
from fourmasks.sparse.supports.instances import EXAMPLE_Z, example_supports
from fourmasks.sparse.supports.lifting import unlift, within
from fourmasks.sparse.supports.pair import SupportPair
from fourmasks.sparse.supports.pairs import only
from fourmasks.sparse.theorems.closure import closable, complete_across, complete_components, observable
from fourmasks.sparse.theorems.necessary import necessary_conditions
from fourmasks.sparse.theorems.uniform import disjoint

PRIME = 5
# The caption of Figure 1, and what Figure 3 (b) says is added across graphs, numbered from 0.
RECTANGLES = (({1, 2, 3}, {0, 1}), ({0, 1, 2}, {1, 2}), ({2, 3}, {1, 2, 3}))
ADDED_ACROSS = {(0, 1, 1), (1, 2, 2)}
STEPS = ("initialization", "observable", "inside", "across", "inside", "across")
# One connected, one of two parts, as in Figure 2: masks of our own.
MASKS = (
    ((1, 1, 0, 0), (0, 1, 1, 0), (0, 0, 1, 1), (0, 0, 0, 1)),
    ((1, 1, 0, 0), (1, 1, 0, 0), (0, 0, 1, 1), (0, 0, 1, 1)),
)
# Classes of Examples 2.1 to 2.3 on a shape, all bounds in turn.
SHAPE = (3, 3)


def families() -> dict[str, list[SparseFamily]]:
    """Return the classical families on 3 × 3 supports, by example, with every bound that says something."""
    cells, (n, r) = SHAPE[0] * SHAPE[1], SHAPE
    bounds = product(range(1, n + 1), range(1, r + 1))
    both = [SparseFamily(SHAPE, per_column=by_column, per_row=by_row) for by_column, by_row in bounds]
    by_column = [column_sparse(SHAPE, k) for k in range(1, n + 1)]
    by_row = [row_sparse(SHAPE, k) for k in range(1, r + 1)]
    return {
        "2.1": [globally_sparse(SHAPE, s) for s in range(1, cells + 1)],
        "2.2": by_column + by_row + both,
        "2.3": [regular(n, k) for k in range(1, n + 1)],
    }


def family_example(example: str) -> dict:
    """Example 2.1, 2.2 or 2.3: list the families' maximal supports and permute their columns.

    Metrics: `families`, `supports` (maximal ones in all), `unstable` (families that some permutation leads
    out of).
    """
    found = [GivenFamily(list(family.maximal())) for family in families()[example]]
    unstable = sum(not family.stability().holds for family in found)
    return _result(families=len(found), supports=sum(map(len, found)), unstable=unstable)


def butterfly_example() -> dict:
    """Example 2.3: butterfly factors have two entries in each row and column; a fixed pair is not stable.

    Metrics: `irregular`, rows and columns of the factors of sizes 2 to 64 with another number of entries
    than two; `unstable`, 1 if the family of one pair of them is not stable by permutation (footnote 2).
    """
    irregular = 0
    for q in range(1, 7):
        for number in range(1, q + 1):
            factor = product_support(2**q, number, number)
            irregular += int(sum((factor.sum(axis=axis) != 2).sum() for axis in (0, 1)))
    pair = SupportPair(product_support(4, 1, 1), product_support(4, 2, 2).T)
    return _result(irregular=irregular, unstable=not only(pair).stability().holds)


def signature_example() -> dict:
    """Example 3.5: signatures of families sparse by column, on every set of columns.

    Metrics: `signatures`, `mismatches` (those that are not the family with the same bound on those columns).
    """
    return _compared(
        (Family.signature(family, columns), column_sparse((SHAPE[0], len(columns)), family.per_column))
        for family in families()["2.2"]
        if family.per_row is None
        for columns in _subsets(SHAPE[1])
    )


def fingerprint_example() -> dict:
    """Example 3.13: fingerprints of families sparse by column on pairs of columns, for 3 rows and 2 pairs.

    Metrics: `signatures` (how many), `mismatches` (those that are not the family with twice the bound).
    """
    pairs = [[0, 1], [2, 3]]
    return _compared(
        (column_sparse((3, 4), s).fingerprint(pairs), column_sparse((3, 2), 2 * s)) for s in range(1, 4)
    )


def figure_1() -> dict:
    """Figure 1: observable entries by the caption's rectangles, closability, overlap.

    Metrics: `observable`, `shared` (positions in one support, in several), `mismatches` (with the sets of
    the caption), `closable`, `disjoint`.
    """
    supports = example_supports()
    counts = {cell: sum(cell[0] in rows and cell[1] in columns for rows, columns in RECTANGLES)
              for cell in product(range(4), range(4))}  # fmt: skip
    seen = observable(supports)
    mismatches = sum(seen[:, row, column].sum() != (count == 1) for (row, column), count in counts.items())
    return _result(
        observable=int(seen.sum()),
        shared=sum(count > 1 for count in counts.values()),
        mismatches=int(mismatches),
        closable=closable(supports).holds,
        disjoint=disjoint(supports).holds,
    )


def figure_2() -> dict:
    """Figure 2: a connected mask and one of two parts, with all completions over the field of 5 elements.

    Metrics: `completions_connected`, `completions_parted`, `mismatches` (with Proposition 4.18).
    """
    matrix = np.outer([1, 2, 3, 4], [4, 1, 2, 3]) % PRIME
    counts = [completions(matrix, mask, PRIME) for mask in MASKS]
    told = [completable(mask).holds for mask in MASKS]
    mismatches = sum((count == 1) != holds for count, holds in zip(counts, told, strict=True))
    return _result(completions_connected=counts[0], completions_parted=counts[1], mismatches=mismatches)


def figure_3() -> dict:
    """Figure 3: edges that completion adds inside and then across the graphs of Figure 1.

    Metrics: `inside`, `across` (numbers of edges added), `mismatches` (with the edges that the caption of
    (b) names).
    """
    supports = example_supports()
    start = observable(supports)
    inside = complete_components(start)
    across = complete_across(inside, supports)
    added = {tuple(int(i) for i in edge) for edge in np.argwhere(across & ~inside)}
    return _result(
        inside=int((inside & ~start).sum()),
        across=len(added),
        mismatches=len(added ^ ADDED_ACROSS),
    )


def figure_4() -> dict:
    """Figure 4: the stages of Algorithm 1 on Example 4.28.

    Metrics: `stages`, `in_order` (1 if they are the six of the figure), `missing` (entries at the end).
    """
    found = list(stages(EXAMPLE_Z, example_supports()))
    in_order = tuple(stage.name for stage in found) == STEPS
    return _result(stages=len(found), in_order=in_order, missing=int((~found[-1].known).sum()))


def example_4_28() -> dict:
    """Example 4.28: the decomposition, that it is the only one, and why.

    Metrics: `closable`; `zeros`, allowed entries that are zero in it (none: it is in Γ_S^(=)); `within`, 1
    if it is in Γ_S; `sum_errors`, entries in which it does not sum to Z; `unique`, by a Gröbner basis.
    """
    supports = example_supports()
    last = list(stages(EXAMPLE_Z, supports))[-1]
    X, Y = unlift(last.C)
    return _result(
        closable=closable(supports).holds,
        zeros=int((supports.masks() & (last.C == 0)).sum()),
        within=within(last.C, supports),
        sum_errors=int((last.C.sum(axis=0) != np.array(EXAMPLE_Z)).sum()),
        unique=unique_decomposition(X, Y, only(supports)).holds,
    )


def example_4_16(bound: int) -> dict:
    """Example 4.16: with letters, and with all integers up to a bound in place of them.

    Parameters
    ----------
    bound : int
        a, b, c, d run through -bound … bound, not both of a pair zero; x and y are 0 and 1.

    Returns
    -------
    dict
        Metrics: `determinant_is_independence` (1 if the determinant of the two equations is a d - b c),
        `given_solves`, `line_solves` (see `Independence`); `instances`, `independent`, and `mismatches`:
        instances in which a d ≠ b c, the conditions of Theorem 4.13 and uniqueness by a Gröbner basis are not
        all the same.
    """
    solved, supports = symbolic.example(), symbolic.example_supports()
    a, b, c, d, *_ = symbolic.LETTERS
    symbols = (solved.determinant - (a * d - b * c)).expand() == 0
    instances = independent = mismatches = 0
    columns = [pair for pair in product(range(-bound, bound + 1), repeat=2) if any(pair)]
    for (p, q), (s, t), (x, y) in product(columns, columns, product(range(2), repeat=2)):
        X, Y = symbolic.example_factors(p, q, s, t, x, y)
        free = p * t != q * s
        conditions = necessary_conditions(X, Y, supports).holds
        unique = unique_decomposition(X, Y, only(supports)).holds
        instances, independent = instances + 1, independent + free
        mismatches += not free == conditions == unique
    return _result(
        determinant_is_independence=symbols,
        given_solves=solved.holds_at_the_given(),
        line_solves=solved.line_solves(),
        instances=instances,
        independent=independent,
        mismatches=mismatches,
    )


EXAMPLES: dict[str, Callable[..., dict]] = {
    "2.1": lambda: family_example("2.1"),
    "2.2": lambda: family_example("2.2"),
    "2.3": lambda: family_example("2.3"),
    "2.3-butterfly": butterfly_example,
    "3.5": signature_example,
    "3.13": fingerprint_example,
    "figure-1": figure_1,
    "figure-2": figure_2,
    "figure-3": figure_3,
    "figure-4": figure_4,
    "4.16": example_4_16,
    "4.28": example_4_28,
}


def run_example(example: str, **parameters) -> dict:
    """Compute one example; `parameters` are those of its function."""
    return EXAMPLES[example](**parameters)


def _compared(pairs):
    counted = mismatches = 0
    for found, expected in pairs:
        members = [{member.tobytes() for member in family.maximal()} for family in (found, expected)]
        counted, mismatches = counted + 1, mismatches + (members[0] != members[1])
    return _result(signatures=counted, mismatches=mismatches)


def _subsets(size):
    return [[i for i in range(size) if chosen >> i & 1] for chosen in range(1, 2**size)]


def _result(**metrics):
    return {"metrics": {name: float(value) for name, value in metrics.items()}}
