"""Definitions: their syntax, which does not depend on where they stand, and what it names.

A definition is a function, a constant, a class or a table. The methods of a class and the entries of a
table are definitions of their own, so that a change of one is no change of the others. The syntax of a
definition is taken without docstrings, comments, imports, annotations, and what built-in exceptions say: none
of these can change a number that a run gives. A reference to another definition is kept apart from the syntax
around it; what it refers to, `modules` knows.

Some idioms are not followed, and the package has none of them (tests/records/test_definitions.py): statements
of a module that bind no name, such as `TABLE.update(...)`, `global`, names that a module both imports and
defines, `import *`, `eval` and the like, and functions that a decorator registers.
"""

import ast
import functools
from collections.abc import Iterator, Set
from dataclasses import dataclass, field


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
        Attributes, strings and keywords that stand in it, by which methods are called and entries looked up.
    members : dict of str to Definition
        Methods by name, or entries by key.
    hooks : set of str
        Methods that can be called though nothing spells them as an attribute: those that a base class from
        outside the package has, too, and those that the class itself names, as in `property(_get)`.
    is_table : bool
    """

    text: list = field(default_factory=list)
    spelled: set[str] = field(default_factory=set)
    members: dict[str, "Definition"] = field(default_factory=dict)
    hooks: set[str] = field(default_factory=set)
    is_table: bool = False

    @functools.cached_property
    def references(self) -> list[Reference]:
        """The references in the order in which they stand."""
        return [part for part in self.text if isinstance(part, Reference)]

    def write(self, part: "str | Reference") -> None:
        """Add to the text."""
        if isinstance(part, str) and self.text and isinstance(self.text[-1], str):
            self.text[-1] += part
        else:
            self.text.append(part)


def binds(node: ast.stmt) -> list[str]:
    """Return the names that a statement binds, imports apart."""
    found = []
    for part in own_nodes([node]):
        if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
            found.append(part.id)
        elif isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.ExceptHandler):
            found += [part.name] if part.name else []
    return list(dict.fromkeys(found))


class Reader:
    """Writes the syntax of definitions of one module.

    Parameters
    ----------
    modules : Modules
        Of the package, see `modules`.
    module : str
    """

    def __init__(self, modules, module: str):
        self._modules, self._module = modules, module
        self._scopes: list[dict[str, tuple | None]] = []  # local names, with what they import if they do
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
            for bound in binds(node):  # other names that the same statement binds are told by their place
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
        decorators = [one for parts in methods.values() for part in parts for one in part.decorator_list]
        named = {part.id for part in own_nodes([*rest, *decorators]) if isinstance(part, ast.Name)}
        made.hooks = self._inherited(node, methods.keys()) | named & methods.keys()
        return made

    def _inherited(self, node: ast.ClassDef, methods: Set[str]) -> set[str]:
        """Return which of some methods the bases outside the package have; all, where that cannot be told."""
        found = set()
        for base in node.bases:
            base = base.value if isinstance(base, ast.Subscript) else base  # as in Base[int]
            kind, *target = self._target(base) or ("outside", f"builtins.{ast.unparse(base)}")
            if kind == "definition":
                reader = Reader(self._modules, target[0])
                for statement in self._modules.statements(*target):
                    is_class = isinstance(statement, ast.ClassDef)
                    found |= reader._inherited(statement, methods) if is_class else methods
            else:
                known = self._modules.outside_attributes(target[0])
                found |= methods if known is None else methods & known
        return found

    def _write(self, node, made: Definition, whole: bool = True) -> None:
        """Add the syntax of a node, independent of the Python version, to a definition."""
        if isinstance(node, list):
            made.write("[")
            for item in node:
                if not _says_nothing(item):
                    self._write(item, made, whole)
                    made.write(",")
            made.write("]")
        elif isinstance(node, ast.Name | ast.Attribute):
            self._write_name(node, made, whole)
        elif isinstance(node, ast.Raise) and (name := self._builtin(node.exc)):
            made.write(f"Raise({name})")
        elif isinstance(node, ast.AST):
            self._write_node(node, made)
        else:
            made.write(ascii(node))

    def _write_node(self, node: ast.AST, made: Definition) -> None:
        made.write(f"{type(node).__name__}(")
        dropped = _DROPPED.get(type(node), ())
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name in self._names:
            dropped = (*dropped, "name")  # of a definition itself, which may be renamed
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            made.spelled.add(node.value)
        if isinstance(node, ast.keyword) and node.arg:
            made.spelled.add(node.arg)
        if isinstance(node, _COMPREHENSIONS):
            self._write(node.generators[0].iter, made)  # which does not see the variables
            node = _without_first_source(node)
        inner = self._local(node)
        for name, value in ast.iter_fields(node):
            if name not in dropped and value is not None and value != []:
                made.write(f"{name}=")
                # Defaults and decorators do not see the names of the function.
                is_inside = inner is not None and name not in ("args", "decorator_list")
                if is_inside:
                    self._scopes.append(inner)
                self._write(value, made, whole=not _looks_up(node, name))
                if is_inside:
                    self._scopes.pop()
                made.write(",")
        made.write(")")

    def _write_name(self, node: ast.Name | ast.Attribute, made: Definition, whole: bool) -> None:
        target = self._target(node)
        if target is None and isinstance(node, ast.Attribute):
            made.spelled.add(node.attr)
            made.write(f"{node.attr} of ")
            self._write(node.value, made, whole=whole or node.attr != "get")
        elif target is None:
            is_own = node.id in self._names and not self._is_local(node.id)
            made.write(f"own {self._names[node.id]}" if is_own else f"Name({node.id})")
        elif target[0] == "definition":
            made.write(Reference(target[1], target[2], whole))
        elif target[0] == "outside":
            made.write(f"outside {target[1]}")
        else:  # a module as a value: what is taken from it cannot be told
            for name in self._modules.defined(target[1]):
                made.write(Reference(target[1], name, True))

    def _target(self, node: ast.expr) -> tuple[str, ...] | None:
        """Return what a name, or a chain of attributes of a module, stands for, as `Modules.resolve` does."""
        if isinstance(node, ast.Name):
            if not isinstance(node.ctx, ast.Load):
                return None
            for scope in reversed(self._scopes):
                if node.id in scope:
                    return scope[node.id] and self._modules.imported(*scope[node.id])
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

    def _builtin(self, raised: ast.expr | None) -> str | None:
        """Return the name of a built-in exception; what others say can be read where they are caught."""
        raised = raised.func if isinstance(raised, ast.Call) else raised
        if isinstance(raised, ast.Name) and not self._is_local(raised.id) and self._target(raised) is None:
            return raised.id
        return None

    def _is_local(self, name: str) -> bool:
        return any(name in scope for scope in self._scopes)

    def _local(self, node: ast.AST) -> dict[str, tuple | None] | None:
        """Return the names that are local to a node, or None if it has none of its own."""
        if isinstance(node, _COMPREHENSIONS):
            targets = (part for one in node.generators for part in ast.walk(one.target))
            return {part.id: None for part in targets if isinstance(part, ast.Name)}
        if not isinstance(node, _FUNCTIONS):
            return None
        body = node.body if isinstance(node.body, list) else [node.body]
        names = [part.arg for part in ast.iter_child_nodes(node.args) if isinstance(part, ast.arg)]
        names += [name for statement in body for name in binds(statement)]
        return dict.fromkeys(names) | self._modules.imports(self._module, own_nodes(body))


_FUNCTIONS = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
_COMPREHENSIONS = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
_SCOPES = _FUNCTIONS | _COMPREHENSIONS | ast.ClassDef

# Annotations and messages, which change nothing, and how a string is written.
_DROPPED = {
    ast.arg: ("annotation", "type_comment"),
    ast.FunctionDef: ("returns", "type_comment"),
    ast.AsyncFunctionDef: ("returns", "type_comment"),
    ast.AnnAssign: ("annotation",),
    ast.Assert: ("msg",),
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
        if any(isinstance(part, ast.Starred) for part in (*target.elts, *node.value.elts)):
            return None
        pairs = zip(target.elts, node.value.elts, strict=True)
        return next((value for one, value in pairs if isinstance(one, ast.Name) and one.id == name), None)
    return None


def _without_first_source(node: ast.expr) -> ast.expr:
    """Return a comprehension without what its first loop runs over."""
    first, *others = node.generators
    first = ast.comprehension(first.target, None, first.ifs, first.is_async)
    return type(node)(**dict(ast.iter_fields(node)) | {"generators": [first, *others]})


def _is_table(node: ast.expr) -> bool:
    """Return whether a value is a dict whose keys are written as strings."""
    keys = node.keys if isinstance(node, ast.Dict) else []
    return bool(keys) and all(isinstance(k, ast.Constant) and isinstance(k.value, str) for k in keys)


def _looks_up(node: ast.AST, field_name: str) -> bool:
    """Return whether a node only looks up one entry in the table that stands in one of its fields."""
    if isinstance(node, ast.Compare):
        return field_name == "comparators" and all(isinstance(op, ast.In | ast.NotIn) for op in node.ops)
    if isinstance(node, ast.Call):  # of `get`, or it makes no difference
        return field_name == "func" and bool(node.args) and _is_key(node.args[0])
    return isinstance(node, ast.Subscript) and field_name == "value" and _is_key(node.slice)


def _is_key(node: ast.expr) -> bool:
    """Return whether an expression is a key that stands somewhere as it is, and is not put together here."""
    return isinstance(node, ast.Constant | ast.Name | ast.Attribute)


def own_nodes(body: list) -> Iterator[ast.AST]:
    """Yield the nodes below some statements that are in the same scope, in their order."""
    waiting = body[::-1]
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, _SCOPES):
            waiting.extend(reversed(list(ast.iter_child_nodes(node))))
