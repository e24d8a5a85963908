"""The stability experiment (Figure 7)."""

from itertools import permutations

import numpy as np
import pytest

from fourmasks.experiments.profiles import resolve
from fourmasks.mmf.theory.run_stability import canonical, match, similarity
from fourmasks.mmf.theory.run_stability import run as train
from fourmasks.mmf.theory.stability import PROFILES, run

RNG = np.random.default_rng(0)
SOLVER = {"mask": "gaussian", "solver": "alternating-lm", "tol": 0.0, "dtype": "float64"}


def test_similarity_ignores_scale_and_sign_and_matching_ignores_order():
    u = RNG.normal(size=(30, 5))
    order = [3, 0, 4, 1, 2]
    other = (u * [2, -3, 0.1, 5, -1])[:, order]
    cosines = similarity(u, other)
    by_hand = abs(u[:, 0] @ other[:, 2]) / np.linalg.norm(u[:, 0]) / np.linalg.norm(other[:, 2])
    assert cosines[0, 2] == pytest.approx(by_hand)
    np.testing.assert_allclose(np.diagonal(cosines[:, match(cosines)]), 1)


def test_matching_is_the_best_of_all_orders():
    cosines = RNG.random((5, 5))
    best = max(cosines[range(5), order].sum() for order in permutations(range(5)))
    assert cosines[range(5), match(cosines)].sum() == pytest.approx(best)


def test_the_canonical_factors_depend_on_the_product_alone():
    u, v, q = RNG.normal(size=(20, 3)), RNG.normal(size=(15, 3)), RNG.normal(size=(3, 3))
    one, other = canonical(u @ v.T, 3), canonical((u @ q) @ (v @ np.linalg.inv(q).T).T, 3)
    np.testing.assert_allclose(similarity(one, other), np.eye(3), atol=1e-8)


def test_plain_factors_differ_until_they_are_looked_at_properly(one_thread):
    found = {
        method: train("s6", method, 5, False, 0, max_iter=400, **SOLVER)["metrics"]
        for method in ("mf", "mf-canonical", "mf-weighted")
    }
    assert found["mf"]["output_difference"] < 1e-2 and found["mf"]["error_gap"] < 1e-4
    assert found["mf"]["diagonal"] < 0.9 and found["mf-weighted"]["diagonal"] < 0.9
    assert found["mf-canonical"]["diagonal"] > 0.999 and found["mf-canonical"]["dominant"] == 1


def test_the_two_runs_share_their_masks_and_a_run_is_repeated_to_the_bit(one_thread):
    def once(matched, n_masks=2):
        return train("s6", "mmf", 4, matched, 1, n_masks, max_iter=3, **SOLVER)

    first = once(True)
    once(True, n_masks=3)  # drives the pair out of the cache
    second = once(True)
    assert first["metrics"] == second["metrics"]
    np.testing.assert_array_equal(first["curves"]["order"], second["curves"]["order"])
    assert once(False)["metrics"]["diagonal"] <= first["metrics"]["diagonal"]


def test_adam_trains_as_well(one_thread):
    found = train("s6", "mmf", 4, False, 0, 2, max_iter=3, **SOLVER | {"solver": "adam"})["metrics"]
    assert found["n_iter"] == 3 and found["relative_error"] < 1.01


def test_the_order_of_a_matched_pair_makes_its_diagonal(tmp_path, monkeypatch):
    monkeypatch.setenv("FOURMASKS_RECORDS", str(tmp_path))
    records = run(resolve(PROFILES, "smoke"), "smoke")
    assert {r.parameters["n_masks"] for r in records if r.parameters["method"] == "mf"} == {None}
    assert [record.parameters["matched"] for record in records] == 4 * [False, True]
    for plain, matched in zip(records[::2], records[1::2], strict=True):
        cosines = np.reshape(plain.curves["similarity"], (plain.parameters["rank"],) * 2)
        for record, order in ((plain, slice(None)), (matched, matched.curves["order"])):
            diagonal = np.diagonal(cosines[:, order]).mean()
            assert diagonal == pytest.approx(record.metrics["diagonal"], abs=5e-3)


def test_a_rank_leaves_something_of_the_matrix():
    with pytest.raises(ValueError, match="rank = 64: expected 2 to 63"):
        resolve(PROFILES, "smoke", rank=64)
