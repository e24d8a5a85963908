"""How the time of an epoch grows with the size of the model and with the number of ratings."""

from dataclasses import replace

import numpy as np
import pandas as pd

from fourmasks.data.ratings import Ratings
from fourmasks.mmf.models.rating_mmf import RatingMMF

CASES = ((32, 4), (32, 8), (64, 8), (32, 16), (128, 8), (32, 32))  # R and K
COUNTS = (12_500, 25_000, 50_000, 100_000)


def epoch_seconds(ratings: Ratings, rank: int, n_masks: int, epochs: int = 3, **settings) -> float:
    """Return the median time of an epoch of MMF with learned shifts."""
    model = RatingMMF(rank, n_masks=n_masks, epochs=epochs, **settings)
    return float(np.median(model.fit(ratings).seconds_))


def by_masks(ratings: Ratings, cases=CASES, epochs: int = 3, **settings):
    """Return a row for each pair (R, K): their product and the seconds of an epoch."""
    rows = [
        (rank, n_masks, rank * n_masks, epoch_seconds(ratings, rank, n_masks, epochs, **settings))
        for rank, n_masks in cases
    ]
    return pd.DataFrame(rows, columns=["rank", "n_masks", "size", "seconds"])


def by_ratings(like: Ratings, counts=COUNTS, side=3000, rank=32, n_masks=8, epochs=3, **settings):
    """Return a row for each number of ratings and the seconds of an epoch.

    They are ratings of `like`, drawn at random, of random pairs of `side` users and as many items.
    """
    generator = np.random.default_rng(0)
    rows = []
    for n in counts:
        cells = np.unique(generator.integers(side**2, size=2 * n))  # some are drawn twice
        cells, values = generator.choice(cells, n, replace=False), generator.choice(like.values, n)
        ratings = replace(like, users=cells // side, items=cells % side, values=values, shape=(side, side))
        rows.append((n, epoch_seconds(ratings, rank, n_masks, epochs, **settings)))
    return pd.DataFrame(rows, columns=["size", "seconds"])


def slope(frame) -> float:
    """Return the slope of the logarithm of the seconds over that of the size: 1 is proportional growth."""
    return float(np.polyfit(np.log(frame["size"]), np.log(frame["seconds"]), 1)[0])
