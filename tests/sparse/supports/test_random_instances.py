"""The laws of random supports."""

import numpy as np
import pytest

from fourmasks.sparse.supports.random_instances import random_supports


def test_random_supports_have_no_empty_column():
    rng = np.random.default_rng(0)
    for _ in range(20):
        supports = random_supports(rng, (2, 3), 4, 0.3)
        assert supports.left.any(axis=0).all() and supports.right.any(axis=0).all()
    with pytest.raises(ValueError, match="density = 0: expected more than 0"):
        random_supports(rng, (2, 2), 1, 0)
