"""What the rating baselines share: minibatches, early stopping, clamped predictions."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property

import numpy as np
import scipy.sparse
import torch
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from fourmasks.baselines.ratings.sparse import Pattern
from fourmasks.learning.settings import check_settings
from fourmasks.learning.trainer import Diverged, Trainer, descend
from fourmasks.learning.user_items import check_pairs, check_parts
from fourmasks.system.device import resolve_device

PREDICTED_AT_ONCE = 16_384

_COUNTS = "rank n_features n_hidden n_local batch_size epochs patience"
SETTINGS = (
    dict.fromkeys(_COUNTS.split(), "count")
    | dict.fromkeys(("learning_rate", "bandwidth"), "positive")
    | dict.fromkeys(("ridge", "implicit_ridge"), "not negative")
    | {"random_state": "seed", "verbose": "flag"}
)


class Data:
    """Training ratings on a device.

    Attributes
    ----------
    users, items : Tensor of int64, shape (n,)
    values : Tensor of float32, shape (n,)
    mean : float
    shape : tuple of int
        Number of users and of items.
    scale : tuple of float
    device : torch.device
    """

    def __init__(self, ratings, device: torch.device):
        self._ratings = ratings
        self.users, self.items, self.values = (
            torch.tensor(array, device=device) for array in (ratings.users, ratings.items, ratings.values)
        )
        self.mean = float(np.mean(ratings.values, dtype=np.float64))
        self.shape, self.scale, self.device = ratings.shape, ratings.scale, device

    @cached_property
    def by_user(self) -> scipy.sparse.csr_array:
        """The ratings as a sparse matrix of shape (I, J), on the host."""
        ratings = self._ratings
        return scipy.sparse.csr_array((ratings.values, (ratings.users, ratings.items)), shape=self.shape)

    @cached_property
    def by_item(self) -> scipy.sparse.csr_array:
        """The same, transposed."""
        return self.by_user.T.tocsr()

    @cached_property
    def rated(self) -> tuple[torch.Tensor, torch.Tensor]:
        """Which users (I,) and which items (J,) have a rating here."""
        counts = (
            torch.bincount(numbers, minlength=n)
            for numbers, n in zip((self.users, self.items), self.shape, strict=True)
        )
        return tuple(count > 0 for count in counts)

    def batches(self, size: int, generator: torch.Generator) -> Iterator[torch.Tensor]:
        """Yield positions of the ratings, `size` at a time, in a random order."""
        yield from torch.randperm(len(self.values), generator=generator).to(self.device).split(size)

    def row_batches(self, matrix, size: int, generator: torch.Generator) -> Iterator[tuple]:
        """Yield `size` rows of a matrix at a time, those with ratings in a random order.

        Of each batch: the rows' numbers (m,), the pattern (m, N) of their ratings, and these (n,).
        """
        rated = torch.from_numpy(np.flatnonzero(np.diff(matrix.indptr)))
        for rows in rated[torch.randperm(len(rated), generator=generator)].split(size):
            part = matrix[rows.numpy()]
            values = torch.as_tensor(part.data, device=self.device)
            yield rows.to(self.device), Pattern(part, self.device), values


class Baseline(BaseEstimator):
    """A model of ratings that is fitted epoch by epoch; subclasses say what an epoch is.

    A subclass has the settings of its constructor, among them `epochs`, `patience`, `random_state`, `device`
    and `verbose`, and the methods

    - `_start(data, generator)`: the parameters, a dict of tensors;
    - `_losses(parameters, data, generator)`: yields the loss of each minibatch of an epoch;
    - `_tables(parameters, data)`: what predictions need, a dict of tensors; by default the parameters;
    - `_scores(tables, users, items)`: the predictions for pairs, not clamped.

    Attributes
    ----------
    n_parameters_ : int
        Numbers learned.
    validation_curve_, seconds_ : list of float
        By epoch: RMSE on the validation ratings, and the time taken without that for the validation.
    best_epoch_ : int
        From 1: the one that predictions are made with.
    """

    least_gain = 0.0

    def fit(self, train, validation=None):
        """Fit to ratings; the epoch with the lowest RMSE on the validation ratings is kept.

        Parameters
        ----------
        train : Ratings
        validation : Ratings, optional
            Training ends when `patience` epochs have not lowered the RMSE on them, by `least_gain` (of the
            class) in all. Without them, or if there are none, all epochs are run and the last is kept.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            Before any work: a bad setting or bad ratings; the message says which and what was expected.
        Diverged
            If a loss, a score or a parameter is no longer finite.
        """
        self._check_settings()
        validation = check_parts(train, validation)
        device = resolve_device(self.device)
        generator = torch.Generator().manual_seed(int(self.random_state))
        data = Data(train, device)
        self._mean, self._shape, self._scale, self._device = data.mean, data.shape, data.scale, device
        parameters = self._start(data, generator)
        with subnormals_as_zero():
            self._train(parameters, data, generator, validation)
        self.n_parameters_ = sum(tensor.numel() for tensor in parameters.values())
        return self

    def predict(self, users, items) -> np.ndarray:
        """Predict ratings, clamped to the scale of the training ratings.

        Parameters
        ----------
        users, items : array-like of int, shape (n,)

        Returns
        -------
        ndarray of float32, shape (n,)

        Raises
        ------
        ValueError
            If a user or an item is out of the range of the fit, or the shapes differ.
        sklearn.exceptions.NotFittedError
            Before `fit`.
        """
        check_is_fitted(self)
        users, items = check_pairs(users, items, self._shape)
        return self._predict(self._fitted, users, items)

    def _train(self, parameters, data, generator, validation) -> None:
        def look():
            self._fitted = self._tables(parameters, data)

        def error():
            look()
            return rmse(self._predict(self._fitted, validation.users, validation.items), validation.values)

        remedy = "give a smaller learning_rate or more ridge"
        trainer = Trainer(
            type(self).__name__, None if validation is None else error, lowest=True, patience=self.patience,
            least_gain=self.least_gain, state=lambda: self._fitted, load=self._load, remedy=remedy,
            device=data.device, verbose=self.verbose,
        )  # fmt: skip
        trainer.run(self._epoch(parameters, data, generator), self.epochs)
        if validation is None:
            look()
        trainer.restore()
        if not all(table.isfinite().all() for table in self._fitted.values()):
            raise Diverged(f"{self!r} diverged: {remedy}")
        self.best_epoch_ = trainer.best_epoch
        self.validation_curve_, self.seconds_ = trainer.scores, trainer.seconds

    def _load(self, tables) -> None:
        self._fitted = tables

    def _epoch(self, parameters, data, generator) -> Callable[[], float | None]:
        """Return the function that runs one epoch: a step of Adam for each loss."""
        optimizer = torch.optim.Adam(parameters.values(), lr=self.learning_rate, fused=True)
        return lambda: descend(self._losses(parameters, data, generator), optimizer)

    def _tables(self, parameters, data) -> dict[str, torch.Tensor]:
        return {name: parameter.detach() for name, parameter in parameters.items()}

    @torch.no_grad()
    def _predict(self, tables, users: np.ndarray, items: np.ndarray) -> np.ndarray:
        users, items = (torch.as_tensor(numbers, device=self._device) for numbers in (users, items))
        scores = [
            self._scores(tables, u, i)
            for u, i in zip(users.split(PREDICTED_AT_ONCE), items.split(PREDICTED_AT_ONCE), strict=True)
        ]
        return torch.cat(scores).clamp(*self._scale).cpu().numpy()

    def _check_settings(self) -> None:
        check_settings(self.get_params(), SETTINGS)


@contextmanager
def subnormals_as_zero():
    """Let this thread count as zero what is below 1e-38, numbers with which a CPU is many times slower.

    Factors that a ridge drives to zero come to have such gradients, and Adam squares them.
    """
    before = bool(torch.tensor(2e-38) * 0.1 == 0)
    torch.set_flush_denormal(True)
    try:
        yield
    finally:
        torch.set_flush_denormal(before)


def rmse(predicted: np.ndarray, values: np.ndarray) -> float:
    """Return the root of the mean squared difference, summed in float64."""
    return float(np.sqrt(np.mean(np.square(predicted.astype(np.float64) - values))))


def factors(
    rated: torch.Tensor, size: int, scale: float, data: Data, generator: torch.Generator
) -> torch.Tensor:
    """Draw a parameter with a row for each user or item: those without ratings are zero, and stay so.

    Parameters
    ----------
    rated : Tensor of bool, shape (N,)
        Who has ratings, one of `data.rated`.
    size : int
        R, the length of a row.
    scale : float
        Standard deviation of the normal distribution, of mean 0, that the other rows are drawn from.

    Returns
    -------
    Tensor of shape (N, R)
    """
    drawn = scale * torch.randn(len(rated), size, generator=generator)
    return (drawn.to(data.device) * rated[:, None]).requires_grad_()


def zeros(shape: tuple[int, ...], data: Data) -> torch.Tensor:
    """Return a parameter that starts at zero."""
    return torch.zeros(shape, device=data.device, requires_grad=True)


def row_products(
    left: torch.Tensor, right: torch.Tensor, rows: torch.Tensor, columns: torch.Tensor
) -> torch.Tensor:
    """Return the entries (n,) of L Rᵀ at these rows and columns (n,), for L (I, r) and R (J, r)."""
    return (left.index_select(0, rows) * right.index_select(0, columns)).sum(1)
