"""Definitions: what each names and spells."""

import ast
from importlib.util import find_spec
from pathlib import Path

import pytest

from fourmasks.records.digest import ROOT, is_aside
from fourmasks.records.modules import Modules


def names(definition):
    return [reference.name for reference in definition.references]


def wholes(definition):
    return {reference.name: reference.whole for reference in definition.references}


@pytest.mark.parametrize(
    "code",
    [
        "return X",
        "return b.X",
        "return pkg.b.X",
        "from pkg.b import X as y; return y",
        "import pkg.b as c; return c.X",
        "return [X for X in X]",  # the first loop does not see its own variable
        "return {a: 1 for a in (1, 2) for b2 in X}",
        "return lambda X=X: X",
        "def inner(X=X): return X",
        "@X\n    def X2(): ...",
        "class Inner(X): ...",
        "try: ...\n    except X as error: ...",
        "return f'{X}'",
        "return X.attribute",
        "return dict(X=X)",
        "raise ValueError if X else None",
        "raise X('gone')",
    ],
)
def test_code_names_a_definition(modules, code):
    text = f"import pkg.b\nfrom pkg import b\nfrom pkg.b import X\ndef f():\n    {code}\n"
    made = modules({"__init__.py": "", "b.py": "X = 1", "a.py": text}).definition("pkg.a", "f")
    assert ("pkg.b", "X") in [(reference.module, reference.name) for reference in made.references]


@pytest.mark.parametrize(
    "code",
    [
        "def f(X): return X",
        "def f(*X): return X",
        "def f(*, X=1): return X",
        "def f():\n    X = 1\n    return X",
        "def f():\n    for X in (1, 2): print(X)",
        "def f():\n    with g() as X: print(X)",
        "def f():\n    import X\n    return X",
        "def f():\n    def X(): ...\n    return X",
        "def f():\n    try: ...\n    except ValueError as X: print(X)",
        "def f(): return [X for X in (1, 2)]",
        "def f(): return lambda X: X",
        "def f(self): return self.X",
        "def f(a: X) -> X: ...",
        "def f():\n    a: X = 1",
        "def f(): raise ValueError(X)",
        "def f():\n    assert True, X",
        "def f():\n    'X'",
        "def f(X):\n    def inner(): return X\n    return inner",
    ],
)
def test_code_names_only_something_of_its_own(modules, code):
    made = modules({"__init__.py": "", "a.py": f"X = 1\n{code}\n"}).definition("pkg.a", "f")
    assert names(made) == []


@pytest.mark.parametrize(
    ("code", "whole"),
    [
        ("TABLE[key]", False),
        ("TABLE['a']", False),
        ("TABLE[self.key]", False),
        ("TABLE.get(key, 1)", False),
        ("key in TABLE", False),
        ("key not in TABLE", False),
        ("TABLE", True),
        ("TABLE.values()", True),
        ("[*TABLE]", True),
        ("{**TABLE}", True),
        ("list(TABLE)", True),
        ("TABLE | {}", True),
        ("key in TABLE.values()", True),
        ("TABLE[f'{key}-x']", True),
        ("TABLE[key + '-x']", True),
        ("TABLE[key.lower()]", True),
        ("TABLE.get(f'{key}-x')", True),
        ("TABLE.get", True),
        ("choose(TABLE, key)", True),
        ("[key for key in TABLE]", True),
    ],
)
def test_tables_are_used_whole_or_for_an_entry(modules, code, whole):
    text = f"TABLE = {{'a': 1, 'b': 2}}\ndef f(key, self): return {code}\n"
    assert wholes(modules({"__init__.py": "", "a.py": text}).definition("pkg.a", "f")) == {"TABLE": whole}


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("T = {'a': 1, 'b': f}", ["a", "b"]),
        ("T: dict[str, int] = {'b': 1, 'a': 2}", ["b", "a"]),
        ("S, T = 1, {'a': 1}", ["a"]),
        ("T = {}", None),
        ("T = {1: 2}", None),
        ("T = {NAME: 2}", None),
        ("T = {'a': 1} | {'b': 2}", None),
        ("T = {'a': 1, **S}", None),
        ("T = dict(a=1)", None),
        ("T = {key: 1 for key in 'ab'}", None),
        ("T = {'a': 1}\nT |= {'b': 1}", None),  # all of its statements are one definition
    ],
)
def test_a_table_is_a_dict_whose_keys_are_written_as_strings(modules, text, keys):
    made = modules({"__init__.py": "", "a.py": text}).definition("pkg.a", "T")
    assert made.is_table == (keys is not None) and [*made.members] == (keys or [])


def test_a_class_has_its_methods_apart_but_for_those_that_python_calls(modules):
    text = """
        class A(Base):
            rank = 3
            def __init__(self): self.go()
            @property
            def size(self): return 1
            @size.setter
            def size(self, value): ...
            @staticmethod
            def go(): return OTHER
        OTHER = 1
    """
    text = "\n".join(line[8:] for line in text.splitlines())
    made = modules({"__init__.py": "", "a.py": text}).definition("pkg.a", "A")
    assert made.members.keys() == {"size", "go"}
    assert "rank" in made.text[0] and "__init__" in made.text[0] and made.spelled >= {"go"}
    assert names(made) == [] and names(made.members["go"]) == ["OTHER"]


@pytest.mark.parametrize(
    ("bases", "body", "hooks"),
    [
        ("", "", set()),
        ("object", "", set()),
        ("torch.nn.Module", "", {"forward"}),
        ("Module", "", {"forward"}),
        ("Inner", "", {"forward"}),  # a class of the package that derives from torch's
        ("b.Inner", "", {"forward"}),
        ("torch.autograd.Function", "", {"forward", "backward"}),
        ("BaseEstimator", "", {"get_params"}),
        ("LinearOperator", "", {"_matvec"}),
        ("dict", "", {"items"}),
        ("typing.NamedTuple", "", set()),
        ("typing.Protocol[int]", "", set()),
        ("Alias", "", "all"),  # a constant, which could be any class
        ("unknown()", "", "all"),
        ("no_such_library.Base", "", "all"),
        ("", "size = property(go)", {"go"}),
        ("", "backward = forward", {"forward", "backward"}),
    ],
)
def test_hooks_are_what_can_be_called_unspelled(modules, bases, body, hooks):
    methods = ("forward", "backward", "get_params", "_matvec", "items", "go")
    lines = [f"    def {name}(self): ..." for name in methods] + [f"    {body or 'pass'}"]
    header = (
        "import torch, typing\nimport no_such_library\nfrom torch.nn import Module\nfrom pkg import b\n"
        "from pkg.b import Inner, Alias\nfrom sklearn.base import BaseEstimator\n"
        "from scipy.sparse.linalg import LinearOperator\n"
    )
    inner = "import torch\nclass Inner(torch.nn.Module): ...\nAlias = torch.nn.Module\n"
    files = {"__init__.py": "", "b.py": inner, "a.py": header + f"class A({bases}):\n" + "\n".join(lines)}
    assert modules(files).definition("pkg.a", "A").hooks == (set(methods) if hooks == "all" else hooks)


@pytest.mark.parametrize(
    "code", ["self.go", "'go'", "g(go=1)", "{'go': 1}", "f'go{self}'", "getattr(self, 'go')"]
)
def test_what_code_spells(modules, code):
    text = f"def f(self): return {code}"
    assert "go" in modules({"__init__.py": "", "a.py": text}).definition("pkg.a", "f").spelled


def test_recursion_and_several_statements_do_not_carry_the_name(modules):
    texts = [
        f"def {a}(n): return {a}(n - 1)\nif 1:\n    def {b}(): return 1\nelse:\n    def {b}(): return 2\n"
        f"{c} = 1\n{c} += 2\n{d}, *rest = {c}, 3\n"
        for a, b, c, d in ("fghk", "pqrs")
    ]
    first, second = (
        modules({"__init__.py": "", f"{n}.py": text}) for n, text in zip("ab", texts, strict=True)
    )
    for one, other in zip("fghk", "pqrs", strict=True):
        ours, theirs = first.definition("pkg.a", one), second.definition("pkg.b", other)
        assert [p for p in ours.text if isinstance(p, str)] == [p for p in theirs.text if isinstance(p, str)]


def test_the_package_has_no_idiom_that_is_not_followed():
    modules, found = Modules(ROOT), []
    for module in modules.names():
        if is_aside(module):
            continue
        tree = ast.parse(Path(find_spec(module).origin).read_text(encoding="utf-8"))
        found += [f"{module}: {what}" for what in _not_followed(modules, module, tree)]
    assert found == []


def _not_followed(modules, module, tree):
    """Yield what could change a run unseen (see the module's docstring)."""
    defined = set(modules.defined(module))
    for node in tree.body:
        is_string = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        binds = isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Import | ast.ImportFrom)
        stored = {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
        if not (is_string or binds or stored & defined):
            yield f"line {node.lineno} binds no name"
    for node in ast.walk(tree):
        if isinstance(node, ast.Global):
            yield f"line {node.lineno} is global"
        if isinstance(node, ast.Import | ast.ImportFrom):
            bound = {(alias.asname or alias.name).split(".")[0] for alias in node.names}
            if "*" in bound or node in tree.body and bound & defined:
                yield f"line {node.lineno} imports what cannot be told"
        if isinstance(node, ast.Name) and node.id in ("eval", "exec", "globals", "__import__", "importlib"):
            yield f"line {node.lineno} has {node.id}"
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            for decorator in node.decorator_list:
                if ".register" in ast.unparse(decorator):
                    yield f"line {node.lineno} registers {node.name}"


@pytest.mark.parametrize(
    "text",
    [
        "T = {}\nT['a'] = 1", "T = {}\nT.update(a=1)", "import torch\ntorch.set_default_dtype(torch.float64)",
        "def f():\n    global X\n    X = 1", "from math import *", "from math import pi\npi = 3",
        "def f(x): return eval(x)", "import functools\n@functools.singledispatch\ndef f(x): ...\n"
        "@f.register(int)\ndef _(x): ...",
    ],
)  # fmt: skip
def test_such_an_idiom_would_be_found(modules, text):
    assert [*_not_followed(modules({"__init__.py": "", "a.py": text}), "pkg.a", ast.parse(text))]
