"""The pairs of each training step."""

from collections.abc import Iterator

import torch

from fourmasks.lunet.models.negatives import NonInteractions

DTYPES = {"float32": torch.float32, "float64": torch.float64}


class Batches:
    """The training ratings with non-interactions, in an order of each epoch's own.

    What belongs to an epoch is drawn at once.

    Parameters
    ----------
    train : Ratings
    settings : LUNetRecommender
    device : torch.device
        Where the batches are to be; draws are made on the CPU.

    Attributes
    ----------
    n_ratings, n_pairs : int
        Of an epoch.
    """

    def __init__(self, train, settings, device: torch.device):
        self._n_users, self._size, self._device = train.shape[0], settings.batch_size, device
        self._negatives = settings.n_negatives if settings.gamma < 1 else 0
        self._drawn_from = NonInteractions(train) if self._negatives else None
        self._users, self._items = torch.as_tensor(train.users), torch.as_tensor(train.items)
        self._ratings = torch.as_tensor(train.values).to(DTYPES[settings.dtype])
        self.n_ratings = len(train)
        self.n_pairs = self.n_ratings * (1 + self._negatives)

    def epoch(self, generator: torch.Generator) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
        """Yield table rows (2 n,) of pairs, user and item in turn, and the ratings (m,) of the first m."""
        order = torch.randperm(self.n_ratings, generator=generator)
        users, items = self._users[order], self._items[order] + self._n_users
        rated = torch.stack((users, items), 1).view(-1).to(self._device).split(2 * self._size)
        ratings = self._ratings[order].to(self._device).split(self._size)
        if not self._negatives:
            yield from zip(rated, ratings, strict=True)
            return
        users = users.repeat_interleave(self._negatives)
        others = torch.stack((users, self._drawn_from.draw(users, generator) + self._n_users), 1)
        others = others.view(-1).to(self._device).split(2 * self._size * self._negatives)
        for one, other, values in zip(rated, others, ratings, strict=True):
            yield torch.cat((one, other)), values
