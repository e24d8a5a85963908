"""The trainer: epochs, early stopping, and the epoch that is kept, for all that is trained by gradient steps.

A model says what an epoch is, how good it is now, and what its state is; which parameters there are, and
how a batch moves them, is its own affair. The rule of early stopping stands here and nowhere else.
"""

import math
import time
from collections.abc import Callable, Iterable, Mapping

import torch

from fourmasks.system.device import synchronize
from fourmasks.system.progress import progress


class Diverged(FloatingPointError):
    """A training whose loss or score is no longer a finite number."""


class Trainer:
    """Runs epochs, notes how they went, stops early, and gives back the best epoch.

    Parameters
    ----------
    name : str
        What is trained, for the progress bar and for errors.
    score : callable, optional
        `score()` is how good the model is after an epoch, by validation. Without it nothing is stopped early,
        and the last epoch is the best.
    lowest : bool, default False
        Whether the best score is the lowest, an error, in place of the highest.
    patience : int, optional
        Epochs without a better score after which training stops. Default: never.
    least_gain : float, default 0.0
        By how much the score must be better than when the patience last began anew for it to begin anew.
    state : callable, optional
        `state()` is a mapping of names to tensors, of which the best epoch's are kept: copies.
    load : callable, optional
        `load(state)` gives them back to the model.
    after_epoch : callable, optional
        Called after each epoch, before its score; its time does not count.
    remedy : str, default "give a smaller learning_rate"
        What the error of a diverged training advises.
    device : torch.device, default the CPU
        Which is waited for before the time is taken.
    verbose : bool, default False
        Whether to show progress, on a terminal only.

    Attributes
    ----------
    losses, scores, seconds : list of float
        By epoch. An epoch without a loss leaves none.
    best_epoch : int
        From 1, of all scored epochs; 0 before.
    """

    def __init__(
        self,
        name: str,
        score: Callable[[], float] | None = None,
        *,
        lowest: bool = False,
        patience: int | None = None,
        least_gain: float = 0.0,
        state: Callable[[], Mapping[str, torch.Tensor]] | None = None,
        load: Callable[[dict], object] | None = None,
        after_epoch: Callable[[], object] | None = None,
        remedy: str = "give a smaller learning_rate",
        device: torch.device | str = "cpu",
        verbose: bool = False,
    ):
        self._name, self._score, self._sign = name, score, -1.0 if lowest else 1.0
        self._patience, self._least_gain = math.inf if patience is None else patience, least_gain
        self._state, self._load, self._after_epoch = state, load, after_epoch
        self._remedy, self._device, self._verbose = remedy, torch.device(device), verbose
        self._best, self._gained, self._waited, self._kept = -math.inf, -math.inf, 0, None
        self.losses, self.scores, self.seconds, self.best_epoch = [], [], [], 0

    def run(self, epoch: Callable[[], float | None], epochs: int, scored: bool = True) -> None:
        """Run epochs until there are enough, or none was better for too long.

        Parameters
        ----------
        epoch : callable
            `epoch()` trains for one and returns its mean loss, or None.
        epochs : int
            At most.
        scored : bool, default True
            Whether the epochs are scored, and the best of them kept. A phase that trains something else is
            not.

        Raises
        ------
        Diverged
            If a loss is not finite.
        """
        self._waited = 0
        with progress(epochs if self._verbose else 0, self._name) as bar:
            for _ in range(epochs):
                start = time.perf_counter()
                loss = epoch()
                synchronize(self._device)
                self.seconds.append(time.perf_counter() - start)
                if loss is not None:
                    self.losses.append(loss)
                    if not math.isfinite(loss):
                        raise Diverged(f"{self._name} diverged in epoch {len(self.losses)}: {self._remedy}")
                bar.update()
                if self._after_epoch is not None:
                    self._after_epoch()
                if scored and self._is_over():
                    break

    def restore(self) -> None:
        """Give the model the state of the best epoch.

        Raises
        ------
        Diverged
            If no epoch had a finite score.
        """
        if self._score is None:
            return
        if self._kept is None:
            raise Diverged(f"{self._name} diverged, no epoch had a finite score: {self._remedy}")
        self._load(self._kept)

    def _is_over(self) -> bool:
        """Score the epoch, keep the state if it is the best, and return whether the patience has run out."""
        if self._score is None:
            self.best_epoch += 1
            return False
        self.scores.append(float(self._score()))
        score = self._sign * self.scores[-1]
        if self._best < score < math.inf:
            self._best, self.best_epoch = score, len(self.scores)
            self._kept = {name: tensor.clone() for name, tensor in self._state().items()}
        self._waited += 1
        if score > self._gained and score - self._gained >= self._least_gain:
            self._gained, self._waited = score, 0
        return self._waited >= self._patience


def descend(losses: Iterable[torch.Tensor], optimizer: torch.optim.Optimizer) -> float:
    """Make a step for each loss as it comes, and return their mean.

    Parameters
    ----------
    losses : iterable of Tensor
        Of batches, each computed when it is asked for.
    optimizer : torch.optim.Optimizer
    """
    total, count = 0.0, 0
    for loss in losses:
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total, count = total + loss.detach(), count + 1
    return float(total) / max(count, 1)
