"""Which code made a result: a digest of the definitions that a function reaches, wherever they lie.

The rule. A function reaches what its code names, what that names in turn, and so on. Of a class it reaches
all that is no method, and those methods whose name something reached spells, as an attribute, a string or a
keyword, that the class itself names, or that a library can call because a base class of its own has them. Of
a table, a dict whose keys are written as strings, it reaches the entries whose key something reached spells
or a parameter of the run is; all, if the table is used otherwise than to look something up. This is what a
run *can* reach: a branch that it does not take counts. Modules in `ASIDE` do not count. A key must stand
somewhere as it is, in the code or the parameters: one that is put together elsewhere than between the
brackets of the table is not seen.

Names do not enter the digest, neither of modules nor of what they define: definitions are numbered in the
order in which they are first named, from the function on. So a move or a new name changes no digest.
"""

import functools
import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path

from fourmasks.records.definitions import Definition
from fourmasks.records.modules import Modules

ROOT = Path(__file__).resolve().parents[1]

# These keep the books around a run and cannot change its numbers: what they choose is in the record.
ROOMS = "book claims data.errors data.files data.locate data.registry experiments pages records system"
ASIDE = tuple(f"fourmasks.{room}" for room in ROOMS.split())

DEVICES = ("cpu", "cuda", "mps")  # no parameter says which a run is on, but tables have entries for them


class Code:
    """The code of a package, for digests of what its functions reach.

    Parameters
    ----------
    root : path, default that of this package
        Its folder. A function outside of it must be loaded in this process from a file.
    without : iterable of (module, name), default none
        Definitions that do not count either, nor what they alone reach.
    """

    def __init__(self, root: str | Path = ROOT, without: Iterable[tuple[str, str]] = ()):
        self.modules, self.without = Modules(root), frozenset(without)
        self._digests: dict[tuple[str, frozenset[str]], str] = {}

    def digest(self, function: str, parameters: Mapping[str, object]) -> str:
        """Return the digest of the code that a run reaches.

        Parameters
        ----------
        function : str
            Dotted name of the function that makes the run, as "fourmasks.mmf.ratings.run.run".
        parameters : mapping of str to JSON values
            Of the run. Only its strings matter, names among them: they say which entries of tables are looked
        up.

        Returns
        -------
        str
            32 hex digits.

        Raises
        ------
        KeyError
            If there is no such function.
        """
        key = function, frozenset(strings(parameters))
        if key not in self._digests:
            self._digests[key] = _numbered(self, self._start(function), self.reached(function, parameters))
        return self._digests[key]

    def reached(self, function: str, parameters: Mapping[str, object]) -> dict[tuple[str, str], set[str]]:
        """Return what a run reaches: definitions by module and name, with the members that count of each."""
        start = self._start(function)
        found: dict[tuple[str, str], set[str]] = {start: set()}
        spelled, whole = {*DEVICES, *strings(parameters)}, set()
        fresh = [self.modules.definition(*start)]
        divided = [(start, fresh[0])]
        while fresh:
            for definition in fresh:  # which grows
                spelled |= definition.spelled
                for reference in definition.references:
                    place = reference.module, reference.name
                    if self.is_aside(*place):
                        continue
                    named = self.modules.definition(*place)
                    if place not in found:
                        found[place] = set()
                        fresh.append(named)
                        if named.members:
                            divided.append((place, named))
                    if reference.whole and named.is_table:
                        whole.add(place)
                        spelled |= named.members.keys()
            fresh = []
            for place, definition in divided:  # all of them, as what was spelled since may be theirs
                for name, member in definition.members.items():
                    called = place in whole or name in spelled or name in definition.hooks
                    if called and name not in found[place]:
                        found[place].add(name)
                        fresh.append(member)
        return found

    def find(self, digest: str, parameters: Mapping[str, object]) -> str | None:
        """Return the dotted name of a function whose code has this digest, if there is one."""
        for module in self.modules.names():
            if not is_aside(module):
                for name in self.modules.defined(module):
                    if self.digest(f"{module}.{name}", parameters) == digest:
                        return f"{module}.{name}"
        return None

    def is_aside(self, module: str, name: str) -> bool:
        """Return whether a definition does not count."""
        return is_aside(module) or (module, name) in self.without

    def _start(self, function: str) -> tuple[str, str]:
        module, _, name = function.rpartition(".")
        if not self.modules.has(module) or name not in self.modules.defined(module):
            raise KeyError(function)
        return module, name


@functools.cache
def installed() -> Code:
    """Return the code of this package as it was when first asked for."""
    return Code()


@functools.cache
def is_aside(module: str) -> bool:
    """Return whether a module keeps the books around runs and does not count as their code."""
    return module == ROOT.name or any(module == room or module.startswith(f"{room}.") for room in ASIDE)


def _numbered(code: Code, start: tuple[str, str], reached: Mapping[tuple[str, str], set[str]]) -> str:
    """Return the digest of definitions, each by its place in the order in which they are first named."""
    numbers, order, sha256 = {start: 0}, [start], hashlib.sha256()

    def write(definition: Definition) -> None:
        for part in definition.text:
            if isinstance(part, str):
                sha256.update(part.encode())
            elif code.is_aside(part.module, part.name):
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
        # What is done with a whole table can depend on the order of its entries.
        for name in definition.members if definition.is_table else sorted(definition.members):
            if name not in reached[place]:
                continue
            sha256.update(f"\n{name}:".encode())
            write(definition.members[name])
    return sha256.hexdigest()[:32]


def strings(value: object) -> Iterable[str]:
    """Yield the strings in JSON values, names in objects among them."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping | list | tuple):
        for item in value:
            yield from strings(item)
        if isinstance(value, Mapping):
            yield from strings(list(value.values()))
