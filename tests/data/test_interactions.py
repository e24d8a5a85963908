import os
import tracemalloc
import zipfile
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fourmasks.data.interactions import (
    HELD_OUT,
    hold_out_users,
    interaction_names,
    load_interactions,
    make_interactions,
)
from fourmasks.data.locate import find
from fourmasks.data.ratings import load_ratings

real_data = pytest.mark.skipif(not os.environ.get("FOURMASKS_DATA"), reason="FOURMASKS_DATA is not set")
PARTS = ("train", "validation_in", "validation_out", "test_in", "test_out")

pair_lists = st.lists(st.tuples(st.integers(0, 8), st.integers(0, 8)), min_size=1, max_size=80)


def made(pairs, **options):
    users, items = zip(*pairs, strict=True)
    return make_interactions("toy", np.array(users), np.array(items), **options)


def entries(matrix):
    return set(zip(*(index.tolist() for index in matrix.nonzero()), strict=True))


def filtered(pairs, least_items, least_users):
    """Return what Liang et al. keep, with users and items numbered without gaps."""
    pairs = set(pairs)
    listeners = Counter(item for _, item in pairs)
    pairs = {(user, item) for user, item in pairs if listeners[item] >= least_users}
    counts = Counter(user for user, _ in pairs)
    pairs = {(user, item) for user, item in pairs if counts[user] >= least_items}
    users, items = (sorted({pair[axis] for pair in pairs}) for axis in (0, 1))
    return {(users.index(user), items.index(item)) for user, item in pairs}, (len(users), len(items))


@settings(max_examples=60)
@given(pairs=pair_lists, least_items=st.integers(0, 4), least_users=st.integers(0, 4))
def test_filtering_agrees_with_python(pairs, least_items, least_users):
    expected, shape = filtered(pairs, least_items, least_users)
    if not expected:
        with pytest.raises(ValueError, match="toy: no user is left"):
            made(pairs, least_items=least_items, least_users=least_users)
        return
    matrix = made(pairs, least_items=least_items, least_users=least_users).matrix
    assert matrix.shape == shape and entries(matrix) == expected
    assert matrix.dtype == np.float32 and (matrix.data == 1).all() and matrix.nnz == len(expected)
    assert all((np.diff(matrix[[row]].indices) > 0).all() for row in range(shape[0]))


def test_items_are_filtered_before_users_and_once():
    # Item 9 has one user, without it user 1 has one item, and without him item 3 has one user again.
    pairs = [(0, 3), (0, 4), (1, 3), (1, 9), (2, 4), (2, 5), (3, 4), (3, 5)]
    matrix = made(pairs, least_items=2, least_users=2).matrix
    assert entries(matrix) == {(0, 0), (0, 1), (1, 1), (1, 2), (2, 1), (2, 2)}
    found = made(pairs, least_items=2, least_users=2)
    assert found.user_ids.tolist() == [0, 2, 3] and found.item_ids.tolist() == [3, 4, 5]
    named = made(pairs, least_items=2, least_users=2, user_ids=np.array([*"abcd"]))
    assert named.user_ids.tolist() == ["a", "c", "d"]


@pytest.mark.parametrize(
    ("users", "items", "message"),
    [
        ([0, 1], [0], r"users \(2,\) and items \(1,\): expected two one-dimensional"),
        ([[0]], [[0]], r"users \(1, 1\)"),
        ([0, -1], [0, 0], "negative number: expected 0 and more"),
        ([0.5, 1], [0, 0], "users: 0.5, expected whole numbers"),
        ([], [], "no user is left: expected items with at least 1 users"),
    ],
)
def test_bad_pairs_are_refused(users, items, message):
    with pytest.raises(ValueError, match=f"toy: .*{message}"):
        make_interactions("toy", np.array(users), np.array(items))


def test_masked_pairs_are_refused():
    with pytest.raises(ValueError, match="toy: items is a masked array"):
        make_interactions("toy", np.array([0, 1]), np.ma.array([0, 1], mask=[0, 1]))


def test_the_digest_sees_the_matrix_and_nothing_else():
    pairs = [(0, 1), (0, 2), (5, 1)]
    same = [made(pairs), made(pairs[::-1]), made(pairs, kind="real", source="x", description="y")]
    assert len({one.sha256 for one in same}) == 1
    others = [pairs[:2], [*pairs, (5, 2)], [(0, 1), (5, 1), (5, 2)], [(0, 1), (5, 1), (6, 2)]]
    assert len({made(other).sha256 for other in others} | {same[0].sha256}) == 5


def test_records_rest_on_these_values():
    digests = {
        "simulated": "9714ce44a50f4ba2147334c20a7ef7a177cf97b6626d0fed954b36cff7dab50a",
        "simulated-small": "7fab951b7269a1b7dbe2ae3f84b5818b1b2b719b5f83dba2b6dfe3133df5e4cc",
    }
    assert {name: load_interactions(name).sha256 for name in digests} == digests


def test_memory_of_making_is_bounded_by_the_pairs():
    rng = np.random.default_rng(0)
    n = 1_000_000
    users, items = rng.integers(0, 5_000, n, np.int32), np.sort(rng.integers(0, 2_000, n, np.int16))
    tracemalloc.start()
    matrix = make_interactions("toy", users, items, least_items=5, least_users=5).matrix
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert matrix.nnz > 0.9 * n
    assert peak < 40 * n  # bytes; so 57 million pairs stay below 3 GB


def test_memory_does_not_grow_with_the_numbers():
    found = make_interactions("toy", [0, 10**12, 10**12], [10**15, 1, 10**15])
    assert found.matrix.toarray().tolist() == [[0, 1], [1, 1]]
    assert found.user_ids.tolist() == [0, 10**12] and found.item_ids.tolist() == [1, 10**15]
    assert found.sha256 == made([(0, 1), (1, 0), (1, 1)]).sha256


@settings(max_examples=40)
@given(
    rows=st.lists(st.sets(st.integers(0, 30), min_size=1), min_size=3, max_size=30),
    seed=st.integers(0, 99),
    data=st.data(),
)
def test_the_parts_are_what_they_should_be(rows, seed, data):
    whole = made([(user, item) for user, row in enumerate(rows) for item in row])
    n_users = whole.matrix.shape[0]
    n = data.draw(st.integers(1, (n_users - 1) // 2))
    parts = hold_out_users(whole, seed, n)

    groups = [parts.train_users, parts.validation_users, parts.test_users]
    assert sorted(np.concatenate(groups).tolist()) == list(range(n_users))
    assert [len(group) for group in groups] == [n_users - 2 * n, n, n]

    train = whole.matrix[parts.train_users].toarray()
    assert parts.items.tolist() == np.flatnonzero(train.any(axis=0)).tolist()
    assert (parts.train.toarray() == train[:, parts.items]).all()
    for users, shown, targets in (
        (parts.validation_users, parts.validation_in, parts.validation_out),
        (parts.test_users, parts.test_in, parts.test_out),
    ):
        both = whole.matrix[users].toarray()[:, parts.items]
        assert (shown.toarray() + targets.toarray() == both).all()  # together all, and disjoint
        counts = both.sum(axis=1)
        assert targets.sum(axis=1).tolist() == [int(0.2 * count) if count >= 5 else 0 for count in counts]
    for part in PARTS:
        matrix = getattr(parts, part)
        assert matrix.shape[1] == len(parts.items) and matrix.dtype == np.float32 and (matrix.data == 1).all()
        assert matrix.has_canonical_format


def test_a_seed_gives_one_split():
    whole = load_interactions("simulated")
    first, again, other = (hold_out_users(whole, seed) for seed in (3, 3, 4))
    for part in PARTS:
        assert (getattr(first, part) != getattr(again, part)).nnz == 0
    assert first.test_users.tolist() == again.test_users.tolist() != other.test_users.tolist()


def test_every_item_of_a_user_is_as_likely_a_target():
    whole = made([(user, item) for user in range(4_000) for item in range(10)])
    targets = hold_out_users(whole, 0, 1_500).test_out
    share = targets.sum(axis=0) / targets.shape[0]
    assert abs(share - 0.2).max() < 4 * np.sqrt(0.2 * 0.8 / 1_500)


def test_how_many_are_held_out_by_default():
    assert HELD_OUT == {"ml-20m": 10_000, "netflix": 40_000, "msd": 50_000}
    toy = made([(user, 0) for user in range(47)])
    assert len(hold_out_users(toy, 0).test_users) == len(hold_out_users(toy, 0).validation_users) == 5
    large = make_interactions("ml-20m", np.arange(20_001), np.zeros(20_001, int))
    assert len(hold_out_users(large, 0).test_users) == 10_000


@pytest.mark.parametrize("n", [0, -1, 5, 10])
def test_a_number_that_leaves_no_training_user_is_refused(n):
    toy = made([(user, 0) for user in range(10)])
    with pytest.raises(ValueError, match=rf"n_held_out = {n}: expected 1 to 4, as toy has 10 users"):
        hold_out_users(toy, 0, n)


def test_names():
    assert interaction_names() == [
        "ml-100k", "ml-1m", "ml-10m", "ml-20m", "netflix", "msd", "lastfm-2k", "simulated", "simulated-small",
    ]  # fmt: skip
    with pytest.raises(ValueError, match=r"unknown interactions 'netflx'.*Did you mean 'netflix'"):
        load_interactions("netflx")


@pytest.mark.parametrize("name", ["simulated", "simulated-small"])
def test_ratings_of_four_stars_and_users_with_five_of_them(name):
    ratings, found = load_ratings(name), load_interactions(name)
    high = ratings.values > 3.5
    expected, shape = filtered(
        zip(ratings.users[high].tolist(), ratings.items[high].tolist(), strict=True), 5, 0
    )
    assert found.matrix.shape == shape and entries(found.matrix) == expected
    assert found.name == name and found.kind == "synthetic" and found.source == ratings.source


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Return the function that makes the folder of a data set, with empty files where none are given."""
    monkeypatch.setenv("FOURMASKS_DATA", str(tmp_path))

    def make(name, contents):
        path = tmp_path / name
        path.mkdir()
        for file, content in contents.items():
            (path / file).write_text(content)
        return path

    return make


# User 7 has five films with four stars or more, user 3 only four, user 9 six.
STARS = {
    7: {1: 5, 2: 4, 3: 4, 4: 5, 5: 4, 6: 3},
    3: {1: 5, 2: 4, 3: 4, 4: 5, 6: 3, 8: 1},
    9: {1: 4, 3: 4, 4: 4, 5: 4, 20: 5, 30: 5},
}
KEPT = [[1, 1, 1, 1, 1, 0, 0], [1, 0, 1, 1, 1, 1, 1]]  # users 7 and 9; films 1 to 5, 20 and 30


def ratings_csv():
    lines = [f"{user},{film},{stars},1\n" for user, row in STARS.items() for film, stars in row.items()]
    return "userId,movieId,rating,timestamp\n" + "".join(lines)


def test_ml_20m(folder):
    folder("ml-20m", {"ratings.csv": ratings_csv()})
    found = load_interactions("ml-20m")
    assert found.matrix.toarray().tolist() == KEPT
    assert (found.name, found.kind, found.source) == ("ml-20m", "real", "ratings.csv")


def test_ml_20m_from_its_archive(folder):
    with zipfile.ZipFile(folder("ml-20m", {}) / "ml-20m.zip", "w") as archive:
        archive.writestr("ml-20m/ratings.csv", ratings_csv())
    assert load_interactions("ml-20m").matrix.toarray().tolist() == KEPT


def test_netflix(folder):
    def film(number):
        rows = [f"{user},{row[number]},2005-01-01" for user, row in STARS.items() if number in row]
        return "\n".join([f"{number}:", *rows, ""])

    numbers = [[1, 2, 3], [4, 5], [6, 8], [20, 30]]
    contents = {f"combined_data_{k}.txt": "".join(map(film, part)) for k, part in enumerate(numbers, 1)}
    folder("netflix", contents)
    found = load_interactions("netflix")
    assert found.matrix.toarray().tolist() == KEPT and found.kind == "real"
    assert found.sha256 == made(np.argwhere(KEPT).tolist()).sha256


def test_msd(folder):
    # 250 users play the same 25 songs; one more song has 199 listeners, one 200; one user plays 18 and these.
    rows = [(user, song) for user in range(250) for song in range(25)]
    rows += [(user, 25) for user in range(198)] + [(user, 26) for user in range(199)]
    rows += [(250, song) for song in (*range(18), 25, 26)]  # 20 songs, 19 that count
    rng = np.random.default_rng(0)
    rows = [rows[place] for place in rng.permutation(len(rows))]
    folder("msd", {"train_triplets.txt": "".join(f"{u:040x}\tSO{s:016d}\t1\n" for u, s in rows)})
    found = load_interactions("msd")
    expected, shape = filtered(rows, 20, 200)
    assert found.matrix.shape == shape == (250, 26)
    assert found.matrix.nnz == len(expected) and found.kind == "real" and found.source == "train_triplets.txt"
    counts = Counter(item for _, item in expected)
    assert sorted(found.matrix.sum(axis=0).tolist()) == sorted(counts.values())


@pytest.mark.parametrize("packed", [False, True])
def test_lastfm_2k(folder, packed):
    # 12 users play the same five artists; one more artist has 9 listeners, one 10; one user has 3 and these.
    rows = [(user, artist) for user in range(12) for artist in range(5)]
    rows += [(user, 5) for user in range(8)] + [(user, 6) for user in range(9)]
    rows += [(12, artist) for artist in (0, 1, 2, 5, 6)]  # 5 artists, 4 that count
    rows = [rows[place] for place in np.random.default_rng(0).permutation(len(rows))]
    content = "userID\tartistID\tweight\r\n" + "".join(f"{2 + u}\t{1 + a}\t{1 + u + a}\r\n" for u, a in rows)
    path = folder("lastfm-2k", {} if packed else {"user_artists.dat": content})
    if packed:
        with zipfile.ZipFile(path / "hetrec2011-lastfm-2k.zip", "w") as archive:
            archive.writestr("user_artists.dat", content)
    found = load_interactions("lastfm-2k")
    expected, shape = filtered(rows, 5, 10)
    assert found.matrix.shape == shape == (12, 6) and entries(found.matrix) == expected
    assert found.kind == "real" and "at least 10 listeners, of users with at least 5" in found.description
    assert found.source == ("hetrec2011-lastfm-2k.zip" if packed else "user_artists.dat")


@pytest.mark.skipif(not find("lastfm-2k"), reason="lastfm-2k is not on this machine")
def test_real_lastfm_2k():
    found = load_interactions("lastfm-2k")
    assert found.matrix.shape == (1_847, 1_530) and found.matrix.nnz == 62_944
    parts = hold_out_users(found, 0)
    assert parts.test_out.shape[0] == 185 and parts.train.shape[0] == 1_477


@real_data
def test_real_ml_100k():
    found = load_interactions("ml-100k")
    assert found.matrix.shape == (938, 1447) and found.matrix.nnz == 55_361
    parts = hold_out_users(found, 0)
    assert len(parts.items) == 1_415 and parts.test_out.shape[0] == 94 and parts.test_out.nnz == 1_038


@real_data
def test_real_ml_1m():
    found = load_interactions("ml-1m")
    missing = 575_281 - found.matrix.nnz  # of all ratings of 4 and 5; users with fewer than five are left out
    if "prepared" in found.source:
        assert found.matrix.shape == (6_034, 3_532) and missing == 11
    else:
        assert 3 <= missing <= 11 and found.matrix.shape[0] >= 6_034
    assert hold_out_users(found, 0).test_out.shape[0] == 603


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"least_items": None}, "toy: least_items = None: expected an integer"),
        ({"least_users": "a"}, "toy: least_users = 'a': expected an integer"),
        ({"users": [0.0, np.inf]}, "toy: users: inf, expected whole numbers"),
        ({"user_ids": ["a"]}, r"toy: user_ids: \(1,\), expected one for each of 2"),
    ],
)
def test_what_interactions_cannot_be_is_refused_by_name(changes, message):
    with pytest.raises(ValueError, match=message):
        make_interactions(**{"name": "toy", "users": [0, 1], "items": [0, 0]} | changes)


def test_identifiers_may_be_lists_and_whole_numbers_floats():
    found = make_interactions("toy", [0.0, 1.0], [0, 0], user_ids=["a", "b"])
    assert found.user_ids.tolist() == ["a", "b"] and found.matrix.shape == (2, 1)
