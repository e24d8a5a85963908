import numpy as np
import pytest

from fourmasks.data.readers.simulated import LAWS, Law, draw


@pytest.mark.parametrize("law", LAWS.values(), ids=list(LAWS))
def test_as_many_different_pairs_as_the_law_says_in_order(law):
    users, items, values = draw(law)
    pairs = users * law.n_items + items
    assert len(pairs) == law.n_ratings and (np.diff(pairs) > 0).all()
    assert len(np.unique(users)) == law.n_users and len(np.unique(items)) == law.n_items
    assert np.bincount(users).min() >= 3  # every user has something to test
    assert np.unique(values).tolist() == [1, 2, 3, 4, 5]


def test_the_law_alone_decides():
    np.random.seed(1)
    one = draw(LAWS["simulated-small"])
    np.random.seed(2)
    two = draw(LAWS["simulated-small"])
    assert all(map(np.array_equal, one, two))
    other = draw(Law(150, 120, 4_000, rank=2, seed=1))
    assert not np.array_equal(one[2], other[2])


def test_popularity_falls_with_the_rank_to_the_power_of_minus_0_8():
    _, items, _ = draw(Law(20_000, 100, 20_000, rank=1, seed=0))
    counts = np.bincount(items, minlength=100)
    slope, _ = np.polyfit(np.log(np.arange(1, 101)), np.sort(np.log(counts))[::-1], 1)
    assert slope == pytest.approx(-0.8, abs=0.05)
    assert not (np.diff(counts) < 0).all()  # which item is popular does not hang on its number


def test_activity_is_log_normal():
    # Few of many items each: nobody comes near to the end of the list, which would bend the law.
    users, _, _ = draw(Law(300, 5_000, 15_000, rank=1, seed=0))
    logs = np.log(np.bincount(users, minlength=300))
    assert logs.std() == pytest.approx(0.7, abs=0.1)
    assert abs(((logs - logs.mean()) ** 3).mean() / logs.std() ** 3) < 0.5  # symmetric


def test_a_full_matrix_shows_biases_rank_and_noise():
    law = Law(400, 300, 400 * 300, rank=4, seed=1)
    ratings = draw(law)[2].reshape(400, 300)
    mean, rows, columns = ratings.mean(), ratings.mean(axis=1), ratings.mean(axis=0)
    # Clipping to 1 to 5 takes a tenth of every spread.
    assert mean == pytest.approx(3.6, abs=0.1)
    assert rows.std() == pytest.approx(0.9 * 0.4, abs=0.04)
    assert columns.std() == pytest.approx(0.9 * 0.5, abs=0.05)
    singular = np.linalg.svd(ratings - rows[:, None] - columns + mean, compute_uv=False)
    assert singular[3] > 2 * singular[4] and singular[4] < 1.1 * singular[5]
    interaction = np.sqrt((singular[:4] ** 2).mean() * 4 / ratings.size)
    assert interaction == pytest.approx(0.9 * 0.5, abs=0.05)
    noise = np.sqrt((singular[4:] ** 2).sum() / ratings.size)
    assert noise == pytest.approx(0.7, abs=0.05)
