"""How lists are measured: against a ranking by hand, and by what they show."""

import numpy as np
import pytest
import scipy.sparse

from fourmasks.four.rankings.data import Hidden, hold_out_items, parts
from fourmasks.four.rankings.measures import accuracy, lists, variety


def csr(rows):
    return scipy.sparse.csr_array(np.array(rows, np.float32))


def test_lists_hold_all_but_what_is_known_best_first():
    shown = csr([[1, 0, 0, 0, 0], [0, 1, 0, 0, 0], [1, 1, 0, 0, 0]])
    targets = csr([[0, 0, 1, 0, 0], [0, 0, 0, 0, 0], [0, 0, 0, 0, 1]])
    known = csr([[1, 1, 0, 0, 0], [0, 1, 0, 0, 0], [1, 1, 0, 0, 0]])
    scores = np.array([[9, 8, 1, 3, 2], [0, 0, 0, 0, 0], [5, 4, 3, 2, 1]], float)
    hidden = Hidden(shown, targets, known)
    users, items = lists(lambda rows: scores[rows], hidden)
    assert users.tolist() == [0, 2]
    assert items[:, :3].tolist() == [[3, 4, 2], [2, 3, 4]]
    found = accuracy(users, items, hidden)
    assert found["recall_at_20"].tolist() == [1.0, 1.0]
    assert found["ndcg_at_100"].tolist() == pytest.approx([1 / np.log2(4), 1 / np.log2(4)])


def test_variety_by_hand():
    train = csr([[1, 1, 0, 0], [1, 0, 1, 0], [1, 0, 0, 0]])
    found = variety(np.array([[0, 1], [0, 2]]), train)
    assert found["coverage_at_20"] == 3 / 4
    bits = -np.log2([4 / 4, 2 / 4, 4 / 4, 2 / 4])
    assert found["novelty_at_20"] == pytest.approx(bits.mean())


@pytest.mark.parametrize("seed", range(3))
def test_items_are_held_out_of_each_user_who_has_some_to_spare(seed):
    rng = np.random.default_rng(seed)
    matrix = csr((rng.random((40, 60)) < rng.random((40, 1))).astype(float))
    found = hold_out_items(matrix, seed)
    whole = found.train + found.validation.targets + found.test.targets
    assert (whole != matrix).nnz == 0 and whole.max() == 1
    assert (found.test.known != found.train + found.validation.targets).nnz == 0
    counts = np.diff(matrix.indptr)
    expected = np.where(counts < 3, 0, np.maximum(1, np.rint(0.1 * counts)))
    for part in (found.validation.targets, found.test.targets):
        np.testing.assert_array_equal(np.diff(part.indptr), expected)


def test_the_two_protocols_are_named():
    with pytest.raises(ValueError, match="unknown protocol 'both': expected one of users, items"):
        parts("simulated-small", "both", 0)
