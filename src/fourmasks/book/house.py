"""The map of the house: its floors and rooms, what each is for and what it imports, read from the code.

`python -m fourmasks.book.house` prints it, and with `--write` puts it into CONTRIBUTING.md.
"""

import argparse
import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from fourmasks.system.files import write_between
from fourmasks.system.paths import project_root

SOURCE = Path(__file__).resolve().parents[1]
MARKS = ("<!-- house -->", "<!-- /house -->")

# From the top, with the folders that lie on each; their subfolders lie there, too. A room imports from below.
FLOORS = {
    "Side by side": ("four",),
    "The papers, and the book": ("mmf", "pia", "lunet", "sparse", "book"),
    "What papers compare with": ("baselines",),
    "What experiments share": ("experiments", "learning", "pages", "claims"),
    "Data and records": ("data", "records"),
    "The machine": ("system",),
}


@dataclass(frozen=True)
class Room:
    """A folder of modules.

    Attributes
    ----------
    name : str
        Its path in the package, as "mmf/ratings".
    purpose : str
        The first sentence of its docstring.
    n_modules : int
        `__init__.py` apart.
    imports : tuple of str
        Names of the other rooms that its modules import, anywhere in the code.
    """

    name: str
    purpose: str
    n_modules: int
    imports: tuple[str, ...]


def rooms(source: Path = SOURCE) -> dict[str, Room]:
    """Return the rooms of a package by name, sorted; its root, which holds the version, is none."""
    found = {}
    for init in sorted(source.rglob("*/__init__.py")):
        name = init.parent.relative_to(source).as_posix()
        trees = {path: ast.parse(path.read_bytes()) for path in sorted(init.parent.glob("*.py"))}
        purpose = re.split(r"(?<=\.)\s+(?=[A-Z`])", ast.get_docstring(trees[init]) or "", maxsplit=1)[0]
        imports = {room for tree in trees.values() for room in _imports(tree, source)}
        found[name] = Room(
            name, " ".join(purpose.split()), len(trees) - 1, tuple(sorted(imports - {name, "."}))
        )
    return found


def floor_of(room: str) -> int | None:
    """Return the number of a room's floor, from the top; None if no floor has it."""
    folder = room.split("/")[0]
    return next((number for number, folders in enumerate(FLOORS.values()) if folder in folders), None)


def house_map(found: dict[str, Room]) -> str:
    """Return the map of rooms in Markdown, a table for each floor."""
    parts = []
    for number, (floor, folders) in enumerate(FLOORS.items()):
        lines = [f"**{floor}**", "", "| room | what it is for | modules | imports |", "|---|---|---|---|"]
        for folder in folders:
            for room in found.values():
                if floor_of(room.name) == number and room.name.split("/")[0] == folder:
                    imports = ", ".join(room.imports)
                    lines.append(f"| `{room.name}/` | {room.purpose} | {room.n_modules or ''} | {imports} |")
        parts.append("\n".join(lines))
    return "\n\n".join(parts)


def _imports(tree: ast.AST, source: Path) -> Iterator[str]:
    """Yield the rooms of the package that import statements in a module name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        for package, *path in (name.split(".") for name in names):
            if package == source.name:
                while not source.joinpath(*path, "__init__.py").is_file():
                    path.pop()  # a module, or what it defines
                yield "/".join(path) or "."


def main(arguments: list[str] | None = None) -> int:
    """Print the map, or write it."""
    parser = argparse.ArgumentParser(prog="python -m fourmasks.book.house", description=main.__doc__)
    parser.add_argument("--write", action="store_true", help="put it into CONTRIBUTING.md")
    options = parser.parse_args(arguments)
    if options.write:
        write_between(project_root() / "CONTRIBUTING.md", MARKS, house_map(rooms()))
    else:
        print(house_map(rooms()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
