"""Workflows, the container and `make`: what can be held of them without running them."""

import json
import os
import re
import subprocess
import tomllib

import pytest
import yaml

from fourmasks.system.paths import project_root

ROOT = project_root()
WORKFLOWS = {path.stem: path for path in sorted((ROOT / ".github/workflows").glob("*.yml"))}
TARGETS = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))


def steps(name):
    content = yaml.safe_load(WORKFLOWS[name].read_text(encoding="utf-8"))
    return [step for job in content["jobs"].values() for step in job["steps"]]


def test_the_three_workflows_are_there():
    assert set(WORKFLOWS) == {"pages", "tests", "verify"}


@pytest.mark.parametrize("name", WORKFLOWS)
def test_a_workflow_only_calls_make(name):
    content = yaml.safe_load(WORKFLOWS[name].read_text(encoding="utf-8"))
    for job in content["jobs"].values():
        (command,) = (step["run"] for step in job["steps"] if "run" in step)
        make, target, *_ = command.split()
        assert make == "make" and target in TARGETS


def test_every_python_from_the_least_on_is_tested():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    least = int(re.fullmatch(r">=3\.(\d+)", project["requires-python"])[1])
    jobs = yaml.safe_load(WORKFLOWS["tests"].read_text(encoding="utf-8"))["jobs"]
    (whole,) = (step["with"]["python-version"] for step in jobs["test"]["steps"] if "with" in step)
    others = jobs["pythons"]["strategy"]["matrix"]["python-version"]
    tried = [int(version.removeprefix("3.")) for version in (whole, *others)]
    assert tried == list(range(least, least + len(tried)))
    named = {f"Programming Language :: Python :: 3.{minor}" for minor in tried}
    assert named == {one for one in project["classifiers"] if "Python :: 3." in one}


@pytest.mark.parametrize("name", WORKFLOWS)
def test_its_actions_have_a_full_version_and_it_may_write_no_contents(name):
    used = [step["uses"] for step in steps(name) if "uses" in step]
    assert [action for action in used if not re.fullmatch(r"actions/[\w-]+@v\d+\.\d+\.\d+", action)] == []
    content = yaml.safe_load(WORKFLOWS[name].read_text(encoding="utf-8"))
    assert content["permissions"]["contents"] == "read"


def test_the_container_copies_what_is_there_and_runs_as_no_root():
    lines = (ROOT / "Dockerfile").read_text(encoding="utf-8").splitlines()
    copied = [line.split()[2:-1] for line in lines if line.startswith("COPY ")]
    assert copied and [name for names in copied for name in names if not (ROOT / name).exists()] == []
    assert "FROM python:3.11-slim-bookworm" in lines
    users = [line.split()[1] for line in lines if line.startswith("USER ")]
    assert users and "root" not in users
    assert lines.index(f"USER {users[-1]}") < lines.index("RUN make environment")
    for line in lines:
        if found := re.match(r"RUN make (\w+)", line):
            assert found[1] in TARGETS


def test_the_development_container_uses_it():
    content = json.loads((ROOT / ".devcontainer/devcontainer.json").read_text(encoding="utf-8"))
    assert (ROOT / ".devcontainer" / content["build"]["dockerfile"]).resolve() == ROOT / "Dockerfile"
    assert f"USER {content['remoteUser']}" in (ROOT / "Dockerfile").read_text(encoding="utf-8")


def test_the_development_container_keeps_the_environment_of_the_image():
    """The reader's sources are mounted where the image has its own, and its environment in turn over theirs.

    A volume without a name starts as a copy of what the image has there. That was built from these sources,
    so that their times, which `make` goes by, say nothing. The folder is made first, by the reader: Docker
    would make it as root.
    """
    lines = (ROOT / "Dockerfile").read_text(encoding="utf-8").splitlines()
    folder = next(line.split()[1] for line in lines if line.startswith("WORKDIR "))
    content = json.loads((ROOT / ".devcontainer/devcontainer.json").read_text(encoding="utf-8"))
    assert content["workspaceFolder"] == folder
    mounts = [
        dict(part.split("=", 1) for part in mount.split(","))
        for mount in (content["workspaceMount"], *content["mounts"])
    ]
    assert mounts == [
        {"type": "bind", "source": "${localWorkspaceFolder}", "target": folder},
        {"type": "volume", "target": f"{folder}/.venv"},
    ]
    assert "READY := .venv/ready" in (ROOT / "Makefile").read_text(encoding="utf-8")
    assert content["initializeCommand"].startswith("mkdir .venv ||")  # also a command of Windows
    assert content["postCreateCommand"] == "touch --no-create .venv/ready && make environment"


def test_after_a_touch_the_environment_is_not_made_again(tmp_path):
    (tmp_path / ".venv").mkdir()
    for name, time in ((".venv/ready", 0), ("requirements.txt", 1), ("pyproject.toml", 1)):
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (time, time))
    command = ["make", "--question", "--file", str(ROOT / "Makefile"), "environment"]
    assert subprocess.run(command, cwd=tmp_path).returncode == 1
    subprocess.run(["touch", "--no-create", ".venv/ready"], cwd=tmp_path, check=True)
    assert subprocess.run(command, cwd=tmp_path).returncode == 0


def test_git_ignores_all_that_the_container_does_not_take():
    ignored = (ROOT / ".gitignore").read_text(encoding="utf-8").split()
    left = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert {line.removeprefix("**/") for line in left if line and line[0] != "#"} == set(ignored)
