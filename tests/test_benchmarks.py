"""The benchmarks start: what they import is there, and each says how it is called."""

import json
import runpy
import sys
from pathlib import Path

import pytest

from fourmasks.pia.recommenders import plan

BENCHMARKS = sorted((Path(__file__).parents[1] / "benchmarks").glob("*.py"))


@pytest.mark.parametrize("path", BENCHMARKS, ids=lambda path: path.stem)
def test_each_starts_and_says_how_it_is_called(path, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", [path.name, "--help"])
    with pytest.raises(SystemExit, match="0"):
        runpy.run_path(str(path), run_name="__main__")
    assert f"usage: {path.name}" in capsys.readouterr().out


def test_work_scaling_gives_its_figures(monkeypatch, capsys):
    small = plan.Config(dataset=("simulated-small",), methods=("popularity",), seeds=1, trials=1, epochs=1)
    monkeypatch.setattr(plan, "PROFILES", {"smoke": small, "paper": small})
    monkeypatch.setattr(sys, "argv", ["work_scaling.py", "--seeds", "1", "--rounds", "1"])
    path = next(path for path in BENCHMARKS if path.stem == "work_scaling")
    runpy.run_path(str(path), run_name="__main__")
    figures = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert figures["efficiency_2"] == figures["seconds_1"] / (2 * figures["seconds_2"]) > 0
    assert (
        figures["smoke_efficiency_2"] > 0 and figures["restart_overhead"] > 0 and 0 < figures["limit_2"] < 2
    )
