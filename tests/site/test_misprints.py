"""The page on misprints: each item has a place, a kind and its evidence, and what it names is there."""

import re

import pytest

from fourmasks.claims.files import load_claims, papers
from fourmasks.system.paths import project_root

ROOT = project_root()
TEXT = (ROOT / "book" / "misprints.md").read_text(encoding="utf-8")
KINDS = ("Slip", "Gap", "Open choice", "Code differs from paper", "False as stated")
ITEMS = [block for block in TEXT.split("\n\n") if block.startswith("**")]
BOXES = re.findall(r"^:::\{dropdown\} Evidence by name.*?\n(.*?)^:::", TEXT, re.MULTILINE | re.DOTALL)
BY_NAME = dict(re.findall(r"^- \*\*(.+?)\*\* (.+)$", "".join(BOXES), re.MULTILINE))


def test_the_kinds_are_those_that_the_introduction_defines():
    defined = re.findall(r"^([a-z ]+)\n: ", TEXT, re.MULTILINE)
    assert defined == [kind.lower() for kind in KINDS]


@pytest.mark.parametrize("item", ITEMS, ids=lambda item: re.match(r"\*\*(.+?)\*\*", item)[1])
def test_an_item_has_a_kind(item):
    kind = re.match(r"\*\*[^*]+\.\*\* \*([^*]+?)\.?,?\*", item)
    assert kind and kind[1] in KINDS


@pytest.mark.parametrize(
    "item", [item for item in ITEMS if "*False as stated*" in item], ids=lambda item: item[:30].strip("*")
)
def test_what_is_called_false_is_quoted_with_its_assumptions_and_evidence(item):
    assert re.search(r'"[^"]+"', item)
    assert re.search(r"\b[iI]n force:\s", item)
    assert "*Evidence:*" in item or re.match(r"\*\*(.+?)\*\*", item)[1] in BY_NAME


def test_evidence_by_name_is_of_an_item_and_in_a_closed_box_alone():
    titles = [re.match(r"\*\*(.+?)\*\*", item)[1] for item in ITEMS]
    assert len(BOXES) == 4 and [title for title in titles if title in BY_NAME] == list(BY_NAME)
    assert not any(re.search(r"`test_|\{claim\}", item) for item in ITEMS)


@pytest.mark.parametrize("evidence", BY_NAME.values(), ids=BY_NAME)
def test_entries_of_the_ledger_that_are_evidence_are_linked(evidence):
    named = re.findall(r"(?<!\})`((?:mmf|pia|lunet|sparse)-[a-z0-9.-]+)`", evidence)
    assert named == re.findall(r"\{claim\}`([^`]+)`", evidence)


def test_claims_that_the_page_names_are_in_the_ledger():
    known = {claim.id for paper in papers() for claim in load_claims(paper)}
    named = re.findall(r"(?<!\{prf:ref\})`((?:mmf|pia|lunet|sparse)-[a-z0-9.-]+)`", TEXT)
    assert len(named) > 40 and set(named) <= known


def test_statements_and_tests_that_the_page_names_are_there():
    pages = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "book").glob("*/*.md"))
    assert set(re.findall(r"\{prf:ref\}`([^`]+)`", TEXT)) <= set(
        re.findall(r"^:label: (\S+)$", pages, re.MULTILINE)
    )
    code = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    assert all(f"def {name}(" in code for name in re.findall(r"`(test_\w+)`", TEXT))


def test_nothing_on_it_is_measured_without_a_record():
    assert "easured:*" not in TEXT and "What we measured" not in TEXT and "\n|" not in TEXT
