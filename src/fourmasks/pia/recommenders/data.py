"""What the data are: one column of the paper's Table 5 each."""

import numpy as np

from fourmasks.data.interactions import HeldOutUsers, Interactions, hold_out_users, load_interactions


def describe(dataset, seed) -> dict:
    """Measure interactions and the split of their users that `seed` gives."""
    interactions = load_interactions(dataset)
    return {"metrics": measure(interactions, hold_out_users(interactions, seed))}


def measure(interactions: Interactions, parts: HeldOutUsers) -> dict[str, float]:
    """Count users, items and interactions.

    Returns
    -------
    dict
        users: rows of the whole; items: those that a user of the training has, the columns of a model;
        items_of_all: those that any user has; interactions: those of the whole; density: interactions /
        (users * items), as in the table; held_out: users for validation, and as many for the test; measured:
        users of the test with a target; over_20_targets: share of them with more than 20, for whom Recall@50
        can be below Recall@20.
    """
    users, items_of_all = interactions.matrix.shape
    targets = np.diff(parts.test_out.indptr)
    items, measured = len(parts.items), int((targets > 0).sum())
    return {
        "users": users,
        "items": items,
        "items_of_all": items_of_all,
        "interactions": interactions.matrix.nnz,
        "density": interactions.matrix.nnz / (users * items),
        "held_out": len(parts.test_users),
        "measured": measured,
        "over_20_targets": int((targets > 20).sum()) / max(measured, 1),
    }
