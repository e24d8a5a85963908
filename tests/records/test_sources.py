"""Source digests: what makes a record stale, and what does not."""

import functools
import subprocess
import sys

import pytest

from fourmasks.records import sources
from fourmasks.records.sources import git_commit, library_versions, module_of, source_digest

MODELS = '''\
"""Models."""

from .parts.layers import layer


class Model:
    """A model."""

    def fit(self):
        """Fit."""
        "a string that does nothing"
        return layer  # nothing more
'''

TRAIN = """\
from fourmasks import metrics
from fourmasks.records.store import run_or_load


def train():
    from ..mmf.models import Model
    return Model
"""

MODULES = {
    "__init__.py": '__version__ = "1"\n',
    "metrics.py": "def error(x):\n    return x\n",
    "records/store.py": "from fourmasks.unrelated import anything\n",
    "unrelated.py": "anything = 1\n",
    "mmf/__init__.py": "from .models import Model\nfrom .plots import draw\n",
    "mmf/models.py": MODELS,
    "mmf/parts/layers.py": "layer = 1\n",
    "mmf/plots.py": "def draw():\n    pass\n",
    "mmf/train.py": TRAIN,
}


@pytest.fixture
def package(tmp_path, monkeypatch):
    """Return a folder in the place of the package."""
    for name, text in MODULES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    monkeypatch.setattr(sources, "PACKAGE", tmp_path)
    source_digest.cache_clear()
    yield tmp_path
    source_digest.cache_clear()


def digest_after(package, name, change):
    text = (package / name).read_text()
    assert change(text) != text
    (package / name).write_text(change(text))
    source_digest.cache_clear()
    return source_digest("fourmasks.mmf.train")


@pytest.mark.parametrize("name", ["metrics.py", "mmf/train.py", "mmf/models.py", "mmf/parts/layers.py"])
def test_a_change_of_code_that_the_function_can_reach_changes_the_digest(package, name):
    before = source_digest("fourmasks.mmf.train")
    assert digest_after(package, name, lambda text: text + "more = 1\n") != before


@pytest.mark.parametrize("name", ["__init__.py", "records/store.py", "unrelated.py", "mmf/__init__.py"])
def test_a_change_of_other_code_does_not(package, name):
    before = source_digest("fourmasks.mmf.train")
    assert digest_after(package, name, lambda text: text + "more = 1\n") == before


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("A model.", "The same model, told otherwise."),
        lambda text: text.replace('    """A model."""\n\n', ""),
        lambda text: text.replace("  # nothing more", ""),
        lambda text: text.replace("a string that does", "a string that still does"),
        lambda text: text.replace("\n\n\nclass", "\n# a comment\nclass"),
        lambda text: text.replace("\n", "\r\n"),
    ],
)
def test_prose_and_layout_do_not_change_the_digest(package, change):
    before = source_digest("fourmasks.mmf.train")
    assert digest_after(package, "mmf/models.py", change) == before


@pytest.mark.parametrize("value", ["2", "1.0", "True", "'1'", "b'1'", "None", "-1", "(1,)", "[1]", "1j"])
def test_a_change_of_a_constant_changes_the_digest(package, value):
    before = source_digest("fourmasks.mmf.train")
    assert digest_after(package, "mmf/parts/layers.py", lambda text: f"layer = {value}\n") != before


def test_a_name_that_a_package_passes_on_brings_the_package_s_own_imports(package):
    (package / "mmf" / "train.py").write_text("from fourmasks.mmf import Model\n")
    before = source_digest("fourmasks.mmf.train")
    assert digest_after(package, "mmf/plots.py", lambda text: text + "more = 1\n") != before


def test_circular_imports_end(package):
    (package / "metrics.py").write_text("import fourmasks.mmf.train\n")
    assert len(source_digest("fourmasks.mmf.train")) == 64


def test_a_module_outside_the_package_brings_what_it_imports(package, tmp_path, monkeypatch):
    outside = tmp_path / "outside.py"
    outside.write_text("def train():\n    import fourmasks.mmf.models\n")
    monkeypatch.setitem(sys.modules, "outside", type(sys)("outside"))
    assert source_digest("outside") == "unknown"  # it has no file
    sys.modules["outside"].__file__ = str(outside)
    digests = []
    for name in ("outside.py", "mmf/parts/layers.py", "mmf/plots.py"):
        (package / name).write_text((package / name).read_text() + "more = 1\n")
        source_digest.cache_clear()
        digests.append(source_digest("outside"))
    assert digests[0] != digests[1] == digests[2]


def test_a_module_without_a_file_is_unknown(package):
    assert source_digest("fourmasks.mmf.gone") == "unknown"
    assert source_digest("never_loaded_module") == "unknown"
    assert source_digest("sys") == "unknown"


def test_the_digest_of_known_code_never_changes(package):
    """Committed records hold it, and machines with other versions of Python must find the same."""
    code = """\
from __future__ import annotations
import math as m
type_ = {"a": [1, 2.5e-3, None, True], **{}}
@property
async def f(x: int = 0, /, *args, y=f"{1.5!r:>{10}} a" "b", **rest) -> "é\\u0378":
    match x:
        case {"k": [1, *_]} | None: return await x
        case _ if (z := x): yield lambda: (x[1:, ::2], ...)
    try:
        with open(x) as (a, b): del a
    except* (ValueError, OSError) as e: raise e from None
    else: global g; return
class A(m.pi, metaclass=type): x: int; y: str = "1"
"""
    (package / "metrics.py").write_text(code, encoding="utf-8")
    known = "72c62fddb5020bdd0c8a42c45c349fbac2843ff6aac30525cc16958a27178c8d"
    assert source_digest("fourmasks.metrics") == known


def test_a_training_function_s_module(monkeypatch):
    assert module_of(functools.partial(functools.partial(git_commit))) == "fourmasks.records.sources"
    assert module_of(lambda: None) == __name__

    def from_main():
        pass

    from_main.__module__ = "__main__"
    main = type(sys)("__main__")
    monkeypatch.setitem(sys.modules, "__main__", main)
    main.__spec__ = None  # a script, a notebook
    assert module_of(from_main) == "__main__"
    main.__spec__ = sys.__spec__.__class__("fourmasks.mmf.train", None)  # python -m fourmasks.mmf.train
    assert module_of(from_main) == "fourmasks.mmf.train"


def test_versions():
    found = library_versions()
    assert found.keys() == {"python", "fourmasks", "torch", "numpy", "scipy", "scikit-learn"}
    assert all(found.values())


# ---------------------------------------------------------------- git


@pytest.fixture
def commit_of(tmp_path, monkeypatch):
    """Return a function that asks for the commit of a package in `tmp_path/src`."""
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "module.py").write_text("x = 1\n")
    monkeypatch.setattr(sources, "PACKAGE", tmp_path / "src")
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    git_commit.cache_clear()
    yield git_commit.__wrapped__
    git_commit.cache_clear()


def git(folder, *arguments):
    identity = ["-c", "user.name=A", "-c", "user.email=a@example.org"]
    subprocess.run(["git", "-C", str(folder), *identity, *arguments], check=True, capture_output=True)


def test_the_commit_outside_git_is_unknown(commit_of):
    assert commit_of() == "unknown"


def test_the_commit_without_git_is_unknown(commit_of, monkeypatch):
    monkeypatch.setenv("PATH", "")
    assert commit_of() == "unknown"


def test_the_commit_says_whether_the_package_differs_from_it(commit_of, tmp_path):
    git(tmp_path, "init")
    assert commit_of() == "unknown"
    (tmp_path / "README").write_text("hello\n")
    git(tmp_path, "add", "README")
    git(tmp_path, "commit", "-m", "without the package")
    assert commit_of() == "unknown"
    git(tmp_path, "add", "src")
    git(tmp_path, "commit", "-m", "with it")
    clean = commit_of()
    assert len(clean) == 40 and int(clean, 16)
    (tmp_path / "README").write_text("changed outside the package\n")
    assert commit_of() == clean
    (tmp_path / "src" / "new.py").write_text("y = 1\n")
    assert commit_of() == clean + "+dirty"
