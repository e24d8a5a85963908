"""What the rankers share: settings, the training loop on triples, early stopping, scores."""

import math
from dataclasses import dataclass

import numpy as np
import torch
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted
from torch.nn import functional

from fourmasks.baselines.ranking.sampling import Triples
from fourmasks.learning.ranking import FullRanking, pair_matrix, top_items
from fourmasks.learning.settings import DTYPES, check_settings
from fourmasks.learning.trainer import Trainer, descend
from fourmasks.learning.user_items import check_length, check_rated_pairs, check_users
from fourmasks.system.device import resolve_device

_COUNTS = "rank batch_size epochs patience cutoff n_layers contrast_size n_masks"
SETTINGS = (
    dict.fromkeys(_COUNTS.split(), "count")
    | dict.fromkeys("learning_rate factor_scale temperature shift_rate".split(), "positive")
    | dict.fromkeys("l2 contrast shift_spread".split(), "not negative")
    | dict.fromkeys(("dropout", "edge_dropout"), "share")
    | dict.fromkeys(("item_bias", "verbose"), "flag")
    | {"random_state": "seed", "dtype": tuple(DTYPES)}
)


class Network(torch.nn.Module):
    """The parameters of a ranker, what a batch of triples costs, and how items are scored.

    Parameters are drawn on the CPU in float32, so that a seed means the same on every device and precision.
    """

    def begin_epoch(self, generator: torch.Generator) -> None:
        """Draw what stays the same during an epoch; nothing by default."""

    def loss(self, users, liked, others, generator: torch.Generator) -> torch.Tensor:
        """Return the mean loss of triples, three tensors (n,)."""
        raise NotImplementedError

    def tables(self) -> tuple[torch.Tensor, ...]:
        """Return what scores are computed from; by default vectors of the users and of the items."""
        raise NotImplementedError

    def scores(self, tables, users: torch.Tensor) -> torch.Tensor:
        """Return the scores (m, J) of users (m,) for all items; by default scalar products."""
        return tables[0][users] @ tables[1].T


@dataclass(eq=False, repr=False, kw_only=True)
class Ranker(BaseEstimator):
    """A model of what users like, fitted to triples by Adam; subclasses say what its network is.

    Parameters
    ----------
    rank : int, default 64
        Numbers that each user and each item has.
    learning_rate : float, default 0.003
    l2 : float, default 0.003
        Weight of half the squared norms of the vectors of a triple's user and two items.
    factor_scale : float, default 0.1
        Standard deviation of these vectors at the start.
    batch_size : int, default 8192
        Triples per step.
    epochs : int, default 100
        At most.
    patience : int, default 5
        Epochs without a higher NDCG on the validation pairs after which training stops.
    cutoff : int, default 10
        Length of the lists of this NDCG.
    dtype : {"float32", "float64"}, default "float32"
    random_state : int, default 0
    device : str, default "cpu"
    verbose : bool, default False
        Show a progress bar, on a terminal only.

    Attributes
    ----------
    n_parameters_ : int
        Numbers learned.
    validation_curve_ : list of float
        NDCG@`cutoff` on the validation pairs after each epoch, all items ranked but those of the training.
    best_epoch_ : int
        From 1: the one that scores are from.
    """

    rank: int = 64
    learning_rate: float = 0.003
    l2: float = 0.003
    factor_scale: float = 0.1
    batch_size: int = 8192
    epochs: int = 100
    patience: int = 5
    cutoff: int = 10
    dtype: str = "float32"
    random_state: int = 0
    device: str = "cpu"
    verbose: bool = False

    def fit(self, train, validation=None):
        """Fit to liked pairs.

        Parameters
        ----------
        train : Ratings
            The pairs count, not the values.
        validation : Ratings, optional
            For early stopping, of the shape of `train`; the best epoch is kept. Without it all epochs are run
            and the last is kept.

        Returns
        -------
        self

        Raises
        ------
        ValueError
            Before any work: a bad setting or bad pairs; the message says which and what was expected.
        Diverged
            If a loss is no longer finite.
        """
        self._check_settings()
        check_rated_pairs("train", train)
        if validation is not None:
            check_rated_pairs("validation", validation, train.shape)
        device = resolve_device(self.device)
        self._check_device(device)
        ranking = FullRanking(validation, train) if validation is not None else None
        triples = Triples(train, device)
        generator = torch.Generator().manual_seed(int(self.random_state))
        self._network = self._make(train, generator).to(device, DTYPES[self.dtype])
        self._known, self._device = pair_matrix(train), device
        self.n_parameters_ = sum(parameter.numel() for parameter in self._network.parameters())
        self._train(triples, ranking, generator)
        return self

    def score_items(self, users) -> np.ndarray:
        """Return the scores (m, number of items) of all items for an array of users (m,).

        Raises
        ------
        ValueError
            If a user is out of the range of the fit.
        sklearn.exceptions.NotFittedError
            Before `fit`.
        """
        check_is_fitted(self, "best_epoch_")
        return self._score(check_users(users, self._known.shape[0]))

    def recommend(self, users, n: int = 10) -> np.ndarray:
        """Return the n best items (m, n) for an array of users (m,), best first, none of the training.

        Where a user has fewer items left, those of the training come last.

        Raises
        ------
        ValueError
            If a user is out of the range of the fit, or n is not 1 to the number of items.
        sklearn.exceptions.NotFittedError
            Before `fit`.
        """
        check_is_fitted(self, "best_epoch_")
        users = check_users(users, self._known.shape[0])
        check_length(n, self._known.shape[1])
        return top_items(self._score(users), n, self._known[users])

    def _make(self, train, generator: torch.Generator) -> Network:
        """Return the network at its start."""
        raise NotImplementedError

    def _groups(self) -> list[dict]:
        """Return Adam's groups of parameters; by default there is one."""
        return [{"params": list(self._network.parameters()), "lr": self.learning_rate}]

    def _train(self, triples, ranking, generator) -> None:
        network, optimizer = self._network, torch.optim.Adam(self._groups(), fused=True)
        cutoff = min(self.cutoff, self._known.shape[1])

        def epoch():
            network.train()
            network.begin_epoch(generator)
            batches = triples.epoch(self.batch_size, generator)
            return descend((network.loss(*batch, generator) for batch in batches), optimizer)

        def ndcg():
            return ranking.measure(self._score, (cutoff,))[f"ndcg_at_{cutoff}"].mean()

        trainer = Trainer(
            type(self).__name__, None if ranking is None else ndcg, patience=self.patience,
            state=network.state_dict, load=network.load_state_dict, after_epoch=self._prepare,
            device=self._device, verbose=self.verbose,
        )  # fmt: skip
        trainer.run(epoch, self.epochs)
        trainer.restore()
        self._prepare()
        self.validation_curve_, self.best_epoch_ = trainer.scores, trainer.best_epoch

    @torch.no_grad()
    def _prepare(self) -> None:
        self._tables = self._network.eval().tables()

    @torch.no_grad()
    def _score(self, users: np.ndarray) -> np.ndarray:
        users = torch.as_tensor(users, device=self._device)
        return self._network.scores(self._tables, users).cpu().numpy()

    def _check_device(self, device: torch.device) -> None:
        """Raise ValueError if the network cannot run there; by default it can run everywhere."""

    def _check_settings(self) -> None:
        check_settings(self.get_params(), SETTINGS)


def bpr_loss(liked: torch.Tensor, others: torch.Tensor) -> torch.Tensor:
    """Return the mean of -ln sigmoid(s_liked - s_other) (Rendle et al., 2009), for two scores (n,)."""
    return functional.softplus(others - liked).mean()


def half_squares(*vectors: torch.Tensor) -> torch.Tensor:
    """Return half the squared norms of some vectors (n, d) each, summed, as a mean over n."""
    return sum(part.square().sum() for part in vectors) / (2 * len(vectors[0]))


def normal(shape: tuple[int, ...], scale: float, generator: torch.Generator) -> torch.nn.Parameter:
    """Draw a parameter from a normal distribution with mean 0 and standard deviation `scale`."""
    return torch.nn.Parameter(scale * torch.randn(shape, generator=generator))


def zeros(*shape: int) -> torch.nn.Parameter:
    """Return a parameter that starts at zero."""
    return torch.nn.Parameter(torch.zeros(shape))


def glorot(n_in: int, n_out: int, generator: torch.Generator) -> torch.nn.Parameter:
    """Draw the matrix (n_in, n_out) of a layer (Glorot and Bengio, 2010)."""
    return normal((n_in, n_out), math.sqrt(2 / (n_in + n_out)), generator)
