"""One training run of the reconstruction experiment (paper, Section 5.2)."""

import functools

import numpy as np
import torch

from fourmasks.baselines.matrix import BlockSVD, LargestEntries, MatrixFactorization, TruncatedSVD
from fourmasks.data.matrices import Matrix, load_matrix
from fourmasks.mmf.models.matrix_mmf import MMF

CURVE_POINTS = 60

load = functools.lru_cache(maxsize=16)(load_matrix)


def run(dataset, method, budget, seed, device="cpu", **settings) -> dict:
    """Fit one method to one matrix at one budget.

    Parameters
    ----------
    dataset : str
        A name that `load_matrix` takes. A synthetic matrix is drawn anew for each seed.
    method : str
        A key of `METHODS`.
    budget : int
        B, for (I + J) B numbers.
    seed : int
    device : str, default "cpu"
    **settings
        Of the method's estimator.

    Returns
    -------
    dict
        "metrics": relative_error, n_parameters, n_iter; "curves": relative_error and seconds, thinned out.
    """
    matrix = load(dataset, seed)
    model = METHODS[method](matrix, budget, seed, device, settings).fit(matrix.values)
    errors = getattr(model, "error_curve_", [])
    metrics = {
        "relative_error": model.relative_error_,
        "n_parameters": model.n_parameters_,
        "n_iter": len(errors),
    }
    curves = {"relative_error": _thin(errors), "seconds": _thin(getattr(model, "seconds_curve_", []))}
    return {"metrics": metrics, "curves": {name: values for name, values in curves.items() if values}}


def describe(dataset, seed) -> dict:
    """Measure a matrix: its row of Table 1.

    The density of a block-diagonal matrix counts its blocks, all of whose entries are there, and not the
    noise off them.
    """
    matrix = load(dataset, seed)
    rows, columns = matrix.values.shape
    n_nonzero = int(np.count_nonzero(matrix.values))
    groups = matrix.row_groups
    n_counted = n_nonzero if groups is None else sum(matrix.values[group, group].size for group in groups)
    density = n_counted / matrix.values.size
    return {"metrics": {"rows": rows, "columns": columns, "density": density, "n_nonzero": n_nonzero}}


def _thin(values: list[float]) -> list[float]:
    """Return at most about `CURVE_POINTS` of the values, closer together at the start, the last included."""
    if len(values) <= CURVE_POINTS:
        return [float(value) for value in values]
    places = np.unique(np.geomspace(1, len(values), CURVE_POINTS).astype(int)) - 1
    return [float(values[place]) for place in places]


class SharedShifts(MMF):
    """MMF whose masks are not instance-wise: the shifts drawn for the first row are those of all rows."""

    def _start(self, *arguments):
        start = super()._start(*arguments)
        row_shifts, column_shifts = (
            shifts[:1].expand_as(shifts).clone() for shifts in (start.row_shifts, start.column_shifts)
        )
        return start._replace(row_shifts=row_shifts, column_shifts=column_shifts)


class ShuffledShifts(MMF):
    """MMF with the shifts that it learned, dealt out anew among the rows, and among the columns.

    The factors are fitted once more to these shifts, from the same starts.
    """

    def fit(self, X, y=None):
        learned = MMF(**self.get_params() | {"learn_shifts": True}).fit(X)
        generator = np.random.default_rng(int(self.random_state))
        self._dealt = [generator.permutation(shifts) for shifts in learned.shifts_]
        return super().fit(X)

    def _start(self, *arguments):
        start = super()._start(*arguments)
        row_shifts, column_shifts = (torch.as_tensor(dealt).to(start.row_shifts) for dealt in self._dealt)
        return start._replace(row_shifts=row_shifts, column_shifts=column_shifts)


def _block_svd(matrix: Matrix, budget, seed, device, settings):
    if matrix.row_groups is None:
        raise ValueError(f"block-svd needs a block-diagonal matrix: {matrix.name} has no blocks")
    return BlockSVD(budget, matrix.row_groups)


def _mf(matrix, budget, seed, device, settings):
    rank = budget - 1 if settings.get("bias") else budget
    return MatrixFactorization(rank, random_state=seed, device=device, verbose=False, **settings)


def _mmf(matrix, budget, seed, device, settings):
    settings = {**settings, "max_iter": tuple(settings["max_iter"])}
    return MMF(budget, random_state=seed, device=device, verbose=False, **settings)


def _fixed_shifts(matrix, budget, seed, device, settings):
    """Return MMF whose shifts stay as drawn, each row's and column's own or the same for all of a side."""
    settings = {**settings, "max_iter": tuple(settings["max_iter"])}
    estimator = SharedShifts if settings.pop("shared") else MMF
    return estimator(random_state=seed, device=device, verbose=False, learn_shifts=False, **settings)


def _shuffled(matrix, budget, seed, device, settings):
    settings = {**settings, "max_iter": tuple(settings["max_iter"])}
    return ShuffledShifts(random_state=seed, device=device, verbose=False, learn_shifts=False, **settings)


METHODS = {
    "svd": lambda matrix, budget, seed, device, settings: TruncatedSVD(budget),
    "block-svd": _block_svd,
    "largest-entries": lambda matrix, budget, seed, device, settings: LargestEntries(budget),
    "mf-sgd": _mf,
    "mf-ridge": _mf,
    "mf-bias": _mf,
    "mmf-adam": _mmf,
    "mmf-lm": _mmf,
    "mmf-frozen": _fixed_shifts,
    "mmf-frozen-full": _fixed_shifts,
    "mmf-shared": _fixed_shifts,
    "mmf-shuffled": _shuffled,
}
