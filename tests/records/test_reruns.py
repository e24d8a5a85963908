"""Runs in a process of their own: what they give, what is missing, what fails."""

import math

import pytest

from fourmasks.records.reruns import Missing, difference, relative, runner, slowdown
from fourmasks.system.paths import project_root


@pytest.fixture(scope="module")
def run():
    with runner(project_root(), {"FOURMASKS_DATA": "", "XDG_CACHE_HOME": "/nowhere"}) as started:
        yield started


def test_a_run_gives_metrics_curves_and_seconds(run):
    found = run("fourmasks.sparse.examples.run.run_example", {"example": "2.1"}, 1)
    assert found["metrics"] and found["seconds"] > 0
    again = run("fourmasks.sparse.examples.run.run_example", {"example": "2.1"}, 1)
    assert difference(found, again) == 0.0
    machine = run.call("fourmasks.system.device.machine", {}, 1)["value"]
    assert set(machine) == {"processor", "system", "blas"}


def test_what_is_not_here_is_missing_and_what_raises_has_failed(run):
    with pytest.raises(Missing, match="ModuleNotFoundError: No module named 'fourmasks.nowhere'"):
        run("fourmasks.nowhere.f", {}, 1)
    with pytest.raises(Missing, match="DataNotFound: .*yale-b"):
        run("fourmasks.data.locate.verify", {"name": "yale-b"}, 1)
    with pytest.raises(ValueError, match="failed: KeyError") as failed:
        run("fourmasks.sparse.examples.run.run_example", {"example": "none"}, 1)
    assert not isinstance(failed.value, Missing)


def test_a_process_that_ended_is_started_anew(run):
    with pytest.raises(ValueError, match="ended its process"):
        run("os._exit", {"status": 1}, 1)
    assert run("fourmasks.sparse.examples.run.run_example", {"example": "2.1"}, 1)["metrics"]


def outcome(metrics, curves=None):
    return {"metrics": metrics, "curves": curves or {}}


def test_the_difference_of_two_outcomes_is_the_largest_relative_one_without_times():
    one = outcome({"a": 1.0, "b": 4.0, "fit_seconds": 1.0}, {"loss": [1.0, None], "seconds": [1.0]})
    assert difference(one, one) == 0.0
    other = outcome({"a": 1.0, "b": 5.0, "fit_seconds": 7.0}, {"loss": [1.0, None], "seconds": [2.0]})
    assert difference(one, other) == difference(other, one) == pytest.approx(0.2)
    assert difference(one, outcome({"a": 1.0, "b": 4.0}, {"loss": [1.5, None]})) == pytest.approx(1 / 3)
    for lacking in (
        outcome({"a": 1.0}, one["curves"]),
        outcome(one["metrics"], {"loss": [1.0, 2.0]}),
        outcome(one["metrics"], {"loss": [1.0]}),
        outcome(one["metrics"]),
    ):
        assert difference(one, lacking) == math.inf
    assert relative(None, None) == relative(2.0, 2.0) == 0.0


def test_times_are_compared_by_their_typical_ratio_whatever_the_sizes_and_one_outlier():
    then = outcome({"epoch_ms": 2.0, "slope": 1.0}, {"lu": [1.0, 2.0, 4.0], "bytes": [8, 16, 32]})
    now = outcome({"epoch_ms": 2.2, "slope": 1.1}, {"lu": [1.1, 2.2, 40.0], "bytes": [8, 16, 32]})
    assert slowdown([then], [then]) == 0.0
    assert slowdown([now], [then]) == pytest.approx(0.1)
    assert slowdown([now, now, outcome({"epoch_ms": 99.0, "slope": 9.0}, then["curves"])], [then] * 3) == (
        pytest.approx(0.1)
    )
    assert slowdown([outcome({"epoch_ms": 2.2})], [then]) == math.inf
    assert slowdown([outcome({"epoch_ms": None, "slope": 1.0}, then["curves"])], [then]) == math.inf
