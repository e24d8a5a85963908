"""Claims in pages, a Sphinx extension: numbers and verdicts come from the ledger.

The role ``{claim}`ID` `` prints the verdict on a claim and leads to its row of the scoreboard;
``{claim}`ID FIELD` `` prints another of the fields of `words.FIELDS`. The directive `claims` prints a table
of claims, whose ids are its lines; without any, of all headline claims; with the option `share`, their
figure (`answers`). A name that does not exist is a warning, on which `make book` fails. The ledger is the
file `claims.json` that `site.stage` writes into the sources of the site. On all pages no line breaks between
a number, of the ledger or not, and its percent sign.
"""

import difflib
import json
import re
from functools import lru_cache
from pathlib import Path

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective, SphinxRole

from fourmasks.book import answers, words
from fourmasks.book.words import LEDGER, SCOREBOARD

PERCENT = re.compile(r"(?:^|(?<=\d)) (?=%)")  # a text begins with it behind a claim

logger = logging.getLogger(__name__)


class ClaimRole(SphinxRole):
    """Prints a field of a claim as a link to its row."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        identity, _, field = self.text.strip().partition(" ")
        path = Path(self.env.srcdir) / LEDGER
        self.env.note_dependency(str(path))
        rows = _rows(path, path.stat().st_mtime_ns if path.is_file() else None)
        field = field.strip() or "verdict"
        known = (("claim", identity, rows), ("field", field, words.FIELDS))
        if not all(_is_known(*name, self.get_location()) for name in known):
            return [nodes.problematic(self.rawtext, self.rawtext)], []
        row = rows[identity]
        address = _address(self.env, identity)
        title = f"{identity}: {row['verdict']} ({row['place']})"
        link = nodes.reference("", words.FIELDS[field](row), internal=True, refuri=address, reftitle=title)
        link["classes"] += ["fm-claim", f"fm-claim-{field}"]
        return [link], []


class ClaimsDirective(SphinxDirective):
    """Prints a table of claims: what the paper says, what we found, what is left without the mask."""

    has_content = True
    option_spec = {"share": directives.flag}

    def run(self) -> list[nodes.Node]:
        path = Path(self.env.srcdir) / LEDGER
        self.env.note_dependency(str(path))
        rows = _rows(path, path.stat().st_mtime_ns if path.is_file() else None)
        wanted = " ".join(self.content).split() or [name for name, row in rows.items() if row["headline"]]
        known = [name for name in wanted if _is_known("claim", name, rows, self.get_location())]
        chosen = [(rows[name], _address(self.env, name)) for name in known]
        shown = answers.figure(chosen) if "share" in self.options else answers.table(chosen)
        return [nodes.raw("", shown, format="html")] if known else []


class PercentTransform(SphinxPostTransform):
    """Puts a no-break space between each number and its percent sign, in text and in HTML."""

    default_priority = 900

    def run(self, **kwargs) -> None:
        """Replace the texts of the page, but not code and formulas."""
        other = (nodes.literal, nodes.literal_block, nodes.math, nodes.math_block)
        for text in list(self.document.findall(nodes.Text)):
            if PERCENT.search(text) and not isinstance(text.parent, other):
                text.parent.replace(text, nodes.Text(PERCENT.sub("\N{NO-BREAK SPACE}", text)))


def _address(env, identity):
    """Return where the row of a claim is, as seen from the page that is read."""
    return env.app.builder.get_relative_uri(env.docname, SCOREBOARD) + f"#{identity}"


def _is_known(kind, name, valid, location):
    """Return whether a name exists; warn, with the nearest, if not."""
    if name in valid:
        return True
    near = difflib.get_close_matches(name, valid, n=1, cutoff=0.4)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    logger.warning("unknown %s %r.%s", kind, name, hint, location=location)
    return False


@lru_cache(maxsize=1)
def _rows(path: Path, changed: int | None) -> dict[str, dict]:
    """Return the rows of the ledger by id; none where there is no file."""
    if changed is None:
        logger.warning("there is no %s: `python -m fourmasks.book.site stage` writes it", path)
        return {}
    return {row["id"]: row for row in json.loads(path.read_text(encoding="utf-8"))}


def setup(app: Sphinx) -> dict:
    """Add role and directive to Sphinx."""
    app.add_role("claim", ClaimRole())
    app.add_directive("claims", ClaimsDirective)
    app.add_post_transform(PercentTransform)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
