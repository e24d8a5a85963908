"""Records are stamped without reruns only where loaders alone have changed, and give the same data."""

import contextlib
import shutil
from dataclasses import replace

import pytest

from fourmasks.data.matrices import load_matrix
from fourmasks.data.ratings import load_ratings
from fourmasks.records import confirm, loaded
from fourmasks.records.digest import ROOT, Code
from fourmasks.records.store import Record

RATINGS = Record(
    experiment="mmf/ratings", profile="paper",
    parameters={"dataset": "simulated-small", "method": "mf-tuned", "seed": 3}, metrics={}, curves={},
    seconds=1.0, peak_memory_mb=1.0, device="cpu", threads=1, versions={}, machine={}, commit="abc",
    function="fourmasks.mmf.ratings.run.run", code="", confirmed={},
    data_sha256=load_ratings("simulated-small").sha256, created="2026-01-01T00:00:00+00:00",
)  # fmt: skip
MATRIX = replace(
    RATINGS, experiment="mmf/reconstruction", function="fourmasks.mmf.reconstruction.run.run",
    parameters={"dataset": "s6", "method": "svd", "seed": 3}, data_sha256=load_matrix("s6", 3).sha256,
)  # fmt: skip


@pytest.fixture
def stamped(tmp_path, monkeypatch):
    """Return the records that are stamped if the code that made them is this package with a change."""

    def of(records, module, old, new):
        root = tmp_path / "src" / "fourmasks"
        shutil.copytree(ROOT, root, ignore=shutil.ignore_patterns("__pycache__"))
        path = root / module
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new, 1))
        then = Code(root)
        monkeypatch.setattr(loaded, "clean_commit", lambda: "now")
        monkeypatch.setattr(loaded, "full_name", lambda commit: commit)
        monkeypatch.setattr(loaded, "checked_out", lambda commit: contextlib.nullcontext(tmp_path))
        monkeypatch.setattr(confirm, "records_directory", lambda *place: tmp_path)
        records = [replace(r, code=then.digest(r.function, r.parameters)) for r in records]
        return loaded.confirm_loaded(records, "then")

    return of


def test_a_loader_that_gives_the_same_data(stamped):
    records = [RATINGS, MATRIX, replace(RATINGS, data_sha256="another")]
    found = stamped(records, "data/ratings.py", "users, items, values = simulated.draw(law)", "columns = 1")
    assert [(r.experiment, r.data_sha256) for r in found] == [("mmf/ratings", RATINGS.data_sha256)]
    assert found[0].confirmed["against"] == "then" and found[0].confirmed["reruns"] == {}
    assert found[0].code == Code(ROOT).digest(RATINGS.function, RATINGS.parameters)


def test_a_matrix_is_drawn_for_the_seed_of_the_run(stamped):
    another = replace(MATRIX, parameters=MATRIX.parameters | {"seed": 4})
    found = stamped([MATRIX, another, RATINGS], "data/matrices.py", 'f"seed {seed}"', 'f"number {seed}"')
    assert [r.parameters["seed"] for r in found] == [3]


@pytest.mark.parametrize(
    ("module", "old", "new"),
    [
        ("data/splits.py", "TEST_SHARE = 0.1", "TEST_SHARE = 0.2"),
        ("mmf/models/rating_mmf.py", "patience=5", "patience=6"),
    ],
)
def test_what_follows_the_data_is_never_confirmed_so(stamped, module, old, new):
    assert stamped([RATINGS], module, old, new) == []


def test_points_that_no_loader_knows(stamped):
    points = replace(
        RATINGS, experiment="lunet/densities", function="fourmasks.lunet.density.run.run",
        parameters={"dataset": "moons", "method": "gaussian", "seed": 0}, data_sha256="drawn",
    )  # fmt: skip
    assert len(stamped([points], "data/ratings.py", "key = entry(name)", "key = entry(str(name))")) == 1
