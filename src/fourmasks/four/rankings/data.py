"""What is shown and what is hidden, of users that a model never saw and of those that it was trained on."""

import functools
from dataclasses import dataclass

import numpy as np
import scipy.sparse

from fourmasks.data.interactions import fold, hold_out_users, load_interactions
from fourmasks.system.names import unknown
from fourmasks.system.numbers import generator

PROTOCOLS = ("users", "items")
HIDDEN_SHARE = 0.1  # of each user's items, for validation and for the test each
FEWEST = 3  # a user with fewer items has nothing to spare

load = functools.lru_cache(maxsize=2)(load_interactions)


@dataclass(frozen=True, eq=False)
class Hidden:
    """Users whose items are shown in part: `targets` are to be found among all items but those `known`.

    Attributes
    ----------
    shown, targets, known : csr_array of shape (n, J)
        Ones. What is shown is known; known is also what another part of the data hides of the same user.
    """

    shown: scipy.sparse.csr_array
    targets: scipy.sparse.csr_array
    known: scipy.sparse.csr_array


@dataclass(frozen=True, eq=False)
class Parts:
    """Interactions for training (I, J), and what is hidden for validation and for the test."""

    train: scipy.sparse.csr_array
    validation: Hidden
    test: Hidden


@functools.lru_cache(maxsize=2)
def parts(dataset: str, protocol: str, seed: int) -> Parts:
    """Return interactions divided, kept for the next run.

    Parameters
    ----------
    dataset : str
        As `load_interactions` takes it.
    protocol : {"users", "items"}
        Whether users are held out, of whom a fifth of the items is hidden (Liang et al., 2018), or a tenth of
        each user's items for validation and another for the test.
    seed : int
    """
    if protocol == "users":
        held = hold_out_users(load(dataset), seed)
        validation = Hidden(held.validation_in, held.validation_out, held.validation_in)
        return Parts(held.train, validation, Hidden(held.test_in, held.test_out, held.test_in))
    if protocol == "items":
        return hold_out_items(load(dataset).matrix, seed)
    raise ValueError(unknown("protocol", protocol, PROTOCOLS))


def hold_out_items(matrix: scipy.sparse.csr_array, seed: int) -> Parts:
    """Divide each user's items: max(1, 0.1 n) of n for the test, rounded, as many for validation.

    A user with fewer than 3 has them all in the training.
    """
    rng, counts = generator(seed), np.diff(matrix.indptr)
    hidden = np.where(counts < FEWEST, 0, np.maximum(1, np.rint(HIDDEN_SHARE * counts))).astype(int)
    rest, test = fold(matrix, hidden, rng)
    train, validation = fold(rest, hidden, rng)
    return Parts(train, Hidden(train, validation, train), Hidden(train, test, rest))
