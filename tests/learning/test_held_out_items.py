"""Rankings of a single held-out item, among candidates and among all."""

import math

import numpy as np
import pytest

from fourmasks.data.held_out import leave_one_out
from fourmasks.data.ratings import load_ratings
from fourmasks.learning.held_out_items import held_out_measures, measures, sampled


@pytest.fixture(scope="module")
def ratings():
    return load_ratings("simulated-small")


def pairs(part):
    return set(zip(part.users.tolist(), part.items.tolist(), strict=True))


def brute_force(scores):
    """HR@10 and NDCG@10 of the first score of each row, sorted one by one, ties to the disadvantage."""
    hits, gains = [], []
    for row in scores:
        place = 1 + sum(other >= row[0] for other in row[1:])
        hits.append(place <= 10)
        gains.append(1 / math.log2(place + 1) if place <= 10 else 0.0)
    return np.mean(hits), np.mean(gains)


def test_measures_against_brute_force():
    scores = np.random.default_rng(0).integers(0, 40, (200, 31)).astype(float)
    found = measures(scores)
    assert (found["hr_at_10"], found["ndcg_at_10"]) == pytest.approx(brute_force(scores))
    assert measures(np.zeros((4, 31))) == {"hr_at_10": 0, "ndcg_at_10": 0}
    scores[3, 5] = math.nan
    with pytest.raises(ValueError, match="not finite"):
        measures(scores)


def test_sampled_and_full_rankings_against_brute_force(ratings):
    data = leave_one_out(ratings, 0, 20)
    table = np.random.default_rng(1).standard_normal(ratings.shape)
    test = data.split.test
    drawn = [
        [table[user, item], *table[user, others]]
        for user, item, others in zip(test.users, test.items, data.test_candidates, strict=True)
    ]
    expected = brute_force(drawn)
    known = pairs(data.split.train) | pairs(data.split.validation)
    everything = []
    for user, item in zip(test.users.tolist(), test.items.tolist(), strict=True):
        others = [j for j in range(ratings.shape[1]) if j != item and (user, j) not in known]
        everything.append([table[user, item], *table[user, others]])
    found = held_out_measures(lambda users: table[users], data)
    assert (found["sampled_hr_at_10"], found["sampled_ndcg_at_10"]) == pytest.approx(expected)
    assert (found["full_hr_at_10"], found["full_ndcg_at_10"]) == pytest.approx(brute_force(everything))
    alone = sampled(lambda users, items: table[users, items], test.users, test.items, data.test_candidates)
    assert tuple(alone.values()) == pytest.approx(expected)
