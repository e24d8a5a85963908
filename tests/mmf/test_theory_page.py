"""The theory page's code does what the page says it prints."""

import contextlib
import io
import re

import pytest

from fourmasks.paths import project_root

PAGE = (project_root() / "book" / "mmf" / "theory.md").read_text(encoding="utf-8")
BLOCKS = re.findall(
    r"```\{code-block\} python\n(.*?)```\n.*?It prints\n\n```\{code-block\} text\n(.*?)```", PAGE, re.DOTALL
)


def test_the_page_has_its_checks():
    assert len(BLOCKS) == PAGE.count("```{code-block} python") > 0


@pytest.mark.parametrize(("code", "printed"), BLOCKS)
def test_what_the_page_says_it_prints_is_printed(code, printed):
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        exec(compile(code, "theory.md", "exec"), {})
    assert output.getvalue() == printed
