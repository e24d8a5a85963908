"""The list of entries of all supports."""

import numpy as np
import pytest

from fourmasks.sparse.completion.entries import Entries, distinct, rationals
from fourmasks.sparse.supports.pair import SupportPair


def drawn():
    rng = np.random.default_rng(0)
    densities = np.repeat([0.2, 0.5, 0.8, 1.0], 5)
    return [SupportPair(rng.random((5, 3)) < d, rng.random((4, 3)) < d) for d in densities]


def test_all_entries_in_order():
    for supports in drawn():
        entries = Entries.of(supports)
        expected = np.argwhere(supports.masks())
        found = np.column_stack([entries.atom, entries.row, entries.column])
        assert np.array_equal(found, expected)
        assert np.array_equal(entries.position, expected[:, 1] * 4 + expected[:, 2])


def test_entries_of_a_vertex_and_vertices_of_an_atom():
    for supports in drawn():
        entries = Entries.of(supports)
        for vertex in range(len(entries.degree)):
            side = entries.left if vertex < entries.n_rows else entries.right
            found = entries.of_vertices(np.array([vertex]))
            assert np.array_equal(found, np.flatnonzero(side == vertex))
        atoms = np.array([0, 2])
        found = entries.vertices_of_atoms(atoms)
        assert np.array_equal(np.sort(found), np.flatnonzero(np.isin(entries.vertex_atom, atoms)))


def test_where_lines_meet():
    for supports in drawn():
        entries = Entries.of(supports)
        for entry in range(0, len(entries), 7):
            vertices = np.flatnonzero(entries.vertex_atom == entries.atom[entry])
            for vertex, met in zip(
                vertices, entries.meeting(vertices, np.full(len(vertices), entry)), strict=True
            ):
                ends = (vertex, entries.right[entry])
                ends = ends if vertex < entries.n_rows else (entries.left[entry], vertex)
                assert (entries.left[met], entries.right[met]) == ends


def test_distinct():
    assert distinct(np.array([3, 1, 3, 0, 1])).tolist() == [0, 1, 3]
    assert distinct(np.empty(0, int)).tolist() == []


def test_rationals():
    assert rationals([[1, 2]]).tolist() == [[1, 2]]
    with pytest.raises(ValueError, match="entry \\(0, 1\\) is 0.5"):
        rationals(np.array([[1, 0.5]], object))
