"""Which code made a result: libraries, the git commit, and a digest of the modules behind a function."""

import ast
import functools
import hashlib
import importlib.metadata
import platform
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from fourmasks import __version__

PACKAGE = Path(__file__).resolve().parents[1]
NAME = "fourmasks"

# These keep the books around a training and cannot change its numbers (what they choose is in the record),
# so that work on them must not make every record stale. The root holds the version and nothing else. What the
# data modules give is in the record by its digest.
BOOKKEEPING = {NAME, f"{NAME}.data"} | {
    f"{NAME}.{module}"
    for module in (
        "book.cli book.notebooks book.site claims.files claims.ledger claims.measurements"
        " claims.verdicts experiments.jobs experiments.profiles pages.figures records.definitions"
        " records.digest records.plain records.sources records.store system.device system.names"
        " system.paths system.progress"
    ).split()
}


def library_versions() -> dict[str, str]:
    """Return the versions of Python, this package and the libraries that compute."""
    found = {"python": platform.python_version(), "fourmasks": __version__}
    for library in ("torch", "numpy", "scipy", "scikit-learn"):
        try:
            found[library] = importlib.metadata.version(library)
        except importlib.metadata.PackageNotFoundError:
            found[library] = "not installed"
    return found


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


def module_of(function: Callable) -> str:
    """Return the dotted name of the module that a function, or the function in a partial, is from."""
    name = unbound(function).__module__
    spec = getattr(sys.modules["__main__"], "__spec__", None)
    return spec.name if name == "__main__" and spec is not None else name  # as in python -m fourmasks.mmf.x


def name_of(function: Callable) -> str:
    """Return the dotted name of a function, or of the function in a partial."""
    return f"{module_of(function)}.{getattr(unbound(function), '__qualname__', 'unnamed')}"


def unbound(function: Callable) -> Callable:
    """Return the function in a partial."""
    while isinstance(function, functools.partial):
        function = function.func
    return function


@functools.cache
def source_digest(module: str) -> str:
    """Return the SHA-256 of the code that a function in `module` can reach.

    The rule: the digest covers `module` and every module of this package that import statements in it name,
    directly or through one another and at any depth in the code, but for the bookkeeping modules; each
    counts without comments, docstrings and layout, so that prose changes nothing and code does.

    Parameters
    ----------
    module : str
        Dotted name. One outside the package must be loaded in this process from a file.

    Returns
    -------
    str
        64 hex digits; "unknown" if `module` has no file. It is computed once per process: what counts is
        the code that was loaded.
    """
    start = _file(module)
    if start is None:
        return "unknown"
    found = {module: start}
    waiting = [module]
    digest = []
    while waiting:
        name = waiting.pop()
        tree = ast.parse(found[name].read_bytes(), filename=str(found[name]))
        digest.append(f"{name} {hashlib.sha256(_canonical(tree).encode()).hexdigest()}\n")
        is_package = found[name].name == "__init__.py"
        for target in _imports(tree, name if is_package else name.rpartition(".")[0]):
            if target not in found and not _keeps_books(target):
                found[target] = _file(target)
                waiting.append(target)
    return hashlib.sha256("".join(sorted(digest)).encode()).hexdigest()


def _keeps_books(module: str) -> bool:
    data = module.startswith(f"{NAME}.data.") and module != f"{NAME}.data.held_out"
    return module in BOOKKEEPING or data


def _git(*arguments: str) -> str | None:
    # Without optional locks: asking must not get in the way of a commit that is being made.
    command = ["git", "--no-optional-locks", "-C", str(PACKAGE), *arguments]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=10, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()


def _inside(module: str) -> bool:
    return module == NAME or module.startswith(NAME + ".")


def _file(module: str) -> Path | None:
    if not _inside(module):
        loaded = getattr(sys.modules.get(module), "__file__", None)
        candidates = [Path(loaded)] if loaded else []
    else:
        path = PACKAGE.joinpath(*module.split(".")[1:])
        candidates = [path / "__init__.py", path.with_suffix(".py")]
    return next((file for file in candidates if file.suffix == ".py" and file.is_file()), None)


def _imports(tree: ast.AST, package: str) -> Iterator[str]:
    """Yield the modules of the package that import statements anywhere in `tree` name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            targets = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            parents = package.split(".")
            base = parents[: len(parents) - node.level + 1] if node.level else []
            base = ".".join(base + ([node.module] if node.module else []))
            # A name that is no module of its own comes from the module that it is imported from.
            names = [f"{base}.{alias.name}" for alias in node.names]
            targets = [name if _inside(name) and _file(name) else base for name in names]
        else:
            continue
        yield from (target for target in targets if _inside(target) and _file(target))


def _canonical(node: object) -> str:
    """Return a syntax tree as text that does not depend on the Python version, unlike `ast.dump`."""
    if isinstance(node, list):
        return "[" + ",".join(_canonical(item) for item in node if not _is_prose(item)) + "]"
    if not isinstance(node, ast.AST):
        return ascii(node)
    fields = [(name, value) for name, value in ast.iter_fields(node) if value is not None and value != []]
    return f"{type(node).__name__}({','.join(f'{name}={_canonical(value)}' for name, value in fields)})"


def _is_prose(node: object) -> bool:
    constant = node.value if isinstance(node, ast.Expr) else None
    return isinstance(constant, ast.Constant) and isinstance(constant.value, str)
