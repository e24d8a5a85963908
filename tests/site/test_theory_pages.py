"""The code on the theory pages, and on that about architecture, does what the pages say it prints."""

import contextlib
import io
import re

import pytest

from fourmasks.system.paths import project_root

BOOK = project_root() / "book"
PAGES = {
    path.relative_to(BOOK).as_posix(): path.read_text(encoding="utf-8")
    for path in (BOOK / "architecture.md", *sorted(BOOK.glob("*/*.md")))
    if path.name != "index.md"
}
PRINTS = r"```\{code-block\} python\n(.*?)```\n.*?It prints\n\n```\{code-block\} text\n(.*?)```"
BLOCKS = [(name, *block) for name, page in PAGES.items() for block in re.findall(PRINTS, page, re.DOTALL)]


@pytest.mark.parametrize("name", PAGES)
def test_a_page_has_its_checks(name):
    found = [block for block in BLOCKS if block[0] == name]
    assert len(found) == PAGES[name].count("```{code-block} python") > 0


@pytest.mark.parametrize(("name", "code", "printed"), BLOCKS)
def test_what_a_page_says_it_prints_is_printed(name, code, printed):
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        exec(compile(code, name, "exec"), {})
    assert output.getvalue() == printed
