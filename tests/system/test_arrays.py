"""What NumPy would take for something else is refused by name."""

import numpy as np
import pandas as pd
import pytest
import scipy.sparse

from fourmasks.system.arrays import plain_array


@pytest.mark.parametrize("kind", [np.array, pd.DataFrame, np.ndarray.tolist])
def test_what_is_like_an_array_becomes_one(kind):
    given = np.array([[1.5, 2.0], [3.0, 4.0]])
    found = plain_array("X", kind(given))
    assert type(found) is np.ndarray
    np.testing.assert_array_equal(found, given)


def test_an_array_is_itself():
    given = np.eye(2)
    assert plain_array("X", given) is given
    assert plain_array("X", given, np.float32).dtype == np.float32


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (scipy.sparse.eye_array(3), "X is a sparse matrix: expected an array; give its toarray"),
        (scipy.sparse.dok_matrix((2, 2)), "X is a sparse matrix"),
        (scipy.sparse.coo_array([1, 2]), "X is a sparse matrix"),
        (np.ma.array([1, 2], mask=[0, 1]), "X is a masked array: expected one without a mask"),
        (np.ma.array([1, 2]), "X is a masked array"),
        ([[1, 2], [3]], "X is no array of numbers"),
    ],
)
def test_what_is_refused(values, message):
    with pytest.raises(ValueError, match=message):
        plain_array("X", values)


def test_values_of_another_type_are_refused():
    with pytest.raises(ValueError, match="X is no array of numbers: could not convert string to float: 'a'"):
        plain_array("X", ["a"], np.float64)
