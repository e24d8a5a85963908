"""What is here of all that the project can use."""

import argparse
import importlib.metadata
import platform

from fourmasks import __version__
from fourmasks.book.built import browser
from fourmasks.book.commands.data import registered
from fourmasks.book.notebooks.texts import list_notebooks
from fourmasks.system.paths import project_root

# What the experiments need, and what only notebooks, tables, downloads and clusters do.
REQUIRED = ("numpy", "scipy", "torch", "scikit-learn", "pyyaml", "tqdm")
OPTIONAL = ("papermill", "jupytext", "matplotlib", "pandas", "pooch", "distributed")


def examine(options: argparse.Namespace) -> int:
    """Print what is here and what is missing; 1 if something is broken that is needed."""
    print(f"fourmasks {__version__}, python {platform.python_version()}, project in {project_root()}")
    broken = False
    for name, check in DOCTOR.items():
        try:
            print(f"{name}: {check()}")
        except (ImportError, OSError, ValueError) as error:
            print(f"{name}: BROKEN: {error}")
            broken = True
    return int(broken)


def _packages() -> str:
    versions = {name: _version(name) for name in REQUIRED + OPTIONAL}
    if missing := [name for name in REQUIRED if versions[name] is None]:
        raise ImportError(f"not installed, and needed by everything: {', '.join(missing)}")
    return ", ".join(f"{name} {version or 'not installed'}" for name, version in versions.items())


def _version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def _device() -> str:
    from fourmasks.system.device import banner

    return banner().removeprefix("device: ")


def _data() -> str:
    found = {dataset.name: files is not None for dataset, files in registered()}
    here, missing = (", ".join(name for name in found if found[name] is state) for state in (True, False))
    return f"here: {here or 'none'}; missing: {missing or 'none'}"


def _notebooks() -> str:
    return ", ".join(list_notebooks()) or "none"


def _browser() -> str:
    return browser.find() or "no Chromium, so that the tests of the site in a browser are skipped"


DOCTOR = {
    "packages": _packages, "device": _device, "data": _data, "notebooks": _notebooks, "browser": _browser
}  # fmt: skip
