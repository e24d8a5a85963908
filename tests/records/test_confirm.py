"""Only reruns which give the same confirm records."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from fourmasks.records import confirm as confirming
from fourmasks.records.confirm import (
    Makers,
    cheapest,
    confirm,
    like_codes,
    makers,
    sampled,
)
from fourmasks.records.digest import ROOT
from fourmasks.records.store import Record

FAST = Record(
    experiment="sparse/examples", profile="paper", parameters={"method": "a", "dataset": "x", "seed": 0},
    metrics={"error": 1.0, "training_seconds": 3.0}, curves={"loss": [1.0, None, 2.0]}, seconds=1.0,
    peak_memory_mb=1.0, device="cpu", threads=1, versions={}, machine={}, commit="abc", function="f",
    code="c", confirmed={}, data_sha256="d", created="2026-01-01T00:00:00+00:00",
)  # fmt: skip
SLOW = replace(FAST, seconds=2.0, parameters=FAST.parameters | {"seed": 1})
OTHER = replace(FAST, seconds=9.0, parameters=FAST.parameters | {"method": "b"})


@pytest.fixture
def present(monkeypatch):
    """Say what the present code of each record is."""
    monkeypatch.setattr(confirming, "present_code", lambda record: ("g", record.code.removeprefix("old ")))


def test_records_of_the_same_code_then_and_now_are_confirmed_together(present):
    stale = [replace(record, code="old d") for record in (FAST, SLOW, OTHER)]
    another = replace(FAST, code="old e")
    assert like_codes([*stale, another, FAST]) == [stale, [another]]


def test_the_cheapest_of_each_method_and_data_set_is_chosen():
    assert cheapest([SLOW, OTHER, FAST]) == [FAST, OTHER]
    assert sorted(r.seconds for r in sampled([SLOW, OTHER, FAST], 5)) == [1.0, 2.0, 9.0]
    assert sampled([SLOW, OTHER, FAST], 2) == sampled([SLOW, OTHER, FAST], 2)


def test_a_share_of_what_is_repeated_is_two_at_least_and_nothing_else_is_cut():
    given = {"epochs": 50, "max_iter": [30, 2], "anneal_epochs": 0.5, "patience": 4, "critic_epochs": 1}
    record = SimpleNamespace(parameters=given)
    assert confirming.cut(record, 1.0, 10.0) == (given | {"epochs": 5, "max_iter": [3, 2]}, 0.1)
    assert confirming.cut(record, 0.01, 10.0)[0]["epochs"] == 2
    assert confirming.cut(record, 10.0, 10.0) == confirming.cut(record, 99.0, 10.0) == (given, 1.0)


def test_nothing_is_run_from_files_that_no_commit_holds(monkeypatch):
    monkeypatch.setattr(confirming, "git_commit", lambda: "abc+dirty")
    with pytest.raises(ValueError, match="abc\\+dirty: expected a clean one, commit it first"):
        with makers():
            pass
    with pytest.raises(ValueError, match="give a commit to compare with"):
        confirm([FAST], [FAST], Makers(None, None, "abc", "records"), longest=1.0)


def test_the_commit_that_made_a_record_need_not_hold_it():
    assert confirming.name_at(FAST.commit, FAST) == FAST.function


# ---------------------------------------------------------------- a whole project


class Project:
    """A copy of the package in a repository of its own, with the records of one experiment."""

    def __init__(self, folder: Path):
        self.folder, self.code = folder, folder / "src" / "fourmasks" / "sparse" / "examples" / "run.py"
        shutil.copytree(ROOT, folder / "src" / "fourmasks", ignore=shutil.ignore_patterns("__pycache__"))
        (folder / "data" / "records" / "sparse").mkdir(parents=True)
        (folder / "pyproject.toml").touch()
        (folder / ".gitignore").write_text("__pycache__/\n")
        self.git("init", "--quiet")
        self.commit()
        self.python(
            "from fourmasks.sparse.examples import plan\n"
            "from fourmasks.experiments.profiles import resolve\n"
            "plan.run(resolve(plan.PROFILES, 'paper', examples=('2.1', 'figure-1')), 'paper')"
        )
        self.commit()

    def git(self, *arguments):
        identity = ["-c", "user.name=A", "-c", "user.email=a@example.org"]
        command = ["git", "-C", str(self.folder), *identity, *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    def commit(self) -> str:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", "a change")
        return self.git("rev-parse", "HEAD").strip()

    def python(self, code, *arguments):
        environment = {k: v for k, v in os.environ.items() if not k.startswith("FOURMASKS")}
        environment |= {"PYTHONPATH": str(self.folder / "src"), "FOURMASKS_ROOT": str(self.folder)}
        command = [sys.executable, "-c", code, *arguments]
        return subprocess.run(command, env=environment, cwd=self.folder, capture_output=True, text=True)

    def fourmasks(self, *arguments):
        code = "import sys; from fourmasks.book.cli import main; sys.exit(main(sys.argv[1:]))"
        return self.python(code, *arguments)

    def edit(self, old, new):
        text = self.code.read_text()
        assert text.count(old) == 1
        self.code.write_text(text.replace(old, new))

    def records(self) -> list[dict]:
        found = sorted((self.folder / "data" / "records").rglob("*.json"))
        return [json.loads(path.read_text()) for path in found]


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    return Project(tmp_path_factory.mktemp("project"))


def test_reruns_confirm_what_gives_the_same_and_nothing_else(project):
    first, made = project.git("rev-parse", "HEAD").strip(), project.records()
    assert len(made) == 2 and not any(record["confirmed"] for record in made)

    header = "def run_example(example: str, **parameters) -> dict:"
    project.edit(header, f"{header}\n    assert example")  # other code, the same numbers
    second = project.commit()
    found = project.fourmasks("records", "confirm", "sparse/examples", "--against", first)
    assert found.returncode == 0, found.stdout + found.stderr
    confirmed = project.records()
    for old, new in zip(made, confirmed, strict=True):
        assert new["confirmed"]["commit"] == second and new["confirmed"]["against"] == first
        assert new["confirmed"]["largest_difference"] == 0 and new["code"] != old["code"]
        assert {**new, "confirmed": {}, "code": old["code"]} == old
    project.commit()

    other = "    if example == 'figure-1':\n        return {'metrics': {'other': 1}}\n"
    project.edit("    assert example\n", other)
    project.commit()
    found = project.fourmasks("records", "confirm", "sparse/examples", "--against", first)
    assert found.returncode == 2 and f"other code than commit {first[:10]}" in found.stderr
    assert project.records() == confirmed  # their numbers are of the second commit's code
    found = project.fourmasks("records", "confirm", "sparse/examples", "--sample", "1")
    assert found.returncode == 1 and "to be trained again: sparse/examples" in found.stdout
    by_example = {record["parameters"]["example"]: record for record in project.records()}
    assert by_example["2.1"]["confirmed"]["against"] == "records"
    assert by_example["figure-1"] in confirmed
    assert len(project.git("worktree", "list").splitlines()) == 1
