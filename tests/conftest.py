"""What all tests share: an environment that does not see a user's runs, and a project of a test's own."""

import os
from contextlib import ExitStack

import nbformat
import pytest
import torch
from hypothesis import HealthCheck, settings

from fourmasks.book.notebooks.execution import anchor_environment, fresh_records

# The same examples each time, and no clock that a busy machine could fail.
settings.register_profile(
    "fourmasks", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("fourmasks")

TINY = """# %% tags=["parameters"]
profile = "book"  # type: str  smoke, book or paper
dataset = None  # type: str  a data set
sizes = None  # type: tuple[int, ...]  a = 1 or more sizes

# %% tags=["nbval-check-output"]
print(f"{profile} {dataset} {sizes} 3.142")
"""


def pytest_configure(config):
    """Let tests, and the notebooks that they run, find the committed records and no others."""
    stack = ExitStack()
    config.add_cleanup(stack.close)
    anchor_environment()
    os.environ["FOURMASKS_RECORDS"] = str(stack.enter_context(fresh_records()))


@pytest.fixture(scope="module")
def one_thread():
    """Small products gain nothing from more, and bits then do not depend on the machine's cores."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A project in `tmp_path` with the notebook demo/tiny; returns the function that adds a notebook."""
    monkeypatch.setenv("FOURMASKS_ROOT", str(tmp_path))

    def add(name, text):
        path = tmp_path / "notebooks" / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    add("demo/tiny", TINY)
    return add


@pytest.fixture
def printed():
    """Return the function that gives what the cells of an executed notebook printed."""

    def read(path):
        cells = nbformat.read(path, as_version=4).cells
        outputs = [output for cell in cells for output in cell.get("outputs", [])]
        return "".join(output.text for output in outputs if "text" in output)

    return read


@pytest.fixture
def full_table(tmp_path) -> str:
    """Return the name of a table, a.csv, in which each of four users has rated each of three items."""
    pairs = [(user, item) for user in range(4) for item in range(3)]
    lines = "".join(f"u{user},i{item},{1 + (user + item) % 5}\n" for user, item in pairs)
    (tmp_path / "a.csv").write_text(f"user,item,rating\n{lines}")
    return str(tmp_path / "a.csv")
