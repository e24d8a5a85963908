"""What made a result: the names of functions, versions and commits."""

import functools
import subprocess
import sys

import pytest

from fourmasks.records import sources
from fourmasks.records.sources import git_commit, library_versions, name_of


def test_the_name_of_a_function(monkeypatch):
    assert name_of(functools.partial(functools.partial(name_of))) == "fourmasks.records.sources.name_of"
    assert name_of(lambda: None) == f"{__name__}.test_the_name_of_a_function.<locals>.<lambda>"

    def from_main():
        pass

    from_main.__module__ = "__main__"
    main = type(sys)("__main__")
    monkeypatch.setitem(sys.modules, "__main__", main)
    main.__spec__ = None  # a script, a notebook
    from_main.__qualname__ = "train"
    assert name_of(from_main) == "__main__.train"
    main.__spec__ = sys.__spec__.__class__("fourmasks.mmf.train", None)  # python -m fourmasks.mmf.train
    assert name_of(from_main) == "fourmasks.mmf.train.train"


def test_versions():
    found = library_versions()
    assert found.keys() == {"python", "fourmasks", "torch", "numpy", "scipy", "scikit-learn"}
    assert all(found.values())


# ---------------------------------------------------------------- git


@pytest.fixture
def commit_of(tmp_path, monkeypatch):
    """Return a function that asks for the commit of a package in `tmp_path/src`."""
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "module.py").write_text("x = 1\n")
    monkeypatch.setattr(sources, "PACKAGE", tmp_path / "src")
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    git_commit.cache_clear()
    yield git_commit.__wrapped__
    git_commit.cache_clear()


def git(folder, *arguments):
    identity = ["-c", "user.name=A", "-c", "user.email=a@example.org"]
    subprocess.run(["git", "-C", str(folder), *identity, *arguments], check=True, capture_output=True)


def test_the_commit_outside_git_is_unknown(commit_of):
    assert commit_of() == "unknown"


def test_the_commit_without_git_is_unknown(commit_of, monkeypatch):
    monkeypatch.setenv("PATH", "")
    assert commit_of() == "unknown"


def test_the_commit_says_whether_the_package_differs_from_it(commit_of, tmp_path):
    git(tmp_path, "init")
    assert commit_of() == "unknown"
    (tmp_path / "README").write_text("hello\n")
    git(tmp_path, "add", "README")
    git(tmp_path, "commit", "-m", "without the package")
    assert commit_of() == "unknown"
    git(tmp_path, "add", "src")
    git(tmp_path, "commit", "-m", "with it")
    clean = commit_of()
    assert len(clean) == 40 and int(clean, 16)
    (tmp_path / "README").write_text("changed outside the package\n")
    assert commit_of() == clean
    (tmp_path / "src" / "new.py").write_text("y = 1\n")
    assert commit_of() == clean + "+dirty"
