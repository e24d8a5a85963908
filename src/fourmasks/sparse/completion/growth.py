"""The state of the fast Algorithm 1, and a round of it: completion as growth of connected components."""

import numpy as np
from scipy.sparse import coo_array, csgraph

from fourmasks.sparse.completion.entries import Entries, distinct
from fourmasks.sparse.completion.outcome import Conflict, Incompatible, zero_of

NOTHING = np.empty(0, np.int64)


class Growth:
    """What is known of the contributions so far.

    Each vertex has a potential. Inside a connected component of known non-zero entries, an entry is the
    potential of its row vertex times that of its column vertex (Prop. 4.18): a component knows all its
    entries, and joining two takes one factor, which the smaller one's potentials are multiplied with (on the
    other side: divided by). A vertex whose factor must be zero is marked. A position of Z knows what is left
    of it, how many of its contributions are missing, and the sum of their numbers, which is the number of the
    missing one if there is only one.

    Parameters
    ----------
    Z : array (m, n)
    entries : Entries
    zero, mismatch : float
        Sizes up to which an entry counts as zero, and two values as equal.
    noise : float, optional
        Bound on the errors of the entries of Z; then bounds are carried along.
    """

    def __init__(self, Z: np.ndarray, entries: Entries, zero: float, mismatch: float, noise: float | None):
        n_vertices = len(entries.degree)
        self.entries, self.zero, self.mismatch, self.null = entries, zero, mismatch, zero_of(Z)
        self.cells, self.position = _cells(entries, Z.size)
        self.Z, self.residual = Z, Z.ravel()[self.cells]  # a copy
        self.n_missing = np.bincount(self.position, minlength=len(self.cells))
        self.sum_missing = np.zeros(len(self.cells), np.int64)
        shared = np.flatnonzero(self.n_missing[self.position] > 1)
        np.add.at(self.sum_missing, self.position[shared], shared)
        self.known, self.n_left = np.zeros(len(entries), bool), len(entries)
        self.round = np.full(len(entries), -1)
        self.label, self.size = np.arange(n_vertices), np.ones(n_vertices, np.int64)
        self.potential = np.full(n_vertices, self.null + 1, Z.dtype)
        self.is_zero = np.zeros(n_vertices, bool)
        self.error = None if noise is None else np.full(len(self.cells), float(noise))
        self.log_error = None if noise is None else np.zeros(n_vertices)
        self.bound = None if noise is None else np.full(len(entries), np.inf)
        self._n_rounds, self._some_zero = 0, False
        self._node, self._heir = np.zeros(n_vertices, np.int64), np.arange(n_vertices)
        self._moved = np.zeros(n_vertices, bool)

    def observable(self) -> np.ndarray:
        """Return the entries that are alone at their position (Def. 4.17)."""
        outside = (np.abs(self.Z.ravel()) > self.mismatch).astype(bool)
        outside[self.cells[self.n_missing > 0]] = False
        if outside.any():
            row, column = divmod(int(outside.argmax()), self.entries.shape[1])
            raise Incompatible(Conflict("outside", row, column, self.Z[row, column], self.null))
        return np.flatnonzero(self.n_missing[self.position] == 1)

    def absorb(self, last: np.ndarray) -> np.ndarray:
        """Do a round: take the entries that are the last missing ones of their positions, complete inside all
        atoms, and return the entries that have thereby become the last missing ones."""
        where = self.position[last]
        value = self.residual[where]
        self.residual[where], self.n_missing[where] = self.null, 0
        self._learn(last)
        nonzero = (np.abs(value) > self.zero).astype(bool)
        every = nonzero.all()
        fresh, moved = self._merge(*((last, value) if every else (last[nonzero], value[nonzero])))
        inside = self._inside(moved)
        self._learn(inside)
        forced = self._zero_lines(NOTHING if every else last[~nonzero], fresh)
        self._learn(forced)
        if self.error is not None:
            direct = np.abs(self.values(last) - value) + self.error[where]
            self.bound[last] = np.minimum(direct, self._path_bounds(last))
            self.bound[inside], self.bound[forced] = self._path_bounds(inside), 0.0
        self._n_rounds += 1
        return self._subtract(np.concatenate([inside, forced]))

    def values(self, entries: np.ndarray) -> np.ndarray:
        """Return the values of known entries."""
        left, right = self.entries.left[entries], self.entries.right[entries]
        together = self.label[left] == self.label[right]
        return np.where(together, self.potential[left] * self.potential[right], self.null)

    def _path_bounds(self, entries):
        """Return bounds on the errors of known entries, from the entries on the way through the component;
        what counts as zero is taken to be zero."""
        left, right = self.entries.left[entries], self.entries.right[entries]
        value = np.abs(self.values(entries))
        with np.errstate(over="ignore", invalid="ignore"):
            bound = value * np.expm1(self.log_error[left] + self.log_error[right])
        return np.where(value > 0, bound, 0.0)

    def _learn(self, entries):
        self.known[entries], self.round[entries] = True, self._n_rounds
        self.n_left -= len(entries)

    def _merge(self, new, value):
        """Join components by entries that are not zero; return the vertices that were in none, and those
        whose component has been absorbed by a larger one."""
        left, right = self.entries.left[new], self.entries.right[new]
        fresh, moved, between = [NOTHING], [NOTHING], np.arange(len(new))
        while len(between):  # each component takes one of its edges, so that their number halves at least
            a, b = self.label[left[between]], self.label[right[between]]
            taken = self._one_for_each(a, b)
            few = between[taken]
            nodes, place = self._compact(np.concatenate([a[taken], b[taken]]))
            fresh.append(nodes[self.size[nodes] == 1])
            moved.append(self._join(nodes, place[: len(few)], place[len(few) :], new[few], value[few]))
            between = between[self.label[left[between]] != self.label[right[between]]]
        self._check("rank", new, value, self.potential[left] * self.potential[right])
        return np.concatenate(fresh), distinct(np.concatenate(moved))

    def _one_for_each(self, a, b):
        """Return the first edge of each component, for edges between components a and b."""
        turn = np.arange(len(a))
        self._node[b[::-1]] = turn[::-1]
        self._node[a[::-1]] = turn[::-1]
        return np.flatnonzero((self._node[a] == turn) | (self._node[b] == turn))

    def _join(self, nodes, of_left, of_right, new, value):
        """Join the components `nodes` by entries between them; return the vertices that get a new label."""
        left, right = self.entries.left[new], self.entries.right[new]
        parent, edge, root = spanning_forest(of_left, of_right, self.size[nodes])
        below = np.flatnonzero(parent != np.arange(len(nodes)))
        edge, by_left = edge[below], of_left[edge[below]] == below
        ratio = value[edge] / (self.potential[left[edge]] * self.potential[right[edge]])
        scale = np.full(len(nodes), self.null + 1, self.potential.dtype)
        scale[below] = np.where(by_left, ratio, 1 / ratio)
        log_error = np.zeros(len(nodes))
        if self.error is not None:
            own = log_bound(self.error[self.position[new[edge]]], np.abs(value[edge]))
            log_error[below] = own + self.log_error[left[edge]] + self.log_error[right[edge]]
        while not np.array_equal(parent, root):  # the path to the root gets half as long
            scale, log_error = scale * scale[parent], log_error + log_error[parent]
            parent = parent[parent]
        return self._relabel(nodes, root, below, scale, log_error)

    def _relabel(self, nodes, root, below, scale, log_error):
        """Give the vertices of absorbed components their new label and potential; return them."""
        self._heir[nodes] = nodes[root]
        np.add.at(self.size, nodes[root[below]], self.size[nodes[below]])
        vertices = self.entries.vertices_of_atoms(distinct(self.entries.vertex_atom[nodes[below]]))
        vertices = vertices[self._heir[self.label[vertices]] != self.label[vertices]]
        node = self._node[self.label[vertices]]
        factor = np.where(vertices < self.entries.n_rows, scale[node], 1 / scale[node])
        self.potential[vertices] = self.potential[vertices] * factor
        if self.error is not None:
            self.log_error[vertices] += log_error[node]
        self.label[vertices] = self._heir[self.label[vertices]]
        return vertices

    def _inside(self, moved):
        """Return the missing entries that a component knows since these vertices joined it."""
        if not self.n_left:
            return NOTHING
        self._moved[moved] = True
        rows, columns = (self.entries.of_vertices(part) for part in self._sides(moved))
        columns = columns[~self._moved[self.entries.left[columns]]]  # each entry once
        self._moved[moved] = False
        near = np.concatenate([rows, columns])
        near = near[~self.known[near]]
        return near[self.label[self.entries.left[near]] == self.label[self.entries.right[near]]]

    def _sides(self, vertices):
        is_row = vertices < self.entries.n_rows
        return vertices[is_row], vertices[~is_row]

    def _zero_lines(self, zeros, fresh):
        """Return the missing entries of the lines that must be zero: those that have a zero where they cross
        a line with another entry. `zeros` are new, lines of `fresh` vertices have just got their first."""
        self._some_zero |= len(zeros) > 0
        if not self._some_zero:
            return NOTHING
        near = self.entries.of_vertices(fresh)
        near = near[self.known[near]]
        near = near[self.label[self.entries.left[near]] != self.label[self.entries.right[near]]]
        crossings = np.concatenate([zeros, near])
        left, right = self.entries.left[crossings], self.entries.right[crossings]
        by_left, by_right = self.size[self.label[left]] > 1, self.size[self.label[right]] > 1
        both = by_left & by_right
        self._check_zeros(crossings[both])
        forced = distinct(np.concatenate([right[by_left & ~both], left[by_right & ~both]]))
        forced = forced[~self.is_zero[forced]]
        self.is_zero[forced] = True
        lines = distinct(self.entries.of_vertices(forced))
        return lines[~self.known[lines]]

    def _check_zeros(self, zeros):
        """Raise `Incompatible` if one of these, where two lines with other entries cross, cannot be zero."""
        together = self.label[self.entries.left[zeros]] == self.label[self.entries.right[zeros]]
        same = zeros[together]
        self._check("rank", same, np.full(len(same), self.null, self.Z.dtype), self.values(same))
        if not together.all() and self.mismatch < np.inf:
            raise Incompatible(self._conflict("rank", zeros[~together][0], self.null, None))

    def _subtract(self, inside):
        """Take entries known by rank one out of their positions; return the only ones that are left there."""
        if not len(inside):
            return NOTHING
        where = self.position[inside]
        np.subtract.at(self.residual, where, self.values(inside))
        np.subtract.at(self.n_missing, where, 1)
        np.subtract.at(self.sum_missing, where, inside)
        if self.error is not None:
            np.add.at(self.error, where, self.bound[inside])
        where, first = np.unique(where, return_index=True)
        done = self.n_missing[where] == 0
        z = self.Z.ravel()[self.cells[where[done]]]
        self._check("sum", inside[first[done]], z, z - self.residual[where[done]])
        return self.sum_missing[where[self.n_missing[where] == 1]]

    def _check(self, kind, entries, found, expected):
        """Raise `Incompatible` at the first difference."""
        wrong = np.flatnonzero(np.abs(found - expected) > self.mismatch)
        if len(wrong):
            w = wrong[0]
            raise Incompatible(self._conflict(kind, entries[w], found[w], expected[w]))

    def _conflict(self, kind, entry, found, expected):
        e = self.entries
        atom, row, column = int(e.atom[entry]), int(e.row[entry]), int(e.column[entry])
        return Conflict(kind, row, column, found, expected, atom if kind == "rank" else None)

    def _compact(self, labels):
        """Return the labels without repetition, and the place of each label there; no sorting."""
        turn = np.arange(len(labels))
        self._node[labels] = turn
        nodes = labels[self._node[labels] == turn]
        self._node[nodes] = np.arange(len(nodes))
        return nodes, self._node[labels]


def _cells(entries, size):
    """Return the places of Z that entries lie in, and which one each lies in; if Z is small, all places."""
    if size <= 2 * len(entries):
        return np.arange(size), entries.position
    return np.unique(entries.position, return_inverse=True)


def spanning_forest(a: np.ndarray, b: np.ndarray, weight: np.ndarray):
    """Return a breadth-first forest of the graph with the edges (a, b), rooted at the heaviest nodes.

    Returns
    -------
    parent, edge, root : int arrays (n,)
        Of each node; a root is its own parent, and its edge is meaningless.
    """
    n = len(weight)
    _, group = csgraph.connected_components(coo_array((np.ones(len(a)), (a, b)), (n, n)), directed=False)
    order = np.argsort(weight, kind="stable")
    roots = np.empty(group.max() + 1, np.int64)
    roots[group[order]] = order  # the last one stays
    above = np.full(len(roots), n)  # a node above all roots makes one search enough
    edges = np.concatenate([a, above]), np.concatenate([b, roots])
    graph = coo_array((np.ones(len(edges[0])), edges), (n + 1, n + 1)).tocsr()
    _, parent = csgraph.breadth_first_order(graph, n, directed=False, return_predecessors=True)
    parent = parent[:n].astype(np.int64)
    parent[roots] = roots
    edge, turn = np.zeros(n, np.int64), np.arange(len(a))
    down, up = parent[b] == a, parent[a] == b
    edge[b[down]], edge[a[up]] = turn[down], turn[up]
    return parent, edge, roots[group]


def log_bound(error: np.ndarray, size: np.ndarray) -> np.ndarray:
    """Return how far the logarithm of a number can be from that of its estimate: -log(1 - error / size).

    Infinite if the error reaches the size. Under products and quotients such bounds add up exactly.
    """
    with np.errstate(divide="ignore"):
        return -np.log1p(-np.minimum(error / size, 1.0))
