"""MMF as an estimator of ratings, and the models that differ from it in the masks alone."""

import math

import numpy as np
import torch
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from fourmasks.learning.settings import DTYPES, check_settings
from fourmasks.learning.trainer import Trainer
from fourmasks.learning.user_items import (
    check_length,
    check_pairs,
    check_parts,
    check_rated_pairs,
    check_users,
)
from fourmasks.mmf.models.rating_masks import FAMILIES, RatingMasks
from fourmasks.mmf.models.rating_model import RatingModel, Side
from fourmasks.system.device import resolve_device
from fourmasks.system.names import unknown

SHIFTS = ("learned", "permuted", "random", "zero", "constant", "none")
SETTINGS = (
    dict.fromkeys(("rank", "n_masks", "epochs", "patience"), "count")
    | dict.fromkeys(("learning_rate", "shift_learning_rate", "factor_scale"), "positive")
    | dict.fromkeys(("ridge", "bias_ridge", "shift_spread"), "not negative")
    | {"batch_size": "count or None", "factor_learning_rate": "positive or None", "random_state": "seed"}
    | {"shifts": SHIFTS, "dtype": tuple(DTYPES), "verbose": "flag"}
)


class RatingMMF(BaseEstimator):
    r"""Biased matrix factorization with instance-wise masks on the latent dimensions, fitted by Adam.

    The prediction is :math:`\mu + b_u + c_i + \sum_r w_{ui}(r) U_{ur} V_{ir}` (paper, Eq. 1, 3 and Section
    5.3), with :math:`\mu` the mean of the training ratings. What `shifts` makes of the weights w:

    - "learned": the masks of MMF, a shift for each user, item and mask, learned;
    - "permuted": the same, but each user and item sees the latent dimensions in a random order of its own;
    - "random": shifts that stay as they were drawn;
    - "zero": all shifts are zero, the default of the reference implementation: w depends on r alone;
    - "constant": as "zero", with the mean of w in place of w. No mask is left, only a rescaling;
    - "none": w = 1, plain biased matrix factorization.

    Parameters
    ----------
    rank : int, default 32
        R.
    n_masks : int, default 4
        K; unused with "none".
    shifts : str, default "learned"
    mask : str, default "gaussian"
        A key of `rating_masks.FAMILIES`.
    learning_rate, shift_learning_rate : float, default 5e-3
        Adam's, for biases and for shifts.
    factor_learning_rate : float, optional
        Adam's, for factors; default `learning_rate`.
    ridge, bias_ridge : float, default 0.0
        Weight of the squared factors and of the squared biases, per rating (see `RatingModel.add_gradient`).
    batch_size : int or None, default 4096
        Ratings per step; None for all.
    epochs : int, default 100
        At most.
    patience : int, default 5
        Epochs without a lower validation RMSE after which training stops.
    factor_scale : float, default 0.02
        Standard deviation of the factors at the start.
    shift_spread : float, default 0.0
        Standard deviation of the shifts at the start; the reference implementation has 0 where they are
        learned and 0.1 where they are random.
    random_state : int, default 0
    device : str, default "cpu"
    dtype : {"float32", "float64"}, default "float32"
    verbose : bool, default False
        Whether to show progress on a terminal.

    Attributes
    ----------
    n_parameters_ : int
        Learned numbers.
    validation_curve_, training_curve_ : list of float
        RMSE by epoch: on the validation ratings, clamped; and the root of the mean loss before each step.
    seconds_ : list of float
        By epoch, validation not included.
    best_epoch_ : int
        From 1: the one that the parameters are from.
    users_, items_ : Side
        The parameters.

    Raises
    ------
    ValueError
        In `fit`, before any work: a bad parameter or bad ratings; the message names it, its value and what
        was expected. In `predict` and `recommend`: numbers beyond the shape of the training ratings. (A user
        or an item within it that has no ratings keeps what was drawn for it, about the mean of all ratings;
        see `RatingRegressor` for users and items by any name.)
    NotFittedError
        In `predict` and `recommend`, before `fit`.
    Diverged
        In `fit`: if a loss or a score is no longer finite.
    """

    def __init__(
        self,
        rank=32,
        *,
        n_masks=4,
        shifts="learned",
        mask="gaussian",
        learning_rate=5e-3,
        factor_learning_rate=None,
        shift_learning_rate=5e-3,
        ridge=0.0,
        bias_ridge=0.0,
        batch_size=4096,
        epochs=100,
        patience=5,
        factor_scale=0.02,
        shift_spread=0.0,
        random_state=0,
        device="cpu",
        dtype="float32",
        verbose=False,
    ):
        self.rank, self.n_masks, self.shifts, self.mask = rank, n_masks, shifts, mask
        self.learning_rate, self.factor_learning_rate = learning_rate, factor_learning_rate
        self.shift_learning_rate, self.ridge, self.bias_ridge = shift_learning_rate, ridge, bias_ridge
        self.batch_size, self.epochs, self.patience = batch_size, epochs, patience
        self.factor_scale, self.shift_spread = factor_scale, shift_spread
        self.random_state, self.device, self.dtype, self.verbose = random_state, device, dtype, verbose

    def fit(self, train, validation=None):
        """Fit to ratings.

        Parameters
        ----------
        train : Ratings
        validation : Ratings, optional
            For early stopping, and for the choice of the best epoch; of the shape of `train`. Without it, or
            if it is empty, all epochs are run and the last is kept.

        Returns
        -------
        self
        """
        check_settings(self.get_params(), SETTINGS)
        if not (isinstance(self.mask, str) and self.mask in FAMILIES):
            raise ValueError(unknown("mask family", self.mask, FAMILIES))
        validation = check_parts(train, validation)
        self._device, self._shape, self._scale = resolve_device(self.device), train.shape, train.scale
        generator = torch.Generator().manual_seed(int(self.random_state))
        model = self._start(float(np.mean(train.values, dtype=np.float64)), generator)
        users, items, ratings = self._tensors(train)
        held_out = None if validation is None else self._tensors(validation)
        factor_rate = self.learning_rate if self.factor_learning_rate is None else self.factor_learning_rate
        shift_rate = self.shift_learning_rate if self._learns_shifts else 0.0
        gradient, optimizer = _optimizer(model, factor_rate, shift_rate, self.learning_rate)

        def epoch():
            order = torch.randperm(len(ratings), generator=generator).to(self._device)
            batches = order.split(self.batch_size or len(order))
            steps = (self._step(model, gradient, optimizer, users[b], items[b], ratings[b]) for b in batches)
            return sum(steps) / len(ratings)

        trainer = Trainer(
            "MMF", None if held_out is None else lambda: self._rmse(model, *held_out), lowest=True,
            patience=self.patience, state=lambda: _state(model), load=lambda state: _load(model, state),
            remedy=f"take a smaller learning_rate than {self.learning_rate}", device=self._device,
            verbose=self.verbose,
        )  # fmt: skip
        trainer.run(epoch, self.epochs)
        trainer.restore()
        self.validation_curve_, self.seconds_ = trainer.scores, trainer.seconds
        self.training_curve_ = [math.sqrt(loss) for loss in trainer.losses]
        self.best_epoch_ = trainer.best_epoch
        self.users_, self.items_, self._model = model.users, model.items, model
        per_row = self.rank + 1 + (self.n_masks if self._learns_shifts else 0)
        self.n_parameters_ = sum(self._shape) * per_row
        return self

    def predict(self, users, items) -> np.ndarray:
        """Return predicted ratings (n,), float32 and clamped to the scale, for pairs (n,), (n,)."""
        check_is_fitted(self)
        pairs = check_pairs(users, items, self._shape)
        users, items = (torch.as_tensor(numbers, device=self._device) for numbers in pairs)
        return self._clamped(self._model, users, items).float().cpu().numpy()

    def recommend(self, users, n, exclude=None):
        """Return the items with the highest predictions for each of some users, best first.

        Parameters
        ----------
        users : array of int, shape (m,)
        n : int
            At most the number of items.
        exclude : Ratings, optional
            Pairs not to recommend, as those of the training.

        Returns
        -------
        items : ndarray of int64, shape (m, n)
        scores : ndarray of float32, shape (m, n)
            Not clamped, -inf where a user has fewer than n items left.
        """
        check_is_fitted(self)
        users = torch.as_tensor(check_users(users, self._shape[0]), device=self._device)
        check_length(n, self._shape[1])
        if exclude is not None:
            check_rated_pairs("exclude", exclude, self._shape)
        found = [self._best(part, n, exclude) for part in users.split(256)]
        return tuple(np.concatenate(parts) for parts in zip(*found, strict=True))

    def _best(self, users, n, exclude):
        different, place = torch.unique(users, return_inverse=True)
        scores = self._model.scores(different).float()
        if exclude is not None:
            theirs, items, _ = self._tensors(exclude)
            row = torch.searchsorted(different, theirs).clamp(max=len(different) - 1)
            known = different[row] == theirs
            scores[row[known], items[known]] = -math.inf
        top, items = scores.topk(n)
        return items[place].cpu().numpy(), top[place].cpu().numpy()

    @property
    def _learns_shifts(self):
        return self.shifts in ("learned", "permuted")

    def _start(self, mean, generator):
        has_shifts = self.shifts in ("learned", "permuted", "random")
        dtype = DTYPES[self.dtype]

        def draw(n, width, scale):  # on the CPU in float32: a seed means the same on every device
            return (scale * torch.randn(n, width, generator=generator)).to(self._device, dtype)

        sides = [
            Side(
                draw(n, self.rank, self.factor_scale),
                draw(n, self.n_masks if has_shifts else 0, self.shift_spread),
                torch.zeros(n, dtype=dtype, device=self._device),
            )
            for n in self._shape
        ]
        if self.shifts == "none":
            weights = torch.ones(self.rank, dtype=dtype, device=self._device)
            return RatingModel(*sides, mean, weights=weights)
        masks = RatingMasks(self.mask, self.n_masks, self.rank, device=self._device, dtype=dtype)
        if not has_shifts:
            weights = masks.common_weights()
            weights = weights.mean().expand(self.rank) if self.shifts == "constant" else weights
            return RatingModel(*sides, mean, weights=weights)
        orders = (None, None)
        if self.shifts == "permuted":
            orders = tuple(
                torch.rand(n, self.rank, generator=generator).argsort(1).to(self._device, dtype)
                for n in self._shape
            )
        return RatingModel(*sides, mean, masks=masks, orders=orders)

    def _step(self, model, gradient, optimizer, users, items, ratings):
        """Make one step of Adam on a batch and return its loss, a sum over its ratings."""
        for tensor in (*gradient[0], *gradient[1]):
            tensor.zero_()
        if len(users) > model.chunk:  # chunks of few users each
            order = torch.argsort(users, stable=True)
            users, items, ratings = users[order], items[order], ratings[order]
        parts = zip(*(tensor.split(model.chunk) for tensor in (users, items, ratings)), strict=True)
        loss = sum(model.add_gradient(gradient, *part, self.ridge, self.bias_ridge) for part in parts)
        for tensor in (*gradient[0], *gradient[1]):
            tensor /= len(ratings)
        optimizer.step()
        return loss

    def _clamped(self, model, users, items):
        return model.predict(users, items).clamp(*self._scale)

    def _rmse(self, model, users, items, ratings):
        return float((self._clamped(model, users, items) - ratings).square().mean().sqrt())

    def _tensors(self, ratings):
        users, items = (torch.as_tensor(a, device=self._device) for a in (ratings.users, ratings.items))
        return users, items, torch.as_tensor(ratings.values, device=self._device, dtype=DTYPES[self.dtype])


def _optimizer(model, *rates):
    """Return the gradient, two sides of zeros, and an Adam that steps along it.

    The rates are those of factors, shifts and biases; what has the rate 0 is left as it is.
    """
    sides = (model.users, model.items)
    gradient = tuple(Side(*(torch.zeros_like(tensor) for tensor in side)) for side in sides)
    for side, target in zip(sides, gradient, strict=True):
        for tensor, its_gradient in zip(side, target, strict=True):
            tensor.grad = its_gradient
    groups = [
        {"params": list(tensors), "lr": rate}
        for tensors, rate in zip(zip(*sides, strict=True), rates, strict=True)
        if rate
    ]
    return gradient, torch.optim.Adam(groups, fused=sides[0].factors.device.type != "mps")


def _state(model) -> dict[str, torch.Tensor]:
    sides = {"users": model.users, "items": model.items}
    return {f"{side}/{name}": part for side, its in sides.items() for name, part in its._asdict().items()}


def _load(model, state) -> None:
    model.users, model.items = (
        Side(*(state[f"{side}/{name}"] for name in Side._fields)) for side in ("users", "items")
    )
