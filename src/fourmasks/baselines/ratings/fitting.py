"""What the rating baselines share: checks, minibatches, early stopping, clamped predictions."""

import math
import time
from collections.abc import Callable, Iterator
from functools import cached_property
from numbers import Integral, Real

import numpy as np
import scipy.sparse
import torch
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from fourmasks.baselines.ratings.sparse import Pattern
from fourmasks.device import resolve_device, synchronize
from fourmasks.progress import progress

PREDICTED_AT_ONCE = 16_384
COUNTS = ("rank", "n_hidden", "n_units", "n_local", "n_anchors", "batch_size", "epochs", "patience")
POSITIVE = ("learning_rate", "bandwidth")
NOT_NEGATIVE = ("ridge", "implicit_ridge")


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

    def fit(self, train, validation=None):
        """Fit to ratings; the epoch with the lowest RMSE on the validation ratings is kept.

        Parameters
        ----------
        train : Ratings
        validation : Ratings, optional
            Training ends when `patience` epochs have not lowered the RMSE on them. Without them, or if there
            are none, all epochs are run and the last is kept.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            Before any work: a bad setting or bad ratings; the message says which and what was expected.
        FloatingPointError
            If training diverged.
        """
        self._check_settings()
        check_ratings("train", train)
        if validation is not None and len(validation):
            check_ratings("validation", validation, train.shape)
        else:
            validation = None
        device = resolve_device(self.device)
        generator = torch.Generator().manual_seed(int(self.random_state))
        data = Data(train, device)
        self._mean, self._shape, self._scale, self._device = data.mean, data.shape, data.scale, device
        parameters = self._start(data, generator)
        self.n_parameters_ = sum(tensor.numel() for tensor in parameters.values())
        self._train(parameters, data, generator, validation)
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
        run_epoch = self._trainer(parameters, data, generator)
        self.validation_curve_, self.seconds_, self.best_epoch_ = [], [], 0
        lowest = math.inf
        with progress(self.epochs if self.verbose else 0, type(self).__name__) as bar:
            for epoch in range(1, self.epochs + 1):
                start = time.perf_counter()
                run_epoch()
                synchronize(data.device)
                self.seconds_.append(time.perf_counter() - start)
                bar.update()
                if validation is None:
                    continue
                tables = self._tables(parameters, data)
                predicted = self._predict(tables, validation.users, validation.items)
                error = rmse(predicted, validation.values)
                self.validation_curve_.append(error)
                if error < lowest:
                    lowest, self.best_epoch_ = error, epoch
                    self._fitted = {name: table.clone() for name, table in tables.items()}
                elif epoch - self.best_epoch_ >= self.patience:
                    break
        if validation is None:
            self._fitted, self.best_epoch_ = self._tables(parameters, data), self.epochs
        if self.best_epoch_ == 0 or not all(table.isfinite().all() for table in self._fitted.values()):
            raise FloatingPointError(f"{self!r} diverged: give a smaller learning_rate or more ridge")

    def _trainer(self, parameters, data, generator) -> Callable[[], None]:
        """Return the function that runs one epoch: a step of Adam for each loss."""
        optimizer = torch.optim.Adam(parameters.values(), lr=self.learning_rate, fused=True)

        def run_epoch():
            for loss in self._losses(parameters, data, generator):
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()

        return run_epoch

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
        for name, value in self.get_params().items():
            whole = isinstance(value, Integral) and not isinstance(value, bool)
            real = isinstance(value, Real) and not isinstance(value, bool) and math.isfinite(value)
            if name in COUNTS and not (whole and value >= 1):
                raise ValueError(f"{name} = {value!r}: expected an integer of at least 1")
            if name in POSITIVE and not (real and value > 0):
                raise ValueError(f"{name} = {value!r}: expected a finite number > 0")
            if name in NOT_NEGATIVE and not (real and value >= 0):
                raise ValueError(f"{name} = {value!r}: expected a finite number >= 0")
            if name == "random_state" and not whole:
                raise ValueError(f"{name} = {value!r}: expected an integer")


def check_ratings(name: str, ratings, shape: tuple[int, int] | None = None) -> None:
    """Raise ValueError unless ratings are such that a model can be fitted to them.

    Parameters
    ----------
    name : str
        What they are called in the message.
    ratings : Ratings
    shape : tuple of int, optional
        That they should have.
    """
    if shape is not None and tuple(ratings.shape) != tuple(shape):
        raise ValueError(f"{name} has shape {tuple(ratings.shape)}: expected that of train, {tuple(shape)}")
    if not len(ratings.values):
        raise ValueError(f"{name} holds no ratings: expected at least one")
    check_pairs(ratings.users, ratings.items, ratings.shape)
    lowest, highest = ratings.scale
    wrong = ~((ratings.values >= lowest) & (ratings.values <= highest))  # nan is in no range
    if wrong.any():
        place = int(wrong.argmax())
        raise ValueError(
            f"{name} holds the rating {ratings.values[place]} at position {place}:"
            f" expected {lowest} to {highest}, its scale"
        )
    places = np.sort(ratings.users * ratings.shape[1] + ratings.items)
    twice = places[:-1][places[:-1] == places[1:]]
    if len(twice):
        user, item = divmod(int(twice[0]), ratings.shape[1])
        raise ValueError(f"{name} holds two ratings of item {item} by user {user}: expected one, merge them")


def check_pairs(users, items, shape: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """Return pairs as two arrays of int64, or raise ValueError saying what is wrong with them."""
    users, items = np.asarray(users), np.asarray(items)
    if users.ndim != 1 or users.shape != items.shape:
        raise ValueError(f"users {users.shape} and items {items.shape}: expected two arrays of one length")
    for kind, numbers, n in (("user", users, shape[0]), ("item", items, shape[1])):
        if numbers.dtype.kind not in "iu" and len(numbers):
            raise ValueError(f"{kind}s have dtype {numbers.dtype}: expected integers")
        wrong = (numbers < 0) | (numbers >= n)
        if wrong.any():
            place = int(wrong.argmax())
            raise ValueError(f"{kind} {numbers[place]} at position {place}: expected 0 to {n - 1}")
    return users.astype(np.int64), items.astype(np.int64)


def rmse(predicted: np.ndarray, values: np.ndarray) -> float:
    """Return the root of the mean squared difference, summed in float64."""
    return float(np.sqrt(np.mean(np.square(predicted.astype(np.float64) - values))))


def normal(shape: tuple[int, ...], scale: float, data: Data, generator: torch.Generator) -> torch.Tensor:
    """Draw a parameter from a normal distribution with mean 0 and standard deviation `scale`."""
    drawn = scale * torch.randn(shape, generator=generator)
    return drawn.to(data.device).requires_grad_()


def zeros(shape: tuple[int, ...], data: Data) -> torch.Tensor:
    """Return a parameter that starts at zero."""
    return torch.zeros(shape, device=data.device, requires_grad=True)
