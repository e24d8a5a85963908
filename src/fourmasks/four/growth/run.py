"""The time of one training on drawn data: of an epoch, or of a whole one where there are no epochs."""

import time

import numpy as np

from fourmasks.four.growth.data import drawn, stars
from fourmasks.four.rankings import run as rankings
from fourmasks.four.ratings import run as ratings

SETTINGS = {
    "averages": {},
    "mf-tuned": {"rank": 64, "shifts": "none"},
    "mmf-constant": {"rank": 64, "n_masks": 2, "shifts": "constant"},
    "mmf-learned": {"rank": 64, "n_masks": 2, "shifts": "learned"},
    "autorec": {"n_hidden": 300},
    "lu-net-tuned": {"network": "lu", "dimension": 32, "batch_size": 512},
    "surprise-svd": {"rank": 64},
    "popularity": {},
    "ease": {},
    "ease-supported": {"neighbours": 100},
    "ease-cut": {"neighbours": 100, "weights": "cut"},
    "similar-items": {"neighbours": 100, "weights": "similarity"},
    "wmf": {"rank": 64},
    "bprmf": {"batch_size": 4096},
    "lightgcn": {"batch_size": 4096},
    "mmf": {"batch_size": 4096},
    "lu-net-implicit": {"network": "lu", "dimension": 32, "gamma": 0.0, "batch_size": 512},
    "multi-vae": {},
    "multi-vae+pia": {"alignment": "items"},
    "rec-vae": {},
    "rec-vae+pia": {"alignment": "items"},
}
TIMES = 3  # of a training without epochs
EPOCHS = 8


def run_size(method, users, items, interactions, seed) -> dict:
    """Time one training.

    Parameters
    ----------
    method : str
        A name in `SETTINGS`.
    users, items, interactions : int
        Of the data, which `drawn` draws.
    seed : int
        Of the data and of the training.

    Returns
    -------
    dict
        "metrics": epoch_seconds, the mean of `EPOCHS` without what comes before the first and after the last;
        or training_seconds of a model without epochs, the median of `TIMES`. Seconds of a core.
    """
    matrix = drawn(users, items, interactions, seed)
    of_ratings = method in ratings.MODELS
    estimator = (ratings.MODELS if of_ratings else rankings.FROM_ITEMS | rankings.OF_USERS)[method]
    data = stars(matrix, seed) if of_ratings or method in rankings.OF_USERS else matrix
    takes = estimator().get_params()

    def seconds(epochs):
        settings = SETTINGS[method] | ({"epochs": epochs} if epochs else {})
        start = time.process_time()
        estimator(**settings).fit(data)
        return time.process_time() - start

    if "epochs" in takes:
        seconds(1)  # the first call loads what later ones have
        found = {"epoch_seconds": (seconds(1 + EPOCHS) - seconds(1)) / EPOCHS}
    else:
        found = {"training_seconds": float(np.median([seconds(None) for _ in range(TIMES)]))}
    return {"metrics": found}
