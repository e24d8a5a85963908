"""Full ranking: which items come first, and what Recall and NDCG say of them."""

import math

import numpy as np
import pytest
from sklearn.metrics import ndcg_score

from fourmasks.data.ratings import make_ratings
from fourmasks.learning.ranking import FullRanking, pair_matrix, top_items

USERS, ITEMS = 8, 30


def ratings(cells):
    users, items = np.divmod(np.sort(cells), ITEMS)
    return make_ratings("some", users, items, np.full(len(users), 5), (USERS, ITEMS), (1, 5))


@pytest.fixture
def parts():
    cells = np.random.default_rng(0).permutation(USERS * ITEMS)
    return ratings(cells[:40]), ratings(cells[40:90]), ratings(cells[90:110])


@pytest.fixture
def scores():
    return np.random.default_rng(1).standard_normal((USERS, ITEMS))


def one_by_one(held_out, known, scores, k):
    """Recall and NDCG of each user by their definitions."""
    found = []
    for user in np.unique(held_out.users):
        relevant = set(held_out.items[held_out.users == user])
        hidden = {item for part in known for item in part.items[part.users == user]}
        ranked = sorted(set(range(ITEMS)) - hidden, key=lambda item: -scores[user, item])[:k]
        gain = sum(1 / math.log2(place + 2) for place, item in enumerate(ranked) if item in relevant)
        best = sum(1 / math.log2(place + 2) for place in range(min(k, len(relevant))))
        found.append((len(relevant & set(ranked)) / len(relevant), gain / best))
    return np.array(found).T


@pytest.mark.parametrize("k", (1, 3, 10))
def test_measures_are_those_of_the_definitions(parts, scores, k):
    held_out, *known = parts
    measures = FullRanking(held_out, *known).measure(lambda users: scores[users], (k, 12), chunk=3)
    recall, ndcg = one_by_one(held_out, known, scores, k)
    np.testing.assert_allclose(measures[f"recall_at_{k}"], recall)
    np.testing.assert_allclose(measures[f"ndcg_at_{k}"], ndcg)


def test_ndcg_is_that_of_scikit_learn(parts, scores):
    held_out, *_ = parts
    ranking = FullRanking(held_out)
    found = ranking.measure(lambda users: scores[users], (5,))["ndcg_at_5"]
    relevant = pair_matrix(held_out).toarray()[ranking.users]
    for user, mine, truth in zip(ranking.users, found, relevant, strict=True):
        assert mine == pytest.approx(ndcg_score([truth], [scores[user]], k=5))


def test_the_best_ranking_gets_one_and_the_worst_zero(parts):
    held_out, *known = parts
    truth = pair_matrix(held_out).toarray().astype(float)
    for sign, expected in ((1, 1.0), (-1, 0.0)):
        measures = FullRanking(held_out, *known).measure(lambda users, s=sign: s * truth[users], (3,))
        assert set(measures["ndcg_at_3"]) == {expected}


def test_known_items_come_last_and_users_without_targets_do_not_count(parts, scores):
    _, known, _ = parts
    excluded = pair_matrix(known)
    top = top_items(scores, 5, excluded)
    assert not np.take_along_axis(excluded.toarray(), top, axis=1).any()
    assert FullRanking(ratings([3, 2 * ITEMS + 1])).users.tolist() == [0, 2]


def test_of_equal_scores_the_lower_number_comes_first():
    scores = np.array([[0.0, 2, 1, 1, 2, 1, 1], [3, 3, 3, 3, 3, 3, 3]])
    assert top_items(scores, 4).tolist() == [[1, 4, 2, 3], [0, 1, 2, 3]]
    assert top_items(scores[:, ::-1].copy(), 4).tolist() == [[2, 5, 0, 1], [0, 1, 2, 3]]


def test_what_cannot_be_ranked_is_refused(parts, scores):
    held_out, known, _ = parts
    with pytest.raises(ValueError, match="k = 31: expected 1 to 30"):
        top_items(scores, ITEMS + 1)
    with pytest.raises(ValueError, match="diverged"):
        top_items(scores * np.nan, 2)
    with pytest.raises(ValueError, match="40 of the held-out pairs are known"):
        FullRanking(held_out, known, held_out)
    with pytest.raises(ValueError, match="nothing is held out"):
        FullRanking(ratings([]))
    other = make_ratings("other", [0], [0], [5], (USERS, ITEMS + 1), (1, 5))
    with pytest.raises(ValueError, match="known pairs have shape"):
        FullRanking(held_out, other)
