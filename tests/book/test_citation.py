"""The page on citing has what CITATION.cff says, in BibTeX."""

import re

from fourmasks.book.citation import KEYS, bibtex
from fourmasks.system.paths import project_root

BOOK = project_root() / "book"


def test_the_page_shows_the_citation_file():
    assert f"```{{code-block}} bibtex\n{bibtex()}\n```" in (BOOK / "cite.md").read_text(encoding="utf-8")


def test_the_keys_are_those_of_the_bibliography():
    known = re.findall(
        r"^@\w+\{([^,]+),", (BOOK / "references.bib").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert set(KEYS[1:]) <= set(known)


def test_an_entry_has_what_there_is_and_no_more(tmp_path, monkeypatch):
    monkeypatch.setattr("fourmasks.book.citation.KEYS", ("one", "two"))
    path = tmp_path / "CITATION.cff"
    path.write_text(
        "{type: software, title: A b, authors: [{name: We}], version: 1, references: "
        "[{type: article, title: C, authors: [{family-names: D, given-names: E}], year: 2021}]}"
    )
    first, second = bibtex(path).split("\n\n")
    assert first == "@software{one,\n  author = {{We}},\n  title = {{A b}},\n  version = {1},\n}"
    assert second == "@misc{two,\n  author = {D, E},\n  title = {{C}},\n  year = {2021},\n}"
