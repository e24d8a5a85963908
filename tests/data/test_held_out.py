"""Splits, leave-one-out, times and ranking measures against brute force; averages and biased MF."""

import math
import zipfile

import numpy as np
import pandas as pd
import pytest
import scipy.optimize

from fourmasks.baselines.ratings.averages import DampedAverages
from fourmasks.baselines.ratings.biased_mf import BiasedMF
from fourmasks.data import times
from fourmasks.data.held_out import leave_one_out, split_per_user
from fourmasks.data.ratings import load_ratings, make_ratings
from fourmasks.learning.held_out_items import held_out_measures, measures, sampled
from fourmasks.lunet.models.data import describe


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


def brute_force(scores):
    """HR@10 and NDCG@10 of the first score of each row, sorted one by one, ties to the disadvantage."""
    hits, gains = [], []
    for row in scores:
        place = 1 + sum(other >= row[0] for other in row[1:])
        hits.append(place <= 10)
        gains.append(1 / math.log2(place + 1) if place <= 10 else 0.0)
    return np.mean(hits), np.mean(gains)


def test_measures_against_brute_force():
    scores = np.random.default_rng(0).integers(0, 40, (200, 31)).astype(float)
    found = measures(scores)
    assert (found["hr_at_10"], found["ndcg_at_10"]) == pytest.approx(brute_force(scores))
    assert measures(np.zeros((4, 31))) == {"hr_at_10": 0, "ndcg_at_10": 0}
    scores[3, 5] = math.nan
    with pytest.raises(ValueError, match="not finite"):
        measures(scores)


def test_sampled_and_full_rankings_against_brute_force(ratings):
    data = leave_one_out(ratings, 0, 20)
    table = np.random.default_rng(1).standard_normal(ratings.shape)
    test = data.split.test
    drawn = [
        [table[user, item], *table[user, others]]
        for user, item, others in zip(test.users, test.items, data.test_candidates, strict=True)
    ]
    expected = brute_force(drawn)
    known = pairs(data.split.train) | pairs(data.split.validation)
    everything = []
    for user, item in zip(test.users.tolist(), test.items.tolist(), strict=True):
        others = [j for j in range(ratings.shape[1]) if j != item and (user, j) not in known]
        everything.append([table[user, item], *table[user, others]])
    found = held_out_measures(lambda users: table[users], data)
    assert (found["sampled_hr_at_10"], found["sampled_ndcg_at_10"]) == pytest.approx(expected)
    assert (found["full_hr_at_10"], found["full_ndcg_at_10"]) == pytest.approx(brute_force(everything))
    alone = sampled(lambda users, items: table[users, items], test.users, test.items, data.test_candidates)
    assert tuple(alone.values()) == pytest.approx(expected)


def test_averages_are_the_damped_means():
    users, items, values = [0, 0, 1, 1, 1], [0, 1, 0, 1, 2], [5.0, 3.0, 4.0, 2.0, 1.0]
    model = DampedAverages(item_damping=2.0, user_damping=1.0).fit(toy(users, items, values, (3, 3)))
    assert model.mean_ == 3
    costs = [(2 + 1) / (2 + 2), (0 - 1) / (2 + 2), -2 / (1 + 2)]
    np.testing.assert_allclose(model.item_biases_, costs)
    biases = [
        (2 - costs[0] + 0 - costs[1]) / (2 + 1),
        (1 - costs[0] - 1 - costs[1] - 2 - costs[2]) / (3 + 1),
        0,
    ]
    np.testing.assert_allclose(model.user_biases_, biases)
    np.testing.assert_allclose(model.predict([2, 1], [0, 2]), [3 + costs[0], 3 + biases[1] + costs[2]])
    plain = DampedAverages(item_damping=0.0, user_damping=0.0).fit(toy([0], [0], [4.0], (2, 2)))
    np.testing.assert_array_equal(plain.predict([1], [1]), [4.0])


def objective(model, data, shape, flat):
    r = model.rank
    left, right = np.split(flat.reshape(-1, r + 1), [shape[0]])
    predicted = model._mean + (left[data.users, :-1] * right[data.items, :-1]).sum(1)
    predicted = predicted + left[data.users, -1] + right[data.items, -1]
    penalty = model.ridge * np.square(np.concatenate((left, right))[:, :-1]).sum()
    penalty += model.bias_ridge * np.square(np.concatenate((left, right))[:, -1]).sum()
    return np.square(predicted - data.values).sum() + penalty


def test_biased_mf_is_at_a_stationary_point_of_its_objective():
    rng = np.random.default_rng(0)
    cells = rng.permutation(48)[:30]
    data = toy(cells // 8, cells % 8, rng.integers(1, 6, 30), (6, 8))
    model = BiasedMF(rank=2, ridge=0.5, bias_ridge=0.3, epochs=500).fit(data)
    flat = np.concatenate(model._sides).ravel()
    found = objective(model, data, (6, 8), flat)
    nearby = scipy.optimize.minimize(lambda x: objective(model, data, (6, 8), x), flat, method="L-BFGS-B")
    assert found == pytest.approx(nearby.fun, rel=1e-6)
    left, right = model._sides
    expected = model._mean + left[3, :2] @ right[4, :2] + left[3, 2] + right[4, 2]
    assert model.predict([3], [4])[0] == pytest.approx(expected)
    assert model.n_parameters_ == 14 * 3


def test_biased_mf_keeps_its_best_epoch_and_beats_averages(ratings):
    data = split_per_user(ratings, 0, 0.1)
    model = BiasedMF(rank=4, ridge=8.0).fit(data.train, data.validation)
    assert model.best_epoch_ == 1 + int(np.argmin(model.validation_curve_))
    again = BiasedMF(rank=4, ridge=8.0).fit(data.train, data.validation)
    assert model.validation_curve_ == again.validation_curve_

    def error(fitted):
        return np.mean((fitted.predict(data.test.users, data.test.items) - data.test.values) ** 2)

    assert error(model) < 0.9 * np.var(data.test.values)
    with pytest.raises(ValueError, match=r"ridge = 0"):
        BiasedMF(ridge=0).fit(data.train)


def test_the_data_are_counted(ratings):
    found = describe("simulated-small", 0)["metrics"]
    used = len(set(ratings.users.tolist())), len(set(ratings.items.tolist()))
    assert (found["users"], found["items"], found["ratings"]) == (*used, len(ratings))
    assert found["density"] == len(ratings) / (used[0] * used[1])
    assert found["least_ratings"] == pd.Series(ratings.users).value_counts().min()
