"""Arrays as users give them: what NumPy would take for something else is refused by name."""

import numpy as np


def plain_array(name: str, values, dtype=None) -> np.ndarray:
    """Return an array-like, such as nested lists or a data frame, as an array.

    Parameters
    ----------
    name : str
        What it is called in the message.
    values : array-like
    dtype : data type, optional
        By default that of the values.

    Raises
    ------
    ValueError
        If it is a sparse matrix, of which NumPy makes an array without dimensions; a masked array, whose mask
        NumPy drops; or nested lists of unequal lengths.
    """
    if hasattr(values, "tocsr"):  # a sparse matrix of SciPy, which is not loaded for this
        raise ValueError(f"{name} is a sparse matrix: expected an array; give its toarray()")
    if isinstance(values, np.ma.MaskedArray):
        raise ValueError(f"{name} is a masked array: expected one without a mask")
    try:
        return np.asarray(values, dtype)
    except ValueError as error:
        raise ValueError(f"{name} is no array of numbers: {error}") from error
