"""Runs that cost nothing, in a module that workers can import, and that note when they were made."""

import importlib
import sys

import pytest

TOYS = """
import os
import signal
import time
from pathlib import Path

NOTES = Path(os.environ["TOY_NOTES"])


def fit(method, seed, rank=0):
    tries = len(list(NOTES.glob(f"{method}-{seed}-{rank}-*")))
    note = NOTES / f"{method}-{seed}-{rank}-{tries}"
    note.write_text(f"{time.monotonic()}")
    if method == "broken":
        raise RuntimeError("it broke")
    if method == "deadly" or (method == "killed" and not tries):
        os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(60 if method == "slow" else 0.05)
    note.write_text(f"{note.read_text()} {time.monotonic()}")
    return {"metrics": {"error": abs(rank - 3)}}


def fit_on(dataset, **given):
    return fit(**given)


class load:
    def __init__(self, name):
        self.sha256 = "0" * 64
"""


@pytest.fixture
def toys(tmp_path, monkeypatch, one_thread):
    """Return the module, with an empty folder for records and one for its notes."""
    for name, variable in (("records", "FOURMASKS_RECORDS"), ("notes", "TOY_NOTES")):
        (tmp_path / name).mkdir()
        monkeypatch.setenv(variable, str(tmp_path / name))
    (tmp_path / "toy_runs.py").write_text(TOYS)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path), prepend=":")
    yield importlib.import_module("toy_runs")
    del sys.modules["toy_runs"]
