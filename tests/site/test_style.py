"""The style guide follows itself: its examples are of this book, and its words are those of the glossary."""

import re

import pytest

from fourmasks.system.paths import project_root

BOOK = project_root() / "book"
GUIDE = (BOOK / "style.md").read_text(encoding="utf-8")


def plain(text):
    """Return words and stops only: without links, emphasis, quotation marks and line breaks."""
    text = re.sub(r"\{\w+\}`([^`<]+?)(?: <[^`>]*>)?`", r"\1", text)
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text)
    return " ".join(re.sub(r"[*>]", "", text).split())


PAGES = plain(
    "\n".join(path.read_text(encoding="utf-8") for path in BOOK.rglob("*.md") if path.stem != "style")
)
EXAMPLES = re.findall(r"\*Before:\*(.*?)\*After:\*(.*?)\n\n(?!>)", GUIDE, re.DOTALL)


@pytest.mark.parametrize(("before", "after"), EXAMPLES)
def test_what_was_edited_stands_in_the_book(before, after):
    assert plain(after) in PAGES
    assert plain(before) not in PAGES


def test_there_are_examples_enough():
    assert len(EXAMPLES) == GUIDE.count("*Before:*") >= 5


def test_the_guide_is_a_page_long():
    assert len(GUIDE.split()) < 1000
