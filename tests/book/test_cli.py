import json
import os
import subprocess
import sys

import pytest

from fourmasks.book.cli import main
from fourmasks.data import locate
from fourmasks.data.errors import DataNotFound


def run(capsys, *arguments):
    """Return the exit status, what was printed, and the lines of errors."""
    status = main(list(arguments))
    captured = capsys.readouterr()
    return status, captured.out, captured.err.splitlines()


def test_list_shows_the_notebooks_and_their_parameters(project, capsys):
    status, out, err = run(capsys, "list")
    lines = out.splitlines()
    assert (status, err, lines[0]) == (0, [], "demo/tiny")
    assert lines[1].split(maxsplit=3) == ["profile", "str", "'book'", "smoke, book or paper"]
    assert len(lines) == 4


def test_list_of_a_notebook_without_parameters(project, capsys):
    project("demo/tiny", "# %%\nprint(1)")
    assert run(capsys, "list") == (0, "demo/tiny\n", [])


def test_run_prints_where_the_executed_notebook_is(project, tmp_path, capsys):
    status, out, _ = run(
        capsys, "run", "demo/tiny", "--profile", "smoke", "-p", "dataset", "yale-b", "-p", "sizes", "20,30"
    )
    (output,) = (tmp_path / "runs/demo").iterdir()
    assert (status, out) == (0, f"{output}\n")
    assert "smoke yale-b 20,30 3.142" in output.read_text()


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["run", "demo/tiny", "-p", "datset", "yale-b"], ["'datset'", "Did you mean 'dataset'?"]),
        (["run", "demo/tny"], ["'demo/tny'", "Did you mean 'demo/tiny'?"]),
        (["run", "demo/tiny", "--profile", "smok"], ["'smok'", "Did you mean 'smoke'?"]),
        (["data", "fetch", "yale"], ["registry"]),
        (["claims", "mmf"], ["data/claims is not there"]),
    ],
)
def test_a_bad_request_is_one_line_and_nothing_runs(project, tmp_path, capsys, arguments, named):
    status, out, (line,) = run(capsys, *arguments)
    assert (status, out) == (2, "")
    assert line.startswith("fourmasks: error: ") and all(part in line for part in named)
    assert not (tmp_path / "runs").exists()


def test_a_parameter_is_two_words_or_one_and_may_begin_with_a_minus(project, tmp_path, capsys):
    for number, given in enumerate(
        (["-p", "dataset", "-1e-3"], ["-p", "dataset=-1e-3"], ["--parameter", "dataset=-1e-3"])
    ):
        output = tmp_path / f"{number}.ipynb"
        status, _, _ = run(capsys, "run", "demo/tiny", *given, "--output", str(output))
        assert status == 0 and "book -0.001 None" in output.read_text()
    with pytest.raises(SystemExit):
        main(["run", "demo/tiny", "-p", "dataset"])
    assert "expected NAME VALUE or NAME=VALUE" in capsys.readouterr().err


@pytest.mark.parametrize(
    "name", ["{0}/notebooks/demo/tiny.py", "{0}/x.html", "{0}", "{0}/notebooks/demo/tiny.ipynb"]
)
def test_an_output_is_a_notebook_outside_the_books_own(project, tmp_path, capsys, name):
    before = (tmp_path / "notebooks/demo/tiny.py").read_text()
    output = name.format(tmp_path)
    status, out, err = run(capsys, "run", "demo/tiny", "--output", output)
    assert (
        (status, out) == (2, "") and len(err) == 1 and err[0].startswith(f"fourmasks: error: output {output}")
    )
    assert sorted(path.name for path in tmp_path.rglob("*.*")) == ["tiny.py"]
    assert (tmp_path / "notebooks/demo/tiny.py").read_text() == before


def test_where_there_is_no_project_the_command_says_so(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("FOURMASKS_ROOT", str(tmp_path))
    for command, folder in (
        ("list", "notebooks"),
        ("claims", "data/claims"),
        ("records status", "data/records"),
        ("verify", "data/records"),
        ("plan", "data/claims"),
        ("work --profile smoke", "data/claims"),
    ):
        status, out, err = run(capsys, *command.split())
        assert (status, out) == (2, "") and f"{tmp_path / folder} is not there: FOURMASKS_ROOT" in err[0]


@pytest.mark.parametrize("setting", [{"PYTHONIOENCODING": "ascii"}, {"PYTHONOPTIMIZE": "2"}])
def test_the_command_works_without_letters_or_docstrings(project, setting):
    project("demo/tiny", '# %% tags=["parameters"]\nk = 1  # type: int  2–3 masks')
    code = "import sys; from fourmasks.book.cli import main; sys.exit(main(['list']))"
    done = subprocess.run(
        [sys.executable, "-c", code], env=os.environ | setting, capture_output=True, text=True
    )
    assert done.returncode == 0 and "masks" in done.stdout, done.stderr


def test_a_reader_that_stops_early_gets_no_error(project):
    code = "import sys; from fourmasks.book.cli import main; sys.exit(main(['list']))"
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    process.stdout.close()
    assert process.stderr.read() == b"" and process.wait() == 1


def test_a_notebook_that_raises_is_named_with_its_cell_and_error(project, capsys):
    project("demo/raising", "# %%\nx = 1\n\n# %%\nx / 0\n")
    status, out, err = run(capsys, "run", "demo/raising")
    assert (status, out) == (1, "")
    assert err[-2] == "fourmasks: error: demo/raising, cell [2] (x / 0): ZeroDivisionError: division by zero"


def test_the_progress_of_a_training_shows_on_the_terminal(project):
    # The kernel has neither the terminal as its standard error nor one that /dev/tty would name.
    project(
        "demo/training",
        "# %%\nfrom fourmasks.system.progress import progress\n"
        "with progress(2, 'training') as bar:\n    bar.update(2)\n    bar.refresh()",
    )
    ours, theirs = os.openpty()
    command = [sys.executable, "-m", "fourmasks.book.cli", "run", "demo/training"]
    subprocess.run(command, check=True, stdin=theirs, stdout=theirs, stderr=subprocess.DEVNULL)
    shown = os.read(ours, 100_000).decode()
    os.close(ours)
    os.close(theirs)
    assert "training: 100%" in shown


def test_an_interrupted_run_says_how_to_go_on(project, capsys, monkeypatch):
    def interrupt(*arguments, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr("papermill.execute_notebook", interrupt)
    status, _, err = run(capsys, "run", "demo/tiny")
    assert status == 130 and "records" in err[-1]


def test_data_list_names_what_is_here_and_check_what_is_wrong(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("FOURMASKS_DATA", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "yale-b").mkdir()
    (tmp_path / "yale-b" / "YaleB.mat").write_text("not the faces")
    status, out, _ = run(capsys, "data", "list")
    rows = {line.split()[0]: line for line in out.splitlines()}
    assert status == 0
    assert str(tmp_path / "yale-b") in rows["yale-b"] and "2016 x 2414" in rows["yale-b"]
    assert "not here" in rows["netflix"]
    status, out, _ = run(capsys, "data", "check")
    assert status == 1 and out.split() == ["wrong", "digest", str(tmp_path / "yale-b" / "YaleB.mat")]


def test_data_fetch_prints_the_files(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("FOURMASKS_DATA", str(tmp_path))
    (tmp_path / "yale-b").mkdir()
    path = tmp_path / "yale-b" / "YaleB.mat"
    path.touch()
    status, out, (line,) = run(capsys, "data", "fetch", "yale-b")
    assert (status, out) == (1, f"{path}\n") and "YaleB.mat is damaged: delete it and fetch again" in line
    monkeypatch.setattr(locate, "_has_digest", lambda path, digest: True)
    assert run(capsys, "data", "fetch", "yale-b") == (0, f"{path}\n", [])


def test_claims_are_printed_as_json_or_with_a_summary(capsys):
    status, out, _ = run(capsys, "claims", "sparse", "--json")
    rows = json.loads(out)
    assert status == 0 and rows
    for row in rows:
        assert row.keys() == {
            *("id", "paper", "place", "kind", "headline", "fault", "dataset", "method", "metric"),
            *("reported", "quote", "effect", "margin", "measured", "spread", "n_seeds", "interval", "test"),
            *("p", "p_adjusted", "further", "verdict", "control", "why", "record"),
        }
    status, out, _ = run(capsys, "claims", "sparse")
    assert status == 0 and sum(int(part.split()[0]) for part in out.splitlines()[-1].split(", ")) == len(rows)


def test_doctor_is_content_here(capsys):
    status, out, _ = run(capsys, "doctor")
    assert status == 0 and "BROKEN" not in out
    assert {line.split(":")[0] for line in out.splitlines()[1:]} == {
        *("packages", "device", "data", "notebooks", "browser")
    }


def test_doctor_reports_a_broken_part_and_goes_on(monkeypatch, capsys):
    monkeypatch.setenv("FOURMASKS_DEVICE", "tpu")
    status, out, _ = run(capsys, "doctor")
    broken = [line for line in out.splitlines() if "BROKEN" in line]
    assert status == 1 and len(broken) == 1 and broken[0].startswith("device: BROKEN: device 'tpu'")
    assert "browser:" in out


@pytest.fixture
def records(tmp_path, monkeypatch):
    monkeypatch.setenv("FOURMASKS_RECORDS", str(tmp_path))
    return tmp_path


def test_plan_lists_what_work_makes(records, capsys):
    asked = ("lunet/theory", "--profile", "smoke")
    status, out, _ = run(capsys, "plan", *asked)
    head, *lines, total = out.splitlines()
    assert (status, head.split()[:3]) == (0, ["experiment", "data", "set"])
    assert total.startswith("all") and all(line.startswith("lunet/statements") for line in lines)
    plan = json.loads(run(capsys, "plan", *asked, "--json")[1])
    (row,) = plan["rows"]
    assert plan["failed"] == [] and row["unknown"] == row["runs"] == row["reasons"]["missing"]
    assert len(row["claims"]) > 5 and all(claim.startswith("lunet-") for claim in row["claims"])
    status, out, _ = run(capsys, "work", *asked, "--processes", "1")
    assert (status, out) == (0, f"{row['runs']} runs made, 0 were there, 0 failed\n")
    assert len(list(records.glob("*.json"))) == row["runs"]
    assert run(capsys, "plan", *asked)[:2] == (0, "nothing to make\n")
    assert run(capsys, "work", *asked)[:2] == (0, f"0 runs made, {row['runs']} were there, 0 failed\n")
    next(records.glob("*.json")).unlink()
    (row,) = json.loads(run(capsys, "plan", *asked, "--json")[1])["rows"]
    assert row["runs"] == 1 and row["unknown"] == 0 and row["seconds"] > 0 and row["memory_mb"] > 0


def test_a_table_of_ones_own_is_worked_on_and_never_among_the_books_records(tmp_path, monkeypatch, capsys):
    monkeypatch.delenv("FOURMASKS_RECORDS", raising=False)
    monkeypatch.setattr("fourmasks.records.store.runs_folder", lambda: tmp_path)
    monkeypatch.chdir(tmp_path)
    pairs = [f"anna-{user},film {item},{1 + user * item % 5}" for user in range(12) for item in range(9)]
    (tmp_path / "mine.csv").write_text("\n".join(["user,item,rating", *pairs, pairs[0]]))
    options = {"dataset": "mine.csv", "duplicates": "last", "methods": "mf-plain", "seeds": 2, "epochs": 1}
    asked = "mmf/ratings", *(f"-p{name}={value}" for name, value in options.items())
    status, out, _ = run(capsys, "plan", *asked)
    assert status == 0 and f"{tmp_path / 'mine.csv'}?duplicates=last" in out
    assert run(capsys, "work", *asked, "--processes", "1")[:2] == (0, "3 runs made, 0 were there, 0 failed\n")
    assert len(list((tmp_path / "records" / "mmf").glob("*.json"))) == 3
    assert run(capsys, "plan", *asked)[:2] == (0, "nothing to make\n")


def test_a_plan_without_its_data_is_named_and_stops_no_other(records, monkeypatch, capsys):
    def absent(config):
        raise DataNotFound("ml-1m: not here")

    monkeypatch.setattr("fourmasks.lunet.theory.plan.plan", absent)
    said = "lunet/theory cannot be planned: ml-1m: not here"
    for command, first in (("plan", "nothing to make"), ("work", "0 runs made, 0 were there, 1 failed")):
        assert run(capsys, command, "lunet/theory", "--profile", "smoke")[:2] == (1, f"{first}\n{said}\n")


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["plan", "lunet/theori"], ["'lunet/theori'", "Did you mean 'lunet/theory'?"]),
        (["plan", "lunet", "--profile", "smok"], ["'smok'"]),
        (["work", "lunet/theory", "--device", "abacus"], ["'abacus'"]),
        (["plan", "mmf", "-p", "dataset", "a.csv"], ["-p dataset: expected one experiment, of mmf/masks, "]),
        (["plan", "mmf/ratings", "-p", "datset", "a.csv"], ["'datset'", "Did you mean 'dataset'?"]),
        (["plan", "mmf/ratings", "-p", "epochs", "many"], ["option epochs is 'many': expected int"]),
        (["work", "mmf/ratings", "-p", "dataset", "a.csv"], ["there is no file", "a.csv"]),
    ],
)
def test_a_bad_plan_is_one_line(records, capsys, arguments, named):
    status, out, (line,) = run(capsys, *arguments)
    assert (status, out) == (2, "") and all(part in line for part in named)


@pytest.mark.parametrize("given", [["--processes", "0"], ["--processes", "1", "--dask", "tcp://there"]])
def test_workers_are_processes_or_a_cluster(given, capsys):
    with pytest.raises(SystemExit):
        main(["work", *given])
