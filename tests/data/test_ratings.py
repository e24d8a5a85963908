import os
import subprocess
import sys
import zipfile

import h5py
import numpy as np
import pyarrow
import pytest
from pyarrow import parquet

from fourmasks.data.locate import find
from fourmasks.data.ratings import load_ratings, make_ratings, rating_names
from fourmasks.data.registry import find_dataset

real_data = pytest.mark.skipif(not os.environ.get("FOURMASKS_DATA"), reason="FOURMASKS_DATA is not set")


def toy(**changes):
    given = {
        "name": "toy", "users": [0, 0, 2], "items": [1, 3, 1], "values": [5, 1, 2.5],
        "shape": (3, 4), "scale": (0.5, 5),
    }  # fmt: skip
    return make_ratings(**given | changes)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Return the function that makes the folder of a data set, with empty files where none are given."""
    monkeypatch.setenv("FOURMASKS_DATA", str(tmp_path))

    def make(name, layout, contents):
        path = tmp_path / name
        path.mkdir()
        for file in find_dataset(name).layouts[layout]:
            (path / file.name).write_bytes(contents.get(file.name, b""))
        return path

    return make


def test_names():
    assert rating_names() == [
        "ml-100k", "ml-1m", "ml-10m", "flixster", "douban", "lastfm-2k", "simulated", "simulated-small",
    ]  # fmt: skip


def test_an_unknown_name_gets_the_valid_ones_and_the_nearest():
    with pytest.raises(ValueError, match=r"'ml-1k'.*ml-100k, .*simulated-small.*Did you mean 'ml-1"):
        load_ratings("ml-1k")


@pytest.mark.parametrize(
    ("name", "shape", "n"), [("simulated", (600, 500), 40_000), ("simulated-small", (150, 120), 4_000)]
)
def test_what_simulated_ratings_carry(name, shape, n):
    ratings = load_ratings(name)
    assert ratings.name == name and ratings.kind == "synthetic" and ratings.scale == (1, 5)
    assert ratings.shape == shape and len(ratings) == n
    assert (ratings.users.dtype, ratings.items.dtype) == (np.int64, np.int64)
    assert ratings.values.dtype == np.float32
    assert "simulated" in ratings.description and "seed" in ratings.source


def test_the_committed_records_rest_on_these_values():
    digests = {
        "simulated": "1410c4367de81458f032d2612c7891d0b0b1af330d18a8d44432bafcbd3da75c",
        "simulated-small": "6765e071d9ea281cfd57e56118e25542a3b21bbae9c78ba2b0cb07ddbe15c9f4",
    }
    assert {name: load_ratings(name).sha256 for name in digests} == digests


def test_the_digest_sees_everything_but_names():
    assert toy().sha256 == toy(name="other", kind="real", description="x", source="y").sha256
    changes = [
        {"users": [0, 0, 1]}, {"items": [1, 2, 1]}, {"values": [5, 1, 3]}, {"shape": (3, 5)},
        {"scale": (1, 5)}, {"parts": {"official": [1]}}, {"parts": {"official": [2]}}, {"parts": {"u1": [1]}},
        {"users": [0, 2, 0], "items": [1, 1, 3], "values": [5, 2.5, 1]},
    ]  # fmt: skip
    digests = {toy(**change).sha256 for change in changes}
    assert len(digests | {toy().sha256}) == len(changes) + 1


@pytest.mark.parametrize("index", [[2, 0], np.array([2, 0])])
def test_a_part_has_the_shape_and_the_digest_of_the_whole(index):
    whole = toy(parts={"official": [1]})
    part = whole.take(index)
    assert part.users.tolist() == [2, 0] and part.items.tolist() == [1, 1]
    assert part.values.tolist() == [2.5, 5] and len(part) == 2
    for name in ("name", "shape", "scale", "sha256", "kind", "description", "source"):
        assert getattr(part, name) == getattr(whole, name)
    assert part.parts == {}  # positions in the whole mean nothing here
    assert whole.take(np.array([True, False, True])).users.tolist() == [0, 2]
    assert len(whole.take([False] * 3)) == 0


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"users": [0, 1]}, r"users \(2,\), items \(3,\) and ratings \(3,\): expected three"),
        ({"values": [[5, 1, 2]]}, r"ratings \(1, 3\): expected three one-dimensional"),
        ({"users": [0, 0, 3]}, "toy: user 3 at position 2: expected 0 to 2"),
        ({"items": [-1, 3, 1]}, "toy: item -1 at position 0: expected 0 to 3"),
        ({"values": [5, 0, 1]}, "toy: rating 0.0 at position 1: expected 0.5 to 5.0"),
        ({"values": [5, 1, np.nan]}, "toy: rating nan at position 2"),
        ({"users": [0.9, 1.9, 2]}, "toy: users: 0.9, expected whole numbers"),
        ({"items": ["1", "2", "3"]}, "toy: items: 1, expected whole numbers"),
        ({"users": [0, 2, 0], "items": [1, 1, 1]}, "toy: user 0 and item 1 at position 2 occur before"),
        ({"values": np.ma.array([5.0, 1, 2], mask=[0, 0, 1])}, "toy: ratings is a masked array"),
        ({"users": np.ma.array([0, 1, 2])}, "toy: users is a masked array"),
    ],
)
def test_bad_ratings_are_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        toy(**changes)


def test_users_and_items_of_movielens_are_numbered_without_gaps(folder):
    tests = {f"u{k}.test": b"7\t10\t2\t0\n" for k in range(1, 6)}
    folder("ml-100k", 0, {"u.data": b"9\t30\t3\t0\n7\t10\t2\t0\n9\t10\t5\t0\n"} | tests)
    ratings = load_ratings("ml-100k")
    assert ratings.shape == (2, 2) and ratings.scale == (1, 5) and ratings.kind == "real"
    assert ratings.users.tolist() == [1, 0, 1] and ratings.items.tolist() == [1, 0, 0]
    assert ratings.values.tolist() == [3, 2, 5] and ratings.source == "u.data"
    assert [*ratings.parts] == ["u1", "u2", "u3", "u4", "u5"] and ratings.parts["u3"].tolist() == [1]


@pytest.mark.parametrize("name", ["ml-1m", "ml-10m"])
def test_movielens_from_ratings_dat(folder, name):
    folder(name, 0, {"ratings.dat": b"1::5::4::0\n3::2::1::0\n"})
    ratings = load_ratings(name)
    assert ratings.users.tolist() == [0, 1] and ratings.items.tolist() == [1, 0]
    assert ratings.scale == {"ml-1m": (1, 5), "ml-10m": (0.5, 5)}[name]
    assert ratings.source == "ratings.dat" and not ratings.parts


def test_half_stars_are_for_10m_only(folder):
    for name in ("ml-1m", "ml-10m"):
        path = folder(name, 1, {})
        with zipfile.ZipFile(path / f"{name}.zip", "w") as file:
            file.writestr("ml/ratings.dat", b"1::5::4::0\n3::2::0.5::0\n")
    assert load_ratings("ml-10m").values.tolist() == [4, 0.5]
    assert load_ratings("ml-10m").source == "ml-10m.zip"
    with pytest.raises(ValueError, match="ml-1m: rating 0.5 at position 1: expected 1.0 to 5.0"):
        load_ratings("ml-1m")


def test_the_prepared_form_of_1m_is_called_so(folder):
    path = folder("ml-1m", 2, {})
    columns = {"user_id": [1, 4], "item_id": [8, 9], "rating": [5, 2]}
    parquet.write_table(pyarrow.table(columns), path / "ratings.parquet")
    ratings = load_ratings("ml-1m")
    assert ratings.values.tolist() == [5, 2] and ratings.shape == (2, 2)
    assert ratings.source == "ratings.parquet (prepared)"


@pytest.mark.parametrize(("name", "lowest"), [("flixster", 0.5), ("douban", 1)])
def test_flixster_and_douban_keep_users_and_items_without_ratings(folder, name, lowest):
    path = folder(name, 0, {})
    with h5py.File(path / find_dataset(name).layouts[0][0].name, "w") as file:
        file["M"] = np.array([[0, 3, 0], [0, 5, 0], [0, 0, 0], [lowest, 0, 0]]).T
        file["Otraining"] = np.array([[0, 1, 0], [0, 0, 0], [0, 0, 0], [1, 0, 0]]).T
        file["Otest"] = np.array([[0, 0, 0], [0, 1, 0], [0, 0, 0], [0, 0, 0]]).T
    ratings = load_ratings(name)
    assert ratings.shape == (4, 3) and ratings.scale == (lowest, 5)
    assert ratings.users.tolist() == [0, 1, 3] and ratings.items.tolist() == [1, 1, 0]
    assert ratings.parts["official"].tolist() == [1]


def test_plays_are_values_and_the_scale_ends_with_the_largest(folder):
    folder(
        "lastfm-2k",
        0,
        {"user_artists.dat": b"userID\tartistID\tweight\r\n9\t30\t3\r\n7\t10\t70\r\n9\t10\t1\r\n"},
    )
    ratings = load_ratings("lastfm-2k")
    assert ratings.shape == (2, 2) and ratings.scale == (1, 70) and ratings.kind == "real"
    assert ratings.users.tolist() == [1, 0, 1] and ratings.items.tolist() == [1, 0, 0]
    assert (
        ratings.values.tolist() == [3, 70, 1] and ratings.source == "user_artists.dat" and not ratings.parts
    )
    assert "plays, not stars" in ratings.description


def test_a_pair_with_two_numbers_of_plays_is_refused(folder):
    folder("lastfm-2k", 0, {"user_artists.dat": b"userID\tartistID\tweight\n9\t30\t3\n9\t30\t4\n"})
    with pytest.raises(ValueError, match="line 3: user 9 and artist 30 are on line 2 already"):
        load_ratings("lastfm-2k")


def test_simulated_ratings_need_nothing_but_numpy():
    program = """
import sys
for name in "pooch h5py pyarrow sklearn scipy yaml requests matplotlib pandas torch".split():
    sys.modules[name] = None
from fourmasks.data.ratings import load_ratings
from fourmasks.data.splits import split
print(len(split(load_ratings("simulated-small"), "random", 0).test))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.stdout == "400\n", done.stderr


@real_data
@pytest.mark.parametrize(
    ("name", "shape", "counts"),
    [
        ("ml-100k", (943, 1682), {1: 6110, 2: 11370, 3: 27145, 4: 34174, 5: 21201}),
        ("douban", (3000, 3000), {1: 1876, 2: 8338, 3: 47811, 4: 50748, 5: 28118}),
    ],
)
def test_real_ratings(name, shape, counts):
    ratings = load_ratings(name)
    assert ratings.shape == shape
    assert dict(zip(*np.unique(ratings.values, return_counts=True), strict=True)) == counts
    assert len(np.unique(ratings.users * shape[1] + ratings.items)) == len(ratings)


@real_data
def test_real_ml_1m():
    ratings = load_ratings("ml-1m")
    assert ratings.shape == (6040, 3706)
    missing = [56_174, 107_557, 261_197, 348_971, 226_310] - np.bincount(ratings.values.astype(int))[1:]
    assert (missing >= 0).all() and missing.sum() == (8 if "prepared" in ratings.source else 0)


@pytest.mark.skipif(not find("lastfm-2k"), reason="lastfm-2k is not on this machine")
def test_real_lastfm_2k():
    ratings = load_ratings("lastfm-2k")
    assert ratings.shape == (1_892, 17_632) and len(ratings) == 92_834
    assert ratings.scale == (1, 352_698) and (ratings.values.min(), ratings.values.max()) == ratings.scale


@real_data
def test_real_flixster():
    ratings = load_ratings("flixster")
    assert ratings.shape == (3000, 3000) and len(ratings) == 26_173
    assert np.unique(2 * ratings.values).tolist() == list(range(1, 11))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"shape": (2.7, 4)}, r"toy: shape = \(2.7, 4\): expected the numbers of users and of items"),
        ({"shape": (3, 4, 2)}, "toy: shape = "),
        ({"shape": (-3, 4)}, "toy: shape = "),
        ({"scale": (1, 2, 3)}, r"toy: scale = \(1, 2, 3\): expected the lowest and the highest rating"),
        ({"scale": None}, "toy: scale = None"),
        ({"scale": (0, 1e301)}, "toy: scale = "),
        ({"values": [5, 1, 1e300]}, "toy: rating inf at position 2"),
        ({"values": [5, 1, 1j]}, "toy: ratings of type complex128: expected real numbers"),
        ({"user_ids": ["a", "b"]}, r"toy: user_ids: \(2,\), expected one for each of 3"),
        ({"item_ids": 7}, r"toy: item_ids: \(\), expected one for each of 4"),
        ({"parts": {"official": [3]}}, "toy: part official 3 at position 0: expected 0 to 2"),
        ({"parts": {"official": [[0]]}}, r"toy: part official: \(1, 1\), expected a one-dimensional"),
        ({"users": [0, 0, np.inf]}, "toy: users: inf, expected whole numbers"),
        ({"users": [False, False, True]}, "toy: users: False, expected whole numbers"),
        ({"users": [0, 0, 1e30]}, r"toy: users: 1e\+30, expected whole numbers"),
        ({"items": np.array([1, 3, 2**63], np.uint64)}, "toy: items: 9223372036854775808, expected whole"),
        (
            {"shape": (2**34, 2**31), "users": [2, 0, 2], "items": [5, 3, 5]},
            "toy: user 2 and item 5 at position 2 occur before",
        ),
    ],
)
def test_what_ratings_cannot_be_is_refused_by_name(changes, message):
    with pytest.raises(ValueError, match=message):
        toy(**changes)


def test_more_pairs_than_integers():
    different = [0, 2**33], [5, 5]  # 2**33 * 2**31 is 0 in 64 bits
    ratings = toy(users=different[0], items=different[1], values=[5, 1], shape=(2**34, 2**31))
    assert ratings.users.tolist() == different[0]


def test_identifiers_may_be_lists():
    assert toy(user_ids=["a", "b", "c"]).user_ids[[0, 2]].tolist() == ["a", "c"]
