"""The code on the theory pages does what the pages say it prints."""

import contextlib
import io
import re

import pytest

from fourmasks.system.paths import project_root

PAGES = {
    path.parent.name: path.read_text(encoding="utf-8")
    for path in sorted((project_root() / "book").glob("*/theory.md"))
}
PRINTS = r"```\{code-block\} python\n(.*?)```\n.*?It prints\n\n```\{code-block\} text\n(.*?)```"
BLOCKS = [(paper, *block) for paper, page in PAGES.items() for block in re.findall(PRINTS, page, re.DOTALL)]


@pytest.mark.parametrize("paper", PAGES)
def test_a_page_has_its_checks(paper):
    found = [block for block in BLOCKS if block[0] == paper]
    assert len(found) == PAGES[paper].count("```{code-block} python") > 0


@pytest.mark.parametrize(("paper", "code", "printed"), BLOCKS)
def test_what_a_page_says_it_prints_is_printed(paper, code, printed):
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        exec(compile(code, f"{paper}/theory.md", "exec"), {})
    assert output.getvalue() == printed
