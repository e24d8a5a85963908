"""MMF as an estimator: conventions, what it refuses, limits, invariances, and fits that are killed."""

import json
import os
import signal
import subprocess
import sys
import textwrap
import time
import warnings
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import scipy.sparse
import torch
from hypothesis import given
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.utils.estimator_checks import check_estimator

from fourmasks.baselines.matrix import TruncatedSVD
from fourmasks.mmf.models import matrix_mmf, minimise
from fourmasks.mmf.models.adam import AdamSolver
from fourmasks.mmf.models.alternating import AlternatingLM
from fourmasks.mmf.models.masks import FAMILIES
from fourmasks.mmf.models.matrix_mmf import MMF, SOLVERS

SOLVER_CLASSES = {"adam": AdamSolver, "alternating-lm": AlternatingLM}


def matrix(shape=(12, 10), seed=0):
    return np.random.default_rng(seed).standard_normal(shape)


def model(*given, **settings):
    return MMF(*given, **{"max_iter": 5, "device": "cpu", "verbose": False} | settings)


def bits(fitted):
    """Return all that a fit learned, and its errors."""
    arrays = [array.tobytes() for pair in (fitted.factors_, fitted.shifts_, fitted.masks_) for array in pair]
    return arrays, fitted.error_curve_, fitted.relative_error_, fitted.n_iter_.tolist()


def true_error(x, fitted):
    return np.linalg.norm(x - fitted.reconstruct()) / np.linalg.norm(x)


# ---------------------------------------------------------------- conventions


def test_it_follows_scikit_learn_s_conventions():
    parameters = {"budget": 6, "n_masks": 2, "mask": "sine", "max_iter": (3,), "solver": "adam", "tol": 0.1}
    given_model = MMF(**parameters)
    assert {name: given_model.get_params()[name] for name in parameters} == parameters
    copy = clone(given_model.set_params(device="cpu", verbose=False))
    before = copy.get_params()
    assert copy.fit(matrix()) is copy
    assert copy.get_params() == before == given_model.get_params()
    assert not hasattr(clone(copy), "relative_error_")
    assert clone(copy).set_params(rank=3, budget=None).fit(matrix()).rank_ == 3


@pytest.mark.filterwarnings("ignore:Skipping check check_array_api_input")  # of arrays of other libraries
@pytest.mark.parametrize("settings", [{}, {"solver": "adam+alternating-lm", "n_init": 2}])
def test_it_passes_scikit_learn_s_checks(settings):
    check_estimator(model(2, n_masks=1, **settings))


def test_the_columns_of_a_data_frame_are_kept():
    frame = pd.DataFrame(matrix(), columns=[f"c{j}" for j in range(10)])
    fitted = model(4).fit(frame)
    np.testing.assert_allclose(fitted.reconstruct(), model(4).fit(matrix()).reconstruct(), atol=1e-4)
    assert fitted.feature_names_in_.tolist() == frame.columns.tolist()
    assert fitted.n_features_in_ == 10


def test_there_is_nothing_to_ask_before_a_fit():
    for ask in (MMF(3).reconstruct, MMF(3).effective_rank):
        with pytest.raises(NotFittedError, match="This MMF instance is not fitted yet"):
            ask()


def test_the_defaults_are_the_reference_implementation_s():
    """Those of its training: learning rates, epochs, K for a budget; the start is tested below."""
    defaults = MMF().get_params()
    assert defaults["learning_rate"] == 0.02 and defaults["shift_learning_rate"] == 0.01
    assert defaults["parametrisation"] == "reference" and defaults["learn_shifts"] is True
    assert matrix_mmf.ITERATIONS["adam"] == 2000
    assert [model(budget)._sizes() for budget in (2, 10, 20, 40, 60)] == [
        (1, 1), (6, 4), (12, 8), (24, 16), (36, 24),
    ]  # fmt: skip


def test_adam_starts_as_the_reference_implementation_does():
    """Small factors, no shifts, and X at Frobenius norm K, so that the first error is nearly 1."""
    fitted = model(20, solver="adam", max_iter=1).fit(matrix((400, 300)))
    x_scale = 8 / np.linalg.norm(matrix((400, 300)))
    for factors, shifts in zip(fitted.factors_, fitted.shifts_, strict=True):
        assert (factors * np.sqrt(x_scale)).std() == pytest.approx(0.02, rel=0.05)
        assert not shifts.any()


@pytest.mark.parametrize("parametrisation", ["reference", "paper"])
@pytest.mark.parametrize(
    ("settings", "scale", "spread"),
    [
        ({"solver": "adam"}, 0.02, 0.0), ({"solver": "adam+alternating-lm"}, 0.02, 0.0),
        ({"solver": "alternating-lm"}, 8.0, 1.0), ({"solver": "alternating-lm+adam"}, 8.0, 1.0),
        ({"solver": "adam", "factor_scale": 3.0, "shift_spread": 5.0}, 3.0, 5.0),
        ({"solver": "alternating-lm", "factor_scale": 0.1, "shift_spread": 0.0}, 0.1, 0.0),
    ],
)  # fmt: skip
def test_the_start_is_as_documented(monkeypatch, parametrisation, settings, scale, spread):
    """The spread is in units of the argument of the narrowest mask: its gain is R / 2, or 1."""
    drawn = []
    original = matrix_mmf.draw
    monkeypatch.setattr(
        matrix_mmf, "draw", lambda *args, **given: drawn.append(given) or original(*args, **given)
    )
    model(20, parametrisation=parametrisation, max_iter=1, **settings).fit(matrix())
    (given,) = drawn
    gain = 12 / 2 if parametrisation == "reference" else 1
    assert given["factor_scale"] == scale and given["shift_spread"] == pytest.approx(spread / gain)


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("mask", FAMILIES)
def test_the_error_reported_is_the_error(solver, mask):
    x = 100 * matrix()
    fitted = model(6, mask=mask, solver=solver).fit(x)
    assert fitted.relative_error_ == pytest.approx(true_error(x, fitted), rel=1e-5)
    assert fitted.relative_error_ < 1
    assert len(fitted.error_curve_) == len(fitted.seconds_curve_) == sum(fitted.n_iter_)
    assert fitted.n_iter_.tolist() == [5] * (1 + ("+" in solver))
    assert fitted.seconds_curve_ == sorted(fitted.seconds_curve_)
    assert fitted.relative_error_ == pytest.approx(min(fitted.error_curve_), rel=1e-4)


@pytest.mark.parametrize("parametrisation", ["reference", "paper"])
def test_the_attributes_are_the_model_of_equation_1(parametrisation):
    fitted = model(7, n_masks=3, parametrisation=parametrisation).fit(matrix())
    (u, v), (mask_u, mask_v) = fitted.factors_, fitted.masks_
    assert (fitted.rank_, fitted.n_masks_) == (4, 3)
    assert (u.shape, v.shape) == ((12, 4), (10, 4))
    assert (mask_u.shape, mask_v.shape) == ((12, 3, 4), (10, 3, 4))
    assert abs(mask_u).max() <= 1 / 3 + 1e-7  # a cosine over K
    literal = sum((u * mask_u[:, k]) @ (v * mask_v[:, k]).T for k in range(3))
    np.testing.assert_allclose(fitted.reconstruct(), literal, atol=1e-12)
    shifts_u, _ = fitted.shifts_
    k, r, first = np.arange(1, 4)[:, None], np.arange(4), fitted.shifts_[0][0][:, None]
    if parametrisation == "reference":
        argument = k / 3 * r - 4 / 2 * first
    else:
        argument = k / 3 * (r + 1 - first)
    np.testing.assert_allclose(mask_u[0], np.cos(argument) / 3, atol=1e-5)


@given(st.integers(2, 12), st.data())
def test_a_budget_buys_as_many_numbers_as_factorization_has(budget, data):
    n_masks = data.draw(st.integers(1, budget - 1))
    x = matrix((7, 5))
    fitted = model(budget, n_masks=n_masks, max_iter=1).fit(x)
    learned = sum(array.size for array in (*fitted.factors_, *fitted.shifts_))
    assert fitted.n_parameters_ == learned == (7 + 5) * budget
    frozen = model(budget, n_masks=n_masks, max_iter=1, learn_shifts=False).fit(x)
    assert frozen.n_parameters_ == sum(array.size for array in frozen.factors_) == (7 + 5) * budget
    assert frozen.rank_ == budget and frozen.n_masks_ == n_masks


def test_a_rank_in_place_of_a_budget():
    fitted = model(rank=5).fit(matrix())
    assert (fitted.rank_, fitted.n_masks_) == (5, 2)
    assert fitted.n_parameters_ == (12 + 10) * 7
    assert model(rank=2, n_masks=6).fit(matrix()).n_masks_ == 6


def test_x_is_not_changed_and_may_be_any_real_matrix():
    x = matrix()
    expected = model(4).fit(x)
    np.testing.assert_array_equal(x, matrix())
    assert bits(model(4).fit(x.tolist())) == bits(expected)
    columns_first = model(4).fit(np.asfortranarray(x))
    assert columns_first.relative_error_ == pytest.approx(expected.relative_error_, rel=1e-4)
    integers = np.arange(30).reshape(6, 5)
    assert bits(model(4).fit(integers)) == bits(model(4).fit(integers.astype(float)))
    model(4).fit(integers % 2 == 0)


@pytest.mark.parametrize("shape", [(1, 8), (8, 1), (1, 1)])
def test_a_single_row_or_column_is_a_matrix(shape):
    x = 1 + matrix(shape) ** 2
    fitted = model(3, max_iter=40).fit(x)
    assert fitted.reconstruct().shape == shape
    assert true_error(x, fitted) < 0.05


def test_the_effective_rank_counts_singular_values():
    fitted = model(rank=2, n_masks=2).fit(matrix())
    assert fitted.effective_rank(1e-6) == 4
    assert fitted.effective_rank(1.0) == 0
    with pytest.raises(ValueError, match="threshold = 'a': expected a finite number >= 0"):
        fitted.effective_rank("a")
    values = np.linalg.svd(fitted.reconstruct(), compute_uv=False)
    assert fitted.effective_rank(values[1] / values[0] * 1.01) == 1


# ---------------------------------------------------------------- what is refused


def with_entry(value):
    x = matrix()
    x[3, 7] = value
    return x


NOT_BEGUN = "the work began before the error"


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"budget": None}, "budget is None and rank is None: give exactly one"),
        ({"rank": 3}, "budget is 6 and rank is 3: give exactly one"),
        ({"budget": 0}, "budget = 0: expected an integer of at least 1"),
        ({"budget": 6.0}, "budget = 6.0: expected an integer"),
        ({"budget": True}, "budget = True: expected an integer"),
        ({"budget": "6"}, "budget = '6': expected an integer"),
        ({"budget": None, "rank": -2}, "rank = -2: expected an integer of at least 1"),
        ({"n_masks": 0}, "n_masks = 0: expected an integer of at least 1"),
        ({"n_masks": 2.5}, "n_masks = 2.5: expected an integer"),
        ({"n_masks": 6}, "n_masks = 6 leaves nothing of budget = 6.*give at most 5 masks"),
        ({"n_masks": 9}, "n_masks = 9 leaves nothing of budget = 6"),
        ({"budget": 1}, "n_masks = 1 leaves nothing of budget = 1"),
        ({"solver": "adamm"}, "unknown solver 'adamm'.*expected one of adam.*Did you mean 'adam'"),
        ({"solver": None}, "unknown solver None"),
        ({"mask": "cosin"}, "unknown mask family 'cosin'.*Did you mean 'cosine'"),
        ({"parametrisation": "papers"}, "unknown parametrisation 'papers'.*Did you mean 'paper'"),
        ({"dtype": "float16"}, "unknown dtype 'float16': expected one of float32, float64.*Did you mean"),
        ({"device": "gpu"}, "device 'gpu'"),
        ({"n_init": 0}, "n_init = 0: expected an integer of at least 1"),
        ({"init_iter": 2.0}, "init_iter = 2.0: expected an integer of at least 1"),
        ({"random_state": True}, "random_state = True: expected an integer"),
        ({"max_iter": 0}, "max_iter = 0: expected an integer of at least 1"),
        ({"max_iter": 2.5}, "max_iter = 2.5: expected an integer"),
        ({"max_iter": (3, 4)}, r"max_iter = \(3, 4\): expected one number for each of alternating-lm"),
        ({"max_iter": (3,), "solver": "adam+alternating-lm"}, r"max_iter = \(3,\).*adam, alternating-lm"),
        ({"max_iter": (3, 0), "solver": "adam+alternating-lm"}, "max_iter = 0: expected an integer"),
        ({"time_limit": 0}, "time_limit = 0: expected a finite number > 0"),
        ({"time_limit": -1.0}, "time_limit = -1.0: expected a finite number > 0"),
        ({"time_limit": "1 h"}, "time_limit = '1 h': expected a finite number > 0"),
        ({"time_limit": float("inf")}, "time_limit = inf: expected a finite number > 0"),
        ({"tol": -0.1}, "tol = -0.1: expected a finite number >= 0"),
        ({"learning_rate": 0.0}, "learning_rate = 0.0: expected a finite number > 0"),
        ({"learning_rate": float("nan")}, "learning_rate = nan: expected a finite number > 0"),
        ({"shift_learning_rate": -1}, "shift_learning_rate = -1: expected a finite number > 0"),
        ({"factor_scale": 0}, "factor_scale = 0: expected a finite number > 0"),
        ({"shift_spread": -1}, "shift_spread = -1: expected a finite number >= 0"),
        ({"random_state": 2**32}, "random_state = 4294967296: expected an integer from 0 to 4294967295"),
        ({"learn_shifts": "no"}, "learn_shifts = 'no': expected True or False"),
        ({"verbose": 1}, "verbose = 1: expected True or False"),
        ({"mask": ["sine"]}, r"unknown mask family \['sine'\]: expected one of gaussian, sine"),
    ],
)
def test_a_bad_parameter_is_refused_before_any_work(monkeypatch, settings, message):
    monkeypatch.setattr(matrix_mmf, "minimise", lambda *_, **__: pytest.fail(NOT_BEGUN))
    monkeypatch.setattr(matrix_mmf, "draw", lambda *_, **__: pytest.fail(NOT_BEGUN))
    with pytest.raises(ValueError, match=message):
        MMF(**{"budget": 6, "device": "cpu"} | settings).fit(matrix())


@pytest.mark.parametrize(
    ("x", "message"),
    [
        (with_entry(np.nan), "X is NaN or infinite at row 3, column 7, and in 1 of 120 entries in all"),
        (with_entry(-np.inf), "X is NaN or infinite at row 3, column 7"),
        (np.zeros((0, 4)), r"0 sample\(s\) \(shape=\(0, 4\)\) while a minimum of 1 is required by MMF"),
        ([], "Expected 2D array, got 1D array"),
        (matrix()[0], "Expected 2D array, got 1D array"),
        (matrix()[None], "Found array with dim 3, while dim <= 2 is required by MMF"),
        (3.0, "Expected 2D array, got scalar array"),
        ([[1.0, 2.0], [3.0]], "X is no array of numbers"),
        (matrix() + 1j, "Complex data not supported"),
        ([["a", "b"]], "compatible with arrays of bytes/strings"),
        (np.full((2, 2), np.datetime64("2026-01-01")), "X has dtype datetime64.*expected real numbers"),
        ([[None, 1.0]], "X has dtype object: expected real numbers"),
        (pd.DataFrame([[None, 1.0]]), "X is NaN or infinite at row 0, column 0"),
        (np.zeros((3, 4)), "X is zero"),
        (np.ma.array(matrix(), mask=matrix() > 0), "X is a masked array: .*RatingMMF is fitted to some"),
        (np.ma.array(matrix()), "X is a masked array"),
        (scipy.sparse.eye_array(3), "X is a sparse matrix: expected an array; give its toarray"),
        (scipy.sparse.csr_matrix(np.eye(3)), "X is a sparse matrix"),
    ],
)
def test_a_bad_matrix_is_refused_before_any_work(monkeypatch, x, message):
    monkeypatch.setattr(matrix_mmf, "minimise", lambda *_, **__: pytest.fail(NOT_BEGUN))
    with pytest.raises(ValueError, match=message):
        model(4).fit(x)


@pytest.mark.parametrize(
    ("name", "solver"), [("tol", "adam"), ("learning_rate", "adam"), ("shift_learning_rate", "adam")]
)
def test_none_is_no_number(name, solver):
    with pytest.raises(ValueError, match=f"{name} = None: expected a finite number"):
        model(4, solver=solver, **{name: None}).fit(matrix())


@pytest.mark.parametrize("seed", [None, 1.5, "a"])
def test_a_seed_that_is_no_integer_is_refused(seed):
    with pytest.raises(ValueError, match="random_state = "):
        model(4, random_state=seed).fit(matrix())


@pytest.mark.parametrize(
    "settings",
    [{"random_state": np.int64(3)}, {"learning_rate": np.float32(0.5)}, {"shift_spread": np.int64(1)}],
)
def test_numpy_s_numbers_are_numbers(settings):
    plain = {name: value.item() for name, value in settings.items()}
    assert bits(model(4, **settings).fit(matrix())) == bits(model(4, **plain).fit(matrix()))


@pytest.mark.parametrize("factor", [2.0**600, 2.0**-600])
def test_the_scale_of_x_does_not_matter_at_all(factor):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        fitted = model(4).fit(factor * matrix())
    assert fitted.relative_error_ == model(4).fit(matrix()).relative_error_


# ---------------------------------------------------------------- limits


def advancing_clock(monkeypatch, seconds):
    """Let each iteration of each solver take so long, on a clock that moves at nothing else."""
    clock = SimpleNamespace(now=0.0)
    monkeypatch.setattr(minimise, "time", SimpleNamespace(perf_counter=lambda: clock.now))
    for cls in SOLVER_CLASSES.values():

        def iterate(self, original=cls.iterate):
            clock.now += seconds
            return original(self)

        monkeypatch.setattr(cls, "iterate", iterate)


@pytest.mark.parametrize("solver", SOLVERS)
def test_the_time_limit_holds_for_each_solver(monkeypatch, solver):
    advancing_clock(monkeypatch, 2.0)
    fitted = model(4, solver=solver, max_iter=100, time_limit=9.0).fit(matrix())
    parts = 1 + ("+" in solver)
    assert fitted.n_iter_.tolist() == [5] * parts
    assert fitted.seconds_curve_ == [2.0 * (n + 1) for n in range(5 * parts)]


def test_each_solver_has_its_own_number_of_iterations():
    fitted = model(4, solver="adam+alternating-lm", max_iter=(7, 2)).fit(matrix())
    assert fitted.n_iter_.tolist() == [7, 2]
    assert model(4, solver="alternating-lm+adam", max_iter=[2, 7]).fit(matrix()).n_iter_.tolist() == [2, 7]
    assert model(4, solver="adam+alternating-lm", max_iter=3).fit(matrix()).n_iter_.tolist() == [3, 3]


def test_a_tolerance_ends_a_fit_early():
    fitted = model(4, max_iter=500, tol=0.01).fit(matrix())
    assert 20 < fitted.n_iter_[0] < 500
    stopped = np.minimum.accumulate(fitted.error_curve_)
    gains = stopped[:-20] - stopped[20:]
    assert gains[-1] < 0.01 * stopped[-1] and (gains[:-1] >= 0.01 * stopped[20:-1]).all()


# ---------------------------------------------------------------- several starts


@pytest.mark.parametrize("solver", ["adam", "alternating-lm", "adam+alternating-lm"])
def test_the_best_of_several_starts_goes_on(solver):
    settings = dict(solver=solver, max_iter=4, n_init=3, init_iter=5, dtype="float64")
    x = matrix()
    fitted = model(5, **settings).fit(x)
    assert fitted.n_iter_.tolist() == [5, 5, 5, 4] + [4] * ("+" in solver)
    curve = fitted.error_curve_
    starts = [curve[begin : begin + 5] for begin in (0, 5, 10)]
    assert len({start[0] for start in starts}) == 3
    lowest = min(min(start) for start in starts)
    if solver == "alternating-lm":
        assert curve[15] < lowest  # the next sweep of the best start
    else:
        assert curve[15] == pytest.approx(lowest, rel=1e-12)  # Adam's error is that before its step
    assert fitted.relative_error_ == pytest.approx(min(curve), rel=1e-9)
    single = model(5, **settings | {"n_init": 1, "max_iter": 5}).fit(x)
    assert single.error_curve_[:5] == starts[0]


def test_several_starts_are_decided_by_the_seed():
    settings = dict(max_iter=2, n_init=3, init_iter=2)
    first = model(5, **settings).fit(matrix())
    assert bits(model(5, **settings).fit(matrix())) == bits(first)
    assert bits(model(5, **settings, random_state=1).fit(matrix())) != bits(first)


# ---------------------------------------------------------------- what it finds


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_huge_learning_rate_keeps_the_best_iterate(dtype):
    fitted = model(4, solver="adam", max_iter=60, learning_rate=20.0, dtype=dtype).fit(matrix())
    curve = fitted.error_curve_
    assert max(curve) > 2 * min(curve) and curve[-1] > min(curve)
    assert fitted.relative_error_ == pytest.approx(min(curve), rel=1e-5 if dtype == "float32" else 1e-10)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("solver", SOLVERS)
def test_the_scale_of_x_does_not_matter(solver, dtype):
    """For a power of two no digit changes: X is brought to Frobenius norm K."""
    x = matrix()
    expected = model(5, solver=solver, dtype=dtype).fit(x)
    for factor in (2.0**-40, 4.0, 2.0**33):
        fitted = model(5, solver=solver, dtype=dtype).fit(factor * x)
        assert fitted.relative_error_ == expected.relative_error_
        assert fitted.error_curve_ == expected.error_curve_
        np.testing.assert_allclose(fitted.reconstruct(), factor * expected.reconstruct(), rtol=1e-9)


@pytest.mark.parametrize("solver", SOLVERS)
def test_a_seed_decides_every_bit(solver):
    first = model(5, solver=solver, random_state=3).fit(matrix())
    assert bits(model(5, solver=solver, random_state=3).fit(matrix())) == bits(first)
    assert bits(model(5, solver=solver, random_state=4).fit(matrix())) != bits(first)


def test_a_fit_does_not_touch_the_global_generators():
    torch.manual_seed(0)
    np.random.seed(0)
    before = torch.get_rng_state(), np.random.get_state()[1].copy()
    model(4).fit(matrix())
    assert torch.equal(torch.get_rng_state(), before[0])
    np.testing.assert_array_equal(np.random.get_state()[1], before[1])


@given(st.integers(0, 10**6), st.sampled_from(sorted(FAMILIES)), st.integers(1, 2), st.integers(1, 2))
def test_no_fit_is_better_than_the_svd_of_its_rank(seed, mask, n_masks, rank):
    """Eckart and Young: X̂ has rank K R at most, and R with one mask."""
    x = matrix((8, 6), seed)
    for learn_shifts in (True, False):
        fitted = model(
            rank=rank, n_masks=n_masks, mask=mask, learn_shifts=learn_shifts, max_iter=12, dtype="float64"
        ).fit(x)
        assert np.linalg.matrix_rank(fitted.reconstruct(), rtol=1e-9) <= n_masks * rank
        assert fitted.relative_error_ >= TruncatedSVD(n_masks * rank).fit(x).relative_error_ - 1e-10


def test_one_frozen_mask_reaches_the_svd_and_no_more():
    """With R = 1 a mask only rescales an instance's one factor."""
    x = matrix((8, 6)) + 2
    fitted = model(rank=1, n_masks=1, learn_shifts=False, max_iter=200, dtype="float64").fit(x)
    assert fitted.relative_error_ == pytest.approx(TruncatedSVD(1).fit(x).relative_error_, abs=1e-7)


def test_learned_shifts_beat_the_svd_of_the_same_budget():
    """The paper's claim at a size where it shows at once: a random matrix, all of whose directions count."""
    x = matrix((40, 40))
    fitted = model(10, solver="adam", max_iter=600, learning_rate=0.2, shift_learning_rate=0.1).fit(x)
    assert fitted.relative_error_ < 0.95 * TruncatedSVD(10).fit(x).relative_error_


@given(st.integers(0, 10**6), st.sampled_from(sorted(FAMILIES)), st.sampled_from(["reference", "paper"]))
def test_a_second_solver_never_spoils_what_the_first_found(seed, mask, parametrisation):
    settings = dict(mask=mask, parametrisation=parametrisation, random_state=seed)
    x = matrix((8, 6), seed)
    first = model(4, solver="adam", max_iter=10, **settings).fit(x)
    both = model(4, solver="adam+alternating-lm", max_iter=(10, 3), **settings).fit(x)
    assert both.error_curve_[:10] == first.error_curve_
    assert both.relative_error_ <= first.relative_error_


def test_precision_is_what_it_says():
    """In double precision the last digits of a fit's own error are right."""
    fitted = model(6, dtype="float64", max_iter=30).fit(matrix())
    assert abs(fitted.error_curve_[-1] - fitted.relative_error_) < 1e-12
    assert (fitted.factors_[0] != fitted.factors_[0].astype(np.float32)).any()


# ---------------------------------------------------------------- killed fits

SETTINGS = {
    "adam": dict(budget=5, solver="adam", max_iter=30, device="cpu", verbose=False),
    "alternating-lm": dict(budget=5, solver="alternating-lm", max_iter=30, device="cpu", verbose=False),
}

CHILD = textwrap.dedent("""
    import json, sys, time
    import numpy as np, torch
    from fourmasks.mmf.models import minimise
    from fourmasks.mmf.models.adam import AdamSolver
    from fourmasks.mmf.models.alternating import AlternatingLM
    from fourmasks.mmf.models.matrix_mmf import MMF
    settings, checkpoint, log = json.loads(sys.argv[1]), sys.argv[2], sys.argv[3]
    torch.set_num_threads(1)
    minimise.CHECKPOINT_SECONDS = 0.0
    cls = {"adam": AdamSolver, "alternating-lm": AlternatingLM}[settings["solver"]]
    original, done = cls.iterate, []

    def iterate(self):
        if len(done) == 12:
            open(log, "w").close()
            time.sleep(600)
        done.append(0)
        return original(self)

    cls.iterate = iterate
    MMF(**settings, checkpoint=checkpoint).fit(np.random.default_rng(0).standard_normal((12, 10)))
""")


def counting_iterations(monkeypatch):
    made = []
    for cls in SOLVER_CLASSES.values():

        def iterate(self, original=cls.iterate):
            made.append(self.name)
            return original(self)

        monkeypatch.setattr(cls, "iterate", iterate)
    return made


def test_a_fit_killed_by_the_system_goes_on_bit_by_bit(tmp_path, monkeypatch):
    environment = os.environ | {"PYTHONPATH": str(Path(minimise.__file__).parents[3]), "OMP_NUM_THREADS": "1"}
    (tmp_path / "child.py").write_text(CHILD)
    children = {}
    for solver, settings in SETTINGS.items():
        given_to = [json.dumps(settings), str(tmp_path / "fit"), str(tmp_path / f"{solver}.reached")]
        command = [sys.executable, str(tmp_path / "child.py"), *given_to]
        children[solver] = subprocess.Popen(command, env=environment)
    for solver, child in children.items():
        while not (tmp_path / f"{solver}.reached").exists() and child.poll() is None:
            time.sleep(0.02)
        child.kill()
        assert child.wait() == -signal.SIGKILL
    checkpoints = {path.name for path in tmp_path.iterdir()} - {"child.py"}
    assert checkpoints >= {"fit.adam.npz", "fit.alternating-lm.npz"}

    made = counting_iterations(monkeypatch)
    for solver, settings in SETTINGS.items():
        made.clear()
        resumed = MMF(**settings, checkpoint=tmp_path / "fit").fit(matrix())
        assert made == [solver] * 18
        assert bits(resumed) == bits(MMF(**settings).fit(matrix()))
        assert len(resumed.seconds_curve_) == 30
    assert not list(tmp_path.glob("*fit*"))


class Killed(BaseException):
    """Stands for the end of the process."""


@pytest.fixture
def interrupted(monkeypatch, tmp_path):
    """Return the function that begins a fit, kills it in an iteration of a solver, and returns the files."""

    def begin(x, killed_in, at, **settings):
        with monkeypatch.context() as patch:
            patch.setattr(minimise, "CHECKPOINT_SECONDS", -1.0)
            original, made = SOLVER_CLASSES[killed_in].iterate, []

            def iterate(self):
                if len(made) == at:
                    raise Killed
                made.append(0)
                return original(self)

            patch.setattr(SOLVER_CLASSES[killed_in], "iterate", iterate)
            with pytest.raises(Killed):
                model(**settings, checkpoint=tmp_path / "fit").fit(x)
        return sorted(path.name for path in tmp_path.iterdir())

    return begin


@pytest.mark.parametrize("solver", SOLVER_CLASSES)
@pytest.mark.parametrize("learn_shifts", [True, False])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_killed_fit_ends_as_an_uninterrupted_one(
    tmp_path, monkeypatch, interrupted, solver, learn_shifts, dtype
):
    settings = dict(budget=4, solver=solver, learn_shifts=learn_shifts, dtype=dtype, max_iter=9)
    assert interrupted(matrix(), solver, 6, **settings) == [f"fit.{solver}.npz"]
    made = counting_iterations(monkeypatch)
    resumed = model(**settings, checkpoint=tmp_path / "fit").fit(matrix())
    assert len(made) == 3
    assert bits(resumed) == bits(model(**settings).fit(matrix()))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("killed_in", SOLVER_CLASSES)
@pytest.mark.parametrize("solver", [name for name in SOLVERS if "+" in name])
def test_a_fit_killed_in_either_of_two_solvers_ends_the_same(tmp_path, interrupted, solver, killed_in):
    settings = dict(budget=4, solver=solver, max_iter=6)
    begun = solver.split("+")[: solver.split("+").index(killed_in) + 1]
    assert interrupted(matrix(), killed_in, 3, **settings) == sorted(f"fit.{name}.npz" for name in begun)
    resumed = model(**settings, checkpoint=tmp_path / "fit").fit(matrix())
    assert bits(resumed) == bits(model(**settings).fit(matrix()))
    assert list(tmp_path.iterdir()) == []


def test_a_fit_killed_in_one_of_its_starts_ends_the_same(tmp_path, interrupted):
    settings = dict(budget=4, max_iter=6, n_init=3, init_iter=5)
    assert interrupted(matrix(), "alternating-lm", 7, **settings) == [
        "fit.start-0.npz",
        "fit.start-1.npz",
    ]
    resumed = model(**settings, checkpoint=tmp_path / "fit").fit(matrix())
    assert bits(resumed) == bits(model(**settings).fit(matrix()))
    assert list(tmp_path.iterdir()) == []


def test_a_fit_killed_in_its_second_solver_goes_on_though_the_first_ended_by_the_clock(
    tmp_path, monkeypatch, interrupted
):
    settings = dict(budget=4, solver="adam+alternating-lm", max_iter=(100, 6), time_limit=10.0)
    with monkeypatch.context() as patch:
        advancing_clock(patch, 1.0)
        interrupted(matrix(), "alternating-lm", 3, **settings)
    advancing_clock(monkeypatch, 0.5)  # a less busy machine
    resumed = model(**settings, checkpoint=tmp_path / "fit").fit(matrix())
    assert resumed.n_iter_[1] == 6


def test_more_iterations_than_before_are_no_other_problem(tmp_path, interrupted):
    """Nor are another time limit or a progress bar: they shape no iterate."""
    interrupted(matrix(), "alternating-lm", 4, budget=4, max_iter=6)
    resumed = model(4, max_iter=8, time_limit=1e6, checkpoint=tmp_path / "fit").fit(matrix())
    assert bits(resumed) == bits(model(4, max_iter=8).fit(matrix()))


@pytest.mark.parametrize(
    "change",
    [
        {"budget": 5}, {"mask": "sine"}, {"random_state": 1}, {"dtype": "float64"}, {"n_masks": 1},
        {"learning_rate": 0.1}, {"learn_shifts": False}, {"factor_scale": 3.0}, {"parametrisation": "paper"},
        {"x": matrix(seed=1)}, {"x": np.nextafter(matrix(), 9)}, {"x": matrix().T.copy()},
    ],
)  # fmt: skip
def test_a_checkpoint_of_another_matrix_or_setting_is_refused(tmp_path, monkeypatch, interrupted, change):
    files = interrupted(matrix(), "alternating-lm", 4, budget=4, max_iter=6)
    made = counting_iterations(monkeypatch)
    change = {"budget": 4, "max_iter": 6, "x": matrix()} | change
    x = change.pop("x")
    with pytest.raises(ValueError, match="belongs to another matrix or another setting"):
        model(**change, checkpoint=tmp_path / "fit").fit(x)
    assert not made and sorted(path.name for path in tmp_path.iterdir()) == files


@pytest.mark.parametrize("solver", SOLVER_CLASSES)
def test_a_checkpoint_of_the_same_numbers_in_another_shape_is_refused(tmp_path, interrupted, solver):
    interrupted(matrix(), solver, 4, budget=4, max_iter=6, solver=solver)
    with pytest.raises(ValueError, match="belongs to another matrix"):
        model(4, max_iter=6, solver=solver, checkpoint=tmp_path / "fit").fit(matrix().reshape(10, 12))


def test_a_checkpoint_after_another_warm_up_is_not_gone_on_from(tmp_path, interrupted):
    settings = dict(budget=4, solver="adam+alternating-lm")
    interrupted(matrix(), "alternating-lm", 3, max_iter=(6, 6), **settings)
    expected = bits(model(**settings, max_iter=(2, 6)).fit(matrix()))
    try:
        resumed = bits(model(**settings, max_iter=(2, 6), checkpoint=tmp_path / "fit").fit(matrix()))
    except ValueError:
        return
    assert resumed == expected
