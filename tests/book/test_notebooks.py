"""The machinery, on small notebooks of the tests' own."""

import math
import re
from datetime import datetime

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st
from papermill.cli import _resolve_type

from fourmasks.book import notebooks
from fourmasks.records.runs import run_or_load

RAISING = """# %%
print("so far so good")

# %%
# looked up
missing = {}["yale"]

# %%
print("never")
"""


def test_notebooks_are_named_by_paper_and_name(project):
    project("other/again", "")
    assert notebooks.list_notebooks() == ["demo/tiny", "other/again"]


def test_parameters_have_default_type_and_help(project):
    assert notebooks.parameters("demo/tiny") == [
        notebooks.Parameter("profile", "'book'", "str", "smoke, book or paper"),
        notebooks.Parameter("dataset", "None", "str", "a data set"),
        notebooks.Parameter("sizes", "None", "tuple[int, ...]", "a = 1 or more sizes"),
    ]


def test_a_notebook_without_a_parameters_cell_has_none(project):
    project("demo/plain", RAISING)
    assert notebooks.parameters("demo/plain") == []


def test_a_misspelt_parameter_fails_before_anything_runs(project, tmp_path, monkeypatch):
    monkeypatch.setattr("papermill.execute_notebook", lambda *args, **options: pytest.fail("it ran"))
    with pytest.raises(ValueError, match=r"'datset'.*profile, dataset, sizes.*Did you mean 'dataset'"):
        notebooks.run("demo/tiny", {"profile": "smoke", "datset": "yale-b"})
    assert not (tmp_path / "runs").exists()


def test_an_unknown_notebook_is_named_with_the_nearest(project):
    with pytest.raises(ValueError, match=r"'demo/tyni'.*Did you mean 'demo/tiny'"):
        notebooks.run("demo/tyni", {})


@given(st.text() | st.integers().map(str) | st.floats().map(str) | st.sampled_from(["True", "None", "20,30"]))
def test_values_are_read_as_papermill_reads_them(text):
    ours, theirs = notebooks.parse_value(text), _resolve_type(text)
    assert type(ours) is type(theirs)
    assert ours == theirs or (math.isnan(ours) and math.isnan(theirs))


def test_a_run_gets_parameters_and_paths_that_hold_in_another_folder(project, tmp_path, monkeypatch, printed):
    project(
        "demo/where",
        "# %% tags=['parameters']\nx = 1\n\n# %%\nimport os\n"
        "print(x, os.getcwd(), os.environ['FOURMASKS_DATA'], sep='|', end='')",
    )
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    monkeypatch.setenv("FOURMASKS_DATA", "../data")
    output = notebooks.run("demo/where", {"x": "20,30"})
    assert re.fullmatch(r"where-\d{8}-\d{6}-[0-9a-f]{6}\.ipynb", output.name)
    assert output.parent == tmp_path / "runs" / "demo"
    assert printed(output) == f"20,30|{tmp_path}|{tmp_path / 'data'}"


def test_runs_of_one_second_have_outputs_of_their_own(project, monkeypatch):
    class Stopped:
        now = staticmethod(lambda: datetime(2026, 1, 2))

    monkeypatch.setattr(notebooks, "datetime", Stopped)
    paths = [notebooks._free_name("demo/tiny", {}) for _ in range(3)]
    assert len(set(paths)) == 3 and all(path.is_file() and path.suffix == ".ipynb" for path in paths)


@pytest.mark.parametrize("place", ["runs", "records"])
def test_what_cannot_be_written_is_said_before_anything_runs(project, tmp_path, monkeypatch, place):
    (tmp_path / place).write_text("a file where a folder should be")
    if place == "records":
        monkeypatch.setenv("FOURMASKS_RECORDS", str(tmp_path / place))
    started = []
    monkeypatch.setattr("papermill.execute_notebook", lambda *_, **__: started.append(1))
    with pytest.raises(OSError, match=str(tmp_path / place)):
        notebooks.run("demo/tiny", {})
    assert started == []


def test_a_relative_output_is_relative_to_the_caller(project, tmp_path, monkeypatch, printed):
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    output = notebooks.run("demo/tiny", {"sizes": 3}, "mine/out.ipynb")
    assert output == tmp_path / "elsewhere" / "mine" / "out.ipynb"
    assert printed(output) == "book None 3 3.142\n"


def test_a_run_that_raises_names_the_cell_and_keeps_what_ran(project, tmp_path, printed):
    project("demo/raising", RAISING)
    output = tmp_path / "partial.ipynb"
    with pytest.raises(notebooks.NotebookError) as caught:
        notebooks.run("demo/raising", {}, output)
    first, last = str(caught.value).splitlines()
    assert first == """demo/raising, cell [2] (missing = {}["yale"]): KeyError: 'yale'"""
    assert str(output) in last
    assert "KeyError" in caught.value.traceback and "\x1b" not in caught.value.traceback
    assert printed(output) == "so far so good\n"


def test_a_kernel_that_dies_is_an_error_that_names_the_cell(project, tmp_path):
    project("demo/dying", "# %%\nx = 1\n\n# %%\n__import__('os')._exit(9)\n")
    with pytest.raises(notebooks.NotebookError, match=r"demo/dying, cell \[2\] \(__import__.*Kernel died"):
        notebooks.execute("demo/dying", tmp_path / "out.ipynb")
    assert not (tmp_path / "out.ipynb").exists()


def test_an_execution_is_paired_and_the_same_each_time(project, tmp_path, printed):
    for name in ("first", "second"):
        notebooks.execute("demo/tiny", tmp_path / f"{name}.ipynb")
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
    notebooks.execute("demo/records", tmp_path / "out.ipynb")
    assert printed(tmp_path / "out.ipynb") == "kept.json\n"


def test_a_run_made_again_leaves_the_committed_record_alone(project, tmp_path):
    def store(folder):
        train = {"experiment": "demo/run", "data_sha256": "0" * 64, "profile": "book", "directory": folder}
        run_or_load(lambda seed: {"metrics": {"error": seed}}, {"seed": 1}, **train)

    committed = tmp_path / "data/records/demo"
    store(committed)
    (path,) = committed.iterdir()
    path.write_text("broken")
    with notebooks.fresh_records() as records, pytest.warns(UserWarning, match="counts as missing"):
        store(records)
        assert "error" in (records / path.name).read_text()
    assert path.read_text() == "broken"


def test_the_text_never_takes_timings_from_an_executed_notebook():
    """The pairing configured in pyproject.toml filters the metadata that execution leaves."""
    import jupytext
    from jupytext.config import load_jupytext_config

    notebook = jupytext.reads('# %% tags=["parameters"]\nx = 1', "py:percent")
    notebook.metadata["papermill"] = {"duration": 1.5}
    for cell in notebook.cells:
        cell.metadata["execution"] = {"iopub.execute_input": "2026-01-01"}
        cell.metadata["papermill"] = {"duration": 1.5}
    config = load_jupytext_config(str(notebooks.notebooks_folder()))
    text = jupytext.writes(notebook, "py:percent", config=config)
    assert not re.search("papermill|execution|iopub|duration", text)
    assert '# %% tags=["parameters"]' in text
