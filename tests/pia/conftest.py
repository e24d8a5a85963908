"""What the tests of the VAE recommenders share: small interactions in blocks, and held-out users."""

import numpy as np
import pytest
import scipy.sparse


def binary(rows, columns, shape):
    return scipy.sparse.csr_array((np.ones(len(rows), np.float32), (rows, columns)), shape=shape)


@pytest.fixture(scope="session")
def blocks():
    """Return the function that draws interactions: users of a group like the items of that group."""

    def draw(n_users=120, n_items=40, n_groups=4, inside=0.5, outside=0.03, seed=0):
        rng = np.random.default_rng(seed)
        same = np.arange(n_users)[:, None] % n_groups == np.arange(n_items) % n_groups
        liked = rng.random((n_users, n_items)) < np.where(same, inside, outside)
        liked[np.arange(n_users), np.arange(n_users) % n_items] = True  # nobody is without items
        return binary(*np.nonzero(liked), liked.shape)

    return draw


@pytest.fixture(scope="session")
def fold():
    """Return the function that splits the entries into those shown and the targets."""

    def split(matrix, seed=1, share=0.6):
        rows, columns = matrix.nonzero()
        shown = np.random.default_rng(seed).random(len(rows)) < share
        return tuple(binary(rows[part], columns[part], matrix.shape) for part in (shown, ~shown))

    return split
