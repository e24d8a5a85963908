"""Neighbours, cohorts and drift, against definitions spelt out and where the answer is known."""

import numpy as np
import pytest
import scipy.sparse
from scipy.spatial.distance import cdist, pdist, squareform
from scipy.stats import spearmanr
from sklearn.metrics import silhouette_score

from fourmasks.pia.theory.divergences import Gaussian, wasserstein_2
from fourmasks.pia.trained.neighbourhoods import (
    activity,
    chance_overlap,
    cohort_measures,
    cohorts,
    cosine_distances,
    distances,
    drift,
    jaccard_distances,
    l1_distances,
    nearest,
    overlap,
    rank_correlation,
    related_nearness,
    view_ratios,
    wasserstein_distances,
)

RNG = np.random.default_rng(0)


@pytest.fixture
def users():
    dense = np.random.default_rng(1).random((25, 40)) < 0.2
    dense[:, 0] = True
    return dense, scipy.sparse.csr_array(dense.astype(np.float32))


def test_distances_are_euclidean_and_exactly_zero_at_the_same_place():
    first, second = RNG.normal(size=(20, 5)), RNG.normal(size=(30, 5))
    np.testing.assert_allclose(distances(first, second), cdist(first, second), atol=1e-6)
    first[7] = first[3]
    found = distances(first)
    assert (np.diagonal(found) == 0).all() and found[7, 3] == 0
    np.testing.assert_array_equal(found[7], found[3])
    assert (distances(np.zeros((3, 2))) == 0).all()


def test_distances_in_the_input_are_those_of_scipy(users):
    dense, matrix = users
    for ours, name in (
        (jaccard_distances, "jaccard"),
        (cosine_distances, "cosine"),
        (l1_distances, "cityblock"),
    ):
        as_scipy = dense if name == "jaccard" else dense.astype(float)
        np.testing.assert_allclose(ours(matrix), squareform(pdist(as_scipy, name)), atol=1e-12)


def test_wasserstein_distances_are_the_closed_form_of_all_pairs():
    q = Gaussian(RNG.normal(size=(6, 3)), RNG.random((6, 3)))
    found = wasserstein_distances(q)
    for u in range(6):
        expected = wasserstein_2(Gaussian(q.mean[[u]], q.std[[u]]), q)
        np.testing.assert_allclose(found[u], expected, atol=1e-6)


def test_nearest_leaves_the_user_out_and_takes_the_first_among_equals():
    line = np.array([[0.0], [1.0], [2.0], [10.0], [2.0]])
    found = nearest(distances(line), 2)
    assert found.tolist() == [[1, 2], [0, 2], [4, 1], [2, 4], [2, 1]]
    with pytest.raises(ValueError, match="k = 5: expected 1 to 4"):
        nearest(distances(line), 5)


def test_overlap_is_that_of_sets():
    first, second = np.array([[1, 2, 3], [4, 5, 6]]), np.array([[3, 2, 7], [6, 4, 5]])
    np.testing.assert_allclose(overlap(first, second), [2 / 4, 1])
    sets = [np.stack([np.random.default_rng(seed + 2 * i).choice(99, 10, replace=False) for i in range(3000)])
            for seed in (0, 1)]  # fmt: skip
    assert overlap(*sets).mean() == pytest.approx(chance_overlap(100, 10), abs=2e-3)
    assert chance_overlap(11, 10) == pytest.approx(1)


def test_drift_ignores_what_moves_everybody_alike_and_sees_a_new_order():
    points = RNG.normal(size=(60, 3))
    turn, _ = np.linalg.qr(RNG.normal(size=(3, 3)))
    assert drift([points, 5 * points @ turn + 2], 5) == pytest.approx(0)
    assert drift([points, RNG.permutation(points)], 5) > 0.85
    views = [points, points + 0.1 * RNG.normal(size=points.shape), RNG.permutation(points)]
    pairs = [drift([views[a], views[b]], 5) for a, b in ((0, 1), (0, 2), (1, 2))]
    assert drift(views, 5) == pytest.approx(np.mean(pairs))


def test_a_user_is_recognised_where_their_own_view_is_the_nearest():
    first = np.array([[0.0, 0.0], [4.0, 0.0], [10.0, 0.0], [10.0, 0.0]])
    second = np.array([[1.0, 0.0], [7.0, 0.0], [10.0, 0.0], [10.0, 0.0]])
    found = view_ratios(first, second)
    np.testing.assert_allclose(found[:2], [1 / 7, 3 / 3])
    assert np.isinf(found[2:]).all()  # two users at one place


def test_rank_correlation_is_over_different_pairs():
    first, second = (squareform(RNG.random(45)) for _ in range(2))
    assert rank_correlation(first, first**3) == pytest.approx(1)
    expected = spearmanr(squareform(first), squareform(second)).statistic
    assert rank_correlation(first, second) == pytest.approx(expected)


def test_cohorts_are_around_their_quantiles_and_disjoint():
    counts = RNG.permutation(np.repeat(np.arange(5, 105), 3))
    rows = cohorts(counts, 20, (0.05, 0.5, 0.95), seed=0)
    assert rows.shape == (3, 20) and len(np.unique(rows)) == 60
    ranges = [(counts[r].min(), counts[r].max()) for r in rows]
    assert ranges[0][1] < ranges[1][0] <= 55 <= ranges[1][1] < ranges[2][0]
    np.testing.assert_array_equal(rows, cohorts(counts, 20, (0.05, 0.5, 0.95), seed=0))
    ends = cohorts(counts, 20, (0.0, 1.0), seed=0)
    assert counts[ends[0]].max() <= 11 and counts[ends[1]].min() >= 98
    same = [cohorts(np.full(99, 7), 20, (0.1, 0.5, 0.9), seed) for seed in (0, 1)]
    assert (same[0] != same[1]).any()  # ties are broken by the seed


def test_cohorts_that_overlap_are_refused():
    with pytest.raises(ValueError, match="cohorts of 60 of 100 users overlap: give fewer"):
        cohorts(np.arange(100), 60, (0.05, 0.5, 0.95), 0)
    with pytest.raises(ValueError, match="overlap"):
        cohorts(np.arange(10), 11, (0.5,), 0)


def test_cohort_measures_by_hand_and_whatever_the_unit():
    places = [np.array([[0.0], [1.0]]), np.array([[5.0], [6.0]]), np.array([[9.0], [10.0]])]
    found = cohort_measures(places)
    everybody = np.concatenate(places)
    unit = pdist(everybody).mean()
    assert found["within"] == pytest.approx(1 / unit)
    assert found["between"] == pytest.approx((4 * 5 + 4 * 9 + 4 * 4) / 12 / unit)
    assert (found["small_mid"], found["mid_large"], found["small_large"]) == pytest.approx(
        (5 / unit, 4 / unit, 9 / unit)
    )
    assert found["order"] == pytest.approx(5 / unit)
    assert found["silhouette"] == pytest.approx(silhouette_score(everybody, [0, 0, 1, 1, 2, 2]))
    scaled = cohort_measures([1000 * part for part in places])
    assert scaled == pytest.approx(found)


def test_activity_is_seen_where_it_is_the_main_direction():
    counts = RNG.integers(5, 200, 80)
    places = np.log(counts)[:, None] * [3.0, -4.0] + 0.01 * RNG.normal(size=(80, 2))
    assert activity(places, counts) == pytest.approx(1, abs=0.01)
    assert activity(RNG.normal(size=(80, 2)), counts) < 0.4


def test_related_users_are_compared_with_others_as_active():
    small, large = np.array([[0.0], [0.0]]), np.array([[1.0], [3.0]])
    shared = np.array([[5, 2], [1, 4]])  # the first is nearest to the first, the second to the second
    assert related_nearness(small, large, shared) == pytest.approx((1 / 2 + 3 / 2) / 2)
