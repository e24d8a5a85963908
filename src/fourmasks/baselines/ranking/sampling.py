"""Triples of a user, an item that he likes, and one that he does not, for pairwise learning."""

from collections.abc import Iterator

import numpy as np
import torch


class Triples:
    """The liked pairs of the training with items drawn against them.

    Each epoch goes through the n pairs in a random order, and draws for each an item uniformly from those
    that the user does not like (Rendle et al., 2009). All draws are made on the CPU, so that a seed means the
    same on every device.

    Parameters
    ----------
    train : Ratings
        The liked pairs; the values do not count.
    device : torch.device

    Raises
    ------
    ValueError
        If there are no pairs, a pair is out of range, or a user likes every item, so that there is nothing
        to draw.
    """

    def __init__(self, train, device: torch.device):
        n_users, self._n_items = train.shape
        if not len(train):
            raise ValueError("train holds no pairs: expected at least one")
        for kind, numbers, n in (("user", train.users, n_users), ("item", train.items, self._n_items)):
            if not 0 <= numbers.min() <= numbers.max() < n:
                raise ValueError(
                    f"train has {kind}s from {numbers.min()} to {numbers.max()}: expected 0 to {n - 1}"
                )
        self._device = device
        self._users, self._items = torch.as_tensor(train.users), torch.as_tensor(train.items)
        places = np.unique(train.users * self._n_items + train.items)
        full = np.flatnonzero(np.bincount(places // self._n_items, minlength=n_users) == self._n_items)
        if len(full):
            raise ValueError(f"user {full[0]} likes all {self._n_items} items: there is none to draw")
        # One bit for each pair: looked up at random, it is ten times quicker than a search in sorted pairs.
        bits = np.zeros(n_users * self._n_items // 8 + 1, np.uint8)
        np.bitwise_or.at(bits, places >> 3, (1 << (places & 7)).astype(np.uint8))
        self._bits = torch.from_numpy(bits)

    def __len__(self) -> int:
        return len(self._users)

    def epoch(self, batch_size: int, generator: torch.Generator) -> Iterator[tuple[torch.Tensor, ...]]:
        """Yield users, liked items and others, three tensors (batch_size,), the last ones shorter."""
        order = torch.randperm(len(self), generator=generator)
        users, liked = self._users[order], self._items[order]
        others = self.draw(users, generator)
        yield from zip(
            *(numbers.to(self._device).split(batch_size) for numbers in (users, liked, others)), strict=True
        )

    def draw(self, users: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
        """Return for each of the users (n,) an item that he does not like, drawn uniformly."""
        items = torch.empty_like(users)
        missing = torch.arange(len(users))
        while len(missing):
            items[missing] = torch.randint(self._n_items, (len(missing),), generator=generator)
            missing = missing[self._likes(users[missing], items[missing])]
        return items

    def _likes(self, users, items):
        places = users * self._n_items + items
        return (self._bits[places >> 3] >> (places & 7).to(torch.uint8)) & 1 == 1
