"""Interactions of any size, with the shape of real ones: few users and items have many, many have few."""

import numpy as np
import scipy.sparse

from fourmasks.data.ratings import Ratings, make_ratings

# Standard deviations of the logarithm of how many ratings a user gives and an item gets: about MovieLens 1M.
USER_SPREAD, ITEM_SPREAD = 1.0, 1.8


def drawn(n_users: int, n_items: int, n: int, seed: int) -> scipy.sparse.csr_array:
    """Return about n ones (n_users, n_items), at least one of each user and of each item.

    Pairs are drawn by the product of what a user and an item are worth, both log-normal, until n are
    different.

    Raises
    ------
    ValueError
        If there are not twice as many pairs as are asked for.
    """
    if 2 * n > n_users * n_items:
        raise ValueError(f"n = {n}: expected at most half of {n_users} x {n_items} pairs")
    rng = np.random.default_rng(seed)
    users, items = (
        np.cumsum(worth) / worth.sum()
        for worth in (rng.lognormal(0, USER_SPREAD, n_users), rng.lognormal(0, ITEM_SPREAD, n_items))
    )
    longer = np.arange(max(n_users, n_items))
    pairs = np.unique(longer % n_users * n_items + longer % n_items)
    while len(pairs) < n:
        more = [np.searchsorted(shares, rng.random(n)).clip(max=len(shares) - 1) for shares in (users, items)]
        pairs = np.unique(np.concatenate((pairs, more[0] * n_items + more[1])))
    extra = len(pairs) - n
    if extra > 0:  # of those that were drawn, not of the first
        pairs = np.delete(pairs, rng.permutation(len(pairs))[:extra])
    rows, columns = np.divmod(pairs, n_items)
    ones = np.ones(len(pairs), np.float32)
    matrix = scipy.sparse.csr_array((ones, (rows, columns)), shape=(n_users, n_items))
    return matrix[np.diff(matrix.indptr) > 0]


def stars(matrix: scipy.sparse.csr_array, seed: int) -> Ratings:
    """Return a rating of 1 to 5 for each pair."""
    users, items = matrix.nonzero()
    values = np.random.default_rng(seed).integers(1, 6, len(users))
    return make_ratings("drawn", users, items, values, matrix.shape, (1, 5))
