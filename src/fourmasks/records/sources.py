"""What made a result: libraries, the git commit, and the name of a function."""

import functools
import importlib.metadata
import platform
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from fourmasks import __version__

PACKAGE = Path(__file__).resolve().parents[1]


def library_versions() -> dict[str, str]:
    """Return the versions of Python, this package and the libraries that compute."""
    found = {"python": platform.python_version(), "fourmasks": __version__}
    return found | {library: _version(library) for library in ("torch", "numpy", "scipy", "scikit-learn")}


@functools.cache  # reading what was installed takes longer than some runs
def _version(library: str) -> str:
    try:
        return importlib.metadata.version(library)
    except importlib.metadata.PackageNotFoundError:
        return "not installed"


@functools.cache
def git_commit() -> str:
    """Return the commit that the package is checked out at, asked once per process.

    Returns
    -------
    str
        40 hex digits, with "+dirty" when the package's files differ from that commit; "unknown" where there
        is no git or the package is not part of a commit.
    """
    # "HEAD:./" fails where the package merely lies, untracked, inside somebody else's repository.
    head = _git("rev-parse", "HEAD", "HEAD:./")
    if head is None:
        return "unknown"
    changed = _git("status", "--porcelain", "--", ".")
    return head.split()[0] + ("+dirty" if changed else "")


def name_of(function: Callable) -> str:
    """Return the dotted name of a function, or of the function in a partial."""
    while isinstance(function, functools.partial):
        function = function.func
    module = function.__module__
    spec = getattr(sys.modules["__main__"], "__spec__", None)
    if module == "__main__" and spec is not None:  # as in python -m fourmasks.mmf.x
        module = spec.name
    return f"{module}.{getattr(function, '__qualname__', 'unnamed')}"


def _git(*arguments: str) -> str | None:
    # Without optional locks: asking must not get in the way of a commit that is being made.
    command = ["git", "--no-optional-locks", "-C", str(PACKAGE), *arguments]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=10, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()
