"""Surprise's factorization: the library's own predictions, for known and for unknown users and items."""

import numpy as np
import pandas as pd
import pytest

from fourmasks.data.ratings import make_ratings
from fourmasks.four.models.surprise_svd import SurpriseSVD

surprise = pytest.importorskip("surprise")


def drawn(unknown_user=None, unknown_item=None):
    """Return ratings in which the first user has rated all items, but for one perhaps."""
    there = np.random.default_rng(0).random((12, 9)) < 0.5
    there[0] = there[:, 0] = True
    if unknown_user is not None:
        there[unknown_user] = there[:, unknown_item] = False
    users, items = np.nonzero(there)
    values = np.random.default_rng(1).integers(1, 6, len(users))
    return make_ratings("m", users, items, values, (12, 9), (1, 5))


def test_predictions_are_those_of_the_library():
    ratings = drawn()
    model = SurpriseSVD(rank=4, epochs=7, random_state=5).fit(ratings)
    frame = pd.DataFrame({"u": ratings.users, "i": ratings.items, "r": ratings.values})
    # It numbers users and items as they come: here as we do.
    data = surprise.Dataset.load_from_df(frame, surprise.Reader(rating_scale=(1, 5))).build_full_trainset()
    theirs = surprise.SVD(n_factors=4, n_epochs=7, random_state=5).fit(data)
    users, items = np.divmod(np.arange(12 * 9), 9)
    expected = [theirs.predict(*pair, clip=False).est for pair in zip(users, items, strict=True)]
    np.testing.assert_allclose(model.predict(users, items), expected, atol=1e-12)


def test_whoever_has_no_ratings_has_zeros():
    ratings = drawn(unknown_user=3, unknown_item=5)
    model = SurpriseSVD(rank=4, epochs=7, random_state=5).fit(ratings)
    mean, biases = ratings.values.mean(), model._biases[1]
    assert model.predict([3], [5]).item() == pytest.approx(mean)
    np.testing.assert_allclose(model.predict(np.full(9, 3), np.arange(9)), mean + biases)


def test_the_same_seed_gives_the_same_bits():
    ratings = drawn()
    one, two = (SurpriseSVD(rank=3, epochs=2, random_state=1).fit(ratings) for _ in range(2))
    np.testing.assert_array_equal(one.predict([0, 1], [0, 1]), two.predict([0, 1], [0, 1]))


@pytest.mark.parametrize("setting", [{"rank": 0}, {"epochs": 1.5}, {"learning_rate": 0}, {"ridge": -1}])
def test_bad_settings_are_refused_by_name(setting):
    with pytest.raises(ValueError, match=next(iter(setting))):
        SurpriseSVD(**setting).fit(drawn())
