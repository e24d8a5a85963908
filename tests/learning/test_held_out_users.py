import math

import numpy as np
import pytest
import scipy.sparse
from hypothesis import given, settings
from hypothesis import strategies as st

from fourmasks.data.interactions import hold_out_users, load_interactions
from fourmasks.learning.held_out_users import measure, measured_users, recall


def ranked(scores, shown):
    """Return the items that are not shown, by falling score, of equal ones the lower number first."""
    return sorted((item for item in range(len(scores)) if item not in shown), key=lambda item: -scores[item])


def by_hand(scores, shown, targets, k):
    top = ranked(scores, shown)[:k]
    hits = sum(item in targets for item in top)
    gain = sum(1 / math.log2(place + 2) for place, item in enumerate(top) if item in targets)
    ideal = sum(1 / math.log2(place + 2) for place in range(min(k, len(targets))))
    return hits / min(k, len(targets)), gain / ideal


def sparse(rows, n_items):
    matrix = np.zeros((len(rows), n_items), np.float32)
    for row, items in zip(matrix, rows, strict=True):
        row[list(items)] = 1
    return scipy.sparse.csr_array(matrix)


@settings(max_examples=50)
@given(data=st.data(), n_items=st.integers(2, 12), n_users=st.integers(1, 6), chunk=st.integers(1, 7))
def test_measures_agree_with_python(one_thread, data, n_items, n_users, chunk):
    marks = st.lists(st.sampled_from(["shown", "target", ""]), min_size=n_items, max_size=n_items)
    users = [data.draw(marks) for _ in range(n_users)]
    users[0][-1] = "target"
    shown, targets = (
        [{item for item, mark in enumerate(user) if mark == kind} for user in users]
        for kind in ("shown", "target")
    )
    row = st.lists(st.integers(0, 4), min_size=n_items, max_size=n_items)
    table = [data.draw(row) for _ in range(n_users)]
    measured = [user for user in range(n_users) if targets[user]]
    served = iter(measured)

    def score(rows):
        return np.array([table[next(served)] for _ in range(rows.shape[0])], float)

    cutoffs = (1, 3, 5, 20)
    parts = sparse(shown, n_items), sparse(targets, n_items)
    found = measure(score, *parts, recall_at=cutoffs, ndcg_at=cutoffs, chunk=chunk)
    assert measured_users(parts[1]).tolist() == measured
    for k in cutoffs:
        expected = [by_hand(table[user], shown[user], targets[user], k) for user in measured]
        assert np.allclose(found[f"recall_at_{k}"], [one[0] for one in expected])
        assert np.allclose(found[f"ndcg_at_{k}"], [one[1] for one in expected])


def test_recall_is_divided_by_what_the_list_can_hold():
    hits = np.array([[True, True, False], [True, False, False]])
    assert recall(hits, np.array([2, 7]), 3).tolist() == [1, 1 / 3]


@pytest.fixture(scope="module")
def parts():
    return hold_out_users(load_interactions("simulated"), 0)


def test_who_knows_the_targets_has_them_all(one_thread, parts):
    targets = iter(np.split(parts.test_out.toarray(), range(7, 59, 7)))
    found = measure(lambda rows: next(targets), parts.test_in, parts.test_out, chunk=7)
    assert [*found] == ["recall_at_20", "recall_at_50", "ndcg_at_100"]
    assert all(values.shape == (59,) and np.allclose(values, 1) for values in found.values())


def test_what_is_shown_is_never_a_hit_whatever_its_score(one_thread, parts):
    popular = parts.train.sum(axis=0)
    plain, tempted = (
        measure(lambda rows, bonus=bonus: popular + bonus * rows.toarray(), parts.test_in, parts.test_out)
        for bonus in (0, 1e6)
    )
    assert all((plain[name] == tempted[name]).all() for name in plain)
    assert 0.1 < plain["recall_at_20"].mean() < 0.9


def test_scores_are_asked_for_the_shown_items_of_measured_users(one_thread):
    shown, targets = sparse([{0}, {1}, {2}], 4), sparse([{1}, set(), {3}], 4)
    asked = []
    measure(lambda rows: asked.append(rows.toarray().tolist()) or np.ones((2, 4)), shown, targets)
    assert asked == [[[1, 0, 0, 0], [0, 0, 1, 0]]]


@pytest.mark.parametrize(
    ("shown", "targets", "options", "message"),
    [
        (sparse([{0}], 3), sparse([{1}], 4), {}, r"targets have shape \(1, 4\): expected \(1, 3\)"),
        (sparse([{0}], 3), sparse([set()], 3), {}, "no user has a target"),
        (sparse([{0, 1}], 3), sparse([{1}], 3), {}, "1 of the targets are shown"),
        (sparse([{0}], 3), sparse([{1}], 3), {"recall_at": (0,)}, "k = 0: expected a list of 1 item"),
        (sparse([{0}], 3), sparse([{1}], 3), {"ndcg_at": (-2,)}, "k = -2"),
    ],
)
def test_what_cannot_be_measured_is_refused(shown, targets, options, message):
    with pytest.raises(ValueError, match=message):
        measure(lambda rows: np.ones(rows.shape), shown, targets, **options)


def test_scores_that_are_none_are_refused(one_thread):
    shown, targets = sparse([{0}], 3), sparse([{1}], 3)
    with pytest.raises(ValueError, match=r"scores have shape \(1, 2\): expected \(1, 3\)"):
        measure(lambda rows: np.ones((1, 2)), shown, targets)
    with pytest.raises(ValueError, match="not a number"):
        measure(lambda rows: np.full((1, 3), np.nan), shown, targets)
