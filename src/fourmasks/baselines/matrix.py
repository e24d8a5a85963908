"""Baselines of matrix reconstruction at the budget of (I + J) B numbers (MMF paper, Section 5.2).

Their `fit` raises ValueError, before any work, for a bad setting or matrix, see `check_matrix`; `reconstruct`
raises NotFittedError before it.
"""

import numpy as np
import torch
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from fourmasks.learning.matrices import check_matrix
from fourmasks.learning.settings import DTYPES, check_settings
from fourmasks.learning.trainer import Diverged
from fourmasks.system.device import resolve_device
from fourmasks.system.progress import progress

MF_SETTINGS = (
    dict.fromkeys(("learning_rate", "norm"), "positive")
    | dict.fromkeys(("ridge", "momentum"), "not negative")
    | dict.fromkeys(("bias", "verbose"), "flag")
    | {"epochs": "count", "random_state": "seed", "optimizer": ("sgd", "adam"), "dtype": tuple(DTYPES)}
)


class TruncatedSVD(BaseEstimator):
    """The best approximation of a given rank (Eckart and Young, 1936).

    No matrix factorization of that rank, however trained, has a smaller error.

    Parameters
    ----------
    rank : int
        At most min(I, J).

    Attributes
    ----------
    factors_ : tuple of ndarray
        U Σ (I, rank) and V (J, rank).
    relative_error_ : float
        ||X - X̂||_F / ||X||_F.
    n_parameters_ : int
    n_features_in_ : int
        J.
    feature_names_in_ : ndarray of str, shape (J,)
        Names of the columns, if X is a data frame whose columns have names.
    """

    def __init__(self, rank):
        self.rank = rank

    def fit(self, X, y=None):
        """Fit to a fully observed matrix (I, J), an array or a data frame; return self."""
        X = check_matrix(self, X)
        _check_rank(self.rank, X.shape)
        self.factors_, values = _svd(X, self.rank)
        self.relative_error_ = float(np.linalg.norm(values[self.rank :]) / np.linalg.norm(values))
        self.n_parameters_ = sum(X.shape) * self.rank
        return self

    def reconstruct(self) -> np.ndarray:
        """Return X̂ of shape (I, J)."""
        check_is_fitted(self)
        return self.factors_[0] @ self.factors_[1].T


class BlockSVD(BaseEstimator):
    """A truncated SVD of each diagonal block: what the budget buys once the blocks are known.

    A block of m rows and as many columns takes 2 m numbers a rank, so that every block gets the rank that the
    whole matrix would have had at the same budget. Entries off the blocks are taken as zero.

    Parameters
    ----------
    rank : int
        Of each block.
    groups : sequence of slice
        The rows, and columns, of each block.

    Attributes
    ----------
    blocks_ : list of tuple of ndarray
        The factors of each block, as those of `TruncatedSVD`.
    relative_error_ : float
    n_parameters_, n_features_in_, feature_names_in_
        As in `TruncatedSVD`.
    """

    def __init__(self, rank, groups):
        self.rank = rank
        self.groups = groups

    def fit(self, X, y=None):
        """Fit to a fully observed matrix (I, J) with these blocks, an array or a data frame; return self."""
        X = check_matrix(self, X)
        _check_count("rank", self.rank)
        if not (isinstance(self.groups, list | tuple) and all(isinstance(one, slice) for one in self.groups)):
            raise ValueError(f"groups = {self.groups!r}: expected a list of slices")
        self._shape = X.shape
        blocks = [X[group, group] for group in self.groups]
        for group, block in zip(self.groups, blocks, strict=True):
            if not block.size:
                raise ValueError(f"groups has {group!r}: expected rows and columns of X, of shape {X.shape}")
        self.blocks_ = [_svd(block, min(self.rank, *block.shape))[0] for block in blocks]
        self.n_parameters_ = sum(factor.size for factors in self.blocks_ for factor in factors)
        self.relative_error_ = float(np.linalg.norm(X - self.reconstruct()) / np.linalg.norm(X))
        return self

    def reconstruct(self) -> np.ndarray:
        """Return X̂ of shape (I, J)."""
        check_is_fitted(self)
        approximation = np.zeros(self._shape)
        for group, (left, right) in zip(self.groups, self.blocks_, strict=True):
            approximation[group, group] = left @ right.T
        return approximation


class LargestEntries(BaseEstimator):
    """Keep the entries of largest magnitude, each stored as two numbers: its place and its value.

    Parameters
    ----------
    budget : int
        B: (I + J) B numbers in all.

    Attributes
    ----------
    relative_error_ : float
    n_parameters_ : int
        Two for each entry that is kept and not zero.
    n_features_in_, feature_names_in_
        As in `TruncatedSVD`.
    """

    def __init__(self, budget):
        self.budget = budget

    def fit(self, X, y=None):
        """Fit to a fully observed matrix (I, J), an array or a data frame; return self."""
        X = check_matrix(self, X)
        _check_count("budget", self.budget)
        flat = np.asarray(X, dtype=np.float64).ravel()
        n_kept = min(sum(X.shape) * self.budget // 2, np.count_nonzero(flat))
        self._shape, self._places = X.shape, np.argpartition(-np.abs(flat), n_kept - 1)[:n_kept]
        self._values = flat[self._places]
        rest = flat.copy()
        rest[self._places] = 0
        self.relative_error_ = float(np.linalg.norm(rest) / np.linalg.norm(flat))
        self.n_parameters_ = 2 * n_kept
        return self

    def reconstruct(self) -> np.ndarray:
        """Return X̂ of shape (I, J)."""
        check_is_fitted(self)
        approximation = np.zeros(self._shape)
        approximation.flat[self._places] = self._values
        return approximation


class MatrixFactorization(BaseEstimator):
    r"""Plain MF, X ≈ U Vᵀ, optionally with biases a_i + b_j, by full-batch gradient descent.

    The loss is the mean squared error on X scaled to Frobenius norm `norm`, plus
    `ridge` (‖U‖² + ‖V‖²) / (I J), as in the reference implementation of the MMF paper. Gradients are taken
    through the Gram matrices, so that an epoch costs 4 I J R multiplications.

    Parameters
    ----------
    rank : int
        Of U and V.
    bias : bool, default False
        Adds I + J parameters: at a budget B the rank is B - 1.
    ridge : float, default 0
    optimizer : {"sgd", "adam"}, default "sgd"
    learning_rate : float, default 0.2
    momentum : float, default 0.999
        For "sgd".
    epochs : int, default 2000
    norm : float, default 1
    dtype : {"float32", "float64"}, default "float32"
    device : str, default "auto"
    random_state : int, default 0
    verbose : bool, default True
        Show a progress bar, on a terminal only.

    Attributes
    ----------
    factors_ : tuple of ndarray
        (I, rank) and (J, rank), or two columns wider with biases: [U, a, 1] and [V, 1, b].
    relative_error_ : float
        Of the best epoch.
    error_curve_ : list of float
    n_parameters_, n_features_in_, feature_names_in_
        As in `TruncatedSVD`.
    """

    def __init__(
        self, rank, *, bias=False, ridge=0.0, optimizer="sgd", learning_rate=0.2, momentum=0.999, epochs=2000,
        norm=1.0, dtype="float32", device="auto", random_state=0, verbose=True,
    ):  # fmt: skip
        self.rank = rank
        self.bias = bias
        self.ridge = ridge
        self.optimizer = optimizer
        self.learning_rate = learning_rate
        self.momentum = momentum
        self.epochs = epochs
        self.norm = norm
        self.dtype = dtype
        self.device = device
        self.random_state = random_state
        self.verbose = verbose

    def fit(self, X, y=None):
        """Fit to a fully observed matrix (I, J), an array or a data frame; return self.

        Raises
        ------
        Diverged
            If no epoch had a finite error.
        """
        X = check_matrix(self, X)
        check_settings(self.get_params(), MF_SETTINGS)
        _check_rank(self.rank, X.shape)
        scale = self.norm / np.linalg.norm(X)
        target = torch.as_tensor(X * scale, dtype=DTYPES[self.dtype], device=resolve_device(self.device))
        factors, free = self._start(target)
        optimizer = self._make_optimizer(factors)
        best, lowest, self.error_curve_ = None, np.inf, []
        with progress(self.epochs if self.verbose else 0, "mf") as bar:
            for _ in range(self.epochs):
                error = self._set_gradients(target, factors, free)
                if error < lowest:
                    best, lowest = [tensor.clone() for tensor in factors], error
                self.error_curve_.append(error)
                optimizer.step()
                if self.verbose:
                    bar.update()
        if best is None:
            raise Diverged(f"MF diverged at learning_rate = {self.learning_rate}: give a smaller one")
        self.factors_ = tuple(tensor.double().cpu().numpy() / np.sqrt(scale) for tensor in best)
        self.relative_error_ = float(np.linalg.norm(X - self.reconstruct()) / np.linalg.norm(X))
        self.n_parameters_ = sum(X.shape) * (self.rank + self.bias)
        return self

    def reconstruct(self) -> np.ndarray:
        """Return X̂ of shape (I, J)."""
        check_is_fitted(self)
        return self.factors_[0] @ self.factors_[1].T

    def _start(self, target):
        """Return the factors, two columns wider for biases, and masks that are 0 where a column is fixed."""
        generator = torch.Generator().manual_seed(int(self.random_state))
        factors, free = [], []
        for side, n in enumerate(target.shape):
            factor = 0.02 * torch.randn(n, self.rank, generator=generator)
            mask = torch.ones(self.rank)
            if self.bias:
                columns = [torch.zeros(n, 1), torch.ones(n, 1)]
                factor = torch.cat([factor, *(columns if side == 0 else columns[::-1])], 1)
                mask = torch.cat([mask, torch.tensor([1.0, 0.0] if side == 0 else [0.0, 1.0])])
            factors.append(factor.to(target))
            free.append(mask.to(target))
        return factors, free

    def _make_optimizer(self, factors):
        if self.optimizer == "adam":
            return torch.optim.Adam(factors, lr=self.learning_rate)
        return torch.optim.SGD(factors, lr=self.learning_rate, momentum=self.momentum)

    def _set_gradients(self, target, factors, free) -> float:
        """Set the gradients of both factors; return the relative error before the step."""
        u, v = factors
        grams, forward, backward = (u.T @ u, v.T @ v), target @ v, target.T @ u
        factor = 2 / target.numel()
        u.grad = factor * free[0] * (u @ grams[1] - forward + self.ridge * u)
        v.grad = factor * free[1] * (v @ grams[0] - backward + self.ridge * v)
        square = self.norm**2 - 2 * (u * forward).double().sum() + (grams[0] * grams[1]).double().sum()
        return float(square.clamp(min=0).sqrt() / self.norm)


def _svd(x, rank):
    """Return the factors of the best approximation of a rank, and all singular values."""
    u, values, vt = np.linalg.svd(x, full_matrices=False)
    return (u[:, :rank] * values[:rank], vt[:rank].T), values


def _check_rank(rank, shape) -> None:
    _check_count("rank", rank)
    if rank > min(shape):
        raise ValueError(f"rank = {rank}: expected at most {min(shape)} for a {shape[0]} x {shape[1]} matrix")


def _check_count(name, value) -> None:
    check_settings({name: value}, {name: "count"})
