"""All tuples of rank-one supports of a size, one for each class under exchanges that change nothing.

A row of the left support says which atoms the row belongs to: its type, a number whose binary digits are the
atoms. Up to the order of rows and columns a pair of supports is a multiset of types for the rows and one for
the columns; up to the order of the atoms and, for square products, transposition, the smallest of those.
"""

from collections.abc import Iterator, Sequence
from itertools import combinations_with_replacement, permutations
from math import comb

import numpy as np

from fourmasks.sparse.supports.pair import SupportPair

MAX_CANDIDATES = 3_000_000

Types = tuple[int, ...]


def support_classes(shape: tuple[int, int], rank: int) -> Iterator[tuple[Types, Types]]:
    """Yield the types of rows and of columns, one pair for each class in which all of both are in some atom
    and every atom has both.

    Parameters
    ----------
    shape : (int, int)
        Of the product.
    rank : int
        Number of atoms.

    Raises
    ------
    ValueError
        If there are more than `MAX_CANDIDATES` pairs of multisets to look at.
    """
    kinds = 2**rank - 1
    count = comb(shape[0] + kinds - 1, shape[0]) * comb(shape[1] + kinds - 1, shape[1])
    if count > MAX_CANDIDATES:
        raise ValueError(f"{count} candidates for {shape}, rank {rank}: expected at most {MAX_CANDIDATES}")
    renamings = [_renaming(order) for order in permutations(range(rank))]
    sides = [list(_covering(size, kinds)) for size in shape]
    renamed = [{types: [_sorted(types, r) for r in renamings] for types in side} for side in sides]
    for rows in sides[0]:
        if shape[0] != shape[1] and rows != min(renamed[0][rows]):
            continue  # then some renaming makes the rows, which are compared first, smaller
        for columns in sides[1]:
            variants = zip(renamed[0][rows], renamed[1][columns], strict=True)
            if all(_not_smaller(variant, (rows, columns), shape[0] == shape[1]) for variant in variants):
                yield rows, columns


def supports_of(rows: Sequence[int], columns: Sequence[int], rank: int) -> SupportPair:
    """Return the pair of supports with these types."""
    bits = 1 << np.arange(rank)
    return SupportPair(*((np.array(side, int)[:, None] & bits) > 0 for side in (rows, columns)))


def _covering(size, kinds):
    """Yield the multisets of types in which every atom occurs."""
    for types in combinations_with_replacement(range(1, kinds + 1), size):
        union = 0
        for kind in types:
            union |= kind
        if union == kinds:
            yield types


def _renaming(order):
    """Return for each type the type after the atoms are renamed."""
    return [sum(1 << order[d] for d in range(len(order)) if kind >> d & 1) for kind in range(2 ** len(order))]


def _sorted(types, renaming):
    return tuple(sorted(renaming[kind] for kind in types))


def _not_smaller(variant, given, square):
    return variant >= given and (not square or variant[::-1] >= given)
