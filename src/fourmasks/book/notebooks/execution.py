"""Notebooks executed: with parameters for a user, or as their text stands for the site."""

import hashlib
import itertools
import os
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from fourmasks.book.notebooks.texts import checked, read
from fourmasks.system.files import write_whole
from fourmasks.system.paths import data_folder, notebooks_folder, project_root, runs_folder

# Encrypts what goes to and from the kernel, which otherwise warns at each start that nothing does. What it
# logs below a critical error is about itself, as that it was told to stop.
CLIENT_CONFIG = {
    "KernelManager": {"transport_encryption": "auto"},
    "NotebookClient": {"extra_arguments": ["--IPKernelApp.log_level=50"]},
}
STARTUP = 600  # seconds until a kernel has to answer: on a busy machine its imports alone can take a minute
PATH_VARIABLES = ("FOURMASKS_DATA", "FOURMASKS_RECORDS", "FOURMASKS_ROOT")


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

    given = checked(name, given)
    anchor_environment()
    output = _free_name(name, given) if output is None else _outside(Path(output).expanduser().resolve())
    for folder in (output.parent, Path(os.environ.get("FOURMASKS_RECORDS") or runs_folder())):
        _try_to_write(folder)
    jupytext.write(read(name), output)
    started = []
    try:
        papermill.execute_notebook(
            *(output, output, given),
            cwd=project_root(),
            progress_bar=sys.stderr.isatty(),
            start_timeout=STARTUP,
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


def _outside(output: Path) -> Path:
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
        startup_timeout=STARTUP,
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
