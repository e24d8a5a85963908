"""The three ways to multiply at rated pairs agree with plain loops."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from fourmasks.mmf.models import pairs as module
from fourmasks.mmf.models.pairs import Pairs

WAYS = (module._Dense, module._Gathered, module._Sparse)


@pytest.fixture(params=WAYS)
def way(request):
    if request.param is module._Sparse and not torch.backends.mkl.is_available():
        pytest.skip("torch was built without MKL")
    return request.param


def instance(seed, n, n_users=9, n_items=6, width=4):
    generator = torch.Generator().manual_seed(seed)
    users = torch.randint(0, n_users, (n,), generator=generator)
    items = torch.randint(0, n_items, (n,), generator=generator)

    def draw(*shape):
        return torch.randn(*shape, generator=generator, dtype=torch.float64)

    return users, items, draw(n_users, width), draw(n_items, width), draw(n)


def test_users_and_items_are_the_batchs_own_and_rows_point_to_them():
    found = Pairs(torch.tensor([7, 2, 7]), torch.tensor([5, 5, 0]))
    assert found.users.tolist() == [2, 7] and found.items.tolist() == [0, 5]
    assert found.users[found.rows].tolist() == [7, 2, 7]
    assert found.items[found.columns].tolist() == [5, 5, 0]


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000), n=st.integers(1, 50))
def test_products_and_spread_agree_with_loops(seed, n):
    users, items, left, right, weights = instance(seed, n)
    pairs = Pairs(users, items)
    mine, others = left[pairs.users], right[pairs.items]
    expected = torch.stack([left[u] @ right[i] for u, i in zip(users, items, strict=True)])
    by_user, by_item = torch.zeros_like(left), torch.zeros_like(right)
    for u, i, weight in zip(users, items, weights, strict=True):
        by_user[u] += weight * right[i]
        by_item[i] += weight * left[u]
    ways = WAYS if torch.backends.mkl.is_available() else WAYS[:2]
    for products in (one(pairs) for one in ways):
        torch.testing.assert_close(products.at(mine, others), expected)
        to_left, to_right = products.spread(weights, mine, others)
        torch.testing.assert_close(to_left, by_user[pairs.users])
        torch.testing.assert_close(to_right, by_item[pairs.items])


def test_a_full_block_is_multiplied_densely_and_a_thin_one_is_not():
    grid = torch.cartesian_prod(torch.arange(5), torch.arange(4)).T
    assert isinstance(Pairs(*grid)._products, module._Dense)
    diagonal = torch.arange(200)
    assert not isinstance(Pairs(diagonal, diagonal)._products, module._Dense)


def test_ways_give_what_they_are_given_in(way):
    users, items, left, right, weights = instance(3, 30)
    pairs = Pairs(users, items)
    mine, others = left[pairs.users].float(), right[pairs.items].float()
    products = way(pairs)
    assert products.at(mine, others).dtype == torch.float32
    assert all(part.dtype == torch.float32 for part in products.spread(weights.float(), mine, others))
