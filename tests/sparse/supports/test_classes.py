"""All pairs of supports of a size, one of each class."""

from itertools import permutations, product

import pytest

from fourmasks.sparse.supports.classes import support_classes, supports_of


def canonical(pair):
    """Return the same for pairs of one class, and for those only: the slow way."""
    sides = [[side[:, list(order)].tolist() for side in (pair.left, pair.right)]
             for order in permutations(range(pair.rank))]  # fmt: skip
    variants = [tuple(tuple(map(tuple, sorted(side))) for side in both) for both in sides]
    square = pair.shape[0] == pair.shape[1]
    return min(variants + [variant[::-1] for variant in variants] if square else variants)


@pytest.mark.parametrize("shape, rank", [((1, 2), 2), ((2, 2), 2), ((2, 3), 2), ((3, 3), 2), ((2, 2), 3)])
def test_one_pair_of_supports_for_each_class(shape, rank):
    listed = [canonical(supports_of(*types, rank)) for types in support_classes(shape, rank)]
    kinds = range(1, 2**rank)
    every = (
        supports_of(rows, columns, rank)
        for rows in product(kinds, repeat=shape[0])
        for columns in product(kinds, repeat=shape[1])
    )
    used = {canonical(p) for p in every if p.left.any(axis=0).all() and p.right.any(axis=0).all()}
    assert len(listed) == len(set(listed)) and set(listed) == used


def test_too_many_classes_are_refused():
    with pytest.raises(ValueError, match="candidates for .9, 9., rank 4: expected at most 3000000"):
        next(support_classes((9, 9), 4))
