"""What Algorithm 1 is tried on."""

import numpy as np
import pytest

from fourmasks.sparse.supports.instances import planted_factors, staircase, tiled
from fourmasks.sparse.supports.pair import SupportPair


def test_families():
    supports = staircase(3, 2, 1)
    assert supports.shape == (4, 4) and [r.tolist() for r, _ in map(supports.rectangle, range(3))] == [
        [0, 1],
        [1, 2],
        [2, 3],
    ]
    blocks = tiled(SupportPair(np.ones((2, 1)), np.ones((3, 1))), 2)
    assert blocks.shape == (4, 6) and (blocks.masks().sum(0) == 1).all()
    with pytest.raises(ValueError, match="step = 3: expected 1 to 2"):
        staircase(3, 2, 3)


@pytest.mark.parametrize("kind", ["integer", "real", "complex"])
def test_planted_factors_fill_the_supports(kind):
    supports = staircase(3, 3, 2)
    X, Y = planted_factors(supports, np.random.default_rng(0), kind)
    assert np.array_equal(X != 0, supports.left) and np.array_equal(Y != 0, supports.right)
    assert np.array_equal(X, planted_factors(supports, np.random.default_rng(0), kind)[0])
    with pytest.raises(ValueError, match="kind = 'float': expected 'integer', 'real' or 'complex'"):
        planted_factors(supports, np.random.default_rng(0), "float")
