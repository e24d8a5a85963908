"""What the tests of the rankers share: one thread, and a few likes."""

import numpy as np
import pytest

from fourmasks.data.ratings import make_ratings


@pytest.fixture(autouse=True, scope="module")
def always_one_thread(one_thread):
    """Sums then have one order."""


@pytest.fixture(scope="session")
def likes():
    """Return likes of 12 users for 15 items; user 11 and item 14 have none."""
    cells = np.random.default_rng(0).permutation(11 * 14)[:60]
    users, items = np.divmod(np.sort(cells), 14)
    return make_ratings("likes", users, items, np.full(60, 5), (12, 15), (1, 5))
