"""The comparison with lazylinop and pyfaust: it works without them, and agrees with them where they are."""

import sys

import numpy as np
import pytest

from fourmasks.sparse.butterflies import baselines
from fourmasks.sparse.butterflies.butterfly import factorize
from fourmasks.sparse.butterflies.transforms import dct2, dft


def test_without_libraries_only_ours_is_left(monkeypatch):
    for name in ("lazylinop", "lazylinop.butterfly", "pyfaust", "pyfaust.fact"):
        monkeypatch.setitem(sys.modules, name, None)
    assert baselines.missing() == ["lazylinop", "pyfaust"]
    rows = baselines.compare(dct2(8), repetitions=1)
    found = [(row["method"], row["factors"]) for row in rows]
    assert found == [(baselines.OURS, "two"), (baselines.OURS, "all")]
    assert all(row["error"] < 1e-14 and row["seconds"] > 0 for row in rows)


def test_the_libraries_agree():
    pytest.importorskip("lazylinop")
    pytest.importorskip("pyfaust")
    rows = baselines.compare(dft(16), repetitions=1)
    assert len(rows) == len(baselines.METHODS) and all(row["error"] < 1e-14 for row in rows)


def test_application():
    transform = dct2(16)
    product = factorize(transform.butterfly, tolerance=baselines.TOLERANCE)
    for n_columns in (1, 3):
        ratio, seconds = baselines.application_speedup(transform, product, n_columns, repetitions=2)
        assert np.isclose(ratio, seconds[0] / seconds[1]) and min(seconds) > 0
