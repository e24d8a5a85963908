"""Where the project's files are."""

import os
from pathlib import Path


def project_root() -> Path:
    """Return the folder that holds `notebooks/`, `data/` and `book/`.

    `FOURMASKS_ROOT` names it; otherwise it is the checkout around this package and, for a package
    installed without its checkout, the current folder.
    """
    if given := os.environ.get("FOURMASKS_ROOT"):
        return Path(given).expanduser().resolve()
    checkout = Path(__file__).resolve().parents[3]
    return checkout if (checkout / "pyproject.toml").is_file() else Path.cwd()


def existing(folder: Path) -> Path:
    """Return a folder of the project, or raise FileNotFoundError that says how to name the project."""
    if not folder.is_dir():
        raise FileNotFoundError(
            f"{folder} is not there: FOURMASKS_ROOT, or the current folder, must be that of the project"
        )
    return folder


def data_folder() -> Path:
    """Return the folder of the registry, the claims, the committed records and the samples."""
    return project_root() / "data"


def notebooks_folder() -> Path:
    """Return the folder of the notebooks."""
    return project_root() / "notebooks"


def runs_folder() -> Path:
    """Return the folder, ignored by git, that takes what a user's runs write."""
    return project_root() / "runs"
