"""The machinery, on small notebooks of the tests' own."""

import re
from datetime import datetime

import nbformat
import pytest

from fourmasks.book.notebooks import execution
from fourmasks.records.runs import run_or_load

RAISING = """# %%
print("so far so good")

# %%
# looked up
missing = {}["yale"]

# %%
print("never")
"""


def test_a_misspelt_parameter_fails_before_anything_runs(project, tmp_path, monkeypatch):
    monkeypatch.setattr("papermill.execute_notebook", lambda *args, **options: pytest.fail("it ran"))
    with pytest.raises(ValueError, match=r"'datset'.*profile, dataset, sizes.*Did you mean 'dataset'"):
        execution.run("demo/tiny", {"profile": "smoke", "datset": "yale-b"})
    assert not (tmp_path / "runs").exists()


def test_an_unknown_notebook_is_named_with_the_nearest(project):
    with pytest.raises(ValueError, match=r"'demo/tyni'.*Did you mean 'demo/tiny'"):
        execution.run("demo/tyni", {})


def test_a_run_gets_parameters_and_paths_that_hold_in_another_folder(project, tmp_path, monkeypatch, printed):
    project(
        "demo/where",
        "# %% tags=['parameters']\nx = 1\n\n# %%\nimport os\n"
        "print(x, os.getcwd(), os.environ['FOURMASKS_DATA'], sep='|', end='')",
    )
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    monkeypatch.setenv("FOURMASKS_DATA", "../data")
    output = execution.run("demo/where", {"x": "20,30"})
    assert re.fullmatch(r"where-\d{8}-\d{6}-[0-9a-f]{6}\.ipynb", output.name)
    assert output.parent == tmp_path / "runs" / "demo"
    assert printed(output) == f"20,30|{tmp_path}|{tmp_path / 'data'}"


def test_runs_of_one_second_have_outputs_of_their_own(project, monkeypatch):
    class Stopped:
        now = staticmethod(lambda: datetime(2026, 1, 2))

    monkeypatch.setattr(execution, "datetime", Stopped)
    paths = [execution._free_name("demo/tiny", {}) for _ in range(3)]
    assert len(set(paths)) == 3 and all(path.is_file() and path.suffix == ".ipynb" for path in paths)


@pytest.mark.parametrize("place", ["runs", "records"])
def test_what_cannot_be_written_is_said_before_anything_runs(project, tmp_path, monkeypatch, place):
    (tmp_path / place).write_text("a file where a folder should be")
    if place == "records":
        monkeypatch.setenv("FOURMASKS_RECORDS", str(tmp_path / place))
    started = []
    monkeypatch.setattr("papermill.execute_notebook", lambda *_, **__: started.append(1))
    with pytest.raises(OSError, match=str(tmp_path / place)):
        execution.run("demo/tiny", {})
    assert started == []


def test_a_relative_output_is_relative_to_the_caller(project, tmp_path, monkeypatch, printed):
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    output = execution.run("demo/tiny", {"sizes": 3}, "mine/out.ipynb")
    assert output == tmp_path / "elsewhere" / "mine" / "out.ipynb"
    assert printed(output) == "book None 3 3.142\n"


def test_a_run_that_raises_names_the_cell_and_keeps_what_ran(project, tmp_path, printed):
    project("demo/raising", RAISING)
    output = tmp_path / "partial.ipynb"
    with pytest.raises(execution.NotebookError) as caught:
        execution.run("demo/raising", {}, output)
    first, last = str(caught.value).splitlines()
    assert first == """demo/raising, cell [2] (missing = {}["yale"]): KeyError: 'yale'"""
    assert str(output) in last
    assert "KeyError" in caught.value.traceback and "\x1b" not in caught.value.traceback
    assert printed(output) == "so far so good\n"


def test_a_kernel_that_dies_is_an_error_that_names_the_cell(project, tmp_path):
    project("demo/dying", "# %%\nx = 1\n\n# %%\n__import__('os')._exit(9)\n")
    with pytest.raises(execution.NotebookError, match=r"demo/dying, cell \[2\] \(__import__.*Kernel died"):
        execution.execute("demo/dying", tmp_path / "out.ipynb")
    assert not (tmp_path / "out.ipynb").exists()


def test_an_execution_is_paired_and_the_same_each_time(project, tmp_path, printed):
    for name in ("first", "second"):
        execution.execute("demo/tiny", tmp_path / f"{name}.ipynb")
    assert (tmp_path / "first.ipynb").read_bytes() == (tmp_path / "second.ipynb").read_bytes()
    notebook = nbformat.read(tmp_path / "first.ipynb", as_version=4)
    assert notebook.metadata.keys() == {"jupytext", "kernelspec", "language_info"}
    assert notebook.metadata.jupytext == {"formats": "ipynb,py:percent"}
    assert notebook.metadata.kernelspec.name == "python3"
    assert [dict(cell.metadata) for cell in notebook.cells] == [
        {"tags": ["parameters"]}, {"tags": ["nbval-check-output"]}
    ]  # fmt: skip
    assert printed(tmp_path / "first.ipynb") == "book None None 3.142\n"


def test_an_execution_sees_the_committed_records_and_no_others(project, tmp_path, monkeypatch, printed):
    project("demo/records", "# %%\nimport os\nprint(*os.listdir(os.environ['FOURMASKS_RECORDS']))")
    monkeypatch.setenv("FOURMASKS_RECORDS", str(tmp_path / "mine"))
    for path in (tmp_path / "data/records/demo/kept.json", tmp_path / "mine/other.json"):
        path.parent.mkdir(parents=True)
        path.write_text("{}")
    execution.execute("demo/records", tmp_path / "out.ipynb")
    assert printed(tmp_path / "out.ipynb") == "kept.json\n"


def test_a_run_made_again_leaves_the_committed_record_alone(project, tmp_path):
    def store(folder):
        train = {"experiment": "demo/run", "data_sha256": "0" * 64, "profile": "book", "directory": folder}
        run_or_load(lambda seed: {"metrics": {"error": seed}}, {"seed": 1}, **train)

    committed = tmp_path / "data/records/demo"
    store(committed)
    (path,) = committed.iterdir()
    path.write_text("broken")
    with execution.fresh_records() as records, pytest.warns(UserWarning, match="counts as missing"):
        store(records)
        assert "error" in (records / path.name).read_text()
    assert path.read_text() == "broken"
