"""The error of predicted ratings."""

import numpy as np


def mean_squared_error(predicted: np.ndarray, values: np.ndarray) -> float:
    """Return the mean squared difference, summed in float64."""
    return float(np.mean(np.square(predicted.astype(np.float64) - values)))
