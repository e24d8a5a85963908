"""Algorithm 1 as printed: the stages of Figure 4, and where the printed text falls short."""

import numpy as np
import pytest

from fourmasks.sparse.completion.fast import complete
from fourmasks.sparse.completion.literal import complete_literally, stages
from fourmasks.sparse.completion.outcome import Incompatible
from fourmasks.sparse.supports.instances import EXAMPLE_Z, example_supports, planted_factors
from fourmasks.sparse.supports.lifting import unlift
from fourmasks.sparse.supports.pair import SupportPair
from fourmasks.sparse.supports.pairs import only
from fourmasks.sparse.theorems.degeneration import identical_columns, maximal_columns


def missing(stage):
    return {tuple(int(index) for index in place) for place in np.argwhere(~stage.known)}


def test_figure_4_in_order():
    found = list(stages(EXAMPLE_Z, example_supports()))
    names = ["initialization", "observable", "inside", "across", "inside", "across"]
    assert [stage.name for stage in found] == names
    masks = example_supports().masks()
    assert missing(found[0]) == {tuple(map(int, place)) for place in np.argwhere(masks)}
    # Numbered from 0: what each step leaves.
    assert missing(found[1]) == {(0, 1, 1), (0, 2, 1), (0, 3, 1), (1, 1, 1), (1, 2, 1), (1, 2, 2), (2, 2, 1),
                                 (2, 2, 2), (2, 3, 1)}  # fmt: skip
    assert missing(found[2]) == missing(found[1]) - {(1, 1, 1), (2, 2, 2)}
    assert missing(found[3]) == missing(found[2]) - {(0, 1, 1), (1, 2, 2)}
    assert missing(found[4]) == {(2, 2, 1), (2, 3, 1)}
    assert missing(found[5]) == set()
    C = found[5].C
    assert np.array_equal(C.sum(0), EXAMPLE_Z)
    assert np.array_equal(C, complete(EXAMPLE_Z, example_supports()).contributions()[0])


def test_known_values_never_change():
    found = list(stages(EXAMPLE_Z, example_supports()))
    for before, after in zip(found, found[1:], strict=False):
        assert (after.known | ~before.known).all()
        assert np.array_equal(after.C[before.known], before.C[before.known])


def test_printed_and_corrected_agree_where_the_supports_are_those_of_the_factors():
    rng, unique = np.random.default_rng(0), 0
    for _ in range(80):
        rank = rng.integers(1, 4)
        supports = SupportPair(*(rng.random((size, rank)) < 0.6 for size in rng.integers(1, 6, 2)))
        X, Y = planted_factors(supports, rng, "integer")
        printed = complete_literally(X @ Y.T, supports, corrected=False)
        corrected = complete_literally(X @ Y.T, supports)
        assert printed.outcome == corrected.outcome and np.array_equal(printed.known, corrected.known)
        assert np.array_equal(printed.values, corrected.values)
        unique += printed.outcome == "unique"
    assert unique > 20


def test_as_printed_a_full_rank_matrix_passes_for_one_atom():
    """Prop. 4.29 (ii) fails: no value is missing, but the identity is not of rank one."""
    supports = SupportPair(np.ones((2, 1)), np.ones((2, 1)))
    printed = complete_literally([[1, 0], [0, 1]], supports, corrected=False)
    assert printed.outcome == "unique" and printed.contributions()[0].tolist() == [[[1, 0], [0, 1]]]
    assert complete_literally([[1, 0], [0, 1]], supports).outcome == "incompatible"


def test_as_printed_entries_in_no_support_are_overlooked():
    """Prop. 4.29 (ii) fails: the contributions do not sum to Z. With nothing missing, the loop is skipped."""
    supports = SupportPair([[1], [0]], [[1], [1]])
    printed = complete_literally([[1, 2], [0, 3]], supports, corrected=False)
    assert printed.outcome == "unique" and printed.contributions()[0].sum(0).tolist() == [[1, 2], [0, 0]]
    assert complete_literally([[1, 2], [0, 3]], supports).conflict.kind == "outside"


def test_as_printed_a_line_that_must_be_zero_can_be_left():
    supports = SupportPair([[1, 0], [1, 1], [0, 1]], [[1, 1], [1, 1]])
    Z = [[1, 0], [5, 2], [1, 1]]  # (1, 3) (1, 0) on the first two rows, (2, 1) (1, 1) on the last two
    printed = complete_literally(Z, supports, corrected=False)
    assert printed.outcome == "ambiguous" and len(printed.missing) == 4
    for found in (complete_literally(Z, supports), complete(Z, supports)):
        X, Y = found.factors()
        assert X.T.tolist() == [[1, 3, 0], [0, 1, 0.5]] and Y.T.tolist() == [[1, 0], [2, 2]]


def test_the_printed_check_breaks_the_loop():
    supports = SupportPair([[1, 0], [1, 1], [0, 1]], [[1, 0], [1, 1], [0, 1]])
    run = stages([[1, 2, 0], [3, 27, 4], [0, 5, 1]], supports)
    assert [next(run).name for _ in range(3)] == ["initialization", "observable", "inside"]
    with pytest.raises(Incompatible, match="entry \\(1, 1\\) is 27"):
        next(run)


def test_after_prop_4_29_a_complete_output_need_not_give_a_unique_pair_of_factors():
    """The example against Lemma K.1: nothing is missing, the tuple is unique, one contribution is zero. Then
    no pair of factors is PS-unique, as the zero columns may be filled on one side."""
    supports, ones = SupportPair([[1, 1], [1, 0]], [[1, 1], [1, 0]]), np.ones((2, 2), dtype=int)
    for corrected in (False, True):
        found = complete_literally(ones, supports, corrected=corrected)
        assert found.outcome == "unique"
    contributions = found.contributions()[0]
    assert np.array_equal(contributions, [ones, np.zeros((2, 2))])
    X, Y = unlift(contributions)
    assert identical_columns(X, Y, only(supports)).holds
    decision = maximal_columns(X, Y, only(supports))
    assert decision.holds is False
    A, B = decision.witness
    assert np.array_equal(A @ B.T, ones) and A.any(axis=0).sum() + B.any(axis=0).sum() == 3


def test_after_prop_4_29_the_pair_of_supports_is_not_unique_where_a_rectangle_is_empty():
    first, second = SupportPair([[1, 0]], [[1, 1]]), SupportPair([[1, 0]], [[1, 0]])
    assert first != second and np.array_equal(first.masks(), second.masks())
