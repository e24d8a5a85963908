"""The sweeps: one choice changed at a time, and which choices matter."""

from types import SimpleNamespace

import pytest

from fourmasks.lunet.models.recommender import LUNetRecommender
from fourmasks.lunet.sweeps.plan import DEFAULTS, EXPERIMENT, PAIRS, PROFILES, VARIED, changes, plan
from fourmasks.lunet.sweeps.tables import change, extremes, runs


def test_one_choice_is_changed_at_a_time():
    whole = changes(VARIED)
    assert whole[0] == {} and len({str(change) for change in whole}) == len(whole)
    for one in whole[1:]:
        assert set(one) == {name for name, value in one.items() if value != DEFAULTS[name]}
        assert len(one) == 1 or one in PAIRS
    default = LUNetRecommender().get_params()
    assert all(default[name] == value for name, value in DEFAULTS.items())


def test_every_change_is_run_once_with_every_seed():
    config = PROFILES["smoke"]
    made = [run.parameters for run in plan(config)]
    assert [change(own) for own in made] == [
        ("default", "all"), ("gamma", "0.1"), ("gamma", "1.0"),
        ("readout", "product, no network"), ("readout", "separate, no network"),
    ]  # fmt: skip
    assert {own["split_seed"] for own in made} == {own["seed"] for own in made} == set(range(config.seeds))


def swept(change, seed, error):
    place = {"dataset": "x", "method": "lu-net", "split_seed": seed, "seed": seed}
    return SimpleNamespace(
        experiment=EXPERIMENT, parameters=place | DEFAULTS | change, metrics={"test_mse": error}
    )


def test_extremes_are_those_of_the_means_over_splits():
    records = [
        swept({"dimension": 64}, 0, 5.0), swept({"dimension": 64}, 1, 6.0),
        swept({"gamma": 1.0}, 0, 2.0), swept({"gamma": 1.0}, 1, 2.5),
        swept({"gamma": 0.1}, 0, 1.5), swept({"gamma": 0.1}, 1, 0.0),
        swept({}, 0, 1.0), swept({}, 1, 1.0),
    ]  # fmt: skip
    frame = runs(records)
    assert list(frame["method"].unique()) == ["default", "gamma 0.1", "gamma 1.0", "dimension 64"]
    found = extremes(frame, "x")
    assert list(found.index) == ["dimension", "gamma"]  # by how far they are apart
    assert found.loc["gamma", ["worst", "best"]].tolist() == ["gamma 1.0", "gamma 0.1"]
    assert found.loc["gamma", "difference"] == pytest.approx(1.5)
    # Student's interval of 0.5 and 2.5: 12.706 times the standard error.
    assert found.loc["gamma", "half"] == pytest.approx(12.7062, rel=1e-4)
    assert found.loc["dimension", ["worst", "best"]].tolist() == ["dimension 64", "default"]
