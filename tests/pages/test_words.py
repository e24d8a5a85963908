"""The judgement of a difference, in words."""

import pytest

from fourmasks.pages.words import judged


@pytest.mark.parametrize(
    ("better", "more", "less"), [("higher", "better", "worse"), ("lower", "worse", "better")]
)
def test_a_difference_is_judged_by_its_interval(better, more, less):
    def judge(difference, half):
        return judged(difference, half, better)

    for half in (None, float("nan")):
        assert judge(0.5, half) == judge(0.0, half) == "one run, no interval"
    assert judge(0.5, 0.4) == f"{more} beyond the interval"
    assert judge(-0.5, 0.4) == f"{less} beyond the interval"
    for difference in (0.5, 0.3, 0.0, -0.5):
        assert judge(difference, 0.5) == "no difference beyond the interval"
    assert judge(0.5, 0.0) == f"{more} beyond the interval"
    assert judge(0.0, 0.0) == "no difference beyond the interval"


def test_higher_is_better_unless_it_is_said():
    assert judged(1.0, 0.5) == "better beyond the interval"
