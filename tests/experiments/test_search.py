"""The search for settings: what is drawn, and the steps beyond the ends of what was tried."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fourmasks.experiments.search import draw_settings, outward

SPACE = {
    "rate": [0.01, 0.1, 1.0],
    "epochs": [1, 2, 3],
    "dropout": [0.1, 0.5, 0.9],
    "ridge": [0.0, 0.5, 5.0],
    "biased": [False, True],
    "shape": ["flat", "round", "steep"],
}
MIDDLE = {"rate": 0.1, "epochs": 2, "dropout": 0.5, "ridge": 0.5, "biased": True, "shape": "round"}


def moved(**changed):
    """Return what the steps outward change of a best setting, when the whole space was tried."""
    best = MIDDLE | changed
    steps = outward(SPACE, draw_settings(SPACE, 999), best)
    return [{name: value for name, value in step.items() if value != best[name]} for step in steps]


@pytest.mark.parametrize(
    ("best", "expected"),
    [
        ({}, []),
        ({"rate": 1.0}, [{"rate": 10.0}]),
        ({"rate": 0.01}, [{"rate": 0.001}]),
        ({"epochs": 3}, [{"epochs": 4}]),
        ({"epochs": 1}, []),  # a count
        ({"dropout": 0.9}, []),  # the step would be beyond the limit
        ({"dropout": 0.1}, [{"dropout": 0.02}]),
        ({"ridge": 0.0}, []),
        ({"ridge": 5.0}, [{"ridge": 50.0}]),
        ({"biased": False, "shape": "steep"}, []),
        ({"rate": 1.0, "ridge": 5.0}, [{"rate": 10.0}, {"ridge": 50.0}]),
    ],
)
def test_the_best_setting_moves_outward_where_it_is_an_end(best, expected):
    assert moved(**best) == expected


def test_an_end_is_that_of_what_was_tried_and_of_three_values_at_least():
    best = MIDDLE | {"rate": 10.0}
    assert outward(SPACE, [MIDDLE, best], best) == []
    tried = [best, MIDDLE, MIDDLE | {"rate": 1.0}]
    assert outward(SPACE, tried, best) == [best | {"rate": 100.0}]
    assert outward(SPACE, [*tried, best | {"rate": 100.0}], best) == []


@given(st.floats(-3, 8), st.floats(-3, 8))
def test_steps_outward_lead_to_the_best_of_a_bowl_within_one_step(one, two):
    """Wherever its bottom is: the best of what was tried ends as near as the steps of the space allow."""
    space = {"one": [1.0, 10.0, 100.0], "two": [1.0, 10.0, 100.0]}

    def height(setting):
        return (math.log10(setting["one"]) - one) ** 2 + (math.log10(setting["two"]) - two) ** 2

    tried = draw_settings(space, 3)
    while more := [s for s in outward(space, tried, min(tried, key=height)) if s not in tried]:
        tried += more
    best = min(tried, key=height)
    for name in space:
        assert min(s[name] for s in tried) < best[name] < max(s[name] for s in tried)


@given(
    st.dictionaries(st.sampled_from("abc"), st.lists(st.integers(), min_size=1, max_size=4, unique=True)),
    st.integers(0, 70),
)
def test_no_setting_is_drawn_twice_and_few_hold_every_value(space, n):
    drawn = draw_settings(space, n)
    size = math.prod(len(values) for values in space.values()) if space else 0
    assert len(drawn) == len({str(setting) for setting in drawn}) == min(n, size)
    assert drawn == draw_settings(space, n + 1)[:n]
    for name, values in space.items():
        if len(drawn) >= max(map(len, space.values())):
            assert {setting[name] for setting in drawn} == set(values)
