"""The recommender of the paper: embeddings, an invertible network on pairs of them, the hybrid loss."""

import copy
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from fourmasks.learning.metrics import mean_squared_error
from fourmasks.learning.settings import check_settings
from fourmasks.learning.trainer import Trainer
from fourmasks.learning.user_items import check_pairs, check_parts, check_users
from fourmasks.lunet.models.batches import DTYPES, Batches
from fourmasks.lunet.models.losses import HybridLoss
from fourmasks.lunet.models.networks import ACTIVATIONS, NETWORKS, make_activation
from fourmasks.lunet.models.pair_model import PairModel
from fourmasks.lunet.models.readouts import READOUTS, divisor
from fourmasks.lunet.models.steps import make_step
from fourmasks.system.device import resolve_device

AT_ONCE = 2**15  # pairs that outputs are made of together

KINDS = {
    "network": NETWORKS, "activation": ACTIVATIONS, "readout": READOUTS, "dtype": DTYPES,
    "patience": "count or None", "random_state": "seed", "ridge": "not negative", "gamma": "not negative",
    **dict.fromkeys(("dimension", "n_layers", "n_negatives", "batch_size", "epochs", "heads"), "count"),
    **dict.fromkeys(("learning_rate", "embedding_scale", "alpha", "beta"), "positive"), "verbose": "flag",
}  # fmt: skip


@dataclass(eq=False, repr=False, kw_only=True)
class LUNetRecommender(BaseEstimator):
    """Ratings and interactions from an invertible network on pairs of embeddings (paper, Section 2).

    Ratings are taken as they are, in stars; only the read-out's offset begins at their mean. Predictions are
    not clamped. Where the paper leaves something open the default is our choice, and a sweep shows what it
    matters.

    Parameters
    ----------
    network : {"lu", "coupling", "mlp", "identity"}, default "lu"
        See `networks.make_network`; the others are baselines and controls. With "identity" and the read-out
        "linear" the rating is a constant and a number for the user and one for the item.
    dimension : int, default 32
        d, of which each embedding has one half.
    n_layers : int, default 3
        M; not used by "identity".
    activation : {"general", "simple"}, default "general"
        Eq. (2.9), which the paper says it uses, or Eq. (2.6).
    alpha, beta : float, default 0.5
        Of the activation. With these its slope is between 1/2 and 3/2, and 1 at 0.
    readout : str, default "linear"
        One of `readouts.READOUTS`.
    heads : {2, 1}, default 2
        Outputs: rating and log-odds of an interaction apart, or one number that is both, as Eq. (2.12) and
        (2.14) have it if read by the letter.
    gamma : float, default 0.5
        Weight of the squared errors in Eq. (2.11), from 0 to 1. With 1 no negatives are drawn.
    n_negatives : int, default 1
        Non-interactions drawn anew in each epoch for each rating of the training.
    embedding_scale : float, default 0.1
        Standard deviation of the embeddings at the start.
    ridge : float, default 0.0
        Weight of the squared embeddings of its user and item in the loss of a rating.
    learning_rate : float, default 1e-3
        Adam's, as the paper states it, like the next two.
    batch_size : int, default 128
        Ratings per step; their negatives come besides.
    epochs : int, default 50
        At most.
    patience : int, optional
        Epochs without a better validation after which training stops. Default: never.
    dtype : {"float32", "float64"}, default "float32"
    random_state : int, default 0
        The same seed on the same CPU with the same number of threads gives the same bits.
    device : str, default "cpu"
    verbose : bool, default False
        Show a progress bar, on a terminal only.

    Attributes
    ----------
    n_parameters_, n_network_parameters_ : int
        Numbers learned, in all and in the network.
    mse_curve_, entropy_curve_, loss_curve_ : list of float
        Of the training batches before their steps, means by epoch: squared error, cross-entropy, Eq. (2.11).
    validation_curve_ : list of float
        What is to be lowest, by epoch; empty without validation.
    best_epoch_ : int
        From 1: the one that predictions are made with.
    seconds_ : list of float
        By epoch, without what comes after it.
    model_, start_ : PairModel
        As trained, and before any training.
    """

    network: str = "lu"
    dimension: int = 32
    n_layers: int = 3
    activation: str = "general"
    alpha: float = 0.5
    beta: float = 0.5
    readout: str = "linear"
    heads: int = 2
    gamma: float = 0.5
    n_negatives: int = 1
    embedding_scale: float = 0.1
    ridge: float = 0.0
    learning_rate: float = 1e-3
    batch_size: int = 128
    epochs: int = 50
    patience: int | None = None
    dtype: str = "float32"
    random_state: int = 0
    device: str = "cpu"
    verbose: bool = False

    def fit(self, train, validation=None, *, criterion=None, after_epoch=None):
        """Fit to ratings.

        Parameters
        ----------
        train : Ratings
        validation : Ratings, optional
            The epoch with the lowest mean squared error on them is kept. Without them, or if there are none,
            the last is.
        criterion : callable, optional
            `criterion(self)` is to be lowest, in place of that error.
        after_epoch : callable, optional
            `after_epoch(self)` is called after each epoch, when predictions are those of that epoch.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            Before any work: a bad setting or bad ratings; the message says which and what was expected.
        Diverged
            If a loss or a score is no longer finite.
        """
        self._check_settings()
        functions = {"criterion": criterion, "after_epoch": after_epoch}
        check_settings(functions, dict.fromkeys(functions, "function or None"))
        validation = check_parts(train, validation)
        if criterion is None and validation is not None:
            criterion = _squared_error_on(validation)
        self._device, self._shape = resolve_device(self.device), train.shape
        generator = torch.Generator().manual_seed(int(self.random_state))
        mean = float(np.mean(train.values, dtype=np.float64))
        self.model_ = PairModel(train.shape, self, mean, generator).to(self._device, DTYPES[self.dtype])
        self.start_ = copy.deepcopy(self.model_)
        self._count(train)
        with torch.no_grad():
            self._train(train, criterion, after_epoch, generator)
        return self

    def predict(self, users, items) -> np.ndarray:
        """Return predicted ratings (n,) for pairs (n,), (n,), not clamped.

        Who, or what, has no rating in the training is given the mean of the embeddings of those that have.

        Raises
        ------
        ValueError
            If a user or an item is out of the range of the fit, or the shapes differ.
        sklearn.exceptions.NotFittedError
            Before `fit`.
        """
        return self._outputs(users, items)[:, 0].cpu().numpy()

    def log_odds(self, users, items) -> np.ndarray:
        """Return the log-odds (n,) of interactions, of which Eq. (2.14) is the sigmoid; else as `predict`."""
        return self._outputs(users, items)[:, -1].cpu().numpy()

    def rank_pairs(self, users, items) -> np.ndarray:
        """Return what items are ranked by: log-odds, or ratings if these alone were learned (gamma = 1)."""
        return self.predict(users, items) if self.gamma == 1 else self.log_odds(users, items)

    def score_items(self, users) -> np.ndarray:
        """Return `rank_pairs` (m, number of items) of all items for an array of users (m,)."""
        check_is_fitted(self, "model_")
        users = check_users(users, self._shape[0])
        items = np.arange(self._shape[1])
        pairs = np.repeat(users, len(items)), np.tile(items, len(users))
        return self.rank_pairs(*pairs).reshape(len(users), len(items))

    def network_inputs(self, users, items) -> torch.Tensor:
        """Return the inputs of the network for pairs, as `PairModel.inputs`, of the trained embeddings."""
        rows = self._rows(users, items)
        return self.model_.inputs(self._table, rows.view(-1))

    def _train(self, train, criterion, after_epoch, generator) -> None:
        loss, batches = HybridLoss(self.gamma), Batches(train, self, self._device)
        step = make_step(self.model_, loss, self.learning_rate, self.ridge)
        self.mse_curve_, self.entropy_curve_ = [], []

        def epoch():
            mse, entropy = self._epoch(step, batches, generator)
            self.mse_curve_.append(mse)
            self.entropy_curve_.append(entropy)
            return loss.combined(mse, entropy)

        def look():
            self._prepare()
            if after_epoch is not None:
                after_epoch(self)

        trainer = Trainer(
            "LU-Net", None if criterion is None else lambda: criterion(self), lowest=True,
            patience=self.patience, state=self.model_.state_dict, load=self.model_.load_state_dict,
            after_epoch=look, remedy=f"give a learning_rate below {self.learning_rate}",
            device=self._device, verbose=self.verbose,
        )  # fmt: skip
        self.loss_curve_, self.validation_curve_ = trainer.losses, trainer.scores
        self.seconds_ = trainer.seconds
        trainer.run(epoch, self.epochs)
        trainer.restore()
        self.best_epoch_ = trainer.best_epoch
        self._prepare()

    def _epoch(self, step, batches, generator) -> tuple[float, float]:
        """Return the mean squared error of the ratings and the mean cross-entropy of the pairs."""
        squares = entropy = 0.0
        for rows, ratings in batches.epoch(generator):
            found = step(rows, ratings)
            squares, entropy = squares + found.squares, entropy + found.entropy
        return float(squares) / batches.n_ratings, float(entropy) / batches.n_pairs

    def _prepare(self) -> None:
        """Make the table that predictions are made from: means for those without ratings."""
        users, items = self.model_.table.split(self._shape)
        parts = [
            torch.where(rated[:, None], part, part[rated].mean(0))
            for rated, part in zip(self._rated, (users, items), strict=True)
        ]
        self._table = torch.cat(parts)

    @torch.no_grad()
    def _outputs(self, users, items) -> torch.Tensor:
        rows, model = self._rows(users, items), self.model_
        parts = [model.outputs(self._table, part.reshape(-1)) for part in rows.split(AT_ONCE)]
        return torch.cat(parts)

    def _rows(self, users, items) -> torch.Tensor:
        check_is_fitted(self, "model_")
        pairs = check_pairs(users, items, self._shape)
        return self.model_.rows(*(torch.as_tensor(numbers, device=self._device) for numbers in pairs))

    def _count(self, train) -> None:
        network = self.model_.network
        self.n_network_parameters_ = 0 if network is None else _size(network)
        self.n_parameters_ = _size(self.model_)
        self._rated = [
            torch.as_tensor(np.bincount(numbers, minlength=n) > 0, device=self._device)
            for numbers, n in zip((train.users, train.items), train.shape, strict=True)
        ]

    def _check_settings(self) -> None:
        check_settings(self.get_params(), KINDS)
        if self.heads > 2:
            raise ValueError(f"heads = {self.heads!r}: expected 1 or 2")
        if self.gamma > 1:
            raise ValueError(f"gamma = {self.gamma}: expected a weight from 0 to 1")
        make_activation(self.activation, self.alpha, self.beta)
        multiple = divisor(self.readout, self.heads)
        if self.dimension % multiple:
            raise ValueError(
                f"dimension = {self.dimension}: expected a multiple of {multiple} with the read-out"
                f" {self.readout!r} and {self.heads} outputs"
            )


def _squared_error_on(ratings) -> Callable[[LUNetRecommender], float]:
    def error(model):
        return mean_squared_error(model.predict(ratings.users, ratings.items), ratings.values)

    return error


def _size(module: torch.nn.Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())
