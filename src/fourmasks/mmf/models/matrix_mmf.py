"""MMF as an estimator (paper, Section 3)."""

import hashlib
import json
import math
from functools import partial
from pathlib import Path

import numpy as np
import torch
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted

from fourmasks.learning.matrices import check_matrix
from fourmasks.learning.metrics import effective_rank, frobenius_norm, relative_error
from fourmasks.learning.settings import DTYPES, check_settings
from fourmasks.mmf.models.adam import AdamSolver
from fourmasks.mmf.models.alternating import AlternatingLM
from fourmasks.mmf.models.masks import PARAMETRISATIONS, Masks
from fourmasks.mmf.models.minimise import Fit, minimise
from fourmasks.mmf.models.parameters import draw, product
from fourmasks.system.device import resolve_device

SOLVERS = ("adam", "alternating-lm", "adam+alternating-lm", "alternating-lm+adam")
SETTINGS = (
    dict.fromkeys(("n_init", "init_iter"), "count")
    | dict.fromkeys(("budget", "rank", "n_masks"), "count or None")
    | dict.fromkeys(("learning_rate", "shift_learning_rate"), "positive")
    | dict.fromkeys(("time_limit", "factor_scale"), "positive or None")
    | {"tol": "not negative", "shift_spread": "not negative or None", "random_state": "seed"}
    | dict.fromkeys(("learn_shifts", "verbose"), "flag")
    | {"checkpoint": "path or None", "parametrisation": PARAMETRISATIONS}
    | {"solver": SOLVERS, "dtype": tuple(DTYPES)}
)
ITERATIONS = {"adam": 2000, "alternating-lm": 200}
FACTOR_SCALE = {"adam": 0.02, "alternating-lm": None}  # None: as large as the number of masks
SHIFT_SPREAD = {
    "adam": 0.0,
    "alternating-lm": 1.0,
}  # in radians or positions, before the parametrisation's gain


class MMF(BaseEstimator):
    r"""Masked Mixture Factorization of a fully observed matrix.

    .. math:: X \approx \sum_{k=1}^K (U \odot M_k^U)(V \odot M_k^V)^\top

    with U (I x R), V (J x R), and masks that each row and each column shifts for itself (Eq. 1-3).

    Parameters
    ----------
    budget : int, optional
        B: the model has (I + J) B parameters, as an MF of rank B has. Its rank R is then B - K, or B
        with `learn_shifts=False`, where the shifts are no parameters.
    rank : int, optional
        R, in place of `budget`; one of the two must be given.
    n_masks : int, optional
        K; by default 0.4 B, rounded, the reference implementation's ratio (0.4 R if `rank` is given).
    mask : {"cosine", "sine", "gaussian", "sigmoid", "tanh", "triangle"}, default "cosine"
    parametrisation : {"reference", "paper"}, default "reference"
        See `masks.Masks`.
    solver : {"alternating-lm", "adam", "adam+alternating-lm", "alternating-lm+adam"}
        Default "alternating-lm". With "+", the first hands over to the second.
    max_iter : int or tuple of int, optional
        Iterations of each solver; by default 2000 epochs of Adam, 200 sweeps of Levenberg-Marquardt.
    time_limit : float, optional
        Seconds for each solver; default none.
    tol : float, default 0
        Stop a solver when 20 iterations lowered the error by less than this fraction of it.
    n_init : int, default 1
        Random starts: each gets `init_iter` iterations of the first solver, which then goes on from the best.
    init_iter : int, default 20
    learning_rate, shift_learning_rate : float, default 0.02 and 0.01
        Adam's step sizes for the factors and for the shifts.
    learn_shifts : bool, default True
        If False, the random shifts stay: the control without instance-wise learning.
    factor_scale : float, optional
        Standard deviation of the factors at the start; by default 0.02 for Adam, K for Levenberg-Marquardt.
    shift_spread : float, optional
        The shifts start uniformly in [0, shift_spread), in units of the argument of the narrowest mask; by
        default 0 for Adam and 1 for Levenberg-Marquardt.
    dtype : {"float32", "float64"}, default "float32"
    device : str, default "auto"
    random_state : int, default 0
    checkpoint : path, optional
        What the names of files begin with that a killed `fit` goes on from; they are removed at the end.
    verbose : bool, default True
        Show a progress bar, on a terminal only.

    Attributes
    ----------
    factors_ : tuple of ndarray
        U (I, R) and V (J, R), for X at its own scale.
    shifts_ : tuple of ndarray
        s_U (I, K) and s_V (J, K).
    masks_ : tuple of ndarray
        M_U (I, K, R) and M_V (J, K, R), with the factor 1 / K.
    relative_error_ : float
        ||X - X̂||_F / ||X||_F.
    n_masks_, rank_ : int
    n_parameters_ : int
        (I + J)(K + R), or (I + J) R without learned shifts.
    n_iter_ : ndarray of int
        Of each start, if there are several, and of each solver.
    error_curve_, seconds_curve_ : list of float
        Relative error and elapsed seconds after each iteration.
    n_features_in_ : int
        J.
    feature_names_in_ : ndarray of str, shape (J,)
        Names of the columns, if X is a data frame whose columns have names.

    Raises
    ------
    ValueError
        In `fit`, before any work: a bad parameter or matrix; the message names it and what was expected.

    References
    ----------
    Park, Lee, Lee and Kang, "A Masked Mixture Model for Compact and Accurate Matrix Factorization", KDD 2026,
    Eq. (1)-(3), Section 3. The scaling of X to Frobenius norm K and Adam's settings are those of the paper's
    public reference implementation; the alternating solver is this project's.
    """

    def __init__(
        self, budget=None, *, rank=None, n_masks=None, mask="cosine", parametrisation="reference",
        solver="alternating-lm", max_iter=None, time_limit=None, tol=0.0, n_init=1, init_iter=20,
        learning_rate=0.02, shift_learning_rate=0.01, learn_shifts=True, factor_scale=None, shift_spread=None,
        dtype="float32",
        device="auto", random_state=0, checkpoint=None, verbose=True,
    ):  # fmt: skip
        self.budget = budget
        self.rank = rank
        self.n_masks = n_masks
        self.mask = mask
        self.parametrisation = parametrisation
        self.solver = solver
        self.max_iter = max_iter
        self.time_limit = time_limit
        self.tol = tol
        self.n_init = n_init
        self.init_iter = init_iter
        self.learning_rate = learning_rate
        self.shift_learning_rate = shift_learning_rate
        self.learn_shifts = learn_shifts
        self.factor_scale = factor_scale
        self.shift_spread = shift_spread
        self.dtype = dtype
        self.device = device
        self.random_state = random_state
        self.checkpoint = checkpoint
        self.verbose = verbose

    def fit(self, X, y=None):
        """Fit the model to a matrix.

        Parameters
        ----------
        X : array-like or data frame of shape (I, J)
            Fully observed, neither sparse nor masked: finite, not all zero. `RatingMMF` is fitted to some
            entries of a matrix.
        y : ignored

        Returns
        -------
        self
        """
        x = check_matrix(self, X).astype(np.float64, copy=False)
        check_settings(self.get_params(), SETTINGS)
        self.rank_, self.n_masks_ = self._sizes()
        solvers, iterations = self._solvers()
        device, dtype = resolve_device(self.device), DTYPES[self.dtype]
        masks = Masks(self.mask, self.n_masks_, self.rank_, self.parametrisation, device=device, dtype=dtype)
        scale = self.n_masks_ / frobenius_norm(x)
        target = torch.as_tensor(x * scale, dtype=dtype, device=device)
        generator = torch.Generator().manual_seed(int(self.random_state))
        starts = [self._start(x.shape, solvers[0], generator, device, dtype) for _ in range(self.n_init)]
        parameters, fits, labels = starts[0], [], list(solvers)
        if self.n_init > 1:
            run = partial(self._run, x, target, masks, solvers[0], self.init_iter)
            fits = [run(start, f"start-{i}") for i, start in enumerate(starts)]
            labels += [f"start-{i}" for i in range(self.n_init)]
            parameters = min(fits, key=lambda fit: fit.error).best
        for name, max_iter in zip(solvers, iterations, strict=True):
            fits.append(self._run(x, target, masks, name, max_iter, parameters, name))
            parameters = min(fits, key=lambda fit: fit.error).best
        self._store(x, scale, parameters, masks, fits)
        if self.checkpoint is not None:
            for label in labels:
                Path(self._checkpoint(label)).unlink(missing_ok=True)
        return self

    def reconstruct(self) -> np.ndarray:
        """Return X̂ of shape (I, J); raises NotFittedError before `fit`."""
        check_is_fitted(self)
        (u, v), (mask_u, mask_v) = self.factors_, self.masks_
        return (u[:, None] * mask_u).reshape(len(u), -1) @ (v[:, None] * mask_v).reshape(len(v), -1).T

    def effective_rank(self, threshold=1e-3) -> int:
        """Return how many singular values of X̂ exceed `threshold` times the largest (paper, Section 5.7)."""
        check_settings({"threshold": threshold}, {"threshold": "not negative"})
        return effective_rank(np.linalg.svd(self.reconstruct(), compute_uv=False), threshold)

    def _sizes(self) -> tuple[int, int]:
        if (self.budget is None) == (self.rank is None):
            raise ValueError(
                f"budget is {self.budget!r} and rank is {self.rank!r}: give exactly one of the two"
            )
        name, given = ("rank", self.rank) if self.budget is None else ("budget", self.budget)
        n_masks = max(1, round(0.4 * given)) if self.n_masks is None else self.n_masks
        if name == "rank" or not self.learn_shifts:
            return given, n_masks
        if n_masks >= given:
            raise ValueError(
                f"n_masks = {n_masks} leaves nothing of budget = {given} for the factors: the rank is"
                f" budget - n_masks, so give at most {given - 1} masks"
            )
        return given - n_masks, n_masks

    def _solvers(self) -> tuple[list[str], list[int]]:
        names = self.solver.split("+")
        given = self.max_iter
        if given is None:
            given = [ITERATIONS[name] for name in names]
        given = list(given) if isinstance(given, (tuple, list)) else [given] * len(names)
        if len(given) != len(names):
            raise ValueError(
                f"max_iter = {self.max_iter!r}: expected one number for each of {', '.join(names)}"
            )
        for number in given:
            check_settings({"max_iter": number}, {"max_iter": "count"})
        return names, given

    def _start(self, shape, solver, generator, device, dtype):
        factor_scale = self.factor_scale if self.factor_scale is not None else FACTOR_SCALE[solver]
        spread = self.shift_spread if self.shift_spread is not None else SHIFT_SPREAD[solver]
        gain = self.rank_ / 2 if self.parametrisation == "reference" else 1.0
        return draw(
            shape, self.n_masks_, self.rank_,
            factor_scale=factor_scale if factor_scale is not None else float(self.n_masks_),
            shift_spread=spread / gain, generator=generator,
            device=device, dtype=dtype,
        )  # fmt: skip

    def _run(self, x, target, masks, name, max_iter, start, label) -> Fit:
        if name == "adam":
            solver = AdamSolver(
                target, masks, start, learn_shifts=self.learn_shifts,
                learning_rate=self.learning_rate, shift_learning_rate=self.shift_learning_rate,
            )  # fmt: skip
        else:
            solver = AlternatingLM(target, masks, start, learn_shifts=self.learn_shifts)
        checkpoint = None if self.checkpoint is None else self._checkpoint(label)
        time_limit = math.inf if self.time_limit is None else self.time_limit
        return minimise(
            solver, max_iter=max_iter, time_limit=time_limit, tol=self.tol, verbose=self.verbose,
            checkpoint=checkpoint, identity=self._identity(x, start, label),
        )  # fmt: skip

    def _checkpoint(self, label) -> str:
        return f"{self.checkpoint}.{label}.npz"

    def _identity(self, x, start, label) -> str:
        """Return what a checkpoint must have been made for: matrix, start, and what shapes the iterates."""
        setting = {
            k: v
            for k, v in self.get_params().items()
            if k not in ("max_iter", "time_limit", "checkpoint", "verbose")
        }
        digest = hashlib.sha256()
        for array in (x, *(tensor.cpu().numpy() for tensor in start)):
            digest.update(repr(array.shape).encode() + np.ascontiguousarray(array).tobytes())
        digest.update(json.dumps([setting, label], sort_keys=True, default=str).encode())
        return digest.hexdigest()

    def _store(self, x, scale, parameters, masks, fits) -> None:
        u, s, v, t = parameters
        root = math.sqrt(scale)
        self.factors_ = (u.double().cpu().numpy() / root, v.double().cpu().numpy() / root)
        self.shifts_ = (s.double().cpu().numpy(), t.double().cpu().numpy())
        self.masks_ = (masks.values(s).double().cpu().numpy(), masks.values(t).double().cpu().numpy())
        self.relative_error_ = relative_error(x, product(parameters, masks).double().cpu().numpy() / scale)
        self.n_parameters_ = sum(x.shape) * (self.rank_ + (self.n_masks_ if self.learn_shifts else 0))
        self.n_iter_ = np.array([len(fit.errors) for fit in fits])
        self.error_curve_ = [error for fit in fits for error in fit.errors]
        offsets = np.cumsum([0.0] + [fit.seconds[-1] for fit in fits])
        self.seconds_curve_ = [
            float(offset + s) for offset, fit in zip(offsets, fits, strict=False) for s in fit.seconds
        ]
