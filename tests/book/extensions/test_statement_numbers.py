"""Numbers of our statements: never those that a paper could have."""

from types import SimpleNamespace

from fourmasks.book.extensions.statement_numbers import put_letters


def test_the_letter_of_the_paper_stands_for_the_chapter_on_its_pages_alone():
    kept = {"figure": {"plot": (4, 1)}}
    numbers = {
        "book/sparse/theory": {"theorem": {"one": (4, 1), "two": (4, 2)}, **kept},
        "book/notation": {"theorem": {"three": (5, 1)}},
        "book/mmf/index": kept,
    }
    put_letters(None, SimpleNamespace(toc_fignumbers=numbers))
    assert numbers["book/sparse/theory"] == {"theorem": {"one": ("S", 1), "two": ("S", 2)}, **kept}
    assert numbers["book/notation"]["theorem"]["three"] == (5, 1)
    assert numbers["book/mmf/index"] == kept
