"""The role `claim`, a Sphinx extension: numbers and verdicts in sentences come from the ledger.

``{claim}`ID` `` prints the verdict on a claim and leads to its row of the scoreboard; ``{claim}`ID FIELD` ``
prints another of the fields of `words.FIELDS`. A name that does not exist is a warning, on which `make book`
fails. The ledger is the file `claims.json` that `site.stage` writes into the sources of the site.
"""

import difflib
import json
from functools import lru_cache
from pathlib import Path

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.docutils import SphinxRole

from fourmasks.book.words import FIELDS

LEDGER = "claims.json"
SCOREBOARD = "book/scoreboard"

logger = logging.getLogger(__name__)


class ClaimRole(SphinxRole):
    """Prints a field of a claim as a link to its row."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        identity, _, field = self.text.strip().partition(" ")
        path = Path(self.env.srcdir) / LEDGER
        self.env.note_dependency(str(path))
        rows = _rows(path, path.stat().st_mtime_ns if path.is_file() else None)
        field = field.strip() or "verdict"
        if not (self._is_known("claim", identity, rows) and self._is_known("field", field, FIELDS)):
            return [nodes.problematic(self.rawtext, self.rawtext)], []
        row = rows[identity]
        address = self.env.app.builder.get_relative_uri(self.env.docname, SCOREBOARD) + f"#{identity}"
        title = f"{identity}: {row['verdict']} ({row['place']})"
        link = nodes.reference("", FIELDS[field](row), internal=True, refuri=address, reftitle=title)
        link["classes"] += ["fm-claim", f"fm-claim-{field}"]
        return [link], []

    def _is_known(self, kind, name, valid):
        """Return whether a name exists; warn, with the nearest, if not."""
        if name in valid:
            return True
        near = difflib.get_close_matches(name, valid, n=1, cutoff=0.4)
        hint = f" Did you mean {near[0]!r}?" if near else ""
        logger.warning("unknown %s %r.%s", kind, name, hint, location=self.get_location())
        return False


@lru_cache(maxsize=1)
def _rows(path: Path, changed: int | None) -> dict[str, dict]:
    """Return the rows of the ledger by id; none where there is no file."""
    if changed is None:
        logger.warning("there is no %s: `python -m fourmasks.book.site stage` writes it", path)
        return {}
    return {row["id"]: row for row in json.loads(path.read_text(encoding="utf-8"))}


def setup(app: Sphinx) -> dict:
    """Add the role to Sphinx."""
    app.add_role("claim", ClaimRole())
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
