"""The page on speed: what it shows is what was measured, and what is not reached is said."""

import json
import runpy
import sys
from pathlib import Path

import pytest

from fourmasks.book.extensions import speed

ROOT = Path(__file__).parents[3]
GOALS = """
a:
- {figure: speedup, what: "`fit` &", unit: faster, peer: cornac, least: 3, why: "Products are {share:.0%}"}
- {figure: overhead, what: Overhead, unit: share, most: 0.05}
- {figure: plain, what: Plain, unit: number}
b:
- {figure: seconds, what: Start, unit: seconds, most: 1}
"""


def run(**figures):
    return {
        "script": "benchmarks/a.py",
        "created": "2026-11-30T10:00:00+00:00",
        "commit": "0123456789abcdef",
        "seconds": 90.0,
        "machine": {"processor": "A <B>", "system": "Linux"},
        "versions": {"torch": "2.0", "cornac": "3.0.1"},
        "figures": figures,
    }


@pytest.fixture
def measured(tmp_path, monkeypatch):
    """Return a function that says what benchmark "a" measured; "b" was never run."""
    monkeypatch.setenv("FOURMASKS_ROOT", str(tmp_path))
    folder = tmp_path / "data" / "benchmarks"
    folder.mkdir(parents=True)
    (tmp_path / "data" / "benchmarks.yaml").write_text(GOALS)
    return lambda **figures: (folder / "a.json").write_text(json.dumps(run(**figures)))


@pytest.mark.parametrize(
    ("value", "verdict", "why"),
    [
        (2.99, speed.MISSED, "Products are 40\N{NO-BREAK SPACE}%"),
        (3.0, speed.REACHED, ""),
        (None, speed.MISSING, ""),
    ],
)
def test_a_row_says_whether_a_figure_is_what_it_should_be(measured, value, verdict, why):
    measured(speedup=value, overhead=0.05, plain=7.0, share=0.4)
    rows = speed.rows()
    assert (rows[0]["verdict"], rows[0]["why"]) == (verdict, why)
    assert [row["verdict"] for row in rows[1:]] == [speed.REACHED, "", speed.MISSING]
    assert rows[0]["peer"] == "cornac 3.0.1" and rows[0]["wanted"] == "at least 3.00 times as fast"


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (2.97, "faster", "2.97 times as fast"),
        (2640.4, "faster", "2,640 times as fast"),
        (11.79, "faster", "11.8 times as fast"),
        (3, "faster", "3.00 times as fast"),
        (0.0801, "seconds", "0.0801 s"),
        (0.05, "share", "5.0\N{NO-BREAK SPACE}%"),
    ],
)
def test_a_figure_has_digits_enough_to_be_compared(value, unit, text):
    assert speed.shown(value, unit) == text


def test_another_data_set_is_not_what_is_asked_for(measured):
    goal = {"figure": "speedup", "what": "x", "unit": "number", "dataset": "ml-1m"}
    for dataset, verdict in (("ml-1m", ""), ("simulated", speed.MISSING)):
        assert speed._row(goal, run(speedup=2.0, dataset=dataset))["verdict"] == verdict


def test_what_is_too_much_is_not_reached(measured):
    measured(speedup=4.0, overhead=0.0501, plain=1.0, share=0.4)
    assert speed.rows()[1]["verdict"] == speed.MISSED


def test_the_tables_show_all_and_escape_it(measured):
    measured(speedup=2.0, overhead=0.01, plain=1.0, share=0.4)
    shown = speed.table(speed.rows())
    assert shown.count("<tr>") == 5
    for part in (
        "<code>fit</code> &amp;",
        "2.00 times as fast",
        "not reached",
        "Products are 40\N{NO-BREAK SPACE}%.",
    ):
        assert part in shown
    runs = speed.table_of_runs(speed.runs())
    for part in (
        "benchmarks/a.py",
        "2026-11-30",
        "1.5 min",
        "A &lt;B&gt;, Linux",
        "cornac 3.0.1",
        "01234567<",
    ):
        assert part in runs


def test_each_figure_shown_is_one_that_a_script_measures():
    goals, found = speed.goals(), speed.runs()
    assert found
    for script, run in found.items():
        assert run["script"] == f"benchmarks/{script}.py" and (ROOT / run["script"]).is_file()
        assert "dirty" not in run["commit"]
        for goal in goals[script]:
            assert run["figures"][goal["figure"]] is not None, goal["figure"]
            assert goal["unit"] in speed.UNITS and goal.get("why", "").format(**run["figures"]) is not None


@pytest.fixture
def benchmarks(tmp_path, monkeypatch):
    """Return the runner as a function of its arguments, with two scripts of its own."""
    monkeypatch.setenv("FOURMASKS_ROOT", str(tmp_path))
    (tmp_path / "data").mkdir()
    (tmp_path / "good.py").write_text("print('words')\nprint('{\"ratio\": 2.5}')\n")
    (tmp_path / "bad.py").write_text("raise SystemExit(3)\n")
    names = runpy.run_path(str(ROOT / "benchmarks" / "__main__.py"), run_name="benchmarks")
    main = names["main"]
    scripts = {path.stem: path for path in (tmp_path / "good.py", tmp_path / "bad.py")}
    monkeypatch.setitem(main.__globals__, "SCRIPTS", scripts)

    def call(*arguments):
        monkeypatch.setattr(sys, "argv", ["benchmarks", *arguments])
        main()

    return call


def test_the_runner_keeps_the_last_line_of_each_script(benchmarks, tmp_path, capfd):
    benchmarks("good")
    kept = json.loads((tmp_path / "data" / "benchmarks" / "good.json").read_text())
    assert kept["figures"] == {"ratio": 2.5} and kept["script"] == "benchmarks/good.py"
    assert {"processor", "system", "blas"} == set(kept["machine"]) and "torch" in kept["versions"]
    assert "words" in capfd.readouterr().out


def test_the_runner_goes_on_after_a_failure_and_says_so(benchmarks, tmp_path):
    with pytest.raises(SystemExit, match="failed: bad"):
        benchmarks("bad", "good")
    assert [path.stem for path in (tmp_path / "data" / "benchmarks").glob("*.json")] == ["good"]


def test_the_runner_refuses_a_name_that_no_script_has(benchmarks, capsys):
    with pytest.raises(SystemExit, match="2"):
        benchmarks("godo")
    assert "unknown benchmark 'godo': expected one of good, bad" in capsys.readouterr().err
