import hashlib
import math
import os
import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fourmasks.data.errors import DataNotFound
from fourmasks.data.held_out import leave_one_out, split_per_user
from fourmasks.data.interactions import hold_out_users, load_interactions, make_interactions
from fourmasks.data.matrices import load_matrix
from fourmasks.data.ratings import load_ratings, make_ratings, rating_names
from fourmasks.data.splits import default_protocol, implicit_split, protocols, split

real_data = pytest.mark.skipif(not os.environ.get("FOURMASKS_DATA"), reason="FOURMASKS_DATA is not set")
PARTS = ("train", "validation", "test")

seeds = st.integers(0, 2**32)
# Users as often as they come, some not at all; each rating has an item of its own, by which it is known.
user_lists = st.lists(st.integers(0, 12), min_size=1, max_size=150)


def numbered(users, values=None, **parts):
    n = len(users)
    values = np.full(n, 3.0) if values is None else values
    return make_ratings("toy", users, np.arange(n), values, (15, n), (1, 5), parts=parts)


def members(parts):
    """Return which ratings of `numbered` are in each part."""
    return [getattr(parts, part).items.tolist() for part in PARTS]


@given(
    users=user_lists,
    seed=seeds,
    validation=st.floats(0, 0.999),
    protocol=st.sampled_from(["per-user", "random", "official"]),
)
def test_parts_are_disjoint_complete_in_order_and_as_large_as_said(users, seed, validation, protocol):
    ratings = numbered(users, official=np.arange(0, len(users), 3))
    parts = split(ratings, protocol, seed, validation)
    train, held, test = members(parts)
    assert sorted(train + held + test) == list(range(len(users)))
    assert all(part == sorted(part) for part in (train, held, test))
    assert len(held) == int(validation * (len(train) + len(held)))
    for part in PARTS:
        part = getattr(parts, part)
        assert part.users.tolist() == [users[i] for i in part.items]
        assert part.shape == ratings.shape and part.sha256 == ratings.sha256


@given(users=user_lists, seed=seeds)
def test_per_user_takes_a_tenth_of_each_user(users, seed):
    test = split(numbered(users), "per-user", seed).test
    for user in set(users):
        n = users.count(user)
        assert np.count_nonzero(test.users == user) == (max(1, round(0.1 * n)) if n >= 3 else 0)


@given(users=user_lists, seed=seeds)
def test_random_takes_a_tenth_of_all(users, seed):
    assert len(split(numbered(users), "random", seed).test) == round(0.1 * len(users))


@pytest.mark.parametrize("protocol", ["per-user", "random"])
def test_the_seed_decides_and_the_validation_share_does_not_touch_the_test(protocol):
    ratings = load_ratings("simulated-small")
    one, two, other = (split(ratings, protocol, seed) for seed in (1, 1, 2))
    for part in PARTS:
        pairs = [getattr(p, part).users * 120 + getattr(p, part).items for p in (one, two, other)]
        assert np.array_equal(pairs[0], pairs[1])
        assert len(np.intersect1d(pairs[0], pairs[2])) < len(pairs[0])
    without = split(ratings, protocol, 1, validation=0)
    assert len(without.validation) == 0
    assert np.array_equal(without.test.items, one.test.items)
    assert len(without.train) == len(one.train) + len(one.validation)


def test_every_rating_of_a_user_is_as_likely_in_the_test():
    ratings = numbered([0] * 20 + [1] * 5)
    counts = np.zeros(25)
    for seed in range(2000):
        counts[split(ratings, "per-user", seed).test.items] += 1
    # 2 of 20 and 1 of 5, binomial: five standard errors.
    assert np.abs(counts[:20] - 200).max() < 5 * np.sqrt(2000 * 0.1 * 0.9)
    assert np.abs(counts[20:] - 400).max() < 5 * np.sqrt(2000 * 0.2 * 0.8)


def test_published_test_sets():
    ratings = numbered([0, 0, 1, 2], u1=[0, 3], u2=[1])
    assert protocols(ratings) == ["per-user", "random", "u1", "u2"]
    assert members(split(ratings, "u1", 0, validation=0)) == [[1, 2], [], [0, 3]]
    assert members(split(ratings, "u2", 0, validation=0)) == [[0, 2, 3], [], [1]]


def test_a_protocol_that_the_data_do_not_have_is_refused():
    message = r"unknown protocol for simulated-small 'oficial': expected one of per-user, random\."
    with pytest.raises(ValueError, match=message):
        split(load_ratings("simulated-small"), "oficial", 0)


@pytest.mark.parametrize("validation", [-0.1, 1, 1.5, float("nan")])
def test_a_share_out_of_range_is_refused(validation):
    with pytest.raises(ValueError, match=f"validation = {validation}: expected a share"):
        split(load_ratings("simulated-small"), "random", 0, validation)


def test_default_protocols():
    assert {name: default_protocol(name) for name in rating_names()} == {
        "ml-100k": "per-user", "ml-1m": "per-user", "ml-10m": "per-user", "flixster": "official",
        "douban": "official", "lastfm-2k": "per-user", "simulated": "per-user", "simulated-small": "per-user",
    }  # fmt: skip
    assert default_protocol("mine.csv") == "per-user"


@given(
    users=user_lists, seed=seeds, shares=st.sampled_from([(0.8, 0.1, 0.1), (0.5, 0.3, 0.2), (0.6, 0.1, 0.3)])
)
def test_likes_are_split_user_by_user(users, seed, shares):
    values = np.arange(len(users)) % 5 + 1
    ratings = numbered(users, values)
    parts = implicit_split(ratings, 3.0, shares, seed=seed)
    assert sorted(sum(members(parts), [])) == np.flatnonzero(values >= 3).tolist()
    assert all(getattr(parts, part).shape == ratings.shape for part in PARTS)
    likes = [user for user, value in zip(users, values, strict=True) if value >= 3]
    for user in set(likes):
        n = likes.count(user)
        held = [max(1, round(share * n)) if n >= 3 else 0 for share in shares[1:]]
        found = [np.count_nonzero(getattr(parts, part).users == user) for part in PARTS]
        assert found == [n - sum(held), *held] and found[0] >= 1


@given(n=st.integers(3, 300), training=st.floats(0.5, 0.99), validation=st.floats(0.01, 0.99))
def test_training_never_goes_without(n, training, validation):
    validation *= 1 - training
    shares = (training, validation, 1 - training - validation)
    assert len(implicit_split(numbered([0] * n), 3.0, shares, seed=0).train) >= 1


def test_the_threshold_is_included_and_the_seed_decides():
    ratings = load_ratings("simulated-small")
    parts = implicit_split(ratings, 4.0, seed=0)
    assert parts.train.values.min() == 4
    again, other = (implicit_split(ratings, 4.0, seed=seed) for seed in (0, 1))
    assert np.array_equal(parts.test.items, again.test.items)
    assert not np.array_equal(parts.test.items, other.test.items)


@pytest.mark.parametrize(
    "shares", [(0.8, 0.1), (0.8, 0.1, 0.2), (0.4, 0.3, 0.3), (0.9, 0.0, 0.1), (1.1, -0.2, 0.1)]
)
def test_other_shares_are_refused(shares):
    with pytest.raises(ValueError, match="expected three positive numbers"):
        implicit_split(load_ratings("simulated-small"), shares=shares, seed=0)


def test_the_committed_records_rest_on_these_splits():
    # The digest in a record is that of all the data: it does not see how they were split.
    ratings = load_ratings("simulated-small")
    made = [split(ratings, "per-user", 0), split(ratings, "random", 1), implicit_split(ratings, seed=2)]
    sha256 = hashlib.sha256()
    for parts in made:
        for part in PARTS:
            part = getattr(parts, part)
            sha256.update((part.users * 120 + part.items).astype("<i8"))
    assert sha256.hexdigest() == "889eab1e6ecc2f31b07383e01a504f85a8f4cfb8c7bf4af9cc3f1319b5ebda3b"


@real_data
@pytest.mark.parametrize(("name", "sizes"), [("flixster", (23_556, 2_617)), ("douban", (123_202, 13_689))])
def test_the_splits_of_monti_et_al(name, sizes):
    parts = split(load_ratings(name), "official", 0, validation=0)
    assert (len(parts.train), len(parts.test)) == sizes


@real_data
@pytest.mark.parametrize("number", [1, 2, 3, 4, 5])
def test_the_rest_of_a_published_split_of_ml_100k_is_its_base_file(number):
    base = Path(os.environ["FOURMASKS_DATA"]).expanduser() / "ml-100k" / f"u{number}.base"
    if not base.is_file():
        pytest.skip(f"{base} is not there")
    expected = {tuple(map(int, line.split()[:3])) for line in base.read_text().splitlines()}
    train = split(load_ratings("ml-100k"), f"u{number}", 0, validation=0).train
    # All users and items from 1 to the last have ratings, so that numbering them anew takes one off.
    found = zip(train.users + 1, train.items + 1, train.values, strict=True)
    assert {tuple(map(int, rating)) for rating in found} == expected


@pytest.mark.parametrize("seed", [None, -1, 1.5, "1", True])
def test_a_seed_that_is_none_is_refused_before_anything_is_drawn(seed):
    ratings = numbered([0, 0, 0, 1])
    interactions = make_interactions("toy", np.repeat(np.arange(9), 5), np.tile(np.arange(5), 9))
    for call in (
        lambda: split(ratings, "random", seed),
        lambda: implicit_split(ratings, seed=seed),
        lambda: split_per_user(ratings, seed),
        lambda: leave_one_out(ratings, seed),
        lambda: hold_out_users(interactions, seed),
        lambda: load_matrix("s6", seed),
    ):
        with pytest.raises(ValueError, match=re.escape(f"seed = {seed!r}: expected an integer from 0 on")):
            call()


@pytest.mark.parametrize("value", [None, "0.1", math.nan, 1, -0.1, [0.1]])
def test_a_share_that_is_none_is_refused_by_name(value):
    for divide in (split_per_user, lambda *arguments: split(arguments[0], "random", *arguments[1:])):
        with pytest.raises(ValueError, match=re.escape(f"validation = {value!r}: expected a share")):
            divide(numbered([0, 0, 0, 1]), 1, value)


def test_other_things_than_ratings_are_refused_by_their_type():
    for call in (
        lambda: split(np.ones((3, 3)), "random", 1),
        lambda: implicit_split(np.ones((3, 3)), seed=1),
        lambda: split_per_user(np.ones((3, 3)), 1),
        lambda: leave_one_out(np.ones((3, 3)), 1),
        lambda: hold_out_users(np.ones((3, 3)), 1),
    ):
        with pytest.raises(ValueError, match="of type ndarray: expected (Ratings|Interactions)"):
            call()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: implicit_split(numbered([0]), None, seed=1), "threshold = None: expected a finite number"),
        (lambda: implicit_split(numbered([0]), shares=0.8, seed=1), "shares = 0.8: expected three positive"),
        (lambda: implicit_split(numbered([0]), shares=["a"] * 3, seed=1), "expected three positive"),
        (lambda: leave_one_out(numbered([0]), 1, 1.5), "n_candidates = 1.5: expected an integer"),
        (
            lambda: hold_out_users(load_interactions("simulated-small"), 1, "9"),
            "n_held_out = '9': expected 1",
        ),
    ],
)
def test_other_wrong_values_are_refused_by_name(call, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        call()


def test_shares_may_be_an_array():
    ratings = numbered([0] * 20)
    one, other = (
        implicit_split(ratings, shares=shares, seed=1)
        for shares in ((0.5, 0.25, 0.25), np.array([0.5, 0.25, 0.25]))
    )
    assert members(one) == members(other)


@pytest.mark.parametrize("load", [load_ratings, load_interactions, load_matrix])
def test_data_are_named_by_a_string_or_by_a_path(load):
    for name in (3, None, b"mine.csv", ["s6"]):
        with pytest.raises(ValueError, match=re.escape(f"name = {name!r}: expected a string")):
            load(name)
    with pytest.raises(DataNotFound, match=r"nowhere\.csv|nowhere\.npy"):
        load(Path("nowhere.npy" if load is load_matrix else "nowhere.csv"))
