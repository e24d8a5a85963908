"""Families of supports: members, maximal ones, signatures, fingerprints, stability."""

from itertools import permutations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fourmasks.sparse.supports.families import (
    Family,
    GivenFamily,
    SparseFamily,
    column_sparse,
    globally_sparse,
    regular,
    row_sparse,
)
from fourmasks.sparse.supports.pair import SupportPair
from fourmasks.sparse.supports.pairs import GivenPairs, ProductPairs, allowing, included, only, permuted


def everything(shape):
    return [np.array(bits, dtype=bool).reshape(shape) for bits in product((0, 1), repeat=shape[0] * shape[1])]


def below(family):
    """All supports that some maximal member contains, as a set."""
    tops = list(family.maximal())
    return {S.tobytes() for S in everything(family.shape) if any((S <= top).all() for top in tops)}


@st.composite
def families(draw):
    shape = draw(st.sampled_from([(2, 3), (3, 2), (1, 4)]))
    bounds = st.one_of(st.none(), st.integers(0, 4))
    return SparseFamily(shape, draw(bounds), draw(bounds), draw(bounds))


@settings(max_examples=40)
@given(families())
def test_maximal_supports_generate_the_family(family):
    members = {S.tobytes() for S in everything(family.shape) if family.contains(S)}
    assert below(family) == members
    tops = list(family.maximal())
    assert not any((one <= other).all() for one, other in permutations(tops, 2))
    assert all(family.allows(3 * np.frombuffer(S, dtype=bool).reshape(family.shape)) for S in members)


@settings(max_examples=30)
@given(families(), st.data())
def test_the_signature_is_the_family_on_fewer_columns(family, data):
    """Example 3.5, for all bounds, against Eq. 11."""
    columns = data.draw(st.lists(st.integers(0, family.shape[1] - 1), min_size=1, unique=True))
    assert below(family.signature(columns)) == below(Family.signature(family, columns))


@pytest.mark.parametrize("s", [1, 2])
def test_the_fingerprint_of_columns_in_twos(s):
    """Example 3.13: s-sparse columns become 2 s-sparse."""
    found = column_sparse((3, 4), s).fingerprint([[0, 1], [2, 3]])
    assert below(found) == below(column_sparse((3, 2), 2 * s))
    with pytest.raises(ValueError, match="expected a partition of the columns 0 to 3"):
        column_sparse((3, 4), s).fingerprint([[0, 1], [2]])


def test_the_fingerprint_is_the_union_in_each_part():
    family = GivenFamily([[[1, 0, 0], [0, 1, 0]], [[0, 0, 1], [0, 1, 1]]])
    found = {member.tobytes() for member in family.fingerprint([[0, 2], [1]]).maximal()}
    expected = np.array([[[1, 0], [0, 1]], [[1, 0], [1, 1]]], dtype=bool)
    assert found == {expected[1].tobytes()}  # the first is contained in the second


def test_classical_families_have_the_members_of_their_names():
    S = np.array([[1, 1], [0, 1]], dtype=bool)
    kept = [
        family.contains(S)
        for family in (
            column_sparse((2, 2), 1), column_sparse((2, 2), 2), row_sparse((2, 2), 1), row_sparse((2, 2), 2),
            globally_sparse((2, 2), 2), globally_sparse((2, 2), 3), regular(2, 1), regular(2, 2),
        )
    ]  # fmt: skip
    assert kept == [False, True] * 4


def test_given_families_and_their_stability():
    member = np.array([[1, 0], [1, 0]])
    alone = GivenFamily([member, member])
    assert len(alone) == 1 and alone.contains(member) and not alone.contains(member[:, ::-1])
    decision = alone.stability()
    assert not decision.holds
    support, permutation = decision.witness
    assert not alone.contains(support[:, permutation])
    both = GivenFamily([member, member[:, ::-1]])
    assert both.stability().holds and regular(3, 2).stability().holds
    assert both.allows([[0, 0], [0, 5]]) and not both.allows([[0, 1], [1, 0]])


@pytest.mark.parametrize(
    "make, message",
    [
        (lambda: GivenFamily([]), "no supports: expected at least one"),
        (lambda: GivenFamily([[[1]], [[1, 0]]]), "expected one shape"),
        (lambda: SparseFamily((2, 2), per_row=-1), "per_row = -1: expected at least 0"),
        (lambda: list(row_sparse((7, 7), 1).maximal()), "at most 36 cells can be enumerated"),
        (lambda: row_sparse((2, 2), 1).contains([[1]]), r"expected \(2, 2\), the family's"),
        (lambda: ProductPairs(regular(2, 1), regular(3, 1)), "expected as many columns"),
        (lambda: GivenPairs([]), "expected at least one pair, all alike"),
        (lambda: allowing(only(SupportPair([[1]], [[1]])), [[1, 1]], [[1, 1]]), "the family's"),
    ],
)
def test_bad_families_are_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_products_and_given_pairs_are_the_same_family():
    left, right = regular(2, 1), column_sparse((1, 2), 1)
    omega = ProductPairs(left, right)
    given_pairs = GivenPairs(list(omega.maximal()))
    X, Y = np.array([[3, 0], [0, 0]]), np.array([[0, 2]])
    assert set(allowing(omega, X, Y)) == set(allowing(given_pairs, X, Y)) != set()
    assert omega.stability().holds and given_pairs.stability().holds
    assert omega.contains(SupportPair.from_factors(X, Y))


def test_a_single_pair_is_not_stable_and_the_witness_leads_out():
    for omega in (
        GivenPairs([SupportPair([[1, 0]], [[1, 1]])]),
        ProductPairs(GivenFamily([[[1, 0]]]), GivenFamily([[[1, 1]]])),
    ):
        decision = omega.stability()
        assert not decision.holds
    pair, order = GivenPairs([SupportPair([[1, 0]], [[1, 1]])]).stability().witness
    assert permuted(pair, order) != pair and included(pair, SupportPair([[1, 1]], [[1, 1]]))
