import os

import pytest

from fourmasks.data.ratings import make_ratings
from fourmasks.mmf.ratings.data import describe, measure

real_data = pytest.mark.skipif(not os.environ.get("FOURMASKS_DATA"), reason="FOURMASKS_DATA is not set")


def test_users_and_items_count_whether_rated_or_not():
    ratings = make_ratings("toy", [0, 3, 3], [1, 1, 2], [5, 4, 3], (4, 6), (1, 5))
    assert measure(ratings) == {
        "users": 4, "items": 6, "n_users_rated": 2, "n_items_rated": 2, "ratings": 3, "density": 3 / 24,
    }  # fmt: skip


def test_a_record_can_hold_it():
    found = describe("simulated-small", 0)["metrics"]
    assert (found["users"], found["items"], found["ratings"]) == (150, 120, 4_000)
    assert found["density"] == 4_000 / (150 * 120)


@real_data
@pytest.mark.parametrize(
    ("name", "users", "items", "ratings", "density"),
    [
        ("flixster", 3000, 3000, 26_173, 0.0029),
        ("douban", 3000, 3000, 136_891, 0.0152),
        ("ml-100k", 943, 1682, 100_000, 0.0630),
        ("ml-1m", 6040, 3706, 1_000_209, 0.0447),
    ],
)
def test_table_2(name, users, items, ratings, density):
    found = describe(name, 0)["metrics"]
    assert (found["users"], found["items"]) == (users, items)
    assert ratings - found["ratings"] in ((0, 8) if name == "ml-1m" else (0,))  # 8 are missing if prepared
    assert round(found["density"], 4) == density
