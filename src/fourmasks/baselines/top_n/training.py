"""What the networks share: what an epoch is, and how they are measured."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import torch

from fourmasks.baselines.top_n.layers import Rows
from fourmasks.baselines.top_n.recommender import Recommender
from fourmasks.learning.held_out_users import ndcg_of_users
from fourmasks.learning.trainer import Trainer
from fourmasks.system.device import resolve_device


@dataclass(eq=False, repr=False, kw_only=True)
class NetworkRecommender(Recommender):
    """A network that is trained by Adam on batches of users; subclasses say what it is.

    A subclass has the methods

    - `_make(shape, generator)`: the network at its start, for shape (I, J);
    - `_loss(users, rows, generator)`: the mean loss of a batch, given the users' numbers (n,) and their
      `Rows`;
    - `_scores(rows)`: the scores (n, J) of all items.

    Parameters
    ----------
    dropout : float, default 0.5
        Share of a user's items that are left out of the input in training.
    learning_rate : float, default 0.001
        Adam's.
    batch_size : int, default 500
        Users per step.
    epochs : int, default 100
        At most.
    patience : int, default 10
        Epochs without a higher NDCG@100 on the validation users after which training stops.
    dtype : {"float32", "float64"}, default "float32"
    random_state : int, default 0
    device : str, default "cpu"
    verbose : bool, default False
        Show a progress bar, on a terminal only.

    Attributes
    ----------
    n_parameters_ : int
        Numbers learned.
    training_curve_ : list of float
        By epoch, the mean loss of a user.
    validation_curve_ : list of float
        By epoch, NDCG@100; empty without validation.
    best_epoch_ : int
        From 1: the one that is kept. Without validation all epochs are run, and it is the last.
    """

    dropout: float = 0.5
    learning_rate: float = 1e-3
    batch_size: int = 500
    epochs: int = 100
    patience: int = 10
    dtype: str = "float32"
    random_state: int = 0
    device: str = "cpu"
    verbose: bool = False

    def _fit(self, train, validation):
        self._device, self._dtype = resolve_device(self.device), getattr(torch, self.dtype)
        generator = torch.Generator().manual_seed(int(self.random_state))
        self._network = self._make(train.shape, generator).to(self._device, self._dtype)
        self.n_parameters_ = sum(parameter.numel() for parameter in self._network.parameters())
        trainer = Trainer(
            type(self).__name__, None if validation is None else lambda: self._ndcg(*validation),
            patience=self.patience, state=self._network.state_dict, load=self._network.load_state_dict,
            device=self._device, verbose=self.verbose,
        )  # fmt: skip
        self._train(train, trainer, generator)
        self._network.zero_grad(set_to_none=True)
        self.training_curve_, self.validation_curve_ = trainer.losses, trainer.scores
        self.best_epoch_ = trainer.best_epoch

    def _train(self, train, trainer: Trainer, generator: torch.Generator) -> None:
        step = self._minimising(self._loss, self._network.parameters(), self.learning_rate)
        trainer.run(self._epoch(train, generator, step), self.epochs)
        trainer.restore()

    def _epoch(self, train, generator, step) -> Callable[[], float]:
        """Return the function that runs `step(users, rows, generator)`, a mean loss, on all batches."""

        def epoch():
            self._network.train()
            losses = [
                len(users) * step(users, self._rows(train[users]), generator)
                for users in batches(train.shape[0], self.batch_size, generator)
            ]
            return sum(losses) / train.shape[0]

        return epoch

    def _minimising(self, loss: Callable, parameters, learning_rate: float) -> Callable:
        """Return the step that minimises a loss by Adam, over some parameters."""
        optimizer = torch.optim.Adam(parameters, lr=learning_rate, fused=self._device.type != "mps")

        def step(*batch):
            value = loss(*batch)
            optimizer.zero_grad()
            value.backward()
            optimizer.step()
            return value.item()

        return step

    def _make(self, shape: tuple[int, int], generator: torch.Generator) -> torch.nn.Module:
        raise NotImplementedError

    def _loss(self, users: np.ndarray, rows: Rows, generator: torch.Generator) -> torch.Tensor:
        raise NotImplementedError

    def _scores(self, rows: Rows) -> torch.Tensor:
        raise NotImplementedError

    def _rows(self, matrix) -> Rows:
        return Rows(matrix, self._device, self._dtype)

    @torch.no_grad()
    def _score(self, matrix):
        return self._scores(self._rows(matrix)).cpu().numpy()

    def _ndcg(self, shown, targets) -> float:
        self._network.eval()
        users = np.flatnonzero(np.diff(targets.indptr))
        parts = [
            ndcg_of_users(self._score(shown[part]), shown[part], targets[part])
            for part in np.split(users, range(self.batch_size, len(users), self.batch_size))
        ]
        return float(np.concatenate(parts).mean())


def batches(n_users: int, size: int, generator: torch.Generator) -> Iterator[np.ndarray]:
    """Yield the numbers (n,) of the users of a batch; all come once, in a random order."""
    for users in torch.randperm(n_users, generator=generator).split(size):
        yield users.numpy()
