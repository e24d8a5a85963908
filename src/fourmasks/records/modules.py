"""The modules of a package: what each defines, and what a name in it stands for."""

import ast
import importlib
import sys
from collections.abc import Iterable
from pathlib import Path

from fourmasks.records.definitions import Definition, Reader, binds, own_nodes


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

    def statements(self, module: str, name: str) -> list[ast.stmt]:
        """Return the statements of a module that bind a name."""
        return self._module(module)["statements"][name]

    def definition(self, module: str, name: str) -> Definition:
        """Return a definition by its module and name; KeyError if there is none."""
        key = module, name
        if key not in self._definitions:
            self._definitions[key] = Reader(self, module).definition(name, self.statements(*key))
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
        return target and self.imported(*target)

    def imported(self, base: str, attribute: str | None) -> tuple[str, ...] | None:
        """Return what an import of a module, or of a name in it, stands for, as `resolve` does."""
        if not self._inside(base):
            return "outside", f"{base}.{attribute}" if attribute else base
        if attribute is None:
            return "module", base
        if self.has(f"{base}.{attribute}"):
            return "module", f"{base}.{attribute}"
        return self.resolve(base, attribute) if self.has(base) else None

    def imports(self, module: str, nodes: Iterable[ast.AST]) -> dict[str, tuple[str, str | None]]:
        """Return what imports among nodes of a module bind: a module, or a module and a name in it."""
        parents = self._module(module)["package"].split(".")
        found = {}
        for node in nodes:
            if isinstance(node, ast.Import):
                for alias in node.names:
                    top = alias.name.split(".")[0]
                    found[alias.asname or top] = (alias.name if alias.asname else top, None)
            elif isinstance(node, ast.ImportFrom):
                base = parents[: len(parents) - node.level + 1] if node.level else []
                base = ".".join(base + ([node.module] if node.module else []))
                found |= {alias.asname or alias.name: (base, alias.name) for alias in node.names}
        return found

    def outside_attributes(self, dotted: str) -> set[str] | None:
        """Return the attributes of a class outside the package; None if it is not there."""
        module, _, name = dotted.rpartition(".")
        try:
            return set(dir(getattr(importlib.import_module(module), name)))
        except (ImportError, AttributeError, ValueError):
            return None

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
                for name in binds(node):
                    statements.setdefault(name, []).append(node)
            package = module if file.name == "__init__.py" else module.rpartition(".")[0]
            self._read[module] = read = {"statements": statements, "package": package}
            read["imports"] = self.imports(module, own_nodes(tree.body))
        return self._read[module]
