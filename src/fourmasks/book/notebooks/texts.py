"""The texts of the notebooks: their names, what can be told to each, and its cells."""

import ast
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from fourmasks.data.files import RULES, check_name, divided, is_file, with_rules
from fourmasks.system.names import unknown
from fourmasks.system.paths import existing, notebooks_folder

KERNEL = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
OWN_FILES = {"dataset", "supports"}  # parameters that may name a file of the user's
# The cell with this tag, without jupytext: importing it takes longer than all else that a list of them does.
PARAMETERS = re.compile(r"""^# %%.*tags=.*["']parameters["'].*\n((?:(?!# %%).*\n?)*)""", re.MULTILINE)


@dataclass(frozen=True)
class Parameter:
    """One line of a notebook's parameters cell; `default` is its source text."""

    name: str
    default: str
    type: str
    help: str


def list_notebooks() -> list[str]:
    """Return the names of the notebooks, sorted."""
    folder = existing(notebooks_folder())
    return sorted(path.relative_to(folder).with_suffix("").as_posix() for path in folder.glob("*/*.py"))


def parameters(name: str) -> list[Parameter]:
    """Return what the cell tagged "parameters" of a notebook assigns, in its order.

    Raises
    ------
    ValueError
        If there is no such notebook.
    """
    cell = PARAMETERS.search(_path(name).read_text(encoding="utf-8"))
    source = cell[1] if cell else ""
    lines = source.splitlines()
    found = []
    for statement in ast.parse(source).body:
        if isinstance(statement, ast.Assign):
            # `# type: tuple[int, ...]  help`: a space ends the type unless it follows a comma.
            comment = re.search(r"#\s*type:\s*((?:[^\s,]|,\s*)+)\s*(.*)$", lines[statement.end_lineno - 1])
            kind, text = comment.groups() if comment else ("", "")
            found.append(Parameter(statement.targets[0].id, ast.unparse(statement.value), kind, text))
    return found


def checked(name: str, given: Mapping[str, object]) -> dict[str, object]:
    """Return the parameters given to a notebook, a file of the user's under its whole path, with its rules.

    Raises
    ------
    ValueError
        If there is no such notebook or parameter, or there are rules and no file, or a rule has a value that
        it cannot have.
    DataNotFound
        If there is no such file.
    """
    return with_own_files(given, [parameter.name for parameter in parameters(name)], name)


def with_own_files(given: Mapping[str, object], valid: Sequence[str], whose: str) -> dict[str, object]:
    """Return values given for parameters, or options, with files as in `checked`, which raises as this does.

    Parameters
    ----------
    given : mapping of str to object
        Rules for the file among them.
    valid : sequence of str
        The names that there are.
    whose : str
        The notebook or experiment, for the message.
    """
    rules = {rule: given[rule] for rule in RULES if rule in given and rule not in valid}
    found = {parameter: value for parameter, value in given.items() if parameter not in rules}
    for parameter in OWN_FILES & found.keys() & set(valid):
        file = str(found[parameter])
        if rules and parameter == "dataset":
            file, rules = with_rules(file, rules), {}
        if is_file(file):
            path = divided(file)[0]
            found[parameter] = f"{Path(path).expanduser().resolve()}{file[len(path) :]}"
            check_name(parameter, found[parameter], ())
    for parameter in found | rules:  # rules that are left are no parameters
        if parameter not in valid:
            raise ValueError(unknown(f"parameter of {whose}", parameter, valid))
    return found


def parse_value(text: str) -> bool | int | float | str | None:
    """Return a parameter's value from the command line, as papermill's `-p` reads it: "20" is a number."""
    constants = {"None": None, "True": True, "False": False}
    if text in constants:
        return constants[text]
    for number in (int, float):
        try:
            return number(text)
        except ValueError:
            continue
    return text


def read(name: str):
    """Return a notebook, unexecuted, from its text.

    Returns
    -------
    nbformat.NotebookNode
        For the kernel "python3", paired with the text, and with cell ids that do not change from one
        reading to the next.
    """
    import jupytext

    notebook = jupytext.read(_path(name))
    notebook.metadata.kernelspec = dict(KERNEL)
    notebook.metadata.jupytext = {"formats": "ipynb,py:percent"}  # the rest is in pyproject.toml
    for number, cell in enumerate(notebook.cells, start=1):
        cell.id = f"cell-{number}"
    return notebook


def _path(name: str) -> Path:
    """Return where the text of a notebook is; ValueError if there is none of that name."""
    if name not in (names := list_notebooks()):
        raise ValueError(unknown("notebook", name, names))
    return notebooks_folder() / f"{name}.py"
