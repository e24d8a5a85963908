"""The committed notebooks: executed, checked by nbval, agreeing with their text, runnable at smoke."""

import ast
import re
import subprocess
import sys

import matplotlib
import nbformat
import numpy as np
import papermill
import pytest
from IPython.core.interactiveshell import InteractiveShell
from matplotlib import pyplot
from traitlets.config import Config

from fourmasks.book.notebooks import execution, texts
from fourmasks.pages import names
from fourmasks.system.paths import notebooks_folder

NAMES = texts.list_notebooks()


def committed(name):
    return nbformat.read(notebooks_folder() / f"{name}.ipynb", as_version=4)


def code_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code" and cell.source.strip()]


def is_checked(cell):
    """Return whether the cell's output must stay as committed."""
    return "nbval-check-output" in cell.metadata.get("tags", [])


def shown(cell):
    """Return the texts that a cell shows, as one."""
    return "".join(
        output["text"] if "text" in output else output.get("data", {}).get("text/plain", "")
        for output in cell.outputs
    )


def with_a_digit_changed(notebook):
    """Return a copy in which one digit differs of what the first checked cell with a number printed."""
    notebook = nbformat.from_dict(notebook)
    for cell in filter(is_checked, code_cells(notebook)):
        for output in cell.outputs:
            texts = output if "text" in output else output.get("data", {})
            for kind in ("text", "text/plain"):
                if re.search(r"\d", texts.get(kind, "")):
                    texts[kind] = re.sub(
                        r"\d", lambda digit: str((int(digit[0]) + 1) % 10), texts[kind], count=1
                    )
                    return notebook
    pytest.fail("no checked cell prints a number")


def test_every_notebook_has_its_text_and_its_executed_copy():
    executed = sorted(notebooks_folder().rglob("*.ipynb"))
    assert NAMES and executed == [notebooks_folder() / f"{name}.ipynb" for name in NAMES]


@pytest.mark.parametrize("name", NAMES)
def test_it_is_executed_and_raised_nothing(name):
    # nbval passes over cells that were never executed.
    cells = code_cells(committed(name))
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    assert [output for cell in cells for output in cell.outputs if output.output_type == "error"] == []


@pytest.mark.parametrize("name", NAMES)
def test_it_shows_no_warning_and_no_folder_of_a_machine(name):
    outputs = [output for cell in code_cells(committed(name)) for output in cell.outputs]
    assert not [output["text"] for output in outputs if output.get("name") == "stderr"]
    assert "site-packages" not in str(outputs)


@pytest.mark.parametrize("name", NAMES)
def test_it_shows_what_nbval_compares(name):
    checked = list(filter(is_checked, code_cells(committed(name))))
    assert checked and all(map(shown, checked))


@pytest.mark.parametrize("name", NAMES)
def test_it_agrees_with_its_text(name):
    def sources(notebook):
        return [(cell.cell_type, cell.source) for cell in notebook.cells]

    assert sources(committed(name)) == sources(texts.read(name)), "run `make notebooks`"


@pytest.mark.parametrize("name", NAMES)
def test_nbval_is_told_by_tags_alone(name):
    # A comment would be the first line that a reader sees of the cell.
    assert "NBVAL_" not in (notebooks_folder() / f"{name}.py").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", NAMES)
def test_its_second_cell_of_code_sets_it_up_unseen_and_says_its_name(name):
    parameters, setup, *_ = code_cells(texts.read(name))
    assert parameters.metadata["tags"] == ["parameters", "hide-input"]
    assert "hide-input" in setup.metadata["tags"]
    assert f'page.begin("{name}")' in setup.source


def calls(source, *names):
    """Yield the calls of functions of the page, as `page.table`, that a text makes."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in names:
            yield node


@pytest.mark.parametrize("name", NAMES)
def test_every_table_says_what_to_see_and_hides_its_code(name):
    for cell in code_cells(texts.read(name)):
        for call in calls(cell.source, "page.table"):
            caption = next((ast.unparse(word.value) for word in call.keywords if word.arg == "caption"), "''")
            assert caption != "''", f"no caption: {ast.unparse(call)}"
        if list(calls(cell.source, "page.table", "page.verdicts", "page.show")):
            assert "hide-input" in cell.metadata.get("tags", []), cell.source


@pytest.mark.parametrize("name", NAMES)
def test_no_table_is_a_printout(name):
    assert "to_string" not in (notebooks_folder() / f"{name}.py").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", NAMES)
def test_its_parameters_are_explained_and_as_the_book_has_them(name):
    parameters = {parameter.name: parameter for parameter in texts.parameters(name)}
    assert parameters["profile"].default == "'book'"
    assert [p.name for p in parameters.values() if not (p.type and p.help)] == []
    # Plain papermill, which the README shows as well, must find the same ones.
    assert papermill.inspect_notebook(notebooks_folder() / f"{name}.ipynb").keys() == parameters.keys()


@pytest.mark.parametrize("name", NAMES)
def test_it_holds_no_trace_of_when_it_was_executed(name):
    notebook = committed(name)
    assert "papermill" not in notebook.metadata
    assert [cell.id for cell in notebook.cells if {"papermill", "execution"} & cell.metadata.keys()] == []


@pytest.fixture
def shell(tmp_path):
    """IPython without a process of its own, which would load all libraries again for each notebook."""
    config = Config({"HistoryManager": {"enabled": False}})
    with matplotlib.rc_context():
        shell = InteractiveShell.instance(config=config, ipython_dir=str(tmp_path))
        yield shell
        pyplot.close("all")
        names.begin("")
        shell.restore_sys_module_state()
        InteractiveShell.clear_instance()


@pytest.mark.parametrize("name", NAMES)
def test_it_runs_at_profile_smoke(name, shell, tmp_path, monkeypatch):
    monkeypatch.setenv(
        "FOURMASKS_RECORDS", str(tmp_path / "records")
    )  # empty: the book's own are still shown
    for cell in code_cells(texts.read(name)):
        # nbval gives each notebook a kernel, and executes it at profile book.
        shell.run_cell(cell.source, store_history=True).raise_error()
        if "parameters" in cell.metadata.get("tags", []):
            shell.user_ns["profile"] = "smoke"
            if "supports" in shell.user_ns:
                shell.user_ns["supports"] = own_supports(tmp_path)
    assert shell.user_ns["profile"] == "smoke"


def own_supports(folder):
    """Write supports of one's own, a column for each atom, with a matrix to be factorized on them."""
    left, right = np.array([[1, 0], [1, 1], [0, 1]]), np.array([[1, 0], [0, 1], [1, 1]])
    path = folder / "mine.npz"
    np.savez(path, left=left, right=right, matrix=(2.0 * left) @ right.T)
    return str(path)


def test_nbval_passes_a_notebook_as_executed_and_not_with_another_number(project, tmp_path):
    folder = tmp_path / "notebooks" / "demo"
    execution.execute("demo/tiny", folder / "tiny.ipynb")
    changed = with_a_digit_changed(nbformat.read(folder / "tiny.ipynb", as_version=4))
    nbformat.write(changed, folder / "changed.ipynb")
    options = ["--nbval-lax", "--nbval-kernel-startup-timeout=600", "-p", "no:cacheprovider"]
    command = [sys.executable, "-m", "pytest", *options, folder]
    report = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True).stdout
    assert re.search(r"\b1 failed, 3 passed\b", report), report
