"""What the VAE recommenders share: settings, the loop over epochs, the epoch that is kept, scores."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted, validate_data

from fourmasks.learning.held_out_users import HeldOutScore, measure
from fourmasks.learning.settings import DTYPES, check_settings
from fourmasks.learning.trainer import Trainer
from fourmasks.learning.user_items import binary_matrix, training_matrix, validation_matrices
from fourmasks.pia.models.alignment import TARGETS, Alignment, WeightSchedule
from fourmasks.pia.models.sparse_layer import input_rows
from fourmasks.pia.models.user_data import UserData
from fourmasks.system.device import resolve_device

_COUNTS = "hidden latent batch_size epochs alignment_patience encoder_epochs decoder_epochs"
_NOT_NEGATIVE = "beta anneal_epochs gamma alignment_weight"
SETTINGS = (
    dict.fromkeys(_COUNTS.split(), "count")
    | dict.fromkeys(("learning_rate", "anchor_scale"), "positive")
    | dict.fromkeys(_NOT_NEGATIVE.split(), "not negative")
    | {"dropout": "share", "alignment_scale": "growth", "patience": "count or None", "random_state": "seed"}
    | {"alignment": TARGETS, "dtype": tuple(DTYPES), "verbose": "flag"}
)
SCORED_AT_ONCE = 500


@dataclass(eq=False, repr=False, kw_only=True)
class VAERecommender(HeldOutScore, BaseEstimator):
    """A variational autoencoder of users' items; `MultiVAE` and `RecVAE` say what its parts are.

    A subclass has the methods

    - `_make(n_items, generator)`: the network at its start;
    - `_begin(data)`: prepares the first epoch;
    - `_epoch(data)`: trains one, with the `_network`, the `_alignment` and its current `_weight`, and returns
      the mean objective of its users.
    """

    hidden: int = 600
    latent: int = 200
    dropout: float = 0.5
    alignment: str = "none"
    alignment_weight: float = 1.0
    alignment_patience: int = 5
    alignment_scale: float = 2.0
    anchor_scale: float = 1.0
    learning_rate: float = 1e-3
    batch_size: int = 500
    epochs: int = 200
    patience: int | None = None
    dtype: str = "float32"
    random_state: int = 0
    device: str = "cpu"
    verbose: bool = False

    def fit(self, train, validation=None):
        """Fit to users' items.

        Parameters
        ----------
        train : sparse matrix, array or data frame of shape (I, J)
            Ones where user and item interact; each user has an item at least, and J is at least 2.
        validation : pair of such matrices of shape (n, J), optional
            Items of held-out users that are shown, and those to be found. The epoch with the highest NDCG@100
            on them is kept, and the weight of the alignment grows where that stands still. Without it all
            epochs are run with the same weight, and the last is kept.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            Before any work: a bad setting or bad data; the message says which and what was expected.
        Diverged
            If a loss or a score is no longer finite.
        """
        check_settings(self.get_params(), SETTINGS)
        given, train = train, training_matrix(train)
        if train.shape[1] < 2:
            raise ValueError("train has 1 item: expected at least 2, or nothing is ranked")
        validate_data(self, given, skip_check_array=True)  # keeps number and names of the columns
        if validation is not None:
            given, validation = validation, validation_matrices(validation, train.shape[1])
            for part in given:
                self._check_names(part)
        self._train(self._start(train), validation)
        return self

    def predict(self, matrix) -> np.ndarray:
        """Return the scores of all items, those shown included, at the means of the posteriors.

        Parameters
        ----------
        matrix : sparse matrix, array or data frame of shape (n, J)
            Ones for the items shown of each user, who need not be of the training and may have none.

        Returns
        -------
        ndarray of shape (n, J)
            The logits, in the estimator's `dtype`.

        Raises
        ------
        ValueError
            If the matrix has other columns than in `fit`, or a data frame others in name or order, or other
            entries than ones.
        sklearn.exceptions.NotFittedError
            Before `fit`.
        """
        matrix = self._checked(matrix)
        scores = np.empty(matrix.shape, self.dtype)
        for rows, part in self.score_chunks(matrix):
            scores[rows] = part
        return scores

    @torch.no_grad()
    def score_chunks(self, matrix, size: int = SCORED_AT_ONCE) -> Iterator[tuple[slice, np.ndarray]]:
        """Yield the rows of a chunk of users and their scores, as in `predict` but not all at once."""
        check_settings({"size": size}, {"size": "count"})
        for rows, (mean, _) in self._encoded(self._checked(matrix), size):
            yield rows, self._network.scores(mean).cpu().numpy()

    @torch.no_grad()
    def posterior(self, matrix) -> tuple[np.ndarray, np.ndarray]:
        """Return mean and standard deviation, each (n, latent), of users' posteriors; see `predict`."""
        matrix = self._checked(matrix)
        means, deviations = (np.empty((matrix.shape[0], self.latent), self.dtype) for _ in range(2))
        for rows, (mean, log_variance) in self._encoded(matrix, SCORED_AT_ONCE):
            means[rows], deviations[rows] = mean.cpu(), torch.exp(0.5 * log_variance).cpu()
        return means, deviations

    @property
    def anchors_(self) -> np.ndarray:
        """The anchors (J, latent) of the items, those of the epoch that is kept.

        Raises
        ------
        AttributeError
            If the alignment has none, or before `fit`.
        """
        check_is_fitted(self, "_network")
        if getattr(self._alignment, "anchors", None) is None:
            raise AttributeError(f"alignment = {self.alignment!r} has no anchors")
        return self._alignment.anchors.detach().cpu().numpy()

    def _start(self, train) -> UserData:
        """Set up the networks and all that the first epoch needs."""
        self._device, self._n_items = resolve_device(self.device), train.shape[1]
        drawing, aligning = (
            torch.Generator().manual_seed(int(seed))
            for seed in np.random.SeedSequence(int(self.random_state)).generate_state(2)
        )
        where = (self._device, DTYPES[self.dtype])
        self._network = self._make(train.shape[1], drawing).to(*where)
        self._alignment = None
        if self.alignment != "none":
            self._alignment = Alignment(
                self.alignment, train.shape, self.latent, self.anchor_scale, aligning
            ).to(*where)
        self.n_parameters_ = sum(parameter.numel() for parameter in self._learned())
        data = UserData(train, self.batch_size, drawing, *where)
        self._weight = self.alignment_weight
        self._begin(data)
        return data

    def _train(self, data, validation) -> None:
        schedule = WeightSchedule(self.alignment_weight, self.alignment_patience, self.alignment_scale)
        modules = torch.nn.ModuleList(part for part in (self._network, self._alignment) if part is not None)
        self.alignment_curve_, self.best_epoch_ = [], 0

        def epoch():
            self._weight = schedule.weight
            self.alignment_curve_.append(self._weight if self._alignment is not None else 0.0)
            return self._epoch(data)

        def score():
            ndcg = self._ndcg(*validation)
            schedule.update(ndcg)
            return ndcg

        trainer = Trainer(
            type(self).__name__, None if validation is None else score, patience=self.patience,
            state=modules.state_dict, load=modules.load_state_dict, device=self._device, verbose=self.verbose,
            remedy="give a smaller learning_rate or alignment_scale",
        )  # fmt: skip
        trainer.run(epoch, self.epochs)
        trainer.restore()
        self.training_curve_, self.validation_curve_ = trainer.losses, trainer.scores
        self.seconds_, self.best_epoch_ = trainer.seconds, trainer.best_epoch
        self._release(modules)

    def _release(self, modules) -> None:
        """Give back what only training needs."""
        del self._optimizers
        modules.zero_grad(set_to_none=True)
        for part in modules.modules():
            if hasattr(part, "memory"):
                part.memory.clear()

    def _ndcg(self, shown, targets) -> float:
        return float(
            measure(self.predict, shown, targets, recall_at=(), ndcg_at=(100,))["ndcg_at_100"].mean()
        )

    def _learned(self) -> list[torch.nn.Parameter]:
        return [*self._network.parameters(), *self._learned_anchors()]

    def _learned_anchors(self) -> list[torch.nn.Parameter]:
        if self._alignment is None:
            return []
        return [parameter for parameter in self._alignment.parameters() if parameter.requires_grad]

    def _adam(self, parameters) -> torch.optim.Optimizer:
        return torch.optim.Adam(parameters, lr=self.learning_rate, fused=self._device.type != "mps")

    def _alignment_term(self, data, users, targets, mean, log_variance):
        """Return the weighted loss (n,) of the alignment, 0 without."""
        if self._alignment is None:
            return 0.0
        whose = self._alignment.whose(users)
        items = targets if whose is users else data.targets(whose)
        return self._weight * self._alignment(mean, log_variance, items)

    def _encoded(self, matrix, size):
        for first in range(0, matrix.shape[0], size):
            rows = slice(first, min(first + size, matrix.shape[0]))
            inputs = input_rows(matrix[rows], device=self._device, dtype=DTYPES[self.dtype])
            yield rows, self._network.encode(inputs)

    def _checked(self, matrix):
        check_is_fitted(self, "best_epoch_")
        given, matrix = matrix, binary_matrix("matrix", matrix, self._n_items)
        self._check_names(given)
        return matrix
