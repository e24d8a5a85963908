"""Names, parameters and values, on small notebooks of the tests' own."""

import math
import re

from hypothesis import given
from hypothesis import strategies as st
from papermill.cli import _resolve_type

from fourmasks.book.notebooks import texts
from fourmasks.system.paths import notebooks_folder


def test_notebooks_are_named_by_paper_and_name(project):
    project("other/again", "")
    assert texts.list_notebooks() == ["demo/tiny", "other/again"]


def test_parameters_have_default_type_and_help(project):
    assert texts.parameters("demo/tiny") == [
        texts.Parameter("profile", "'book'", "str", "smoke, book or paper"),
        texts.Parameter("dataset", "None", "str", "a data set"),
        texts.Parameter("sizes", "None", "tuple[int, ...]", "a = 1 or more sizes"),
    ]


def test_a_notebook_without_a_parameters_cell_has_none(project):
    project("demo/plain", "# %%\nprint(1)\n")
    assert texts.parameters("demo/plain") == []


@given(st.text() | st.integers().map(str) | st.floats().map(str) | st.sampled_from(["True", "None", "20,30"]))
def test_values_are_read_as_papermill_reads_them(text):
    ours, theirs = texts.parse_value(text), _resolve_type(text)
    assert type(ours) is type(theirs)
    assert ours == theirs or (math.isnan(ours) and math.isnan(theirs))


def test_the_text_never_takes_timings_from_an_executed_notebook():
    """The pairing configured in pyproject.toml filters the metadata that execution leaves."""
    import jupytext
    from jupytext.config import load_jupytext_config

    notebook = jupytext.reads('# %% tags=["parameters"]\nx = 1', "py:percent")
    notebook.metadata["papermill"] = {"duration": 1.5}
    for cell in notebook.cells:
        cell.metadata["execution"] = {"iopub.execute_input": "2026-01-01"}
        cell.metadata["papermill"] = {"duration": 1.5}
    config = load_jupytext_config(str(notebooks_folder()))
    text = jupytext.writes(notebook, "py:percent", config=config)
    assert not re.search("papermill|execution|iopub|duration", text)
    assert '# %% tags=["parameters"]' in text
