"""The committed notebooks: they agree with their text, show what they show today, and run at smoke."""

import difflib
import re
import subprocess
import sys
from collections import defaultdict

import nbformat
import papermill
import pytest

from fourmasks.book import notebooks, site
from fourmasks.system.paths import notebooks_folder, project_root

NAMES = notebooks.list_notebooks()


def committed(name):
    return nbformat.read(notebooks_folder() / f"{name}.ipynb", as_version=4)


def code_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code" and cell.source.strip()]


def is_checked(cell):
    """Return whether the cell's output must stay as committed: by its tag, or by its first line as once."""
    tags = cell.metadata.get("tags", [])
    return "nbval-check-output" in tags or cell.source.startswith("# NBVAL_CHECK_OUTPUT")


def shown(cell):
    """Return what a cell shows, as one text of each kind: how a stream is cut into outputs is chance."""
    texts = defaultdict(str)
    for output in cell.outputs:
        for kind, text in output.get("data", {output.get("name"): output.get("text")}).items():
            texts[kind] += text
    return dict(texts)


def differing(notebook, other):
    """Return the lines in which outputs of checked cells differ, those of the first notebook with a "-"."""
    lines = []
    for cell, now in zip(code_cells(notebook), code_cells(other), strict=True):
        if is_checked(cell) and shown(cell) != shown(now):
            before, after = ("\n".join(shown(one).values()).splitlines() for one in (cell, now))
            lines += difflib.unified_diff(before, after, cell.source, "", lineterm="", n=0)
    return lines


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


@pytest.fixture(scope="module")
def executed():
    """Return the function that gives a notebook as `make book` has executed it, or executes it like that."""
    shared = site.shared_digest()

    def give(name):
        path = project_root() / "_build" / "source" / "notebooks" / f"{name}.ipynb"
        assert site.stage_notebook(name, path, shared), "it raised: see above"
        return nbformat.read(path, as_version=4)

    return give


def test_every_notebook_has_its_text_and_its_executed_copy():
    executed = sorted(notebooks_folder().rglob("*.ipynb"))
    assert NAMES and executed == [notebooks_folder() / f"{name}.ipynb" for name in NAMES]


@pytest.mark.parametrize("name", NAMES)
def test_it_is_executed_and_raised_nothing(name):
    cells = code_cells(committed(name))
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    assert [output for cell in cells for output in cell.outputs if output.output_type == "error"] == []


@pytest.mark.parametrize("name", NAMES)
def test_it_says_what_is_checked_and_a_changed_digit_is_seen(name):
    checked = list(filter(is_checked, code_cells(committed(name))))
    assert checked and all(map(shown, checked))
    found = differing(committed(name), with_a_digit_changed(committed(name)))
    assert [line[0] for line in found] == [
        "-",
        "+",
        "@",
        "-",
        "+",
    ]  # a head of three lines, and one that changed


@pytest.mark.parametrize("name", NAMES)
def test_it_shows_what_it_shows_today(name, executed):
    lines = differing(committed(name), executed(name))
    assert not lines, "\n".join(lines)


@pytest.mark.parametrize("name", NAMES)
def test_it_agrees_with_its_text(name):
    def sources(notebook):
        return [(cell.cell_type, cell.source) for cell in notebook.cells]

    assert sources(committed(name)) == sources(notebooks.read(name)), "run `make notebooks`"


@pytest.mark.parametrize("name", NAMES)
def test_its_parameters_are_explained_and_as_the_book_has_them(name):
    parameters = {parameter.name: parameter for parameter in notebooks.parameters(name)}
    assert parameters["profile"].default == "'book'"
    assert [p.name for p in parameters.values() if not (p.type and p.help)] == []
    # Plain papermill, which the README shows as well, must find the same ones.
    assert papermill.inspect_notebook(notebooks_folder() / f"{name}.ipynb").keys() == parameters.keys()


@pytest.mark.parametrize("name", NAMES)
def test_it_holds_no_trace_of_when_it_was_executed(name):
    notebook = committed(name)
    assert "papermill" not in notebook.metadata
    assert [cell.id for cell in notebook.cells if {"papermill", "execution"} & cell.metadata.keys()] == []


@pytest.mark.parametrize("name", NAMES)
def test_it_runs_at_profile_smoke(name, tmp_path):
    output = notebooks.run(name, {"profile": "smoke"}, tmp_path / "smoke.ipynb")
    assert all(cell.execution_count for cell in code_cells(nbformat.read(output, as_version=4)))


def test_nbval_compares_the_same_cells(project, tmp_path):
    """So that whoever has nbval can check notebooks by it: one as executed, one with another number."""
    folder = tmp_path / "notebooks" / "demo"
    notebooks.execute("demo/tiny", folder / "tiny.ipynb")
    changed = with_a_digit_changed(nbformat.read(folder / "tiny.ipynb", as_version=4))
    nbformat.write(changed, folder / "changed.ipynb")
    command = [sys.executable, "-m", "pytest", "--nbval-lax", "-p", "no:cacheprovider", folder]
    report = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True).stdout
    assert re.search(r"\b1 failed, 3 passed\b", report), report
