"""Splits by user, leave-one-out, and the times that decide it."""

import tracemalloc
import zipfile

import numpy as np
import pandas as pd
import pytest

from fourmasks.data import times
from fourmasks.data.held_out import leave_one_out, split_per_user
from fourmasks.data.ratings import load_ratings, make_ratings


@pytest.fixture(scope="module")
def ratings():
    return load_ratings("simulated-small")


def pairs(part):
    return set(zip(part.users.tolist(), part.items.tolist(), strict=True))


def toy(users, items, values, shape):
    return make_ratings("toy", users, items, values, shape, (1, 5))


def test_a_fifth_of_each_user_is_held_out(ratings):
    split = split_per_user(ratings, 1, 0.1)
    parts = [pairs(part) for part in (split.train, split.validation, split.test)]
    assert sum(map(len, parts)) == len(ratings) and set.union(*parts) == pairs(ratings)
    whole, held_out = (np.bincount(part.users, minlength=ratings.shape[0]) for part in (ratings, split.test))
    np.testing.assert_array_equal(held_out, np.where(whole < 3, 0, np.rint(0.2 * whole)))
    rest = len(ratings) - len(split.test)
    assert len(split.validation) == int(0.1 * rest)
    without = split_per_user(ratings, 1)
    assert pairs(without.test) == pairs(split.test) and not len(without.validation)
    assert pairs(split_per_user(ratings, 2).test) != pairs(split.test)
    with pytest.raises(ValueError, match=r"validation = 1.0"):
        split_per_user(ratings, 0, 1.0)


def test_users_with_two_ratings_keep_them():
    found = split_per_user(toy([0, 0, 1, 1, 1], [0, 1, 0, 1, 2], [3] * 5, (2, 3)), 0)
    assert set(found.test.users.tolist()) == {1} and len(found.test) == 1


def test_leave_one_out_holds_out_one_rating_each_and_candidates_are_unknown(ratings):
    data = leave_one_out(ratings, 3, 20)
    counts = np.bincount(ratings.users, minlength=ratings.shape[0])
    for part, candidates in (
        (data.split.test, data.test_candidates),
        (data.split.validation, data.validation_candidates),
    ):
        np.testing.assert_array_equal(np.sort(part.users), np.flatnonzero(counts >= 3))
        assert candidates.shape == (len(part), 20)
        known = pairs(ratings)
        for user, row in zip(part.users.tolist(), candidates.tolist(), strict=True):
            assert len(set(row)) == 20 and not known & {(user, item) for item in row}
    assert not pairs(data.split.test) & pairs(data.split.validation)
    again, other = leave_one_out(ratings, 3, 20), leave_one_out(ratings, 4, 20)
    np.testing.assert_array_equal(again.test_candidates, data.test_candidates)
    assert pairs(other.split.test) != pairs(data.split.test)
    with pytest.raises(ValueError, match="expected 120 to draw; take fewer candidates"):
        leave_one_out(ratings, 3, 120)


def test_where_there_are_times_the_latest_rating_is_held_out(ratings, monkeypatch):
    when = np.random.default_rng(0).permutation(len(ratings))
    last = times.last_by_time(ratings.users, when)
    for user, position in zip(ratings.users[last], last, strict=True):
        theirs = np.flatnonzero(ratings.users == user)
        assert position == theirs[when[theirs].argmax()]
    monkeypatch.setattr("fourmasks.data.held_out.latest", lambda _: last)
    for seed in (0, 1):
        data = leave_one_out(ratings, seed, 20)
        enough = np.bincount(ratings.users)[ratings.users[last]] >= 3
        assert pairs(data.split.test) == pairs(ratings.take(last[enough]))
        assert len(data.split.validation) == len(data.split.test)


def test_of_equal_times_the_last_in_the_file_counts():
    np.testing.assert_array_equal(times.last_by_time(np.array([0, 1, 0, 0]), np.array([5, 1, 7, 7])), [3, 1])


LINES = {"ml-100k": ("u.data", "{}\t{}\t{}\t{}\n"), "ml-1m": ("ratings.dat", "{}::{}::{}::{}\n")}


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("name", LINES)
def test_times_are_read_from_the_official_files(tmp_path, monkeypatch, name, packed):
    file, line = LINES[name]
    rows = [(7, 30, 4, 1000), (7, 10, 5, 3000), (2, 30, 1, 2000), (7, 20, 3, 2000)]
    content = "".join(line.format(*row) for row in rows)
    if packed:
        path = tmp_path / f"{name}.zip"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr(f"{name}/{file}", content)
    else:
        path = tmp_path / file
        path.write_text(content)
    monkeypatch.setattr(times, "locate", lambda _: {path.name: path})
    data = make_ratings(name, [1, 1, 0, 1], [2, 0, 2, 1], [4, 5, 1, 3], (2, 3), (1, 5))
    np.testing.assert_array_equal(times.latest(data), [2, 1])


def test_the_prepared_ml_1m_takes_the_published_test_set(tmp_path, monkeypatch):
    table = pd.DataFrame({"user_id": [7, 7, 2], "item_id": [30, 10, 30], "rating": [4, 5, 1]})
    table.to_parquet(tmp_path / "ratings.parquet")
    held_out = pd.DataFrame({"user_id": [2, 7], "item_id": [30, 10], "rating": [1, 5]})
    held_out.to_parquet(tmp_path / "loo_test.parquet")
    files = {name: tmp_path / name for name in ("ratings.parquet", "loo_test.parquet")}
    monkeypatch.setattr(times, "locate", lambda _: files)
    monkeypatch.setattr(times, "find", lambda _: files)
    data = make_ratings("ml-1m", [1, 1, 0], [1, 0, 1], [4, 5, 1], (2, 2), (1, 5))
    np.testing.assert_array_equal(times.latest(data), [2, 1])
    held_out.assign(item_id=[30, 20]).to_parquet(tmp_path / "loo_test.parquet")
    with pytest.raises(ValueError, match="loo_test.parquet: expected one pair"):
        times.latest(data)
    monkeypatch.setattr(times, "find", lambda _: {"ml-1m.test.rating": tmp_path / "x"})
    with pytest.raises(ValueError, match="consecutive item numbers"):
        times.latest(data)


def test_memory_of_leave_one_out_is_not_that_of_all_pairs():
    users, items = np.divmod(np.arange(30), 3)
    data = make_ratings("toy", users * 500, items, np.ones(30), (5000, 5000), (1, 5))
    tracemalloc.start()
    leave_one_out(data, 0, 10)
    assert tracemalloc.get_traced_memory()[1] < 5000 * 5000 / 4
    tracemalloc.stop()


def test_the_candidates_of_a_seed_stay_the_same(ratings):
    assert leave_one_out(ratings, 0, 3).test_candidates[0].tolist() == [0, 70, 87]
