"""What the tests of the recommenders share: one thread, interactions in blocks, and held-out users."""

import numpy as np
import pytest
import scipy.sparse


@pytest.fixture(autouse=True, scope="module")
def always_one_thread(one_thread):
    """Sums then have one order."""


def binary(liked):
    return scipy.sparse.csr_array(liked.astype(np.float32))


@pytest.fixture(scope="session")
def blocks():
    """Return the function that draws interactions: users of a group like the items of that group.

    Items with higher numbers are liked by more users.
    """

    def draw(n_users=160, n_items=40, n_groups=4, seed=0):
        rng = np.random.default_rng(seed)
        same = np.arange(n_users)[:, None] % n_groups == np.arange(n_items) % n_groups
        inside = np.linspace(0.3, 0.9, n_items)
        liked = rng.random((n_users, n_items)) < np.where(same, inside, 0.04)
        liked[np.arange(n_users), np.arange(n_users) % n_items] = True  # nobody is without items
        return binary(liked)

    return draw


@pytest.fixture(scope="session")
def fold():
    """Return the function that splits the entries into those shown and the targets."""

    def split(matrix, seed=1, share=0.6):
        dense = matrix.toarray() > 0
        shown = np.random.default_rng(seed).random(dense.shape) < share
        return binary(dense & shown), binary(dense & ~shown)

    return split


@pytest.fixture(scope="session")
def ndcg_by_hand():
    """Return the function that measures NDCG@100, averaged over the users with targets, one by one."""

    def measure(scores, shown, targets):
        values = []
        for row, seen, wanted in zip(scores, shown.toarray() > 0, targets.toarray() > 0, strict=True):
            if wanted.any():
                order = np.argsort(np.where(seen, np.inf, -row), kind="stable")[:100]
                discounts = 1 / np.log2(np.arange(2, len(order) + 2))
                values.append(discounts[wanted[order]].sum() / discounts[: wanted.sum()].sum())
        return float(np.mean(values))

    return measure
