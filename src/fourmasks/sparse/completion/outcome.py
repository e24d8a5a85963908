"""What Algorithm 1 returns: the contributions as far as they are known, and why it stopped."""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from fourmasks.sparse.completion.entries import Entries
from fourmasks.system.names import counted

UNIQUE, INCOMPATIBLE, AMBIGUOUS = "unique", "incompatible", "ambiguous"


@dataclass(frozen=True)
class Conflict:
    """Why no tuple of rank-one matrices in these supports sums to Z.

    Attributes
    ----------
    kind : str
        "outside": the entry is in no support, but not zero. "sum": all contributions to it are known, and do
        not sum to Z. "rank": the known entries of `atom` belong to no matrix of rank one.
    row, column : int
        The entry.
    found, expected : number
        "outside": the entry of Z, and 0. "sum": the entry of Z, and the sum. "rank": the value of the
        contribution, and what the atom's other entries ask for: None if any number but zero.
    atom : int or None
        For "rank".
    """

    kind: str
    row: int
    column: int
    found: object
    expected: object
    atom: int | None = None

    def __str__(self):
        place = f"entry ({self.row}, {self.column})"
        if self.kind == "outside":
            return f"{place} is in no support but {self.found}: expected 0"
        if self.kind == "sum":
            return f"{place} is {self.found}: the contributions sum to {self.expected}"
        asked = "a number other than 0" if self.expected is None else self.expected
        return f"{place} of contribution {self.atom} is {self.found}: rank one asks for {asked}"


class Incompatible(Exception):
    """Ends a completion; its argument is the `Conflict`."""


@dataclass(frozen=True, eq=False)
class Completion:
    """What Algorithm 1 found.

    Attributes
    ----------
    outcome : str
        "unique": all contributions are known, and no other tuple in Γ_S sums to Z (Prop. 4.29, (ii)).
        "incompatible": no tuple in Γ_S sums to Z (Prop. 4.29, (i)); `conflict` says where.
        "ambiguous": what is known is forced, but entries are left, and the algorithm decides nothing on them.
    entries : Entries
        The N entries of all supports.
    values : array (N,)
        Their values; zero where not known.
    known : bool array (N,)
    round : int array (N,)
        The round in which an entry became known; -1 where not known.
    conflict : Conflict or None
    bounds : float array (N,) or None
        Bounds on the errors of the known values, infinite where nothing is sure; None unless asked for.
    """

    outcome: str
    entries: Entries
    values: np.ndarray
    known: np.ndarray
    round: np.ndarray
    conflict: Conflict | None = None
    bounds: np.ndarray | None = None

    @property
    def missing(self) -> np.ndarray:
        """Atom, row and column of the entries that are left, an int array (number, 3)."""
        left = ~self.known
        return np.column_stack([self.entries.atom[left], self.entries.row[left], self.entries.column[left]])

    def contributions(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the contributions C and where they are known, two arrays (r, m, n): for small sizes.

        Off the supports, entries are known to be zero.
        """
        shape = (self.entries.rank, *self.entries.shape)
        C, known = np.full(shape, zero_of(self.values), self.values.dtype), np.ones(shape, bool)
        where = self.entries.atom, self.entries.row, self.entries.column
        C[where], known[where] = self.values, self.known
        return C, known

    def factors(self) -> tuple[np.ndarray, np.ndarray]:
        """Return X (m, r) and Y (n, r): the first non-zero entry of each column of X is 1.

        Both columns of an atom whose contribution is zero are zero, so that the factors are in IC: there
        they are unique up to scaling.

        Raises
        ------
        ValueError
            Unless the outcome is unique.
        """
        if self.outcome != UNIQUE:
            why = self.conflict or f"{counted(np.count_nonzero(~self.known), 'entry', 'entries')} left"
            raise ValueError(f"the outcome is {self.outcome} ({why}): expected unique, to have factors")
        entries, values = self.entries, self.values
        atoms, pivot = self._pivots()
        (m, n), rank = entries.shape, entries.rank
        X, Y = zeros((m, rank), values.dtype), zeros((rank, n), values.dtype).T  # Yᵀ is what products take
        vertices = np.flatnonzero(np.isin(entries.vertex_atom, atoms))
        atom, line = entries.vertex_atom[vertices], entries.vertex_line[vertices]
        in_pivots_line = entries.meeting(vertices, pivot[atom])
        rows = vertices < entries.n_rows
        X[line[rows], atom[rows]] = values[in_pivots_line[rows]] / values[pivot[atom[rows]]]
        Y[line[~rows], atom[~rows]] = values[in_pivots_line[~rows]]
        return X, Y

    def _pivots(self):
        """Return the atoms that are not zero, ascending, and for every atom its first entry that is not."""
        pivot = np.zeros(self.entries.rank, np.int64)
        found = []
        for atoms, rows, columns in self.entries.by_shape():
            pivot[atoms] = self.entries.first[rows[:, 0]]
            size = rows.shape[1] * columns.shape[1]
            for atom in atoms[self.values[pivot[atoms]] == 0]:
                pivot[atom] += (self.values[pivot[atom] : pivot[atom] + size] != 0).argmax()
            found.append(atoms[self.values[pivot[atoms]] != 0])
        return np.sort(np.concatenate([np.empty(0, np.int64), *found])), pivot


def zeros(shape: tuple[int, ...], dtype: np.dtype) -> np.ndarray:
    """Return zeros of an array's arithmetic."""
    return np.full(shape, Fraction(0), object) if dtype.kind == "O" else np.zeros(shape, dtype)


def zero_of(values: np.ndarray):
    """Return the zero of an array's arithmetic."""
    return Fraction(0) if values.dtype == object else values.dtype.type(0)
