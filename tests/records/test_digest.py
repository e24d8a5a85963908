"""Digests of code: what changes them, what does not, and which runs a change makes stale."""

import random
import re
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fourmasks.records.digest import Code


def write(root, files):
    """Write {file: text}, and return the code of the package."""
    for name, text in files.items():
        path = Path(root, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return Code(root)


@pytest.fixture
def digest(tmp_path):
    """Return the function that gives the digest of pkg.a.run, or another, in a package {file: text}."""
    made = iter(range(10))

    def compute(files, parameters=None, function="pkg.a.run"):
        return write(tmp_path / str(next(made)) / "pkg", files).digest(function, parameters or {})

    return compute


def files(text):
    """Return {file: text} of a text in which a line "# b.py" starts a file; the first one is a.py."""
    first, *others = re.split(r"^# (\S+\.py)\n?", text, flags=re.MULTILINE)
    return {"__init__.py": "", "a.py": first} | dict(zip(others[::2], others[1::2], strict=True))


# Text of a package, what is replaced in it, and by what: a number of the run can change.
CHANGES = {
    "a constant": ("X = 1\ndef run(): return X", "X = 1", "X = 2"),
    "1 to 1.0": ("X = 1\ndef run(): return X", "X = 1", "X = 1.0"),
    "a default": ("def g(x=1): return x\ndef run(): return g()", "x=1", "x=2"),
    "a default of another": ("X = 1\ndef run(x=X): return x", "X = 1", "X = 2"),
    "a default by the same name": ("rank = 1\ndef run(rank=rank): return rank", "rank = 1", "rank = 2"),
    "a lambda's default": ("n = 1\ndef run(): return lambda n=n: n", "n = 1", "n = 2"),
    "a comprehension over its own name": ("row = [1]\ndef run(): return [row for row in row]", "[1]", "[2]"),
    "a nested function": ("def run():\n    def g(): return 1\n    return g()", "return 1", "return 2"),
    "a function as a value": ("def g(x): return 1\ndef run(): return map(g, [1])", "return 1", "return 2"),
    "a partial": (
        "from functools import partial\ndef g(x): return 1\nh = partial(g, 2)\ndef run(): return h()",
        "return 1", "return 2",
    ),
    "a partial's setting": ("def g(x): ...\nh = partial(g, 2)\ndef run(): return h()", "(g, 2)", "(g, 3)"),
    "a cached function": (
        "import functools\ndef g(): return 1\nh = functools.lru_cache(maxsize=4)(g)\ndef run(): return h()",
        "return 1", "return 2",
    ),
    "a decorator": ("def d(f): return f\n@d\ndef run(): ...", "return f", "return 2"),
    "one function for another": ("def g(): ...\ndef h(): return 1\ndef run(): g()", "run(): g", "run(): h"),
    "a function of two branches": (
        "if True:\n    def g(): return 1\nelse:\n    def g(): return 2\ndef run(): return g()",
        "return 2", "return 3",
    ),
    "a constant that is added to": ("X = 1\nX += 1\ndef run(): return X", "+= 1", "+= 2"),
    "a tuple of constants": ("X, Y = 1, 2\ndef run(): return Y", "1, 2", "1, 3"),
    "a starred tuple": ("X, *Y, Z = 1, 2, 3, 4\ndef run(): return Z", "3, 4", "3, 5"),
    "one of several that a call gives": ("X, Y = g()\ndef run(): return X", "return X", "return Y"),
    "what several names are": ("X = Y = 1\ndef run(): return X", "= 1", "= 2"),
    "another module": ("from pkg.b import g\ndef run(): return g()\n# b.py\ndef g(): return 1", "1", "2"),
    "a module's attribute": (
        "from pkg import b\ndef run(): return b.g()\n# b.py\ndef g(): return 1", "return 1", "return 2"
    ),
    "an alias of a module": (
        "import pkg.b as c\ndef run(): return c.g()\n# b.py\ndef g(): return 1", "return 1", "return 2"
    ),
    "a chain of modules": (
        "import pkg.s.b\ndef run(): return pkg.s.b.g()\n# s/__init__.py\n# s/b.py\ndef g(): return 1",
        "return 1", "return 2",
    ),
    "a name passed on": (
        "from pkg.b import g\ndef run(): return g()\n# b.py\nfrom .c import h as g\n"
        "# c.py\ndef h(): return 1",
        "return 1", "return 2",
    ),
    "an import inside a function": (
        "def run():\n    from pkg.b import g\n    return g()\n# b.py\ndef g(): return 1",
        "return 1", "return 2",
    ),
    "imports of two functions by one name": (
        "def run():\n    from pkg.b import g\n    return g()\n"
        "def other():\n    from pkg.c import g\n    return g\n"
        "# b.py\ndef g(): return 1\n# c.py\ndef g(): return 3",
        "return 1", "return 2",
    ),
    "an import for another": (
        "from pkg.b import g\ndef run(): return g()\n# b.py\ndef g(): return 1\ndef h(): return 2",
        "import g", "import h as g",
    ),
    "a library's function for another": (
        "from math import sin as g\ndef run(): return g(1)", "import sin", "import cos"
    ),
    "an attribute of a library": ("import math\ndef run(): return math.sin(1)", "math.sin", "math.cos"),
    "a module as a value": (
        "from pkg import b\ndef run(name): return getattr(b, name)()\n# b.py\ndef g(): return 1",
        "return 1", "return 2",
    ),
    "a method": ("class A:\n    def go(self): return 1\ndef run(): A().go()", "return 1", "return 2"),
    "a property": (
        "class A:\n    @property\n    def size(self): return 1\ndef run(): return A().size",
        "return 1", "return 2",
    ),
    "a setter": (
        "class A:\n    @property\n    def size(self): ...\n"
        "    @size.setter\n    def size(self, x): self.y = 1\n"
        "def run(): A().size = 3",
        "self.y = 1", "self.y = 2",
    ),
    "a property of a named getter": (
        "class A:\n    def _get(self): return 1\n    size = property(_get)\ndef run(): return A().size",
        "return 1", "return 2",
    ),
    "a class method": (
        "class A:\n    @classmethod\n    def of(cls): return 1\ndef run(): return A.of()",
        "return 1", "return 2",
    ),
    "an inherited method": (
        "class A:\n    def go(self): return 1\nclass B(A): ...\ndef run(): return B().go()",
        "return 1", "return 2",
    ),
    "a method of super": (
        "class A:\n    def go(self): return 1\nclass B(A):\n    def go(self): return super().go()\n"
        "def run(): return B().go()",
        "return 1", "return 2",
    ),
    "a method that a base calls": (
        "class A:\n    def fit(self): return self._loss()\nclass B(A):\n    def _loss(self): return 1\n"
        "def run(): return B().fit()",
        "return 1", "return 2",
    ),
    "a method that a later method calls": (  # which names nothing else that is new
        "class A:\n    def go(self): return self.other\nclass B:\n    def start(self): return self.go()\n"
        "class C(A):\n    def other(self): return 1\ndef run(): return C, A, B().start()",
        "return 1", "return 2",
    ),
    "a method that an earlier one's caller spells": (
        "class A:\n    def last(self): return 1\nclass B:\n    def first(self): self.a.last()\n"
        "def run(): return A, B().first()",
        "return 1", "return 2",
    ),
    "an operator": (
        "class A:\n    def __matmul__(self, x): return 1\ndef run(): return A() @ A()", "return 1", "return 2"
    ),
    "a method of any name": (
        "class A:\n    def __getattr__(self, name): return 1\ndef run(): return A().go",
        "return 1", "return 2",
    ),
    "a method by a string": (
        "class A:\n    def go(self): return 1\ndef run(): return getattr(A(), 'go')()", "return 1", "return 2"
    ),
    "a method by a keyword": (
        "class A:\n    def go(self): return 1\ndef g(**names): return [getattr(A(), n) for n in names]\n"
        "def run(): return g(go=1)",
        "return 1", "return 2",
    ),
    "forward of a module of torch": (
        "import torch\nclass A(torch.nn.Module):\n    def forward(self, x): return 1\n"
        "def run(): return A()(1)",
        "return 1", "return 2",
    ),
    "backward of a function of torch": (
        "import torch\nclass A(torch.autograd.Function):\n    def backward(ctx, x): return 1\n"
        "def run(): return A.apply(1)",
        "return 1", "return 2",
    ),
    "_matvec of an operator of scipy": (
        "from scipy.sparse.linalg import LinearOperator, cg\nclass A(LinearOperator):\n"
        "    def _matvec(self, x): return 1\ndef run(): return cg(A(), 1)",
        "return 1", "return 2",
    ),
    "a hook of a class between": (
        "import torch\nclass A(torch.nn.Module): ...\nclass B(A):\n    def forward(self, x): return 1\n"
        "def run(): return B()(1)",
        "return 1", "return 2",
    ),
    "a field of a dataclass": (
        "@dataclass\nclass A:\n    rank: int = 1\ndef run(): return A().rank", "= 1", "= 2"
    ),
    "the order of fields": (
        "@dataclass\nclass A:\n    x: int\n    y: int\ndef run(): return A(1, 2)",
        "x: int\n    y", "y: int\n    x",
    ),
    "a field's factory": (
        "def g(): return 1\nclass A:\n    x: list = field(default_factory=g)\ndef run(): return A()",
        "return 1", "return 2",
    ),
    "a base class": (
        "class A: ...\nclass B:\n    x = 1\nclass C(A): ...\ndef run(): return C()",
        "class C(A)", "class C(B)",
    ),
    "a named tuple's method": (
        "class A(NamedTuple):\n    x: int\n    def go(self): return 1\ndef run(): return A(1).go()",
        "return 1", "return 2",
    ),
    "an entry of a table": ("T = {'a': 1, 'b': 2}\ndef run(): return T['a']", "'a': 1", "'a': 3"),
    "an entry that a default names": (
        "T = {'a': 1, 'b': 2}\ndef run(key='a'): return T[key]", "'a': 1", "'a': 3"
    ),
    "an entry that another table names": (
        "S = {'x': 'a'}\nT = {'a': 1, 'b': 2}\ndef run(): return T[S['x']]", "'a': 1", "'a': 3"
    ),
    "an entry that the keys of a table name": (
        "S = {'a': 0}\nT = {'a': 1, 'b': 2}\ndef run(): return [T[key] for key in S]", "'a': 1", "'a': 3"
    ),
    "an entry for a device": (
        "T = {'cpu': 1, 'cuda': 2}\ndef run(x): return T[x.device.type]", "'cuda': 2", "'cuda': 3"
    ),
    "what an entry names": (
        "def g(): return 1\nT = {'a': g}\ndef run(): return T['a']()",
        "return 1", "return 2",
    ),
    "an entry of an entry": ("T = {'a': {'b': 1}}\ndef run(key): return T['a'][key]", "'b': 1", "'b': 3"),
    "an entry got": ("T = {'a': 1}\ndef run(): return T.get('a', 2)", "'a': 1", "'a': 3"),
    "what is got in place of an entry": (
        "T = {'b': 1}\nD = 2\ndef run(): return T.get('a', D)",
        "D = 2", "D = 3",
    ),
    "a table gone through": ("T = {'a': 1}\ndef run(): return [*T.values()]", "'a': 1", "'a': 3"),
    "an entry more of it": ("T = {'a': 1}\ndef run(): return [*T]", "'a': 1", "'a': 1, 'b': 2"),
    "the order of it": ("T = {'a': 1, 'b': 2}\ndef run(): return [*T]", "'a': 1, 'b': 2", "'b': 2, 'a': 1"),
    "a table in another": (
        "S = {'a': 1}\nT = S | {'b': 2}\ndef run(): return T['b']", "'a': 1", "'a': 3"
    ),
    "a table passed on": (
        "T = {'a': 1}\ndef g(table, key): return table[key]\ndef run(key): return g(T, key)",
        "'a': 1", "'a': 3",
    ),
    "a table by another name": ("T = {'a': 1}\nS = T\ndef run(key): return S[key]", "'a': 1", "'a': 3"),
    "a key that is put together": (
        "T = {'a-x': 1}\ndef run(key): return T[f'{key}-x']", "'a-x': 1", "'a-x': 3"
    ),
    "an entry with a type": (
        "T: dict[str, int] = {'a': 1}\ndef run(): return T['a']", "'a': 1", "'a': 3"
    ),
    "whether there is an entry": ("T = {'b': 1}\ndef run(): return 'a' in T", "'b': 1", "'b': 1, 'a': 2"),
    "an entry by a key of another kind": (
        "K = 'a'\nT = {K: 1, 'b': 2}\ndef run(key): return T[key]", "'b': 2", "'b': 3"
    ),
    "an exception that is caught": (
        "class Stop(Exception): ...\ndef g(): raise Stop(1)\ndef run():\n    try: g()\n"
        "    except Stop as error: return error.args",
        "Stop(1)", "Stop(2)",
    ),
    "the kind of an error": ("def run(): raise ValueError('x')", "ValueError", "TypeError"),
    "a function that shares its name with a builtin": (
        "def sum(x): return 1\ndef run(): return sum([1])", "return 1", "return 2"
    ),
    "a name that a comprehension elsewhere has, too": (
        "from pkg.b import g\nX = [g for g in (1, 2)]\ndef run(): return g()\n# b.py\ndef g(): return 3",
        "return 3", "return 4",
    ),
}  # fmt: skip

# The same for what changes no number: the digest is the same.
SAME = {
    "a docstring": ("def run():\n    'x'\n    return 1", "'x'", "'y'"),
    "no docstring": ("def run():\n    'x'\n    return 1", "    'x'\n", ""),
    "a comment": ("def run(): return 1", "return 1", "return 1  # one"),
    "layout": ("def run(): return g(1, 2)", "g(1, 2)", "g(\n        1,\n        2,\n    )"),
    "quotes": ("def run(): return 'x'", "'x'", '"x"'),
    "an annotation": ("def run(x: int = 1) -> int: return x", "x: int = 1) -> int", "x=1)"),
    "the type of a constant": ("X: int = 1\ndef run(): return X", "X: int", "X"),
    "the type of a table": ("T: dict = {'a': 1}\ndef run(): return T['a']", "T: dict", "T"),
    "the type of a field": ("class A:\n    x: int = 1\ndef run(): return A", "x: int", "x: float"),
    "what an error says": ("def run(x):\n    if x: raise ValueError(f'{x}: no')", "no", "never"),
    "what an assertion says": ("def run(x): assert x, 'no'", "no", "never"),
    "what puts an error in words": (
        "def words(): return 'no'\ndef run(): raise ValueError(words())", "'no'", "'never'"
    ),
    "an import more": ("def run(): return 1", "def run", "import math\ndef run"),
    "a name for a library": ("import numpy as np\ndef run(): return np.ones(1)", "np", "numpy"),
    "an import from it": (
        "import math\ndef run(): return math.sin(1)", "import math\ndef run(): return math.sin(1)",
        "from math import sin\ndef run(): return sin(1)",
    ),
    "a function beside": ("def g(): return 1\ndef run(): return 3", "return 1", "return 2"),
    "a constant beside": ("X, Y = 1, 2\ndef run(): return X", "1, 2", "1, 3"),
    "a new function": ("def run(): return 3", "def run", "def other(): ...\ndef run"),
    "the order of definitions": (
        "def g(): return 1\ndef run(): return g()", "def g(): return 1\ndef run(): return g()",
        "def run(): return g()\ndef g(): return 1",
    ),
    "a method that is not called": (
        "class A:\n    def go(self): return 1\n    def stop(self): return 2\ndef run(): A().go()",
        "return 2", "return 3",
    ),
    "a new method": (
        "class A:\n    def go(self): ...\ndef run(): A().go()",
        "...", "...\n    def stop(self): ...",
    ),
    "the order of methods": (
        "class A:\n    def go(self): return self.on()\n    def on(self): ...\ndef run(): A().go()",
        "    def go(self): return self.on()\n    def on(self): ...",
        "    def on(self): ...\n    def go(self): return self.on()",
    ),
    "another entry": ("T = {'a': 1, 'b': 2}\ndef run(): return T['a']", "'b': 2", "'b': 3"),
    "a new entry": ("T = {'a': 1}\ndef run(key): return T[key], T.get(key), key in T", "1}", "1, 'b': g}"),
    "the order of entries that are looked up": (
        "T = {'a': 1, 'b': 2}\ndef run(): return T['a']", "'a': 1, 'b': 2", "'b': 2, 'a': 1"
    ),
    "a class beside": ("class A: ...\ndef run(): return A()", "def run", "class B(A): ...\ndef run"),
    "a function's name": ("def g(n): return g(n - 1)\ndef run(): return g(3)", "g(", "h("),
    "its own name": ("def run(n): return 1", "def run", "def other(): ...\ndef run"),
    "a constant's name": ("X = 1\ndef run(x=X): return X", "X", "LONGER"),
    "names of several": ("X, Y = g()\ndef run(): return X, Y", "X, Y", "A, B"),
    "a class's name": (
        "class A:\n    def of(): return A()\nclass B(A): ...\ndef run(): return B.of()", "A", "Longer"
    ),
    "a table's name": ("T = {'a': 1}\ndef run(): return T['a'], 'a' in T, T.get('a')", "T", "LONGER"),
    "a module's name": (
        "from pkg import b\ndef run(): return b.g()\n# b.py\ndef g(): return 1",
        "from pkg import b\ndef run(): return b.g()\n# b.py",
        "from pkg.s.c import g\ndef run(): return g()\n# s/c.py",
    ),
    "a move out of the module": (
        "X = 1\ndef g(): return X\ndef run(): return g()",
        "X = 1\ndef g(): return X\ndef run(): return g()",
        "from pkg.b import g\ndef run(): return g()\n# b.py\nfrom pkg import c\ndef g(): return c.Y\n"
        "# c.py\nY = 1",
    ),
    "an import inside": (
        "from pkg.b import g\ndef run(): return g()\n# b.py\ndef g(): return 1",
        "from pkg.b import g\ndef run(): return g()", "def run():\n    from pkg.b import g\n    return g()",
    ),
}  # fmt: skip


def replaced(text, old, new):
    assert old in text
    return text.replace(old, new)


@pytest.mark.parametrize("case", CHANGES)
def test_the_digest_changes_with(digest, case):
    text, old, new = CHANGES[case]
    assert digest(files(text)) != digest(files(replaced(text, old, new)))


@pytest.mark.parametrize("case", SAME)
def test_the_digest_does_not_change_with(digest, case):
    text, old, new = SAME[case]
    assert digest(files(text)) == digest(files(replaced(text, old, new)))


@pytest.mark.parametrize(
    ("parameters", "is_reached"),
    [
        ({"mask": "a"}, True),
        ({"mask": "b"}, False),
        ({"network": {"mask": ["b", "a"]}}, True),
        ({"shares": {"a": 0.5}}, True),  # a name in an object can be a key, too
        ({}, False),
    ],
)
def test_parameters_say_which_entries_are_looked_up(digest, parameters, is_reached):
    text = "T = {'a': 1, 'b': 2}\ndef run(mask, **other): return T[mask]"
    changed = digest(files(text), parameters) != digest(files(text.replace("'a': 1", "'a': 3")), parameters)
    assert changed == is_reached


def test_the_digest_is_of_the_function_and_not_of_its_name(digest):
    text = "def run(): return 1\ndef other(): return 1\ndef third(): return 2"
    one, two, three = (digest(files(text), function=f"pkg.a.{name}") for name in ("run", "other", "third"))
    assert one == two != three and len(one) == 32 and set(one) <= set("0123456789abcdef")


@pytest.mark.parametrize("function", ["pkg.a.gone", "pkg.gone.run", "gone.run", "run", "pkg.a.A.go"])
def test_a_function_that_is_not_there(digest, function):
    with pytest.raises(KeyError):
        digest(files("class A:\n    def go(self): ...\ndef run(): ..."), function=function)


def test_what_is_reached_names_definitions_and_their_members(tmp_path):
    text = "T = {'a': g, 'b': 2}\ndef g(): ...\nclass A:\n    def go(self): ...\n    def on(self): ...\n"
    code = write(tmp_path / "pkg", files(text + "def run(key): return T[key], A().go\ndef other(): ..."))
    assert code.reached("pkg.a.run", {"key": "b"}) == {
        ("pkg.a", "run"): set(), ("pkg.a", "T"): {"b"}, ("pkg.a", "A"): {"go"},
    }  # fmt: skip
    assert ("pkg.a", "g") in code.reached("pkg.a.run", {"key": "a"})


def test_a_function_is_found_again_by_its_digest(tmp_path):
    text = "def g(): return 1\ndef run(): return g()"
    before = write(tmp_path / "1" / "pkg", files(text)).digest("pkg.a.run", {})
    moved = files("from pkg.b import start\n# b.py\nfrom pkg import c\ndef start(): return c.h()\n")
    after = write(tmp_path / "2" / "pkg", moved | {"c.py": "def h(): return 1"})
    assert after.find(before, {}) == "pkg.b.start"
    assert after.find("0" * 32, {}) is None


# Random packages: definitions by number, each with a kind, a value, and the later ones that it names.
KINDS = ("function", "constant", "class", "entry")
plans = st.integers(2, 9).flatmap(
    lambda n: st.tuples(
        *(
            st.tuples(st.sampled_from(KINDS), st.lists(st.integers(i + 1, n), max_size=3, unique=True))
            for i in range(n)
        ),
        st.tuples(st.sampled_from(KINDS), st.just([])),
    )
)


def rendered(plan, seed, changed=None):
    """Return {file: text} of a plan, and the dotted names; where things stand is up to chance."""
    chance = random.Random(seed)
    homes = [chance.choice("abc") for _ in plan]
    names = [f"{chance.choice('fgh')}{number}" for number in chance.sample(range(100), len(plan))]
    blocks = {module: [] for module in "abc"}
    for i, (kind, named) in enumerate(plan):
        value = -1 if i == changed else i  # no other definition has it
        ways = {j: "bare" if homes[j] == homes[i] else chance.choice(["module", "inside"]) for j in named}
        calls = [f"{homes[j]}.{names[j]}" if ways[j] == "module" else names[j] for j in named]
        calls = [
            f"{call}['{j}']" if plan[j][0] == "entry" else call for call, j in zip(calls, named, strict=True)
        ]
        inside = [f"    from pkg.{homes[j]} import {names[j]}\n" for j in named if ways[j] == "inside"]
        docstring = chance.choice(["", f'    """{seed}"""\n'])
        result = f"[{', '.join([str(value), *calls])}]"
        function = f"def {{}}():\n{docstring}{''.join(inside)}    return {result}\n"
        if kind == "function":
            block = function.format(names[i])
        elif kind == "class":
            method = function.format("__init__").replace("\n", "\n    ").rstrip(" ")
            block = f"class {names[i]}:\n    {method}"
        else:  # what a constant names is imported above
            block = "".join(line.strip() + "\n" for line in inside)
            block += f"{names[i]} = {result if kind == 'constant' else f'{{{str(i)!r}: {result}}}'}\n"
        blocks[homes[i]].append(block)
    for module in blocks.values():
        chance.shuffle(module)
    header = "from pkg import a, b, c\n"
    texts = {f"{module}.py": header + "\n".join(parts) for module, parts in blocks.items()}
    return texts | {"__init__.py": ""}, [
        f"pkg.{home}.{name}" for home, name in zip(homes, names, strict=True)
    ]


def digests(plan, seed, changed=None):
    with tempfile.TemporaryDirectory() as folder:
        texts, functions = rendered(plan, seed, changed)
        code = write(Path(folder, "pkg"), texts)
        return [code.digest(function, {}) for function in functions]


@given(plans, st.integers(0, 1000), st.integers(0, 1000))
def test_names_places_order_and_prose_do_not_matter(plan, seed, other):
    assert digests(plan, seed) == digests(plan, other)


@given(plans, st.integers(0, 1000), st.data())
def test_a_change_is_one_of_what_reaches_it(plan, seed, data):
    changed = data.draw(st.integers(0, len(plan) - 1))
    reaches = {changed}
    for i in range(changed - 1, -1, -1):
        if reaches & set(plan[i][1]):
            reaches.add(i)
    if plan[changed][0] == "entry":
        reaches -= {changed}  # by itself a table looks nothing up
    before, after = digests(plan, seed), digests(plan, seed, changed)
    stale = {i for i in range(len(plan)) if before[i] != after[i]}
    entries = {i for i, (kind, _) in enumerate(plan) if kind == "entry"}
    assert stale - entries == reaches - entries
