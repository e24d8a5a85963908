"""The sweeps: one choice changed at a time, and which choices matter."""

import pandas as pd
import pytest
from matplotlib import pyplot

from fourmasks.lunet.models.recommender import LUNetRecommender
from fourmasks.lunet.sweeps.figures import HIGHEST, errors_by_choice
from fourmasks.lunet.sweeps.plan import DEFAULTS, EXPERIMENT, PAIRS, PROFILES, VARIED, changes, plan
from fourmasks.lunet.sweeps.tables import by_value, change, extremes, runs
from fourmasks.records.store import load_records
from fourmasks.system.paths import data_folder


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
    assert [{name: own[name] for name, value in DEFAULTS.items() if own[name] != value} for own in made] == [
        {},
        {"gamma": 0.1},
        {"gamma": 1.0},
        *PAIRS,
    ]
    assert {own["split_seed"] for own in made} == {own["seed"] for own in made} == set(range(config.seeds))


def swept(option, method, *errors):
    return [
        {"dataset": "x", "option": option, "method": method, "split_seed": seed, "test_mse": error}
        for seed, error in enumerate(errors)
    ]


def test_extremes_are_those_of_the_means_over_splits():
    rows = [
        *swept("default", "default", 1.0, 1.0),
        *swept("gamma", "gamma 0.1", 1.5, 0.0),
        *swept("gamma", "gamma 1.0", 2.0, 2.5),
        *swept("dimension", "dimension 64", 5.0, 6.0),
    ]
    found = extremes(pd.DataFrame(rows), "x")
    assert list(found.index) == ["dimension", "gamma"]  # by how far they are apart
    assert found.loc["gamma", ["worst", "best"]].tolist() == ["gamma 1.0", "gamma 0.1"]
    assert found.loc["gamma", "difference"] == pytest.approx(1.5)
    # Student's interval of 0.5 and 2.5: 12.706 times the standard error.
    assert found.loc["gamma", "half"] == pytest.approx(12.7062, rel=1e-4)
    assert found.loc["dimension", ["worst", "best"]].tolist() == ["dimension 64", "default"]


def test_a_run_is_named_after_what_was_changed():
    assert change(DEFAULTS) == ("default", "all")
    assert change(DEFAULTS | {"gamma": 0.1}) == ("gamma", "0.1")
    assert change(DEFAULTS | PAIRS[0]) == ("readout", "product, no network")


def test_the_committed_sweep_has_a_row_for_each_value():
    frame = runs(load_records(EXPERIMENT, data_folder() / "records"))
    found = by_value(frame, "ml-100k")
    assert [*found.index][0] == ("default", "all") and len(found) == len(changes(VARIED))
    assert found.loc[("default", "all"), "difference"] == "–"
    assert list(extremes(frame, "ml-100k").index)


def test_the_figure_has_each_run_once_and_says_what_lies_beyond():
    rows = [
        row | {"stopped_test_mse": row["test_mse"] - 0.1}
        for row in [*swept("default", "default", 1.0, 1.1), *swept("gamma", "gamma 1", 0.9, 7.0)]
    ]
    axis = errors_by_choice(pd.DataFrame(rows), "x").axes[0]
    drawn = {line.get_label(): line.get_xydata().tolist() for line in axis.lines}
    assert drawn["last epoch"] == [[1.0, 1.0], [1.1, 1.0], [0.9, 0.0], [7.0, 0.0]]
    assert [label.get_text() for label in axis.get_yticklabels()] == ["gamma 1", "default"]
    edge = HIGHEST * 1.1
    assert axis.get_xlim()[1] < 1.02 * edge
    assert [text.get_text().strip() for text in axis.texts] == ["7.00", "6.90"]
    pyplot.close("all")
