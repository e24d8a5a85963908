"""The benchmarks in tiny sizes: they run, and the last line holds what their docstrings say."""

import json
import math
import runpy
import sys
from pathlib import Path

import pytest

from fourmasks.lunet.costs.run import KINDS

pytestmark = pytest.mark.usefixtures("one_thread")
BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture
def last_line(monkeypatch, capsys):
    """Return the function that runs a benchmark and gives the figures and details of its last line."""

    def run(name, arguments):
        monkeypatch.setattr(sys, "argv", [name, *arguments.split()])
        runpy.run_path(str(BENCHMARKS / f"{name}.py"), run_name="__main__")
        found = json.loads(capsys.readouterr().out.splitlines()[-1])
        return {key: value for key, value in found.items() if isinstance(value, float)}, found

    return run


def test_the_costs_of_inverse_and_determinant(last_line):
    figures, details = last_line("lunet_inverse", "--sizes 8 512 --batch 2 --rounds 1")
    slopes = {f"slope_{operation}_{kind}" for operation in ("inverse", "logdet") for kind in KINDS}
    slopes |= {"slope_inverse_lu_batch_1", "slope_inverse_dense_batch_1", "slope_logdet_lu_long"}
    slopes |= {"last_slope_inverse_lu", "last_slope_logdet_lu"}
    speedups = {"speedup_1024", "speedup_1024_at_once", "speedup_1024_kept"}
    assert set(figures) == slopes | speedups | {"step_lu_over_dense_1024"}
    assert all(math.isfinite(value) for value in figures.values())  # of one round a slope may be negative
    assert all(value > 0 for name, value in figures.items() if name not in slopes)
    ratios = details["speedups_1024"]["2"]
    for name, how in (("", "separate"), ("_at_once", "at_once"), ("_kept", "kept")):
        assert figures[f"speedup_1024{name}"] == ratios[how]
    for operation in ("inverse_lu", "logdet_lu"):
        assert figures[f"last_slope_{operation}"] == details["slopes_of_last_doubling"][f"{operation}, 2"]


def test_the_epochs_of_the_recommender(last_line):
    figures, details = last_line("lunet_epoch", "--dataset simulated-small --steps 2 --rounds 1")
    steps = {f"step_milliseconds_{words}" for words in ("1_thread", "2_threads")}
    others = {"minutes_50_epochs", "speedup_over_autograd", "seconds_once_in_epoch"}
    assert set(figures) == steps | others | {"operations_in_step", "share_of_operations"}
    assert all(0 < value < math.inf for value in figures.values())
    assert figures["share_of_operations"] < 1 < figures["operations_in_step"]
    fastest = min(figures[name] for name in steps) / 1e3
    seconds = 50 * (details["steps_in_epoch"] * fastest + figures["seconds_once_in_epoch"])
    assert figures["minutes_50_epochs"] == pytest.approx(seconds / 60)
    # The peer is the same model: from the same start the same batches give it the same losses.
    assert details["loss"]["ours"] == pytest.approx(details["loss"]["autograd"], rel=1e-5)
