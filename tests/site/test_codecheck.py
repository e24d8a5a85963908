"""`codecheck.yml`: what CODECHECK asks for, and that its files are there or are made as it says."""

import re

import yaml

from fourmasks.book.notebooks.texts import list_notebooks
from fourmasks.system.paths import project_root

ROOT = project_root()
TEXT = (ROOT / "codecheck.yml").read_text(encoding="utf-8")
CONTENT = yaml.safe_load(TEXT)


def test_it_is_an_explicit_document_with_what_authors_give():
    assert TEXT.startswith("%YAML 1.1\n") and "\n---\n" in TEXT
    assert CONTENT["version"] == "https://codecheck.org.uk/spec/config/1.0/"
    assert CONTENT["paper"]["title"] and CONTENT["paper"]["authors"][0]["name"]
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert CONTENT["paper"]["title"] == citation["title"]
    assert CONTENT["paper"]["authors"] == citation["authors"]


def test_no_check_is_claimed_that_nobody_made():
    assert not {"codechecker", "report", "certificate", "check_time"} & CONTENT.keys()


def test_each_file_is_there_or_made_by_the_command_that_it_names():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):.*## ", makefile, re.MULTILINE))
    for entry in CONTENT["manifest"]:
        command = re.search(r"Command: make (\w+)(?: NAMES=(\S+))?$", entry["comment"])
        assert command and command[1] in targets, entry
        if command[2]:
            assert entry["file"] == f"notebooks/{command[2]}.ipynb" and (ROOT / entry["file"]).is_file()
        else:
            assert entry["file"] == "_build/html/index.html"


def test_every_notebook_is_in_the_manifest():
    listed = {entry["file"] for entry in CONTENT["manifest"]}
    assert {f"notebooks/{name}.ipynb" for name in list_notebooks()} <= listed
