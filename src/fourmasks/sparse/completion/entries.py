"""The entries of all rank-one supports in one list, as edges of one large bipartite graph.

Atom i has a vertex for each of its rows and one for each of its columns (the two kinds of vertices of the
paper's Section 4.4.1); its support is the complete bipartite graph between them. The graphs of all atoms lie
side by side, so that one run of a graph algorithm serves all atoms.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from numbers import Rational, Real

import numpy as np

from fourmasks.sparse.supports.pair import SupportPair
from fourmasks.system.arrays import plain_array


@dataclass(frozen=True, eq=False)
class Entries:
    """All N entries (i, k, l), sorted by atom, row and column; row vertices come before column vertices.

    Attributes
    ----------
    shape : (int, int)
        Shape (m, n) of the product.
    rank : int
        Number r of atoms.
    vertex_atom, vertex_line : int array (V,)
        Atom of each vertex, and its row or column.
    n_rows : int
        Number of row vertices: those with smaller numbers.
    first, step, degree : int array (V,)
        The entries of vertex v are first[v], first[v] + step[v], …, degree[v] of them.
    """

    shape: tuple[int, int]
    rank: int
    vertex_atom: np.ndarray
    vertex_line: np.ndarray
    n_rows: int
    first: np.ndarray
    step: np.ndarray
    degree: np.ndarray

    @classmethod
    def of(cls, supports: SupportPair) -> "Entries":
        """List the entries of a pair of supports."""
        row_atom, rows = _sorted_by_atom(supports.left)
        column_atom, columns = _sorted_by_atom(supports.right)
        height = np.bincount(row_atom, minlength=supports.rank)
        width = np.bincount(column_atom, minlength=supports.rank)
        row_degree, first_column = width[row_atom], np.cumsum(width) - width
        start = np.cumsum(height * width) - height * width
        return cls(
            shape=supports.shape,
            rank=supports.rank,
            vertex_atom=np.concatenate([row_atom, column_atom]),
            vertex_line=np.concatenate([rows, columns]),
            n_rows=len(rows),
            first=np.concatenate(
                [
                    np.cumsum(row_degree) - row_degree,
                    (start - first_column)[column_atom] + np.arange(len(columns)),
                ]
            ),
            step=np.concatenate([np.ones(len(rows), int), width[column_atom]]),
            degree=np.concatenate([row_degree, height[column_atom]]),
        )

    def __len__(self) -> int:
        return int(self.degree[: self.n_rows].sum())

    @cached_property
    def left(self) -> np.ndarray:
        """Row vertex of each entry."""
        return np.repeat(np.arange(self.n_rows), self.degree[: self.n_rows])

    @cached_property
    def right(self) -> np.ndarray:
        """Column vertex of each entry."""
        row_atom, column_atom = self.sides()
        first_column = self.n_rows + np.searchsorted(column_atom, row_atom)
        found = np.arange(len(self))
        found += np.repeat(first_column - self.first[: self.n_rows], self.degree[: self.n_rows])
        return found

    @property
    def atom(self) -> np.ndarray:
        """Atom i of each entry."""
        return self.vertex_atom[self.left]

    @property
    def row(self) -> np.ndarray:
        """Row k of each entry."""
        return self.vertex_line[self.left]

    @property
    def column(self) -> np.ndarray:
        """Column l of each entry."""
        return self.vertex_line[self.right]

    @property
    def position(self) -> np.ndarray:
        """Where each entry lies in the flattened product."""
        return (self.vertex_line * self.shape[1])[self.left] + self.column

    def sides(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the atoms of the row vertices, and those of the column vertices."""
        return self.vertex_atom[: self.n_rows], self.vertex_atom[self.n_rows :]

    def by_shape(self) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
        """Yield atoms (a,) of one shape, and their row vertices (a, height) and column vertices (a, width).

        Atoms without entries are left out.
        """
        sizes = np.column_stack([np.bincount(side, minlength=self.rank) for side in self.sides()])
        start = np.cumsum(sizes, axis=0) - sizes + (0, self.n_rows)
        for shape in np.unique(sizes[sizes.all(axis=1)], axis=0):
            atoms = np.flatnonzero((sizes == shape).all(axis=1))
            rows, columns = (start[atoms, side, None] + np.arange(shape[side]) for side in (0, 1))
            yield atoms, rows, columns

    def of_vertices(self, vertices: np.ndarray) -> np.ndarray:
        """Return the entries of some vertices, one vertex after the other."""
        return arithmetic_ranges(self.first[vertices], self.step[vertices], self.degree[vertices])

    def meeting(self, vertices: np.ndarray, entries: np.ndarray) -> np.ndarray:
        """Return, for vertices and entries of the same atoms, where the line of the vertex meets the entry's
        row (for a column vertex) or column (for a row vertex)."""
        row = np.searchsorted(self.first[: self.n_rows], entries, "right") - 1
        first = self.first[row]
        place = entries - first  # in that row
        start = self.first[np.searchsorted(self.sides()[0], self.vertex_atom[row])]  # of the atom
        return self.first[vertices] + np.where(vertices < self.n_rows, place, first - start)

    def vertices_of_atoms(self, atoms: np.ndarray) -> np.ndarray:
        """Return the vertices of some atoms."""
        found = []
        for side in self.sides():
            first = np.searchsorted(side, atoms, "left")
            count = np.searchsorted(side, atoms, "right") - first
            found.append(arithmetic_ranges(first, np.ones(len(atoms), int), count))
        return np.concatenate([found[0], found[1] + self.n_rows])


def _sorted_by_atom(support):
    """Return the columns and the rows of the ones; much faster than `numpy.nonzero` on the transpose."""
    rows, atoms = np.divmod(np.flatnonzero(support), max(support.shape[1], 1))
    order = np.argsort(atoms, kind="stable")
    return atoms[order], rows[order]


def arithmetic_ranges(first: np.ndarray, step: np.ndarray, count: np.ndarray) -> np.ndarray:
    """Return first[0], first[0] + step[0], … (count[0] numbers), then first[1], …, in one array."""
    within = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    return np.repeat(first, count) + np.repeat(step, count) * within


def distinct(numbers: np.ndarray) -> np.ndarray:
    """Return the different ones of some integers, sorted; faster than `numpy.unique`, which hashes them."""
    numbers = np.sort(numbers)
    return numbers[np.diff(numbers, prepend=-1) > 0]


def checked(Z, shape: tuple[int, int], tolerance: float | None) -> tuple[np.ndarray, float]:
    """Return Z as fractions, float64 or complex128, and the size up to which an entry counts as zero.

    Parameters
    ----------
    Z : array-like (m, n)
        Integers and fractions are exact: they become fractions.Fraction in an object array.
    shape : (int, int)
        The expected shape.
    tolerance : float or None
        Required for floats; exact entries take none.

    Raises
    ------
    ValueError
        If Z has another shape, holds something else than such numbers, or the tolerance does not fit.
    """
    Z = plain_array("Z", Z)
    if Z.shape != shape:
        raise ValueError(f"the matrix has shape {Z.shape}: expected {shape}, as the supports have it")
    if Z.dtype.kind in "fc":
        if not (isinstance(tolerance, Real) and tolerance > 0):
            raise ValueError(f"tolerance = {tolerance!r}: floats need a positive one, such as 1e-9")
        if not np.isfinite(Z).all():
            place = tuple(int(i) for i in np.argwhere(~np.isfinite(Z))[0])
            raise ValueError(f"entry {place} of the matrix is {Z[place]}: expected finite numbers")
        return np.ascontiguousarray(Z, np.complex128 if Z.dtype.kind == "c" else np.float64), tolerance
    if tolerance is not None:
        raise ValueError(
            f"tolerance = {tolerance}: exact entries take none; turn them into floats to use one"
        )
    return rationals(Z), 0


def rationals(values) -> np.ndarray:
    """Return integers and fractions as fractions.Fraction in an object array; `ValueError` for others."""
    exact = np.empty(np.shape(values), object)
    for place, value in np.ndenumerate(np.asarray(values, object)):
        if not isinstance(value, Rational):
            raise ValueError(f"entry {place} is {value!r}: expected an integer, a fraction, or floats only")
        exact[place] = Fraction(int(value.numerator), int(value.denominator))
    return exact
