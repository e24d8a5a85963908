"""Triples: each like once, and never an item that the user likes against it."""

import numpy as np
import pytest
import torch

from fourmasks.baselines.ranking.sampling import Triples
from fourmasks.data.ratings import make_ratings
from fourmasks.learning.ranking import pair_matrix

CPU = torch.device("cpu")


def likes_of_all(n_items, n_liked):
    return make_ratings(
        "some", np.zeros(n_liked), np.arange(n_liked), np.full(n_liked, 5), (1, n_items), (1, 5)
    )


def test_an_epoch_has_each_like_once_and_no_liked_item_against_it(likes):
    batches = list(Triples(likes, CPU).epoch(7, torch.Generator().manual_seed(0)))
    assert [len(users) for users, _, _ in batches] == [7] * 8 + [4]
    users, liked, others = (torch.cat(part).numpy() for part in zip(*batches, strict=True))
    assert sorted(zip(users, liked, strict=True)) == list(zip(likes.users, likes.items, strict=True))
    assert not pair_matrix(likes).toarray()[users, others].any()


def test_items_are_drawn_uniformly_from_the_others():
    triples = Triples(likes_of_all(8, 3), CPU)
    drawn = triples.draw(torch.zeros(50_000, dtype=torch.int64), torch.Generator().manual_seed(0))
    share = np.bincount(drawn, minlength=8) / len(drawn)
    assert share[:3].tolist() == [0, 0, 0]
    np.testing.assert_allclose(share[3:], 0.2, atol=0.01)


def test_what_gives_no_triples_is_refused(likes):
    with pytest.raises(ValueError, match="user 0 likes all 4 items"):
        Triples(likes_of_all(4, 4), CPU)
    with pytest.raises(ValueError, match="no pairs"):
        Triples(likes.take(slice(0, 0)), CPU)
