"""What the core checks before any work: settings, and users' items."""

import numpy as np
import pytest
import scipy.sparse

from fourmasks.learning.settings import KINDS, check_settings
from fourmasks.learning.user_items import binary_matrix, training_matrix, validation_matrices

RIGHT = {
    "count": [1, np.int64(7)],
    "seed": [0, 3],
    "count or None": [None, 2],
    "integer": [-1, np.int32(4)],
    "positive": [0.1, 3, np.float32(2)],
    "positive or None": [None, 0.1],
    "not negative": [0, 0.0, 1.5],
    "growth": [1, 2.5],
    "share": [0, 0.99],
    "flag": [True, False],
}
WRONG = {
    "count": [0, 1.0, True, None, "2"],
    "seed": [-1, 0.5, False],
    "count or None": [0, 2.0, True],
    "integer": [0.0, True, None],
    "positive or None": [0.0, float("nan"), "1"],
    "positive": [0, -1.0, float("inf"), float("nan"), True, "1"],
    "not negative": [-1e-9, float("nan"), None],
    "growth": [0.99, float("inf"), None],
    "share": [1, -0.1, float("nan")],
    "flag": [1, None, "yes"],
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
    with pytest.raises(ValueError, match="heads 3: expected one of 1, 2"):
        check_settings({"heads": 3}, {"heads": (1, 2)})


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
    ("matrix", "message"),
    [
        (np.eye(3), "x is of type ndarray: expected a sparse matrix"),
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


def test_validation_has_targets_that_are_not_shown():
    shown, targets = scipy.sparse.csr_array([[1, 0]]), scipy.sparse.csr_array([[0, 1]])
    assert [part.nnz for part in validation_matrices((shown, targets), 2)] == [1, 1]
    with pytest.raises(ValueError, match="none that is in the input"):
        validation_matrices((shown, shown), 2)
    with pytest.raises(ValueError, match="one at least"):
        validation_matrices((shown, 0 * targets), 2)
    with pytest.raises(ValueError, match="1 and 2 users"):
        validation_matrices((shown, scipy.sparse.csr_array([[0, 1], [0, 1]])), 2)
