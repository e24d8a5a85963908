"""The exhaustive referee: every factor once, and orbits that are equivalence classes."""

import numpy as np
import pytest

from fourmasks.sparse.referees.exhaustive import fibres, lifted_orbit, orbit
from fourmasks.sparse.supports.equivalence import equivalence
from fourmasks.sparse.supports.pair import SupportPair
from fourmasks.sparse.supports.pairs import only


def test_the_exhaustive_referee_lists_every_factor_once():
    listed = fibres(only(SupportPair([[1, 0]], [[1, 1]])), prime=5)
    assert sum(map(len, listed)) == 5**3
    for fibre in listed:
        products = {(int(X[0] @ Y[0]) % 5) for X, Y in fibre}
        assert len(products) == 1
    with pytest.raises(ValueError, match="factors over the field of 5 elements"):
        fibres(only(SupportPair(np.ones((3, 2)), np.ones((3, 2)))))


def test_orbits_are_equivalence_classes():
    rng = np.random.default_rng(1)
    for _ in range(50):
        X, Y = rng.integers(0, 2, (2, 3)), rng.integers(0, 2, (1, 3))
        A, B = rng.integers(0, 2, (2, 3)), rng.integers(0, 2, (1, 3))
        same = equivalence((X, Y), (A, B)).holds
        assert (orbit(X, Y) == orbit(A, B)) == same
        assert orbit(X * [2, 1, 3] % 5, Y * [3, 1, 2] % 5) == orbit(X, Y)
        assert not same or lifted_orbit(X, Y) == lifted_orbit(A, B)
