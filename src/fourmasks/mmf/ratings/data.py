"""What the rating data are: one row of the paper's Table 2 each."""

import numpy as np

from fourmasks.data.ratings import Ratings, load_ratings


def describe(dataset, seed) -> dict:
    """Measure ratings; `seed` is for the record, they do not depend on it."""
    return {"metrics": measure(load_ratings(dataset))}


def measure(ratings: Ratings) -> dict[str, float]:
    """Count users, items and ratings.

    Returns
    -------
    dict
        users, items: rows and columns of the rating matrix, for MovieLens those that occur, for Flixster and
        Douban 3000 whether they occur or not; n_users_rated, n_items_rated: those with a rating; ratings;
        density: ratings per entry of the matrix.
    """
    users, items = ratings.shape
    return {
        "users": users,
        "items": items,
        "n_users_rated": len(np.unique(ratings.users)),
        "n_items_rated": len(np.unique(ratings.items)),
        "ratings": len(ratings),
        "density": len(ratings) / (users * items),
    }
