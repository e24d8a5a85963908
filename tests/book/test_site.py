"""Refreshing the committed notebooks and staging the site, on a small project of the tests' own."""

import os
from pathlib import Path

import pytest

from fourmasks.book import site as book_site
from fourmasks.book.notebooks import execution

RAISING = """# %%
print("so far so good")

# %%
# looked up
missing = {}["yale"]
"""


def stage_stub(monkeypatch):
    """Replace the execution of notebooks; return the list that takes the names of those executed."""
    executed = []

    def execute(name, destination):
        executed.append(name)
        destination.parent.mkdir(parents=True, exist_ok=True)
        destination.write_text(name)

    monkeypatch.setattr(execution, "execute", execute)
    return executed


def files(folder):
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_the_command_refreshes_what_stands_beside_the_text(project, tmp_path, capsys, printed):
    assert book_site.main(["refresh"]) == 0
    assert printed(tmp_path / "notebooks/demo/tiny.ipynb") == "book None None 3.142\n"
    assert "demo/tiny: executed in" in capsys.readouterr().err


def test_an_unknown_notebook_is_not_refreshed(project, capsys):
    with pytest.raises(SystemExit, match="2"):
        book_site.main(["refresh", "demo/tny"])
    assert "Did you mean 'demo/tiny'?" in capsys.readouterr().err


def test_stage_names_all_that_raise_and_still_executes_the_others(project, tmp_path, capsys, printed):
    for file in ("_config.yml", "_toc.yml"):
        (tmp_path / file).touch()
    project("demo/raising", RAISING)
    stage = tmp_path / "stage"
    assert book_site.main(["stage", str(stage)]) == 1
    lines = capsys.readouterr().err.splitlines()
    assert """demo/raising, cell [2] (missing = {}["yale"]): KeyError: 'yale'""" in lines
    assert lines[-1] == "notebooks that raised: demo/raising"
    assert printed(stage / "notebooks/demo/tiny.ipynb") == "book None None 3.142\n"
    assert book_site.stage(stage) == ["demo/raising"]  # it is tried again
    assert "demo/tiny: unchanged" in capsys.readouterr().err


@pytest.fixture
def site(project, tmp_path):
    """The sources of a site with one page and one notebook."""
    sources = ("book/intro.md", "src/fourmasks/mmf/model.py", "data/registry.yaml")
    for name in ("_config.yml", "_toc.yml", *sources):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    return tmp_path


def test_stage_mirrors_the_sources(site, monkeypatch):
    stage_stub(monkeypatch)
    (site / "book/mmf").mkdir()
    (site / "book/mmf/theory.md").touch()
    book_site.stage(site / "stage")
    theory = "book/mmf/theory.md"
    expected = {
        "_config.yml",
        "_toc.yml",
        "book/intro.md",
        theory,
        "notebooks/demo/tiny.ipynb",
        "notebooks/demo/tiny.sha256",
        "scoreboard.json",
        "texts/notebooks/demo/tiny.py",
    }
    assert files(site / "stage") == expected
    (site / theory).unlink()
    book_site.stage(site / "stage")
    assert files(site / "stage") == expected - {theory}
    assert not (site / "stage/book/mmf").exists()


def test_stage_leaves_alone_what_did_not_change(site, monkeypatch):
    executed = stage_stub(monkeypatch)
    book_site.stage(site / "stage")
    for path in (site / "stage").rglob("*"):
        os.utime(path, (1, 1))
    (site / "book/intro.md").touch()  # newer, but the same
    book_site.stage(site / "stage")
    assert {path.stat().st_mtime for path in (site / "stage").rglob("*")} == {1}
    assert executed == ["demo/tiny"]
    (site / "book/intro.md").write_text("changed")
    book_site.stage(site / "stage")
    assert (site / "stage/book/intro.md").read_text() == "changed"
    assert executed == ["demo/tiny"]


def test_the_scoreboard_is_made_again_only_when_something_changed(site, monkeypatch):
    stage_stub(monkeypatch)
    made = []
    monkeypatch.setattr(
        book_site.scoreboard, "files", lambda folder, kept: made.append(1) or {Path("book/table.html"): b"1"}
    )
    for _ in range(2):
        book_site.stage(site / "stage")
    assert len(made) == 1 and (site / "stage/book/table.html").read_bytes() == b"1"
    (site / "stage/book/table.html").unlink()
    book_site.stage(site / "stage")
    (site / "book/intro.md").write_text("changed")
    book_site.stage(site / "stage")
    (site / "data/records/mmf").mkdir(parents=True)
    (site / "data/records/mmf/one.json").write_text("{}")
    book_site.stage(site / "stage")
    assert len(made) == 4


@pytest.mark.parametrize(
    "changed",
    ["notebooks/demo/tiny.py", "src/fourmasks/mmf/model.py", "src/fourmasks/new.py", "data/registry.yaml",
     "data/claims/mmf.yaml", "data/records/mmf/one.json", "data/samples/x.npz", "requirements.txt"],
)  # fmt: skip
def test_stage_executes_again_what_depends_on_a_change(site, monkeypatch, changed):
    executed = stage_stub(monkeypatch)
    book_site.stage(site / "stage")
    (site / changed).parent.mkdir(parents=True, exist_ok=True)
    (site / changed).write_text("# changed")
    book_site.stage(site / "stage")
    book_site.stage(site / "stage")
    assert executed == ["demo/tiny", "demo/tiny"]


@pytest.mark.parametrize(
    ("changed", "again"),
    [("src/fourmasks/mmf/model.py", ["mmf/tiny"]), ("data/claims/mmf.yaml", ["mmf/tiny"]),
     ("data/records/mmf/one.json", ["mmf/tiny"]), ("src/fourmasks/book/site.py", []),
     ("src/fourmasks/claims/ledger.py", ["demo/tiny", "mmf/tiny"])],
)  # fmt: skip
def test_a_paper_s_sources_are_its_notebooks_alone(site, project, monkeypatch, changed, again):
    project("mmf/tiny", "# %%\nprint(1)\n")
    book_site.stage(site / "stage")
    executed = stage_stub(monkeypatch)
    (site / changed).parent.mkdir(parents=True, exist_ok=True)
    (site / changed).write_text("# changed")
    book_site.stage(site / "stage")
    assert sorted(executed) == again


def test_stage_does_not_trust_a_notebook_that_failed_in_between(site, monkeypatch):
    executed = stage_stub(monkeypatch)
    book_site.stage(site / "stage")
    source = site / "src/fourmasks/mmf/model.py"
    original = source.read_text()

    def fail(name, destination):
        raise execution.NotebookError("it broke")

    source.write_text("broken")
    with monkeypatch.context() as patch:
        patch.setattr(execution, "execute", fail)
        assert book_site.stage(site / "stage") == ["demo/tiny"]
    source.write_text(original)
    assert book_site.stage(site / "stage") == []
    assert executed == ["demo/tiny", "demo/tiny"]


def test_stage_takes_what_is_committed_as_executed_with_the_same_sources(site, monkeypatch):
    executed = stage_stub(monkeypatch)
    assert book_site.refresh(["demo/tiny"]) == [] and executed == ["demo/tiny"]
    book_site.stage(site / "stage")
    assert executed == ["demo/tiny"]
    committed, staged = (site / folder / "demo/tiny.ipynb" for folder in ("notebooks", "stage/notebooks"))
    assert staged.read_bytes() == committed.read_bytes()
    source = site / "notebooks/demo/tiny.py"
    source.write_text(source.read_text() + "\n# changed\n")
    book_site.stage(site / "stage")
    assert executed == ["demo/tiny"] * 2
