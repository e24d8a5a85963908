"""The rating data, loaded once, and what they are: a row of the paper's Table 1 each."""

import functools

import numpy as np

from fourmasks.data.files import check_enough
from fourmasks.data.ratings import load_ratings

load = functools.lru_cache(maxsize=2)(load_ratings)


def describe(dataset, seed) -> dict:
    """Count ratings; `seed` is for the record, they do not depend on it.

    Returns
    -------
    dict
        "metrics": users, items, both with a rating at least; ratings; density, ratings per pair; and
        least_ratings, of a user.
    """
    ratings = load(dataset)
    counts = np.bincount(ratings.users, minlength=ratings.shape[0])
    users, items = int((counts > 0).sum()), len(np.unique(ratings.items))
    return {
        "metrics": {
            "users": users,
            "items": items,
            "ratings": len(ratings),
            "density": len(ratings) / (users * items),
            "least_ratings": int(counts[counts > 0].min()),
        }
    }


def check_unrated(dataset: str, least: int) -> None:
    """Refuse, as a ValueError, a file in which a user has left fewer items unrated than are needed."""
    ratings = load(dataset)
    counts = np.bincount(ratings.users)
    user, left = int(counts.argmax()), int(ratings.shape[1] - counts.max())
    check_enough(dataset, f"items that user {ratings.user_ids[user]!s} has not rated", left, least)
