"""Digests of code that are kept between processes, for as long as the files that they are of stay the same.

A digest takes hundreds of definitions, and imports whatever library a class inherits from.
"""

import atexit
import functools
import hashlib
import json
from contextlib import suppress
from pathlib import Path

from fourmasks.records.digest import ROOT
from fourmasks.records.sources import library_versions
from fourmasks.system.files import write_whole
from fourmasks.system.paths import runs_folder

NAME = ".digests.json"


class Shelf:
    """Texts by key in a file, valid for one state of what they were made from.

    Parameters
    ----------
    path : Path
        A file that is damaged, or of another state, counts as none.
    state : str
    """

    def __init__(self, path: Path, state: str):
        self._path, self._state, self._is_new = path, state, False
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            self._kept = content["kept"] if content["state"] == state else {}
        except (OSError, ValueError, KeyError, TypeError):
            self._kept = {}

    def get(self, key: str) -> str | None:
        """Return the text of a key, or None."""
        return self._kept.get(key)

    def put(self, key: str, text: str) -> None:
        """Keep a text under a key."""
        self._kept[key], self._is_new = text, True

    def save(self) -> None:
        """Write the file, if there is something new and it can be written."""
        if self._is_new:
            self._is_new = False
            with suppress(OSError):  # as on a disk that cannot be written to: it is computed again next time
                write_whole(self._path, json.dumps({"state": self._state, "kept": self._kept}))


def state(root: Path = ROOT) -> str:
    """Return a text that changes with every file of the package's code and every version of a library."""
    files = [(path, path.stat()) for path in sorted(root.rglob("*.py"))]
    seen = [(path.relative_to(root).as_posix(), found.st_size, found.st_mtime_ns) for path, found in files]
    return hashlib.sha256(json.dumps([seen, library_versions()]).encode()).hexdigest()


@functools.cache
def digests() -> Shelf:
    """Return the shelf of this package's digests, which is saved when the process ends."""
    shelf = Shelf(runs_folder() / NAME, state())
    atexit.register(shelf.save)
    return shelf
