"""Memory of a fit, measured in a process of its own."""

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


def test_what_a_fit_takes_is_what_the_peak_grows_by(tmp_path, monkeypatch):
    (tmp_path / "a_room.py").write_text(ROOM)
    monkeypatch.setenv("PYTHONPATH", ":".join([str(tmp_path), *sys.path]))
    assert fit_memory("a_room", {"megabytes": 300}) == pytest.approx(300, abs=30)


def test_a_fit_that_fails_is_told(tmp_path, monkeypatch):
    (tmp_path / "a_room.py").write_text(ROOM)
    monkeypatch.setenv("PYTHONPATH", ":".join([str(tmp_path), *sys.path]))
    with pytest.raises(subprocess.CalledProcessError):
        fit_memory("a_room", {"megabytes": -1})
