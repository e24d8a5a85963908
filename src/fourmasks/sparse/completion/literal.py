"""Algorithm 1 of the paper as it is printed, line by line: for reading, for drawing, and for tests.

`corrected=True` adds what makes it the algorithm of `fast`: it asks whether the contributions have rank
one, looks at the entries in no support, and completes lines that must be zero. As printed, it can return
contributions without a missing value that are no decomposition, or not of rank one: Prop. 4.29 (ii) needs the
first two additions. Lines 4 to 11 look at all 2 x 2 submatrices, again and again: keep it to small sizes.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from fourmasks.sparse.completion.entries import Entries, checked
from fourmasks.sparse.completion.outcome import (
    AMBIGUOUS,
    INCOMPATIBLE,
    UNIQUE,
    Completion,
    Conflict,
    Incompatible,
    zero_of,
)
from fourmasks.sparse.supports.pair import SupportPair


@dataclass(frozen=True, eq=False)
class Stage:
    """A step of Algorithm 1, as in Figure 4.

    Attributes
    ----------
    name : str
        "initialization", "observable", "inside" or "across".
    C : array (r, m, n)
        The contributions so far, zero where missing.
    known : bool array (r, m, n)
        False where the paper writes "?".
    """

    name: str
    C: np.ndarray
    known: np.ndarray


def stages(Z, supports: SupportPair, *, tolerance: float | None = None) -> Iterator[Stage]:
    """Yield the stages of Algorithm 1 as printed; where it breaks the loop, `Incompatible` is raised.

    Parameters
    ----------
    Z : array-like (m, n)
        Integers and fractions are computed with exactly.
    supports : SupportPair
    tolerance : float or None, default None
        Size up to which numbers count as equal. Required for floats; exact entries take none.
    """
    yield from _Literal(Z, supports, tolerance).stages(corrected=False)


def complete_literally(
    Z, supports: SupportPair, *, tolerance: float | None = None, corrected: bool = True
) -> Completion:
    """Run Algorithm 1 literally, corrected or as printed; the other parameters are those of `stages`."""
    run, conflict, stage_of = _Literal(Z, supports, tolerance), None, np.full(supports.masks().shape, -1)
    try:
        for number, stage in enumerate(run.stages(corrected)):
            stage_of[stage.known & (stage_of < 0)] = number
    except Incompatible as found:
        (conflict,) = found.args
    entries = Entries.of(supports)
    where = entries.atom, entries.row, entries.column
    outcome = INCOMPATIBLE if conflict else UNIQUE if run.known.all() else AMBIGUOUS
    rounds = np.where(
        run.known, (stage_of - 1) // 2, -1
    )  # inside and across of one turn of the loop, from -1
    return Completion(outcome, entries, run.C[where], run.known[where], rounds[where], conflict)


class _Literal:
    def __init__(self, Z, supports, tolerance):
        self.Z, self.tolerance = checked(Z, supports.shape, tolerance)
        self.masks = supports.masks()
        self.rectangles = [supports.rectangle(i) for i in range(supports.rank)]
        self.C = np.full(self.masks.shape, zero_of(self.Z), self.Z.dtype)
        self.known = ~self.masks  # line 1, third case

    def stages(self, corrected):
        yield self.stage("initialization")
        for i, row, column in np.argwhere(self.masks & (self.masks.sum(0) == 1)):  # line 1, first case
            self.learn(i, row, column, self.Z[row, column])
        yield self.stage("observable")
        while self.completion_is_possible(corrected):  # line 2
            for i in range(len(self.C)):  # lines 3 to 12
                for place, value in self.inside(i):
                    self.learn(i, *place, value)
                if corrected:
                    for place in self.zero_lines(i):
                        self.learn(i, *place, zero_of(self.Z))
            yield self.stage("inside")
            self.check_sums()  # lines 13 to 17
            if corrected:
                self.check_ranks()
            for i, row, column in self.across():  # lines 18 to 22
                self.learn(i, row, column, self.Z[row, column] - self.C[:, row, column].sum())
            yield self.stage("across")
        if corrected:
            self.check_sums()
            self.check_ranks()

    def stage(self, name):
        return Stage(name, self.C.copy(), self.known.copy())

    def is_zero(self, value):
        return abs(value) <= self.tolerance

    def learn(self, i, row, column, value):
        self.C[i, row, column] = zero_of(self.Z) if self.is_zero(value) else value
        self.known[i, row, column] = True

    def completion_is_possible(self, corrected):
        atoms = range(len(self.C))
        return (
            any(True for _ in self.across())
            or any(True for i in atoms for _ in self.inside(i))
            or (corrected and any(True for i in atoms for _ in self.zero_lines(i)))
        )

    def submatrices(self, i):
        """Yield the four places a1, a2, a3, a4 of each 2 x 2 submatrix, around it as in line 4.

        Only those in the support: in any other, a missing entry stands opposite a zero.
        """
        rows, columns = self.rectangles[i]
        for upper, lower in combinations(rows, 2):
            for first, second in combinations(columns, 2):
                yield (upper, first), (upper, second), (lower, second), (lower, first)

    def inside(self, i):
        """Yield the completions by rank one; a caller that takes one changes what comes next."""
        for places in self.submatrices(i):
            missing = [a for a in range(4) if not self.known[i][places[a]]]
            if len(missing) == 1:
                (a,) = missing
                value = [self.C[i][place] for place in places]
                opposite = value[(a + 2) % 4]
                if not self.is_zero(opposite):
                    yield places[a], value[(a + 1) % 4] * value[(a + 3) % 4] / opposite

    def across(self):
        """Yield the entries that are the only missing ones of their position."""
        yield from np.argwhere(~self.known & ((~self.known).sum(0) == 1))

    def crossings(self, i):
        """Yield the known zeros of an atom, and whether their row and column have entries that are not."""
        nonzero = self.known[i] & (np.abs(self.C[i]) > self.tolerance).astype(bool)
        for row, column in np.argwhere(self.known[i] & ~nonzero & self.masks[i]):
            yield row, column, nonzero[row].any(), nonzero[:, column].any()

    def zero_lines(self, i):
        """Yield the missing entries of the lines that must be zero."""
        for row, column, in_row, in_column in self.crossings(i):
            if in_row and not in_column:
                yield from ((other, column) for other in np.flatnonzero(~self.known[i, :, column]))
            if in_column and not in_row:
                yield from ((row, other) for other in np.flatnonzero(~self.known[i, row]))

    def check_sums(self):
        for row, column in np.argwhere(self.known.all(0)):
            total, z = self.C[:, row, column].sum(), self.Z[row, column]
            if not self.is_zero(z - total):
                kind = "sum" if self.masks[:, row, column].any() else "outside"
                raise Incompatible(Conflict(kind, int(row), int(column), z, total))

    def check_ranks(self):
        for i in range(len(self.C)):
            for row, column, in_row, in_column in self.crossings(i):
                if in_row and in_column:
                    found = self.C[i, row, column]
                    raise Incompatible(Conflict("rank", int(row), int(column), found, None, i))
            for places in self.submatrices(i):
                if all(self.known[i][place] for place in places):
                    self.check_determinant(i, places)

    def check_determinant(self, i, places):
        value = [self.C[i][place] for place in places]
        largest = max(range(4), key=lambda a: abs(value[a]))
        if value[largest] == 0:
            return
        found = value[(largest + 2) % 4]
        expected = value[(largest + 1) % 4] * value[(largest + 3) % 4] / value[largest]
        if not self.is_zero(found - expected):
            row, column = (int(index) for index in places[(largest + 2) % 4])
            raise Incompatible(Conflict("rank", row, column, found, expected, i))
