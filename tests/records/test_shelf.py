"""Digests kept between processes: as long as nothing changes, and never instead of an error."""

import os

import pytest

from fourmasks.records import shelf, standing
from fourmasks.records.digest import installed
from fourmasks.records.shelf import Shelf, state

FUNCTION = "fourmasks.sparse.examples.run.run_example"


def test_what_was_kept_is_there_for_the_same_state_only(tmp_path):
    path = tmp_path / "folder" / "digests.json"
    first = Shelf(path, "one")
    assert first.get("a") is None
    first.put("a", "x")
    first.save()
    assert Shelf(path, "one").get("a") == "x"
    assert Shelf(path, "two").get("a") is None


@pytest.mark.parametrize("content", ["", "{", "[]", "null", '{"state": "one"}', b"\xff\xfe"])
def test_a_damaged_file_counts_as_none(tmp_path, content):
    path = tmp_path / "digests.json"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    assert Shelf(path, "one").get("a") is None


def test_nothing_is_written_without_need_nor_where_it_cannot_be(tmp_path):
    path = tmp_path / "digests.json"
    Shelf(path, "one").save()
    assert not path.exists()
    (tmp_path / "file").write_text("")
    blocked = Shelf(tmp_path / "file" / "digests.json", "one")
    blocked.put("a", "x")
    blocked.save()


def test_each_change_of_a_file_is_another_state(tmp_path):
    (tmp_path / "a.py").write_text("x = 1\n")
    before = state(tmp_path)
    assert state(tmp_path) == before
    (tmp_path / "a.py").write_text("x = 2\n")
    os.utime(tmp_path / "a.py", ns=(1, 1))
    changed = state(tmp_path)
    (tmp_path / "b.py").write_text("")
    assert len({before, changed, state(tmp_path)}) == 3


def test_a_digest_is_the_same_from_the_shelf_and_unknown_is_not_kept(tmp_path, monkeypatch):
    own = Shelf(tmp_path / "digests.json", "one")
    monkeypatch.setattr(standing, "digests", lambda: own)
    found = [standing.code_digest(FUNCTION, {"seed": 0, "name": "2.1"}) for _ in range(2)]
    assert found == [installed().digest(FUNCTION, {"name": "2.1", "seed": 1})] * 2
    assert standing.code_digest("fourmasks.nowhere.run", {}) == "unknown"
    own.save()
    again = Shelf(tmp_path / "digests.json", "one")
    monkeypatch.setattr(standing, "digests", lambda: again)
    monkeypatch.setattr(standing, "installed", lambda: pytest.fail("the code was read again"))
    assert standing.code_digest(FUNCTION, {"name": "2.1", "seed": 7}) == found[0]


def test_the_shelf_of_the_package_lies_with_the_runs(tmp_path, monkeypatch):
    monkeypatch.setenv("FOURMASKS_ROOT", str(tmp_path))
    shelf.digests.cache_clear()
    try:
        shelf.digests().put("a", "x")
        shelf.digests().save()
        assert [path.name for path in (tmp_path / "runs").iterdir()] == [shelf.NAME]
    finally:
        shelf.digests.cache_clear()
