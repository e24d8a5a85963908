"""Figure 1's users: the search against brute force over all pairs and trios."""

import numpy as np
import pytest
import scipy.sparse

from fourmasks.pia.trained.trio import describe, find_trio, overlaps, partners, run_trio


def sparse(dense):
    return scipy.sparse.csr_array(np.asarray(dense, dtype=np.float32))


def random_users(seed, n_users=30, n_items=12):
    rng = np.random.default_rng(seed)
    dense = rng.random((n_users, n_items)) < rng.uniform(0.1, 0.8, (n_users, 1))
    dense[np.arange(n_users), rng.integers(n_items, size=n_users)] = True
    return dense


def by_hand(dense, u, least_share):
    """Return the distances that `partners` should find for one user, 0 where there is nobody."""
    near, far = [], []
    for v in range(len(dense)):
        shared, h = (dense[u] & dense[v]).sum(), (dense[u] ^ dense[v]).sum()
        if shared and h:
            near.append(h)
        if shared >= least_share * dense[v].sum() and dense[v].sum() < dense[u].sum():
            far.append(h)
    return min(near, default=0), max(far, default=0)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("least_share", [0.7, 1.0])
def test_partners_against_all_pairs(seed, least_share):
    dense = random_users(seed)
    found = partners(sparse(dense), least_share=least_share)
    for u in range(len(dense)):
        near, far = by_hand(dense, u, least_share)
        assert (found.near_distance[u], found.related_distance[u]) == (near, far)
        for v, distance in ((found.near[u], near), (found.related[u], far)):
            assert v == -1 if not distance else (dense[u] ^ dense[v]).sum() == distance
        if far:
            v = found.related[u]
            assert (dense[u] & dense[v]).sum() >= least_share * dense[v].sum()
            assert dense[v].sum() < dense[u].sum()
        if near:
            assert (dense[u] & dense[found.near[u]]).any()


def test_chunks_and_choices_of_rows_change_nothing():
    dense = random_users(0)
    whole = np.concatenate([shared for _, shared in overlaps(sparse(dense), np.arange(30))])
    parts = np.concatenate([shared for _, shared in overlaps(sparse(dense), np.arange(30), chunk=7)])
    np.testing.assert_array_equal(whole, dense.astype(int) @ dense.T.astype(int))
    np.testing.assert_array_equal(whole, parts)
    rows = np.array([3, 11, 20])
    for some, all_ in zip(partners(sparse(dense), rows), partners(sparse(dense)), strict=True):
        np.testing.assert_array_equal(some, all_[rows])


@pytest.mark.parametrize("seed", range(4))
def test_the_trio_has_the_largest_ratio_of_all(seed):
    dense, options = random_users(seed), {"least_items": 3, "most_items": 9, "least_share": 0.8}
    trio = find_trio(sparse(dense), **options)
    best = 0.0
    for u in np.flatnonzero((dense.sum(1) >= 3) & (dense.sum(1) <= 9)):
        near, far = by_hand(dense, u, 0.8)
        if near and far > near:
            best = max(best, far / near)
    assert trio.related_distance / trio.near_distance == pytest.approx(best)
    assert (dense[trio.user] ^ dense[trio.near]).sum() == trio.near_distance < trio.related_distance
    assert (dense[trio.user] ^ dense[trio.related]).sum() == trio.related_distance


def test_no_trio_is_an_error_that_says_what_to_change():
    users = sparse(np.eye(5))
    with pytest.raises(ValueError, match="no user with 1 to 4 items has a near one.*80%.*allow more items"):
        find_trio(users, least_items=1, most_items=4, least_share=0.8)
    with pytest.raises(ValueError, match="no user with 7 to 9 items"):
        find_trio(users, least_items=7, most_items=9, least_share=0.8)


@pytest.mark.parametrize("seed", range(3))
def test_the_shares_against_all_pairs(seed):
    dense = random_users(seed, n_users=20)
    n, stranger, nearer = len(dense), [], []
    h = np.array([[(a ^ b).sum() for b in dense] for a in dense])
    s = np.array([[(a & b).sum() for b in dense] for a in dense])
    counts = dense.sum(1)
    for u in range(n):
        others = [v for v in range(n) if v != u]
        apart = [h[u, v] for v in others if not s[u, v]]
        with_item = [h[u, v] for v in others if s[u, v]]
        stranger.append(min(apart, default=99) <= min(with_item, default=99) and bool(apart))
        holding = [v for v in others if s[u, v] >= 0.9 * counts[u] and counts[v] > counts[u]]
        if holding:
            them = min(holding, key=lambda v: h[u, v])
            cosine = s[u] / np.sqrt(counts)
            nearer.append([sum(h[u, v] < h[u, them] for v in others) / (n - 1),
                           sum(cosine[v] > cosine[them] for v in others) / (n - 1)])  # fmt: skip
    found = describe(sparse(dense), 0.9)
    assert found["stranger_nearest"] == pytest.approx(np.mean(stranger))
    assert found["has_related"] == pytest.approx(len(nearer) / n)
    medians = np.median(nearer, axis=0)
    assert (found["nearer_l1"], found["nearer_cosine"]) == pytest.approx(tuple(medians))


def test_the_record_holds_the_three_sets_of_items():
    found = run_trio("simulated-small", least_items=10, most_items=100, least_share=0.8)
    sets = {name: set(items) for name, items in found["curves"].items()}
    metrics = found["metrics"]
    for name in ("near", "related"):
        assert metrics[f"{name}_shared"] == len(sets["user"] & sets[name])
        assert metrics[f"{name}_distance"] == len(sets["user"] ^ sets[name])
    assert metrics["related_shared"] >= 0.8 * len(sets["related"])
