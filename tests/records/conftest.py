"""A package of a test's own."""

import pytest

from fourmasks.records.modules import Modules


@pytest.fixture
def modules(tmp_path):
    """Return the function that writes a package, {file: text}, and reads its modules."""

    def make(files):
        for name, text in files.items():
            path = tmp_path / "pkg" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return Modules(tmp_path / "pkg")

    return make
