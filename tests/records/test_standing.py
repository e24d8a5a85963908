"""Where records stand, whether their code has changed or only moved."""

from dataclasses import replace

from fourmasks.records import standing as standings
from fourmasks.records.digest import installed
from fourmasks.records.standing import standing, status
from fourmasks.records.store import Record

FUNCTION = "fourmasks.sparse.examples.run.run_example"
RECORD = Record(
    experiment="sparse/examples", profile="paper", parameters={"seed": 0}, metrics={}, curves={}, seconds=1.0,
    peak_memory_mb=1.0, device="cpu", threads=1, versions={}, machine={}, commit="abc", function="f",
    code="c", confirmed={}, data_sha256="d", created="2026-01-01T00:00:00+00:00",
)  # fmt: skip


def test_where_records_stand(monkeypatch):
    monkeypatch.setattr(standings, "present_code", lambda record: ("g", record.code.removeprefix("old ")))
    assert standing(RECORD) == "fresh"
    assert standing(replace(RECORD, code="old d")) == "stale"
    assert standing(replace(RECORD, code="unknown")) == "unexplained"
    assert standing(replace(RECORD, commit="abc+dirty")) == "dirty"
    assert standing(replace(RECORD, confirmed={"commit": "abc"})) == "confirmed"
    assert standing(replace(RECORD, code="old d", confirmed={"commit": "abc"})) == "stale"
    assert status([RECORD, RECORD, replace(RECORD, code="old d", experiment="mmf/x")]) == {
        "sparse/examples": {"fresh": 2}, "mmf/x": {"stale": 1}
    }  # fmt: skip


def test_a_function_that_was_moved_is_found_by_its_code():
    code = installed().digest(FUNCTION, {"name": "2.1"})
    moved = replace(RECORD, function="fourmasks.nowhere.trial", parameters={"name": "2.1"}, code=code)
    assert standing(moved) == "fresh"
    assert standing(replace(moved, code="0" * 32)) == "unexplained"
