"""Memory of a fit, measured in a process of its own."""

import importlib
import subprocess
import sys

import pytest

from fourmasks.four.memory import fit_memory

ROOM = """
import numpy as np


def prepared(megabytes):
    kept = []
    return lambda: kept.append(np.ones(megabytes * 2**17))
"""


@pytest.fixture
def prepared(tmp_path, monkeypatch):
    """A function of a module that this process and its children find."""
    (tmp_path / "a_room.py").write_text(ROOM)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("PYTHONPATH", ":".join(sys.path))
    return importlib.import_module("a_room").prepared


def test_what_a_fit_takes_is_what_the_peak_grows_by(prepared):
    assert fit_memory(prepared, {"megabytes": 300}) == pytest.approx(300, abs=30)


def test_a_fit_that_fails_is_told(prepared):
    with pytest.raises(subprocess.CalledProcessError):
        fit_memory(prepared, {"megabytes": -1})
