"""Modules: what each defines, and what its names stand for."""

import pytest


def test_modules_and_their_names_in_order(modules):
    found = modules({"__init__.py": "", "b.py": "Z = 1\ndef a(): ...\nclass Y: ...\n", "sub/__init__.py": ""})
    assert found.names() == ["pkg", "pkg.b", "pkg.sub"]
    assert found.defined("pkg.b") == ["Z", "a", "Y"]
    assert found.has("pkg.sub") and not found.has("pkg.c") and not found.has("no_such_package")
    with pytest.raises(KeyError):
        found.definition("pkg.b", "c")
    with pytest.raises(KeyError):
        found.definition("pkg.c", "a")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("from pkg.b import f", ("definition", "pkg.b", "f")),
        ("from pkg.b import g as f", ("definition", "pkg.b", "g")),
        ("from .b import f", ("definition", "pkg.b", "f")),
        ("from . import b as f", ("module", "pkg.b")),
        ("from pkg import b as f", ("module", "pkg.b")),
        ("from pkg import f", ("definition", "pkg.b", "f")),  # which pkg/__init__.py passes on
        ("import pkg.b as f", ("module", "pkg.b")),
        ("import pkg.b\nf = 1", ("definition", "pkg.a", "f")),
        ("import numpy as f", ("outside", "numpy")),
        ("from torch.nn import functional as f", ("outside", "torch.nn.functional")),
        ("def g():\n    from pkg.b import f", None),  # of the function alone
        ("f: int", ("definition", "pkg.a", "f")),
        ("if True:\n    def f(): ...", ("definition", "pkg.a", "f")),
        ("X = [f for f in (1, 2)]", None),
        ("X = (lambda f: f)", None),
        ("for f in (1, 2): ...", ("definition", "pkg.a", "f")),
        ("(f, g), *h = (1, 2), 3", ("definition", "pkg.a", "f")),
    ],
)
def test_what_a_global_name_stands_for(modules, text, expected):
    files = {"__init__.py": "from pkg.b import f\n", "b.py": "def f(): ...\ndef g(): ...\n", "a.py": text}
    assert modules(files).resolve("pkg.a", "f") == expected


def test_relative_imports_start_at_the_package_of_the_module(modules):
    files = {"b.py": "X = 1", "sub/__init__.py": "from ..b import X", "sub/c.py": "from ..b import X"}
    found = modules(files | {"__init__.py": ""})
    assert found.resolve("pkg.sub", "X") == found.resolve("pkg.sub.c", "X") == ("definition", "pkg.b", "X")
