"""The package's definitions: what each module defines, as syntax that does not depend on where it stands.

A definition is a function, a constant, a class or a table. The methods of a class and the entries of a
table are definitions of their own, so that a change of one is no change of the others. The syntax of a
definition is taken without docstrings, comments, imports, annotations, and what a `raise` says: none of
these can change a number that a run gives. A reference to another definition is kept apart from the syntax
around it.
"""

import ast
import builtins
import functools
import importlib
import sys
from dataclasses import dataclass, field
from pathlib import Path

__all__ = ["Definition", "Modules", "Reference"]


@dataclass(frozen=True)
class Reference:
    """That a definition names another one.

    Attributes
    ----------
    module, name : str
        Of what is named.
    whole : bool
        Whether all of a table is used; if not, an entry is looked up in it.
    """

    module: str
    name: str
    whole: bool


@dataclass
class Definition:
    """A definition, or a method or entry that is part of one.

    Attributes
    ----------
    text : list of (str or Reference)
        Its syntax, cut where it names other definitions.
    spelled : set of str
        Attributes and strings that stand in it, by which methods are called and entries looked up.
    members : dict of str to Definition
        Methods by name, or entries by key.
    hooks : set of str
        Methods that a library can call: those that a base class from outside the package has, too.
    is_table : bool
    """

    text: list = field(default_factory=list)
    spelled: set[str] = field(default_factory=set)
    members: dict[str, "Definition"] = field(default_factory=dict)
    hooks: set[str] = field(default_factory=set)
    is_table: bool = False

    @property
    def references(self) -> list[Reference]:
        """The references in the order in which they stand."""
        return [part for part in self.text if isinstance(part, Reference)]


class Modules:
    """The modules of a package, read from their files and not imported.

    Parameters
    ----------
    root : path
        The package's folder; its name is the package's.
    """

    def __init__(self, root: str | Path):
        self.root = Path(root)
        self.package = self.root.name
        self._read, self._definitions = {}, {}

    def names(self) -> list[str]:
        """Return the dotted names of all modules, sorted."""
        files = (path.relative_to(self.root).with_suffix("") for path in self.root.rglob("*.py"))
        parts = ((self.package, *(part for part in file.parts if part != "__init__")) for file in files)
        return sorted(".".join(name) for name in parts)

    def has(self, module: str) -> bool:
        """Return whether there is a file of this module."""
        return self._file(module) is not None

    def defined(self, module: str) -> list[str]:
        """Return the names that a module defines, in its order."""
        return list(self._module(module)["statements"])

    def definition(self, module: str, name: str) -> Definition:
        """Return a definition by its module and name; KeyError if there is none."""
        key = module, name
        if key not in self._definitions:
            statements = self._module(module)["statements"][name]
            self._definitions[key] = _Reader(self, module).definition(name, statements)
        return self._definitions[key]

    def resolve(self, module: str, name: str) -> tuple[str, ...] | None:
        """Return what a global name in a module stands for.

        Returns
        -------
        tuple or None
            ("definition", module, name), ("module", dotted name) of this package, or ("outside", dotted
            name); None for a name that the module does not bind, such as `len`.
        """
        if name in self._module(module)["statements"]:
            return "definition", module, name
        target = self._module(module)["imports"].get(name)
        if target is None:
            return None
        base, attribute = target
        if attribute is None:
            return ("module" if self._inside(base) else "outside", base)
        if not self._inside(base):
            return "outside", f"{base}.{attribute}"
        if self.has(f"{base}.{attribute}"):
            return "module", f"{base}.{attribute}"
        return self.resolve(base, attribute) if self.has(base) else None

    def outside_attributes(self, dotted: str) -> set[str]:
        """Return the attributes of a class outside the package, as a library may call them."""
        module, _, name = dotted.rpartition(".")
        try:
            return set(dir(getattr(importlib.import_module(module), name)))
        except (ImportError, AttributeError, ValueError):
            return set(dir(getattr(builtins, dotted, object)))

    def _inside(self, module: str) -> bool:
        return module == self.package or module.startswith(f"{self.package}.")

    def _file(self, module: str) -> Path | None:
        if not self._inside(module):
            loaded = getattr(sys.modules.get(module), "__file__", None)
            return Path(loaded) if loaded and loaded.endswith(".py") else None
        path = self.root.joinpath(*module.split(".")[1:])
        candidates = (path / "__init__.py", path.with_suffix(".py"))
        return next((file for file in candidates if file.is_file()), None)

    def _module(self, module: str) -> dict:
        if module not in self._read:
            file = self._file(module)
            if file is None:
                raise KeyError(module)
            tree = ast.parse(file.read_bytes(), filename=str(file))
            statements = {}
            for node in tree.body:
                for name in _binds(node):
                    statements.setdefault(name, []).append(node)
            package = module if file.name == "__init__.py" else module.rpartition(".")[0]
            self._read[module] = {"statements": statements, "imports": _imports(tree, package)}
        return self._read[module]


def _binds(node: ast.stmt) -> list[str]:
    """Return the names that a statement of a module binds, imports apart."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return [node.name]
    stored = (n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store))
    inner = (n.name for n in ast.walk(node) if isinstance(n, ast.FunctionDef | ast.ClassDef))
    return [] if isinstance(node, ast.Expr) else list(dict.fromkeys((*stored, *inner)))


def _imports(tree: ast.Module, package: str) -> dict[str, tuple[str, str | None]]:
    """Return what the imports anywhere in a module bind: a module, or a module and a name in it."""
    found = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                top = alias.name.split(".")[0]
                found[alias.asname or top] = (alias.name if alias.asname else top, None)
        elif isinstance(node, ast.ImportFrom):
            parents = package.split(".")
            base = parents[: len(parents) - node.level + 1] if node.level else []
            base = ".".join(base + ([node.module] if node.module else []))
            for alias in node.names:
                found[alias.asname or alias.name] = (base, alias.name)
    return found


class _Reader:
    """Writes the syntax of definitions of one module."""

    def __init__(self, modules: Modules, module: str):
        self._modules, self._module = modules, module
        self._scopes: list[set[str]] = []
        self._names: dict[str, int] = {}

    def definition(self, name: str, statements: list[ast.stmt]) -> Definition:
        """Return the definition that some statements make of a name."""
        if len(statements) == 1:
            node = statements[0]
            if isinstance(node, ast.ClassDef):
                return self._class(node)
            value = _value_of(node, name)
            if value is not None:
                return self._table(value) if _is_table(value) else self._part(value)
        self._names = {name: 0}
        made = Definition()
        for node in statements:
            for bound in _binds(node):  # other names that the same statement binds are told by their place
                self._names.setdefault(bound, len(self._names))
            self._write(node, made)
        return made

    def _part(self, node) -> Definition:
        made = Definition()
        self._write(node, made)
        return made

    def _table(self, node: ast.Dict) -> Definition:
        entries = zip(node.keys, node.values, strict=True)
        return Definition(["table"], members={k.value: self._part(v) for k, v in entries}, is_table=True)

    def _class(self, node: ast.ClassDef) -> Definition:
        methods, rest = {}, []
        for part in node.body:
            is_method = isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef)
            if is_method and not part.name.startswith("__"):
                methods.setdefault(part.name, []).append(part)  # a property and its setter are one
            else:
                rest.append(part)
        made = self._part([node.decorator_list, node.bases, node.keywords, rest])
        made.members = {name: self._part(parts) for name, parts in methods.items()}
        made.hooks = {name for name in self._outside_names(node) if name in methods}
        return made

    def _outside_names(self, node: ast.ClassDef) -> set[str]:
        found = set()
        for base in node.bases:
            target = self._target(base)
            if target is None:
                found |= self._modules.outside_attributes(ast.unparse(base))
            elif target[0] == "outside":
                found |= self._modules.outside_attributes(target[1])
            elif target[0] == "definition":
                for statement in self._modules._module(target[1])["statements"][target[2]]:
                    if isinstance(statement, ast.ClassDef):
                        found |= _Reader(self._modules, target[1])._outside_names(statement)
        return found

    def _write(self, node, made: Definition, whole: bool = True) -> None:
        """Add the syntax of a node, independent of the Python version, to a definition."""
        if isinstance(node, list):
            made.text.append("[")
            for item in node:
                if not _says_nothing(item):
                    self._write(item, made, whole)
                    made.text.append(",")
            made.text.append("]")
        elif isinstance(node, ast.Name | ast.Attribute):
            self._write_name(node, made, whole)
        elif isinstance(node, ast.Raise):
            made.text.append("Raise")
        elif isinstance(node, ast.AST):
            self._write_node(node, made)
        else:
            made.text.append(ascii(node))

    def _write_node(self, node: ast.AST, made: Definition) -> None:
        inner = _bound_in(node)
        if inner is not None:
            self._scopes.append(inner)
        dropped = _DROPPED.get(type(node), ())
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name in self._names:
            dropped = (*dropped, "name")  # of a definition itself, which may be renamed
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            made.spelled.add(node.value)
        made.text.append(f"{type(node).__name__}(")
        for name, value in ast.iter_fields(node):
            if name not in dropped and value is not None and value != []:
                made.text.append(f"{name}=")
                self._write(value, made, whole=not _looks_up(node, name))
                made.text.append(",")
        made.text.append(")")
        if inner is not None:
            self._scopes.pop()

    def _write_name(self, node: ast.Name | ast.Attribute, made: Definition, whole: bool) -> None:
        target = self._target(node)
        if target is None and isinstance(node, ast.Attribute):
            made.spelled.add(node.attr)
            made.text.append(f"{node.attr} of ")
            self._write(node.value, made, whole=node.attr != "get")
        elif target is None:
            is_own = node.id in self._names and not self._is_local(node.id)
            made.text.append(f"own {self._names[node.id]}" if is_own else f"Name({node.id})")
        elif target[0] == "definition":
            made.text.append(Reference(target[1], target[2], whole))
        elif target[0] == "outside":
            made.text.append(f"outside {target[1]}")
        else:  # a module as a value: what is taken from it cannot be told
            names = sorted(self._modules.defined(target[1]))
            made.text.extend(Reference(target[1], name, True) for name in names)

    def _target(self, node: ast.expr) -> tuple[str, ...] | None:
        """Return what a name, or a chain of attributes of a module, stands for, as `Modules.resolve` does."""
        if isinstance(node, ast.Name):
            if self._is_local(node.id) or not isinstance(node.ctx, ast.Load):
                return None
            return self._modules.resolve(self._module, node.id)
        if not isinstance(node, ast.Attribute):
            return None
        base = self._target(node.value)
        if base is None or base[0] == "definition":
            return None
        if base[0] == "outside":
            return "outside", f"{base[1]}.{node.attr}"
        if self._modules.has(f"{base[1]}.{node.attr}"):
            return "module", f"{base[1]}.{node.attr}"
        return self._modules.resolve(base[1], node.attr)

    def _is_local(self, name: str) -> bool:
        return any(name in scope for scope in self._scopes)


# Annotations and the numbers of lines, which change nothing, and the kind of a string.
_DROPPED = {
    ast.arg: ("annotation", "type_comment"),
    ast.FunctionDef: ("returns", "type_comment"),
    ast.AsyncFunctionDef: ("returns", "type_comment"),
    ast.AnnAssign: ("annotation",),
    ast.Constant: ("kind",),
}


def _says_nothing(node: object) -> bool:
    """Return whether a statement is an import, or a string that stands alone."""
    is_string = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    return isinstance(node, ast.Import | ast.ImportFrom) or is_string and isinstance(node.value.value, str)


def _value_of(node: ast.stmt, name: str) -> ast.expr | None:
    """Return the value that an assignment gives to a name, if it gives it one of its own."""
    if isinstance(node, ast.AnnAssign):
        return node.value
    if not isinstance(node, ast.Assign) or len(node.targets) != 1:
        return None
    (target,) = node.targets
    if isinstance(target, ast.Name):
        return node.value
    if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
        pairs = zip(target.elts, node.value.elts, strict=False)
        return next((value for one, value in pairs if isinstance(one, ast.Name) and one.id == name), None)
    return None


def _is_table(node: ast.expr) -> bool:
    """Return whether a value is a dict whose keys are written as strings."""
    keys = node.keys if isinstance(node, ast.Dict) else []
    return bool(keys) and all(isinstance(k, ast.Constant) and isinstance(k.value, str) for k in keys)


def _looks_up(node: ast.AST, field_name: str) -> bool:
    """Return whether a node only looks up one entry in the table that stands in one of its fields."""
    if isinstance(node, ast.Compare):
        return field_name == "comparators" and all(isinstance(op, ast.In | ast.NotIn) for op in node.ops)
    is_plain = isinstance(node, ast.Subscript) and not isinstance(node.slice, ast.JoinedStr | ast.BinOp)
    return is_plain and field_name == "value"


@functools.singledispatch
def _bound_in(node: ast.AST) -> set[str] | None:
    """Return the names that are local to a node, or None if it has none of its own."""
    return None


@_bound_in.register(ast.FunctionDef)
@_bound_in.register(ast.AsyncFunctionDef)
@_bound_in.register(ast.Lambda)
def _(node) -> set[str]:
    given = node.args
    every = [*given.posonlyargs, *given.args, *given.kwonlyargs, given.vararg, given.kwarg]
    body = node.body if isinstance(node.body, list) else [node.body]
    found = {argument.arg for argument in every if argument is not None}
    shared = set()
    for inner in _own_nodes(body):
        if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store | ast.Del):
            found.add(inner.id)
        elif isinstance(inner, ast.FunctionDef | ast.ClassDef):
            found.add(inner.name)
        elif isinstance(inner, ast.ExceptHandler) and inner.name:
            found.add(inner.name)
        elif isinstance(inner, ast.Global):
            shared |= set(inner.names)
    return found - shared


@_bound_in.register(ast.ListComp)
@_bound_in.register(ast.SetComp)
@_bound_in.register(ast.DictComp)
@_bound_in.register(ast.GeneratorExp)
def _(node) -> set[str]:
    targets = (inner for part in node.generators for inner in ast.walk(part.target))
    return {inner.id for inner in targets if isinstance(inner, ast.Name)}


def _own_nodes(body: list):
    """Yield the nodes below some statements that are in the same scope."""
    waiting = list(body)
    while waiting:
        node = waiting.pop()
        yield node
        has_scope = _bound_in.dispatch(type(node)) is not _bound_in.dispatch(object)
        if not has_scope and not isinstance(node, ast.ClassDef):
            waiting.extend(ast.iter_child_nodes(node))
