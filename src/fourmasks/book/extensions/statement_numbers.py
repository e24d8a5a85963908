"""Numbers of our definitions and theorems, told from those of the papers: "Theorem S.8", a Sphinx extension.

Sphinx numbers them by chapter, as the papers do by section: our Theorem 4.8 would not be theirs.
"""

from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

LETTERS = {"mmf": "M", "pia": "P", "lunet": "L", "sparse": "S"}


def put_letters(app: Sphinx, env: BuildEnvironment) -> None:
    """Give the statements on the pages of a paper its letter in place of the chapter's number."""
    for page, numbers in env.toc_fignumbers.items():
        letter = LETTERS.get(page.split("/")[-2]) if "/" in page else None
        if letter and "theorem" in numbers:
            own = numbers["theorem"]
            numbers["theorem"] = {label: (letter, *number[1:]) for label, number in own.items()}


def setup(app: Sphinx) -> dict:
    """Let Sphinx call `put_letters` after it has stored its own numbers, by which it knows what changed."""
    app.connect("env-check-consistency", put_letters)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
