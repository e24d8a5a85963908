"""What the core checks before any work: settings, and users' items."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import scipy.sparse
import torch

from fourmasks.data.ratings import make_ratings
from fourmasks.learning.settings import KINDS, check_settings
from fourmasks.learning.user_items import (
    binary_matrix,
    check_length,
    check_pairs,
    check_parts,
    check_rated_pairs,
    check_users,
    training_matrix,
    validation_matrices,
)

RIGHT = {
    "count": [1, np.int64(7)],
    "seed": [0, np.int64(3), 2**32 - 1],
    "count or None": [None, 2],
    "positive": [0.1, 3, np.float32(2)],
    "positive or None": [None, 0.1],
    "not negative": [0, 0.0, 1.5],
    "not negative or None": [None, 0, 1.5],
    "growth": [1, 2.5],
    "share": [0, 0.99],
    "flag": [True, False, np.bool_(True)],
    "path or None": [None, "runs/fit", Path("runs")],
    "function or None": [None, len],
    "generator": [torch.Generator()],
}
WRONG = {
    "count": [0, 1.0, True, None, "2"],
    "seed": [-1, 0.5, False, None, 2**32],
    "count or None": [0, 2.0, True],
    "positive or None": [0.0, float("nan"), "1"],
    "positive": [0, -1.0, float("inf"), float("nan"), True, "1"],
    "not negative": [-1e-9, float("nan"), None],
    "not negative or None": [-1, float("inf"), "0"],
    "growth": [0.99, float("inf"), None],
    "share": [1, -0.1, float("nan")],
    "flag": [1, None, "yes"],
    "path or None": [1, b"runs"],
    "function or None": [1, "len"],
    "generator": [0, None],
}


def test_every_kind_has_its_examples():
    assert set(RIGHT) == set(WRONG) == set(KINDS)


@pytest.mark.parametrize(("kind", "value"), [(kind, value) for kind in RIGHT for value in RIGHT[kind]])
def test_a_right_setting_passes(kind, value):
    check_settings({"x": value, "another": object()}, {"x": kind})


@pytest.mark.parametrize(("kind", "value"), [(kind, value) for kind in WRONG for value in WRONG[kind]])
def test_a_wrong_setting_is_named_with_what_was_expected(kind, value):
    with pytest.raises(ValueError, match="^x = ") as caught:
        check_settings({"x": value}, {"x": kind})
    assert repr(value) in str(caught.value)
    assert KINDS[kind][1] in str(caught.value)


def test_a_choice_is_one_of_the_values():
    check_settings({"dtype": "float32"}, {"dtype": ("float32", "float64")})
    with pytest.raises(ValueError, match="float16.*float32"):
        check_settings({"dtype": "float16"}, {"dtype": ("float32", "float64")})
    check_settings({"heads": 2}, {"heads": (1, 2)})
    for value in (3, 2.0, True, None, [2], np.array([1, 2])):
        with pytest.raises(ValueError, match="unknown heads .*: expected one of 1, 2"):
            check_settings({"heads": value}, {"heads": (1, 2)})
    check_settings({"dtype": np.array(["float32"])[0]}, {"dtype": {"float32": 1}})


def test_a_binary_matrix_is_a_sorted_copy_without_zeros():
    given = scipy.sparse.csr_array(
        (np.array([1, 1, 0, 1]), np.array([3, 0, 2, 1]), np.array([0, 3, 4])), shape=(2, 4)
    )
    found = binary_matrix("x", given)
    assert np.array_equal(found.toarray(), [[1, 0, 0, 1], [0, 1, 0, 0]])
    assert found.nnz == 3
    assert found.indices.tolist() == [0, 3, 1]
    assert found.dtype == np.float32
    assert found.indices.dtype == found.indptr.dtype == np.int32
    assert given.nnz == 4
    assert given.indices.tolist() == [3, 0, 2, 1]


@pytest.mark.parametrize(
    "kind", [scipy.sparse.coo_array, scipy.sparse.csc_matrix, np.array, pd.DataFrame, np.ndarray.tolist]
)
@pytest.mark.parametrize("dtype", [bool, np.int8, float])
def test_a_binary_matrix_may_be_sparse_or_not(kind, dtype):
    given = np.array([[1, 0, 1], [0, 1, 0]], dtype)
    found = binary_matrix("x", kind(given), 3)
    assert np.array_equal(found.toarray(), given)
    assert found.dtype == np.float32
    assert found.nnz == 3


@pytest.mark.parametrize(
    ("matrix", "message"),
    [
        (np.eye(3), "x has 3 columns: expected 4"),
        (np.full((2, 4), np.nan), "x holds the value nan: expected ones and zeros"),
        (np.ones(4), r"x is of type ndarray, shape \(4,\) and dtype float64: expected a matrix of ones"),
        (np.full((1, 4), "1"), "dtype <U1: expected a matrix of ones and zeros"),
        (np.ma.ones((2, 4)), "x is a masked array"),
        ([[1, 0, 0, 1], [1]], "x is no array of numbers"),
        (object(), r"x is of type object, shape \(\)"),
        (scipy.sparse.eye_array(3, format="csr"), "x has 3 columns: expected 4"),
        (2 * scipy.sparse.eye_array(4, format="csr"), "x holds the value 2.0: expected ones and zeros"),
        (
            scipy.sparse.coo_array((np.ones(2), ([0, 0], [1, 1])), shape=(1, 4)),
            "x holds the value 2.0: expected ones and zeros",
        ),
    ],
)
def test_other_matrices_are_refused(matrix, message):
    with pytest.raises(ValueError, match=message):
        binary_matrix("x", matrix, 4)


def test_users_of_the_training_have_items():
    with pytest.raises(ValueError, match="1 of 2 users of train have no items"):
        training_matrix(scipy.sparse.csr_array([[1, 0], [0, 0]]))
    with pytest.raises(ValueError, match="0 of 0 users"):
        training_matrix(scipy.sparse.csr_array((0, 2)))


def made(shape=(3, 4), **arrays):
    given = {"users": [0, 1, 1], "items": [2, 0, 3], "values": [1.0, 5.0, 3.0]} | arrays
    return make_ratings("r", *map(np.array, given.values()), shape, (1, 5))


def test_ratings_for_training_and_validation():
    train, empty = made(), made().take(np.arange(0))
    validation = made(users=[2, 0, 1])
    assert check_parts(train, validation) is validation
    assert check_parts(train, None) is check_parts(train, empty) is None
    check_rated_pairs("exclude", empty, (3, 4))
    for parts, message in (
        ((empty, None), "train holds no ratings: expected at least one"),
        ((np.eye(3), None), "train is of type ndarray: expected Ratings, as make_ratings gives"),
        ((train, scipy.sparse.eye_array(3)), "validation is of type .*: expected Ratings"),
        ((train, made((4, 4))), r"validation has shape \(4, 4\): expected that of train, \(3, 4\)"),
        ((replace(train, users=train.users + 2), None), "user 3 at position 1: expected 0 to 2"),
        ((train, replace(train, values=train.values * np.nan)), "validation holds the rating nan"),
        ((replace(train, users=train.users * 0, items=train.items * 0), None), "two ratings of item 0"),
    ):
        with pytest.raises(ValueError, match=message):
            check_parts(*parts)


def test_pairs_users_and_lengths():
    users, items = check_pairs(np.array([1, 2], np.uint8), pd.Series([0, 3]), (3, 4))
    assert users.dtype == items.dtype == np.int64
    assert [part.tolist() for part in check_pairs([], [], (3, 4))] == [[], []]
    assert check_users((2, 0), 3).tolist() == [2, 0]
    check_length(np.int64(4), 4)
    for check, message in (
        (lambda: check_pairs([1, 2], [0], (3, 4)), r"users \(2,\) and items \(1,\): expected two arrays"),
        (lambda: check_pairs(1, 0, (3, 4)), r"users \(\) and items \(\): expected two arrays"),
        (lambda: check_pairs([1.0], [0], (3, 4)), "users have dtype float64: expected integers"),
        (lambda: check_pairs(np.ma.array([1]), [0], (3, 4)), "users is a masked array"),
        (lambda: check_users([[1]], 3), r"users have shape \(1, 1\): expected an array"),
        (lambda: check_users([1, 3], 3), "user 3 at position 1: expected 0 to 2"),
        (lambda: check_users(["a"], 3), "users have dtype <U1: expected integers"),
        (lambda: check_length(5, 4), "n = 5: expected an integer from 1 to 4, the number of items"),
        (lambda: check_length(2.0, 4), "n = 2.0: expected an integer"),
        (lambda: check_length(True, 4), "n = True: expected an integer"),
    ):
        with pytest.raises(ValueError, match=message):
            check()


def test_validation_is_a_pair_of_matrices():
    shown = scipy.sparse.csr_array([[1, 0]])
    for given in (shown, np.eye(2), (shown,), (shown, shown, shown), "ab"):
        with pytest.raises(ValueError, match="validation is of type .*: expected a pair of matrices"):
            validation_matrices(given, 2)


def test_validation_has_targets_that_are_not_shown():
    shown, targets = scipy.sparse.csr_array([[1, 0]]), scipy.sparse.csr_array([[0, 1]])
    assert [part.nnz for part in validation_matrices((shown, targets), 2)] == [1, 1]
    with pytest.raises(ValueError, match="none that is in the input"):
        validation_matrices((shown, shown), 2)
    with pytest.raises(ValueError, match="one at least"):
        validation_matrices((shown, 0 * targets), 2)
    with pytest.raises(ValueError, match="1 and 2 users"):
        validation_matrices((shown, scipy.sparse.csr_array([[0, 1], [0, 1]])), 2)
