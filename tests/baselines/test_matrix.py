"""Baselines of reconstruction: closed forms, brute force, and paths by autograd."""

import numpy as np
import pandas as pd
import pytest
import scipy.sparse.linalg
import sklearn.decomposition
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.utils.estimator_checks import check_estimator

from fourmasks.baselines.matrix import BlockSVD, LargestEntries, MatrixFactorization, TruncatedSVD
from fourmasks.learning.trainer import Diverged

seeds = st.integers(0, 10**6)


pytestmark = pytest.mark.usefixtures("one_thread")


def matrix(shape=(12, 10), seed=0):
    return np.random.default_rng(seed).standard_normal(shape)


def true_error(x, fitted):
    return np.linalg.norm(x - fitted.reconstruct()) / np.linalg.norm(x)


def mf(rank, **settings):
    return MatrixFactorization(
        rank, **{"device": "cpu", "verbose": False, "epochs": 5, "dtype": "float64"} | settings
    )


@pytest.mark.parametrize(
    "model", [TruncatedSVD(2), BlockSVD(2, [slice(0, 10)]), LargestEntries(1), mf(2), mf(2, bias=True)]
)
def test_they_follow_scikit_learn_s_conventions(model):
    x = matrix((10, 10))
    fresh = clone(model)
    before = fresh.get_params()
    assert fresh.fit(x) is fresh
    assert fresh.get_params() == before
    np.testing.assert_array_equal(x, matrix((10, 10)))
    assert fresh.relative_error_ == pytest.approx(true_error(x, fresh), rel=1e-12)
    assert not hasattr(clone(fresh), "relative_error_")


WHOLE = [slice(None)]  # one block, of every matrix


@pytest.mark.filterwarnings("ignore:Skipping check check_array_api_input")  # of arrays of other libraries
@pytest.mark.parametrize("model", [TruncatedSVD(1), BlockSVD(1, WHOLE), LargestEntries(1), mf(1)])
def test_they_pass_scikit_learn_s_checks(model):
    check_estimator(model)


@pytest.mark.parametrize("model", [TruncatedSVD(2), BlockSVD(2, WHOLE), LargestEntries(1), mf(2)])
def test_what_they_take_and_refuse(model):
    with pytest.raises(NotFittedError, match="not fitted"):
        model.reconstruct()
    frame = pd.DataFrame(matrix((6, 5)), columns=list("abcde"))
    found = clone(model).fit(frame)
    assert found.feature_names_in_.tolist() == list("abcde")
    np.testing.assert_array_equal(found.reconstruct(), clone(model).fit(frame.to_numpy()).reconstruct())
    for x, message in (
        (np.ma.array(np.eye(4), mask=np.eye(4) > 0), "X is a masked array"),
        (scipy.sparse.eye_array(4), "X is a sparse matrix"),
        (np.eye(4) * np.nan, "X is NaN or infinite at row 0, column 0, and in 16 of 16 entries"),
        (np.zeros((4, 4)), "X is zero"),
    ):
        with pytest.raises(ValueError, match=message):
            model.fit(x)


# ---------------------------------------------------------------- truncated SVD


@given(st.tuples(st.integers(1, 9), st.integers(1, 9)), seeds, st.data())
def test_the_svd_is_the_best_of_its_rank(shape, seed, data):
    rank = data.draw(st.integers(1, min(shape)))
    x = matrix(shape, seed)
    fitted = TruncatedSVD(rank).fit(x)
    values = np.linalg.svd(x, compute_uv=False)
    closed_form = np.sqrt((values[rank:] ** 2).sum() / (values**2).sum())
    assert fitted.relative_error_ == pytest.approx(closed_form, abs=1e-12)
    assert true_error(x, fitted) == pytest.approx(closed_form, abs=1e-12)
    assert fitted.n_parameters_ == sum(shape) * rank == sum(factor.size for factor in fitted.factors_)
    other = matrix((shape[0], rank), seed + 1)
    projected = other @ np.linalg.lstsq(other, x, rcond=None)[0]  # the best with other columns
    assert np.linalg.norm(x - projected) / np.linalg.norm(x) >= closed_form - 1e-12


def test_the_svd_agrees_with_scipy_and_scikit_learn():
    x = matrix((30, 20))
    ours = TruncatedSVD(4).fit(x).reconstruct()
    u, s, vt = scipy.sparse.linalg.svds(x, k=4, random_state=0)
    np.testing.assert_allclose(ours, (u * s) @ vt, atol=1e-9)
    theirs = sklearn.decomposition.TruncatedSVD(4, algorithm="arpack", random_state=0)
    np.testing.assert_allclose(ours, theirs.inverse_transform(theirs.fit_transform(x)), atol=1e-9)


@pytest.mark.parametrize("rank", [0, -1, 2.0, True, "2", None])
@pytest.mark.parametrize("make", [TruncatedSVD, mf, lambda rank: BlockSVD(rank, WHOLE)])
def test_a_bad_rank_is_refused(make, rank):
    with pytest.raises(ValueError, match=f"rank = {rank!r}: expected an integer of at least 1"):
        make(rank).fit(matrix())


@pytest.mark.parametrize("make", [TruncatedSVD, mf])
def test_a_rank_above_that_of_the_matrix_is_refused(make):
    with pytest.raises(ValueError, match="rank = 11: expected at most 10 for a 12 x 10 matrix"):
        make(11).fit(matrix())


# ---------------------------------------------------------------- blocks


def blocks_of(sizes):
    ends = np.cumsum(sizes)
    return [slice(end - size, end) for end, size in zip(ends, sizes, strict=True)]


@given(st.lists(st.integers(1, 5), min_size=1, max_size=4), st.integers(1, 4), seeds)
def test_the_svd_by_block_is_the_svd_of_each_block(sizes, rank, seed):
    groups = blocks_of(sizes)
    x = matrix((sum(sizes), sum(sizes)), seed)
    fitted = BlockSVD(rank, groups).fit(x)
    expected = np.zeros_like(x)
    for group in groups:
        u, s, vt = np.linalg.svd(x[group, group])
        expected[group, group] = u[:, :rank] * s[:rank] @ vt[:rank]
    np.testing.assert_allclose(fitted.reconstruct(), expected, atol=1e-12)
    assert fitted.relative_error_ == pytest.approx(true_error(x, fitted), rel=1e-12)
    assert fitted.n_parameters_ == sum(2 * size * min(rank, size) for size in sizes)


def test_each_block_has_the_rank_that_the_budget_buys_for_the_whole():
    groups, x = blocks_of([6, 6, 6]), matrix((18, 18))
    assert BlockSVD(4, groups).fit(x).n_parameters_ == (18 + 18) * 4 == TruncatedSVD(4).fit(x).n_parameters_


def test_blocks_of_full_rank_leave_only_what_is_off_them():
    groups, x = blocks_of([3, 5]), matrix((8, 8))
    rest = x.copy()
    for group in groups:
        rest[group, group] = 0
    fitted = BlockSVD(5, groups).fit(x)
    assert fitted.relative_error_ == pytest.approx(np.linalg.norm(rest) / np.linalg.norm(x), rel=1e-12)


def test_a_block_may_be_zero_but_not_empty():
    groups, x = blocks_of([3, 5]), matrix((8, 8))
    x[groups[0], groups[0]] = 0
    assert not BlockSVD(2, groups).fit(x).reconstruct()[groups[0], groups[0]].any()
    with pytest.raises(
        ValueError, match=r"groups has slice\(8, 9, None\): expected rows .* of X, of shape \(8, 8\)"
    ):
        BlockSVD(2, [slice(8, 9)]).fit(x)


# ---------------------------------------------------------------- largest entries

# Small integers, so that there are ties and zeros.
small_matrices = arrays.arrays(
    np.float64, st.tuples(st.integers(1, 6), st.integers(1, 6)), elements=st.integers(-3, 3).map(float)
).filter(np.any)


@given(small_matrices, st.integers(1, 4))
def test_the_largest_entries_are_kept(x, budget):
    fitted = LargestEntries(budget).fit(x)
    sizes = sorted(abs(x).ravel(), reverse=True)
    n_kept = min((x.shape[0] + x.shape[1]) * budget // 2, int((x != 0).sum()))
    lost = np.sqrt(sum(size**2 for size in sizes[n_kept:]))
    assert fitted.relative_error_ == pytest.approx(lost / np.linalg.norm(x), abs=1e-12)
    assert true_error(x, fitted) == pytest.approx(fitted.relative_error_, abs=1e-12)
    assert fitted.n_parameters_ == 2 * n_kept <= sum(x.shape) * budget
    kept = fitted.reconstruct()
    assert ((kept == x) | (kept == 0)).all() and (kept != 0).sum() == n_kept


@given(small_matrices)
def test_no_error_is_left_when_the_budget_covers_what_is_not_zero(x):
    n_nonzero = int((x != 0).sum())
    enough = -(-2 * n_nonzero // sum(x.shape))
    fitted = LargestEntries(enough).fit(x)
    assert fitted.relative_error_ == 0
    np.testing.assert_array_equal(fitted.reconstruct(), x)
    if sum(x.shape) * (enough - 1) // 2 < n_nonzero and enough > 1:
        assert LargestEntries(enough - 1).fit(x).relative_error_ > 0


@pytest.mark.parametrize("budget", [-1, 0, 1.5])
def test_a_bad_budget_of_entries_is_refused(budget):
    with pytest.raises(ValueError, match="budget = "):
        LargestEntries(budget).fit(matrix())


def test_unsigned_entries_have_a_magnitude_too():
    x = np.diag(np.arange(1, 7, dtype=np.uint8))
    assert LargestEntries(1).fit(x).relative_error_ == 0


# ---------------------------------------------------------------- MF


def independent_path(x, start, *, optimizer, learning_rate, momentum, ridge, bias, norm, epochs):
    """Return the error of each epoch, of MF written out with biases as such and differentiated by PyTorch."""
    x = torch.as_tensor(x)
    x = x * (norm / x.norm())
    rank = start[0].shape[1] - 2 * bias
    u, v = (torch.tensor(factor[:, :rank]).requires_grad_() for factor in start)
    a, b = (torch.zeros(n, dtype=x.dtype, requires_grad=True) for n in x.shape)
    free = [u, v, a, b] if bias else [u, v]
    if optimizer == "adam":
        optimizer = torch.optim.Adam(free, lr=learning_rate)
    else:
        optimizer = torch.optim.SGD(free, lr=learning_rate, momentum=momentum)
    errors = []
    for _ in range(epochs):
        optimizer.zero_grad()
        estimate = u @ v.T + a[:, None] + b
        loss = torch.nn.functional.mse_loss(estimate, x)
        loss = loss + ridge * sum((tensor**2).sum() for tensor in free) / x.numel()
        errors.append((estimate.detach() - x).norm().item() / norm)
        loss.backward()
        optimizer.step()
    return errors


@given(st.sampled_from(["sgd", "adam"]), st.booleans(), st.sampled_from([0.0, 0.3]), st.floats(0.5, 5), seeds)
def test_the_path_is_that_of_an_independent_implementation(optimizer, bias, ridge, norm, seed):
    x = matrix((7, 5), seed) + 1
    settings = dict(optimizer=optimizer, learning_rate=0.3, momentum=0.9, ridge=ridge, bias=bias, norm=norm)
    begun = mf(2, random_state=seed, epochs=1, **settings).fit(x)
    start = [factor * np.sqrt(norm / np.linalg.norm(x)) for factor in begun.factors_]
    fitted = mf(2, random_state=seed, epochs=15, **settings).fit(x)
    expected = independent_path(x, start, epochs=15, **settings)
    np.testing.assert_allclose(fitted.error_curve_, expected, rtol=1e-6, atol=1e-7)


def test_the_start_is_small():
    fitted = mf(5, epochs=1, norm=3.0).fit(matrix((300, 200)))
    for factor in fitted.factors_:
        scaled = factor * np.sqrt(3.0 / np.linalg.norm(matrix((300, 200))))
        assert scaled.std() == pytest.approx(0.02, rel=0.1)


@given(st.sampled_from(["sgd", "adam"]), st.booleans(), st.integers(1, 4), seeds)
def test_factorization_is_never_better_than_the_svd(optimizer, bias, rank, seed):
    """In no epoch; biases are two more columns."""
    x = matrix((8, 6), seed)
    fitted = mf(rank, optimizer=optimizer, bias=bias, learning_rate=0.1, momentum=0.9, epochs=40).fit(x)
    svd = TruncatedSVD(rank + 2 * bias).fit(x)
    assert min(fitted.error_curve_) >= svd.relative_error_ - 1e-9
    assert fitted.relative_error_ == pytest.approx(true_error(x, fitted), rel=1e-12)


@pytest.mark.parametrize(
    "settings",
    [dict(optimizer="adam", learning_rate=0.02), dict(optimizer="sgd", learning_rate=2.0, momentum=0.95)],
)
def test_factorization_goes_to_the_svd(settings):
    x = matrix((12, 10))
    fitted = mf(3, epochs=1500, norm=4.0, **settings).fit(x)
    best = TruncatedSVD(3).fit(x).relative_error_
    assert best - 1e-9 <= fitted.relative_error_ <= best + 1e-5


def test_a_ridge_shrinks_the_singular_values():
    """The minimum of ‖X - UVᵀ‖² + λ (‖U‖² + ‖V‖²) has the singular values (σ - λ)₊.

    One of the four vanishes, which descent approaches slowly.
    """
    x, rank, norm = matrix((12, 10)), 4, 10.0
    values = np.linalg.svd(x, compute_uv=False) * norm / np.linalg.norm(x)
    ridge = float((values[2] + values[3]) / 2)
    fitted = mf(rank, ridge=ridge, optimizer="adam", learning_rate=0.02, epochs=3000, norm=norm).fit(x)
    left = np.concatenate([np.minimum(values[:rank], ridge), values[rank:]])
    assert fitted.error_curve_[-1] == pytest.approx(np.linalg.norm(left) / norm, abs=3e-5)
    assert fitted.error_curve_[-1] > 1.2 * TruncatedSVD(rank).fit(x).relative_error_


def test_biases_cost_one_of_the_budget_and_their_columns_of_ones_stay():
    x, norm = matrix((12, 10)) + 3, 2.5
    fitted = mf(3, bias=True, optimizer="adam", learning_rate=0.05, epochs=50, norm=norm).fit(x)
    budget = 3 + 1
    assert fitted.n_parameters_ == (12 + 10) * budget
    u, v = fitted.factors_
    assert u.shape == (12, 5) and v.shape == (10, 5)
    one = np.sqrt(np.linalg.norm(x) / norm)  # the scale of X goes half to each side
    np.testing.assert_allclose(u[:, -1], one, rtol=1e-12)
    np.testing.assert_allclose(v[:, -2], one, rtol=1e-12)
    literal = u[:, :3] @ v[:, :3].T + one * u[:, 3:4] + one * v[:, 4]
    np.testing.assert_allclose(fitted.reconstruct(), literal, rtol=1e-12)
    assert np.ptp(u[:, 3]) > 0 and np.ptp(v[:, 4]) > 0


def test_biases_find_an_additive_matrix():
    rng = np.random.default_rng(0)
    x = rng.standard_normal((12, 1)) + rng.standard_normal(10) + 5
    with_bias = mf(1, bias=True, optimizer="adam", learning_rate=0.05, epochs=1500).fit(x)
    assert with_bias.relative_error_ < 1e-4 < TruncatedSVD(1).fit(x).relative_error_


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_best_epoch_is_kept(dtype):
    settings = dict(optimizer="adam", learning_rate=2.0, epochs=60, dtype=dtype)
    fitted = mf(3, **settings).fit(matrix())
    curve = fitted.error_curve_
    assert len(curve) == 60 and curve[-1] > min(curve)
    assert fitted.relative_error_ == pytest.approx(min(curve), rel=1e-4 if dtype == "float32" else 1e-9)


def test_a_seed_decides_every_bit():
    first = mf(3, random_state=1, dtype="float32").fit(matrix())
    again = mf(3, random_state=1, dtype="float32").fit(matrix())
    other = mf(3, random_state=2, dtype="float32").fit(matrix())
    assert first.error_curve_ == again.error_curve_ != other.error_curve_
    np.testing.assert_array_equal(first.factors_[0], again.factors_[0])


def test_the_scale_of_x_does_not_matter():
    first, second = mf(3).fit(matrix()), mf(3).fit(2.0**20 * matrix())
    assert first.error_curve_ == second.error_curve_
    assert first.relative_error_ == second.relative_error_


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"optimizer": "sgdm"}, "unknown optimizer 'sgdm': expected one of sgd, adam"),
        ({"epochs": 2.0}, "epochs = 2.0: expected an integer of at least 1"),
        ({"learning_rate": "0.1"}, "learning_rate = '0.1': expected a finite number > 0"),
        ({"bias": 1}, "bias = 1: expected True or False"),
        ({"random_state": None}, "random_state = None: expected an integer"),
        ({"dtype": "float16"}, "unknown dtype 'float16': expected one of float32, float64"),
        ({"device": "gpu"}, "device 'gpu'"),
    ],
)
def test_bad_settings_of_factorization_are_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        mf(3, **settings).fit(matrix())


def test_divergence_from_the_first_epoch_is_an_error():
    """Here because X is scaled beyond what float32 can hold."""
    with pytest.raises(Diverged, match="diverged at learning_rate = 0.2"):
        mf(3, norm=1e41, dtype="float32").fit(matrix())


def test_a_divergence_later_keeps_what_was_best():
    fitted = mf(3, learning_rate=1e3, momentum=0.0, epochs=40).fit(matrix())
    assert not np.isfinite(fitted.error_curve_[-1])
    assert np.isfinite(fitted.relative_error_) and fitted.relative_error_ <= fitted.error_curve_[0]
