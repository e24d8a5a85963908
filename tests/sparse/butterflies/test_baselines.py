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
    for method, factors in baselines.METHODS:
        if method == baselines.OURS:
            error, seconds = baselines.measured(dct2(8), method, factors, repetitions=1)
            assert error < 1e-14 and seconds > 0
        else:
            with pytest.raises(ImportError):
                baselines.measured(dct2(8), method, factors, repetitions=1)


def test_the_libraries_agree():
    pytest.importorskip("lazylinop")
    pytest.importorskip("pyfaust")
    errors = [baselines.measured(dft(16), *method, repetitions=1)[0] for method in baselines.METHODS]
    assert max(errors) < 1e-14


def test_application():
    transform = dct2(16)
    product = factorize(transform.butterfly, tolerance=baselines.TOLERANCE)
    for n_columns in (1, 3):
        ratio, seconds = baselines.application_speedup(transform, product, n_columns, repetitions=2)
        assert np.isclose(ratio, seconds[0] / seconds[1]) and min(seconds) > 0
