"""Which code made a result: a digest of the definitions that a function reaches, wherever they lie.

The rule. A function reaches what its code names, what that names in turn, and so on. Of a class it reaches
all that is no method, and those methods whose name something reached spells, as an attribute or a string,
or that a library can call because a base class of its own has them. Of a table, a dict whose keys are
written as strings, it reaches the entries whose key something reached spells or a parameter of the run is;
all, if the table is used otherwise than to look something up. This is what a run *can* reach: a branch that
it does not take counts. Modules in `ASIDE` do not count.

Names do not enter the digest, neither of modules nor of what they define: definitions are numbered in the
order in which they are first named, from the function on. So a move or a new name changes no digest.
"""

import functools
import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path

from fourmasks.records.definitions import Definition, Modules

ROOT = Path(__file__).resolve().parents[1]

# These keep the books around a run and cannot change its numbers: what they choose is in the record.
ASIDE = tuple(
    f"fourmasks.{room}"
    for room in (
        "book claims data.errors data.locate data.registry experiments.jobs experiments.profiles"
        " pages records system"
    ).split()
)


class Code:
    """The code of a package, for digests of what its functions reach.

    Parameters
    ----------
    root : path, default that of this package
        Its folder. A function outside of it must be loaded in this process from a file.
    """

    def __init__(self, root: str | Path = ROOT):
        self.modules = Modules(root)
        self._digests: dict[tuple[str, frozenset[str]], str] = {}

    def digest(self, function: str, parameters: Mapping[str, object]) -> str:
        """Return the digest of the code that a run reaches.

        Parameters
        ----------
        function : str
            Dotted name of the function that makes the run, as "fourmasks.mmf.ratings.run.run".
        parameters : mapping of str to JSON values
            Of the run. Only its strings matter: they say which entries of tables are looked up.

        Returns
        -------
        str
            32 hex digits.

        Raises
        ------
        KeyError
            If there is no such function.
        """
        key = function, frozenset(_strings(parameters))
        if key not in self._digests:
            self._digests[key] = _numbered(self, self._start(function), self.reached(function, parameters))
        return self._digests[key]

    def reached(self, function: str, parameters: Mapping[str, object]) -> dict[tuple[str, str], set[str]]:
        """Return what a run reaches: definitions by module and name, with the members that count of each."""
        start = self._start(function)
        found: dict[tuple[str, str], set[str]] = {}
        spelled, whole, waiting = set(_strings(parameters)), set(), []

        def note(definition: Definition) -> None:
            spelled.update(definition.spelled)
            for reference in definition.references:
                if is_aside(reference.module):
                    continue
                place = reference.module, reference.name
                if reference.whole:
                    whole.add(place)
                if place not in found:
                    found[place] = set()
                    waiting.append(place)

        found[start] = set()
        waiting.append(start)
        while waiting:
            while waiting:
                note(self.modules.definition(*waiting.pop()))
            for place, counted in list(found.items()):
                definition = self.modules.definition(*place)
                if definition.is_table and place in whole:
                    called = definition.members.keys()
                    spelled |= called
                else:
                    called = definition.members.keys() & (spelled | definition.hooks)
                for name in called - counted:
                    counted.add(name)
                    note(definition.members[name])
        return found

    def find(self, digest: str, parameters: Mapping[str, object]) -> str | None:
        """Return the dotted name of a function whose code has this digest, if there is one."""
        for module in self.modules.names():
            if not is_aside(module):
                for name in self.modules.defined(module):
                    if self.digest(f"{module}.{name}", parameters) == digest:
                        return f"{module}.{name}"
        return None

    def _start(self, function: str) -> tuple[str, str]:
        module, _, name = function.rpartition(".")
        if not self.modules.has(module) or name not in self.modules.defined(module):
            raise KeyError(function)
        return module, name


@functools.cache
def installed() -> Code:
    """Return the code of this package as it was when first asked for."""
    return Code()


def is_aside(module: str) -> bool:
    """Return whether a module keeps the books around runs and does not count as their code."""
    return any(module == room or module.startswith(f"{room}.") for room in ASIDE)


def _numbered(code: Code, start: tuple[str, str], reached: Mapping[tuple[str, str], set[str]]) -> str:
    """Return the digest of definitions, each by its place in the order in which they are first named."""
    numbers, order, sha256 = {start: 0}, [start], hashlib.sha256()

    def write(definition: Definition) -> None:
        for part in definition.text:
            if isinstance(part, str):
                sha256.update(part.encode())
            elif is_aside(part.module):
                sha256.update(b"aside")
            else:
                place = part.module, part.name
                if place not in numbers:
                    numbers[place] = len(numbers)
                    order.append(place)
                sha256.update(f"#{numbers[place]}".encode())

    for place in order:  # which grows
        definition = code.modules.definition(*place)
        sha256.update(b"\n")
        write(definition)
        for name in sorted(reached[place]):
            sha256.update(f"\n{name}:".encode())
            write(definition.members[name])
    return sha256.hexdigest()[:32]


def _strings(value: object) -> Iterable[str]:
    """Yield the strings in JSON values, the keys of objects apart."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping | list | tuple):
        for item in value.values() if isinstance(value, Mapping) else value:
            yield from _strings(item)
