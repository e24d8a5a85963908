"""Single examples: they notice what differs, and give the same each time."""

import numpy as np
import pytest

from fourmasks.sparse.examples import run as examples
from fourmasks.sparse.examples.run import run_example
from fourmasks.sparse.supports.families import GivenFamily


def test_a_family_that_is_not_stable_is_noticed():
    assert not GivenFamily([[[1, 0], [0, 0]]]).stability().holds
    assert all(family.shape == (3, 3) for group in examples.families().values() for family in group)


def test_the_examples_notice_what_differs(monkeypatch):
    shifted = (({0, 1, 2}, {0, 1}), *examples.RECTANGLES[1:])
    monkeypatch.setattr(examples, "RECTANGLES", shifted)
    assert examples.figure_1()["metrics"]["mismatches"] > 0
    monkeypatch.setattr(
        examples.Family, "signature", lambda self, columns: GivenFamily([np.eye(3, len(columns))])
    )
    assert examples.signature_example()["metrics"]["mismatches"] > 0


@pytest.mark.parametrize("name", ["figure-1", "4.28"])
def test_an_example_is_repeated_to_the_bit(name):
    assert run_example(name) == run_example(name)
