"""The notebooks: finding them, their parameters, and executing them.

A notebook is named "paper/name". Its text, `notebooks/paper/name.py`, is what is executed; the `.ipynb`
beside it holds the outputs, and only `fourmasks.book.site.refresh` writes there.
"""

import ast
import hashlib
import itertools
import os
import re
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from fourmasks.data.files import RULES, check_name, is_file, with_rules
from fourmasks.system.files import write_whole
from fourmasks.system.names import unknown
from fourmasks.system.paths import data_folder, existing, notebooks_folder, project_root, runs_folder

KERNEL = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
# Encrypts what goes to and from the kernel, which otherwise warns at each start that nothing does. What it
# logs below a critical error is about itself, as that it was told to stop.
CLIENT_CONFIG = {
    "KernelManager": {"transport_encryption": "auto"},
    "NotebookClient": {"extra_arguments": ["--IPKernelApp.log_level=50"]},
}
PATH_VARIABLES = ("FOURMASKS_DATA", "FOURMASKS_RECORDS", "FOURMASKS_ROOT")
OWN_FILES = {"dataset", "supports"}  # parameters that may name a file of the user's


class NotebookError(RuntimeError):
    """A notebook raised, or its kernel died.

    Attributes
    ----------
    traceback : str
        The kernel's; empty if it died.
    """

    def __init__(self, message: str, traceback: str = ""):
        super().__init__(message)
        self.traceback = traceback


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
    cells = read(name).cells
    source = next((cell.source for cell in cells if "parameters" in cell.metadata.get("tags", [])), "")
    lines = source.splitlines()
    found = []
    for statement in ast.parse(source).body:
        if isinstance(statement, ast.Assign):
            # `# type: tuple[int, ...]  help`: a space ends the type unless it follows a comma.
            comment = re.search(r"#\s*type:\s*((?:[^\s,]|,\s*)+)\s*(.*)$", lines[statement.end_lineno - 1])
            kind, text = comment.groups() if comment else ("", "")
            found.append(Parameter(statement.targets[0].id, ast.unparse(statement.value), kind, text))
    return found


def check_parameters(name: str, given: Iterable[str]) -> None:
    """Raise ValueError, suggesting the nearest, if a notebook has not all the parameters that are named."""
    valid = [parameter.name for parameter in parameters(name)]
    for parameter in given:
        if parameter not in valid:
            raise ValueError(unknown(f"parameter of {name}", parameter, valid))


def with_own_files(name: str, given: Mapping[str, object]) -> dict[str, object]:
    """Return parameters with a file of the user's under its whole path, and the rules for it in its name.

    Raises
    ------
    ValueError
        If there are rules and no file, or a rule has a value that it cannot have.
    DataNotFound
        If there is no such file.
    """
    own = {parameter.name for parameter in parameters(name)}
    rules = {rule: given[rule] for rule in RULES if rule in given and rule not in own}
    found = {parameter: value for parameter, value in given.items() if parameter not in rules}
    for parameter in OWN_FILES & found.keys() & own:
        file = str(found[parameter])
        if rules and parameter == "dataset":
            file, rules = with_rules(file, rules), {}
        if is_file(file):
            path, mark, rest = file.partition("?")
            found[parameter] = f"{Path(path).expanduser().resolve()}{mark}{rest}"
            check_name(parameter, found[parameter], ())
    return found | rules  # rules that are left are no parameters


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

    if name not in list_notebooks():
        raise ValueError(unknown("notebook", name, list_notebooks()))
    notebook = jupytext.read(notebooks_folder() / f"{name}.py")
    notebook.metadata.kernelspec = dict(KERNEL)
    notebook.metadata.jupytext = {"formats": "ipynb,py:percent"}  # the rest is in pyproject.toml
    for number, cell in enumerate(notebook.cells, start=1):
        cell.id = f"cell-{number}"
    return notebook


def run(name: str, given: dict[str, object], output: str | Path | None = None) -> Path:
    """Execute a notebook with parameters through papermill, showing its progress on a terminal.

    Parameters
    ----------
    name : str
        "paper/name".
    given : dict
        Values of parameters; the others keep their defaults.
    output : path, optional
        Where the executed notebook goes; default `runs/<paper>/<name>-<time>-<digest of given>.ipynb`.

    Returns
    -------
    Path
        Of the executed notebook.

    Raises
    ------
    ValueError
        If there is no such notebook or parameter, or the output is none, before anything runs.
    DataNotFound
        If a file of the user's is not there.
    OSError
        If the output or records could not be written, before anything runs.
    NotebookError
        If the notebook raises or its kernel dies; what it did until then is in the output.
    """
    import jupytext
    import papermill
    from traitlets.config import Config

    given = with_own_files(name, given)
    check_parameters(name, given)
    anchor_environment()
    output = _free_name(name, given) if output is None else _checked(Path(output).expanduser().resolve())
    for folder in (output.parent, Path(os.environ.get("FOURMASKS_RECORDS") or runs_folder())):
        _try_to_write(folder)
    jupytext.write(read(name), output)
    started = []
    try:
        papermill.execute_notebook(
            *(output, output, given),
            cwd=project_root(),
            progress_bar=sys.stderr.isatty(),
            config=Config(CLIENT_CONFIG),
            on_cell_execute=lambda cell, cell_index: started.append(cell),
        )
    except (papermill.PapermillExecutionError, RuntimeError) as error:
        failure = _failure(name, started, error)
        raise NotebookError(f"{failure}\nwhat ran until there is in {output}", failure.traceback) from error
    return output


def _free_name(name: str, given: dict[str, object]) -> Path:
    """Make an empty notebook under `runs/` that no other run has, and return its path."""
    digest = hashlib.sha256(repr(sorted(given.items())).encode()).hexdigest()[:6]
    stem = runs_folder() / f"{name}-{datetime.now():%Y%m%d-%H%M%S}-{digest}"
    stem.parent.mkdir(parents=True, exist_ok=True)
    for end in itertools.chain([""], map("-{}".format, itertools.count(2))):
        path = stem.with_name(f"{stem.name}{end}.ipynb")
        with suppress(FileExistsError):  # of a run that began in the same second
            path.touch(exist_ok=False)
            return path


def _checked(output: Path) -> Path:
    """Return the path of an output, which is to be a notebook, and none of the book's own."""
    if output.suffix != ".ipynb" or output.is_dir():
        raise ValueError(f"output {output}: expected the name of a file that ends in .ipynb")
    if output.is_relative_to(notebooks_folder().resolve()):
        raise ValueError(f"output {output}: expected a place outside {notebooks_folder()}, the book's own")
    return output


def _try_to_write(folder: Path) -> None:
    """Write a megabyte into a folder and take it away: no training begins where its results have no place."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as probe:
            probe.write(bytes(2**20))
            probe.flush()
            os.fsync(probe.fileno())
    except OSError as error:
        raise OSError(error.errno, f"results cannot be written: {error.strerror}", str(folder)) from error


def execute(name: str, destination: str | Path) -> None:
    """Execute a notebook as its text stands and write it, with outputs and without timings.

    What its experiments train is trained now: the records that earlier runs left are not seen.

    Raises
    ------
    NotebookError
        If the notebook raises or its kernel dies; nothing is written then.
    """
    import nbformat
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError
    from traitlets.config import Config

    notebook = read(name)
    anchor_environment()
    started = []
    client = NotebookClient(
        notebook,
        timeout=None,
        record_timing=False,
        config=Config(CLIENT_CONFIG),
        on_cell_execute=lambda cell, cell_index: started.append(cell),
    )
    try:
        with fresh_records() as records:
            client.execute(cwd=str(project_root()), env={**os.environ, "FOURMASKS_RECORDS": str(records)})
    except (CellExecutionError, RuntimeError) as error:
        raise _failure(name, started, error) from error
    write_whole(Path(destination), nbformat.writes(notebook) + "\n")


def anchor_environment() -> None:
    """Make the paths in the environment absolute: a kernel starts in another folder than its caller."""
    for variable in PATH_VARIABLES:
        if value := os.environ.get(variable):
            os.environ[variable] = str(Path(value).expanduser().resolve())


@contextmanager
def fresh_records() -> Iterator[Path]:
    """Give a temporary folder for `FOURMASKS_RECORDS` that holds the committed records only.

    They are links. A run that is made again replaces its link: no committed record changes.
    """
    with tempfile.TemporaryDirectory(prefix="fourmasks-") as folder:
        for record in (data_folder() / "records").rglob("*.json"):
            os.symlink(record, Path(folder, record.name))
        yield Path(folder)


def _failure(name: str, started: list, error: Exception) -> NotebookError:
    """Return the error that names the notebook, the last cell that was started, and what was raised."""
    if not started:
        return NotebookError(f"{name}, before the first cell: {error}")
    lines = [line for line in started[-1].source.splitlines() if line and not line.startswith("#")]
    where = f"{name}, cell [{len(started)}] ({lines[0] if lines else 'comments'})"
    raised = [output for output in started[-1].outputs if output.output_type == "error"]
    if not raised:
        return NotebookError(f"{where}: {error}")
    traceback = re.sub(r"\x1b\[[0-9;]*m", "", "\n".join(raised[0].traceback))
    return NotebookError(f"{where}: {raised[0].ename}: {raised[0].evalue}", traceback)
