"""Slopes of growth, from times made up."""

from dataclasses import replace

import pytest

from fourmasks.four.growth import plan, tables
from fourmasks.records.store import load_records
from fourmasks.system.paths import data_folder


@pytest.fixture(scope="module")
def records():
    """One record for each run of a plan, with times of users x items² x root of interactions."""
    some = next(iter(load_records("lunet/ratings", data_folder() / "records")))
    found = {}
    for run in plan.plan(plan.Config(methods=("averages", "ease"), doublings=3)):
        sizes = [run.parameters[name] for name in plan.AXES]
        seconds = sizes[0] * sizes[1] ** 2 * sizes[2] ** 0.5
        name = "training_seconds" if run.parameters["method"] == "ease" else "epoch_seconds"
        made = {"experiment": plan.EXPERIMENT, "parameters": run.parameters, "metrics": {name: seconds}}
        found[run.key] = replace(some, **made)  # a run may lie on several axes
    return list(found.values())


def test_slopes_are_the_powers_that_times_grow_by(records):
    found = tables.slopes(tables.times(records))
    assert list(found.index) == ["averages", "ease"]
    for method in found.index:
        assert found.loc[method].tolist() == pytest.approx([1, 2, 0.5])


def test_the_larger_half_is_free_of_what_a_call_costs(records):
    times = tables.times(records)
    times["seconds"] += 1000.0 * (times["size"] < times.groupby("axis")["size"].transform("median"))
    whole, upper = tables.slopes(times), tables.slopes(times, upper=True)
    assert upper.loc["ease"].tolist() == pytest.approx([1, 2, 0.5])
    assert (whole.loc["ease"] != upper.loc["ease"]).all()


def test_there_may_be_no_runs():
    assert tables.times([]).empty and tables.slopes(tables.times([])).empty
