"""The matrix that an estimator of fully observed matrices is fitted to, checked before any work."""

import numpy as np
from sklearn.utils.validation import validate_data

from fourmasks.system.arrays import plain_array


def check_matrix(estimator, X) -> np.ndarray:
    """Return a fully observed matrix, and note the number and the names of its columns in the estimator.

    Parameters
    ----------
    estimator : BaseEstimator
        Gets `n_features_in_` and, for a data frame, `feature_names_in_`.
    X : array-like or data frame of shape (I, J)

    Returns
    -------
    ndarray of shape (I, J)
        float32 as it is, all else as float64.

    Raises
    ------
    ValueError
        If X is sparse or masked, is no matrix, has no row or no column, or holds something else than finite
        real numbers, or nothing but zeros.
    """
    if isinstance(X, np.ma.MaskedArray):
        raise ValueError(
            "X is a masked array: expected a fully observed matrix; RatingMMF is fitted to some entries"
        )
    plain_array("X", X)
    x = validate_data(estimator, X, ensure_all_finite=False)  # what is not finite is named below
    if x.dtype.kind not in "fiub":
        raise ValueError(f"X has dtype {x.dtype}: expected real numbers")
    x = x if x.dtype == np.float32 else x.astype(np.float64)
    bad = np.argwhere(~np.isfinite(x))
    if len(bad):
        i, j = bad[0]
        raise ValueError(
            f"X is NaN or infinite at row {i}, column {j}, and in {len(bad)} of {x.size} entries in all:"
            " expected finite numbers"
        )
    if not x.any():
        raise ValueError("X is zero: there is nothing to factorize")
    return x
