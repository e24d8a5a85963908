"""Items that a user has not rated, drawn as the non-interactions of the hybrid loss (Eq. 2.13)."""

import numpy as np
import torch


class NonInteractions:
    """Draws items against users, uniformly from those that they have not rated in the training.

    Draws are made on the CPU, so that a seed means the same on every device. What a user rates in the
    validation or the test can be drawn: training does not know of it.

    Parameters
    ----------
    *parts : Ratings
        The pairs that are not drawn, those of the training; of one shape.

    Raises
    ------
    ValueError
        If a user has rated every item, so that there is nothing to draw.
    """

    def __init__(self, *parts):
        self._n_items = parts[0].shape[1]
        known = np.zeros(parts[0].shape, bool)
        for part in parts:
            known[part.users, part.items] = True
        full = np.flatnonzero(known.all(axis=1))
        if len(full):
            raise ValueError(f"user {full[0]} has rated all {self._n_items} items: there is none to draw")
        self._known = torch.from_numpy(known.ravel())

    def draw(self, users: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
        """Return an item (n,) for each of some users (n,), who may come several times."""
        items = torch.randint(self._n_items, users.shape, generator=generator)
        wrong = self._known[users * self._n_items + items].nonzero()[:, 0]
        while len(wrong):
            again = torch.randint(self._n_items, wrong.shape, generator=generator)
            items[wrong] = again
            wrong = wrong[self._known[users[wrong] * self._n_items + again]]
        return items
