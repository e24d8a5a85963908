"""What the tests of claims share."""

import pytest


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty project: claims go to its data/claims, records to its data/records."""
    monkeypatch.setenv("FOURMASKS_ROOT", str(tmp_path))
    monkeypatch.delenv("FOURMASKS_RECORDS", raising=False)
    (tmp_path / "data/claims").mkdir(parents=True)
    return tmp_path
