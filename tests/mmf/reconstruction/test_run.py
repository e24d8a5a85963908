"""One training run: what each method returns, and what describes a matrix."""

import math

import numpy as np
import pytest

from fourmasks.baselines.matrix import TruncatedSVD
from fourmasks.data.matrices import load_matrix
from fourmasks.mmf.models.matrix_mmf import MMF
from fourmasks.mmf.reconstruction.plan import CONTROLS, PROFILES, settings
from fourmasks.mmf.reconstruction.run import CURVE_POINTS, METHODS, _thin, describe, run

ITERATIVE = sorted(set(METHODS) - {"svd", "block-svd", "largest-entries"})


def run_smoke(dataset, method, budget=8, seed=0):
    return run(dataset, method, budget, seed, **settings(dataset, method, budget, PROFILES["smoke"]))


@pytest.mark.parametrize("method", METHODS)
def test_every_method_returns_the_same_measures(method):
    outcome = run_smoke("h4-240", method)
    assert outcome["metrics"].keys() == {"relative_error", "n_parameters", "n_iter"}
    error, curves = outcome["metrics"]["relative_error"], outcome["curves"]
    assert 0 < error < 1.01  # ten epochs of some methods do not yet beat zero
    # Shifts of three masks are drawn, not learned.
    fixed = 3 if method in CONTROLS and method != "mmf-frozen-full" else 0
    assert outcome["metrics"]["n_parameters"] == (240 + 240) * (8 - fixed)
    if method in ITERATIVE:
        assert curves.keys() == {"relative_error"} | ({"seconds"} if method.startswith("mmf") else set())
        assert outcome["metrics"]["n_iter"] == len(curves["relative_error"]) > 0
        assert min(curves["relative_error"]) == pytest.approx(error, rel=1e-3)
    else:
        assert curves == {} and outcome["metrics"]["n_iter"] == 0


def test_the_error_is_that_of_the_estimator():
    x = load_matrix("s6", 3).values
    assert run("s6", "svd", 8, 3)["metrics"]["relative_error"] == TruncatedSVD(8).fit(x).relative_error_
    given = dict(solver="adam", max_iter=4, mask="sine", n_masks=2)
    model = MMF(8, **given, random_state=3, device="cpu", verbose=False).fit(x)
    outcome = run("s6", "mmf-adam", 8, 3, **given | {"max_iter": [4]})
    assert outcome["metrics"]["relative_error"] == model.relative_error_
    assert outcome["curves"]["relative_error"] == model.error_curve_


def test_a_seed_draws_another_synthetic_matrix_and_another_start():
    assert run("s6", "svd", 8, 0) != run("s6", "svd", 8, 1)
    assert run("digits", "svd", 8, 0) == run("digits", "svd", 8, 1)
    errors = [run_smoke("digits", "mmf-lm", 4, seed)["metrics"]["relative_error"] for seed in (0, 0, 1)]
    assert errors[0] == errors[1] != errors[2]


def test_shuffled_shifts_are_the_learned_ones_in_another_order():
    given = settings("digits", "mmf-shuffled", 8, PROFILES["smoke"])
    learned = settings("digits", "mmf-lm", 8, PROFILES["smoke"])
    matrix = load_matrix("digits")
    shuffled, own = (
        METHODS[name](matrix, 8, 3, "cpu", found).fit(matrix.values)
        for name, found in (("mmf-shuffled", given), ("mmf-lm", learned))
    )
    for dealt, shifts in zip(shuffled.shifts_, own.shifts_, strict=True):
        assert sorted(map(tuple, dealt)) == sorted(map(tuple, shifts))
        assert (dealt != shifts).any(axis=1).mean() > 0.9
    assert shuffled.relative_error_ != own.relative_error_


def test_a_bias_takes_a_column_of_the_budget():
    """All that factorization may use at a budget B is (I + J) B numbers, with the biases or without."""
    for method in ("mf-sgd", "mf-ridge", "mf-bias"):
        assert run_smoke("s6", method, 5)["metrics"]["n_parameters"] == (64 + 64) * 5


def test_blocks_are_needed_for_the_svd_by_block():
    with pytest.raises(ValueError, match="block-svd needs a block-diagonal matrix: s6 has no blocks"):
        run("s6", "block-svd", 8, 0)


def test_the_description_of_known_matrices():
    assert describe("s6", 0)["metrics"] == {"rows": 64, "columns": 64, "density": 1.0, "n_nonzero": 64**2}
    blocks = describe("h4-240", 0)["metrics"]
    assert blocks == {"rows": 240, "columns": 240, "density": 1 / 4, "n_nonzero": 240**2}
    digits, values = describe("digits", 0)["metrics"], load_matrix("digits").values
    assert (digits["rows"], digits["columns"]) == (1797, 64)
    assert digits["n_nonzero"] == (values > 0).sum()
    assert digits["density"] == pytest.approx((values > 0).mean())


@pytest.mark.parametrize("n", [0, 1, CURVE_POINTS, CURVE_POINTS + 1, 100, 2000, 100_000])
def test_a_curve_is_thinned_out_but_keeps_its_ends(n):
    values = [math.sqrt(place) for place in range(n)]
    thin = _thin(values)
    assert len(thin) <= CURVE_POINTS and all(type(value) is float for value in thin)
    if n <= CURVE_POINTS:
        assert thin == values
    else:
        assert thin[0] == values[0] and thin[-1] == values[-1]
        assert set(thin) <= set(values) and thin == sorted(thin)
        places = np.square(thin).round().astype(int)
        assert np.diff(places)[:3].tolist() == [1, 1, 1] and np.diff(places)[-1] > 1


def test_a_thinned_curve_may_come_from_numpy():
    assert _thin(np.float64([0.5, 0.25])) == [0.5, 0.25]
