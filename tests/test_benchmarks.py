"""The benchmarks start: what they import is there, and each says how it is called."""

import importlib.util
import json
import runpy
import sys
from pathlib import Path

import pytest

from fourmasks.pia.recommenders import plan

BENCHMARKS = sorted((Path(__file__).parents[1] / "benchmarks").glob("[!_]*.py"))


@pytest.mark.parametrize("path", BENCHMARKS, ids=lambda path: path.stem)
def test_each_starts_and_says_how_it_is_called(path, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", [path.name, "--help"])
    with pytest.raises(SystemExit, match="0"):
        runpy.run_path(str(path), run_name="__main__")
    assert f"usage: {path.name}" in capsys.readouterr().out


def test_work_scaling_gives_its_figures(monkeypatch, capsys):
    small = plan.Config(dataset=("simulated-small",), methods=("popularity",), seeds=1, trials=1, epochs=1)
    monkeypatch.setattr(plan, "PROFILES", {"smoke": small, "paper": small})
    path = next(path for path in BENCHMARKS if path.stem == "work_scaling")
    spec = importlib.util.spec_from_file_location(path.stem, path)
    benchmark = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, path.stem, benchmark)
    spec.loader.exec_module(benchmark)
    calls = []

    def by_another(*call):  # here by the same process, of which the profiles are small
        monkeypatch.setattr(sys, "argv", [path.name, "--call", *map(str, call)])
        benchmark.main()
        calls.append(call)
        return json.loads(capsys.readouterr().out.splitlines()[-1])

    monkeypatch.setattr(benchmark, "by_another", by_another)
    monkeypatch.setattr(sys, "argv", [path.name, "--seeds", "1", "--rounds", "1"])
    benchmark.main()
    assert calls == [("paper", 1, 1), ("paper", 1, 2), ("smoke", 12, 1), ("smoke", 12, 2)]
    figures = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert figures["efficiency_2"] == figures["seconds_1"] / (2 * figures["seconds_2"]) > 0
    assert (
        figures["smoke_efficiency_2"] > 0 and figures["restart_overhead"] > 0 and 0 < figures["limit_2"] < 2
    )
