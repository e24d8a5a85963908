"""A data set is counted as it is."""

import pandas as pd

from fourmasks.data.ratings import load_ratings
from fourmasks.lunet.models.data import describe


def test_the_data_are_counted():
    ratings = load_ratings("simulated-small")
    found = describe("simulated-small", 0)["metrics"]
    used = len(set(ratings.users.tolist())), len(set(ratings.items.tolist()))
    assert (found["users"], found["items"], found["ratings"]) == (*used, len(ratings))
    assert found["density"] == len(ratings) / (used[0] * used[1])
    assert found["least_ratings"] == pd.Series(ratings.users).value_counts().min()
