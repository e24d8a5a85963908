"""The experiment that referees the theorems, and its exhaustive referee."""

import numpy as np
import pytest

from fourmasks.experiments.profiles import resolve
from fourmasks.sparse.identifiability import plan
from fourmasks.sparse.identifiability.plan import EXPERIMENTS, PROFILES, run
from fourmasks.sparse.identifiability.run import run_fixed, run_uniform
from fourmasks.sparse.referees.exhaustive import fibres, lifted_orbit, orbit
from fourmasks.sparse.supports.equivalence import equivalence
from fourmasks.sparse.supports.pair import SupportPair
from fourmasks.sparse.supports.pairs import only
from fourmasks.sparse.supports.random_instances import random_supports


def test_no_referee_contradicts(tmp_path, monkeypatch, one_thread):
    monkeypatch.setenv("FOURMASKS_RECORDS", str(tmp_path))
    config = resolve(PROFILES, "smoke", sizes=(3, 5), ranks=(2, 4), instances=10, families=2)
    records = run(config, "smoke")
    assert {record.experiment for record in records} == set(EXPERIMENTS.values()) and len(records) == 8
    assert all(record.metrics["contradictions"] == 0 < record.metrics["instances"] for record in records)
    assert len(run(config, "smoke")) == len(list(tmp_path.glob("*.json")))


def test_a_trial_is_repeated_to_the_bit(one_thread):
    arguments = ([4, 5], 3, 0.4, 20, 3)
    assert run_fixed(*arguments) == run_fixed(*arguments)
    assert run_uniform(5, 5) == run_uniform(5, 5)


def test_the_paper_profile_has_ten_thousand_tuples():
    jobs = [parameters for trial, parameters in plan._jobs(PROFILES["paper"]) if trial == "fixed"]
    assert sum(job["instances"] for job in jobs) >= 10_000
    laws = {(tuple(job["shape"]), job["rank"], job["density"], job["seed"]) for job in jobs}
    assert len(laws) == len(jobs)  # no law is counted twice


@pytest.mark.parametrize(
    "option, message",
    [
        ({"sizes": (0,)}, "sizes = .0,.: expected at least 1"),
        ({"trials": ()}, "trials is empty"),
        ({"tuples": 0}, "tuples = 0: expected at least 1"),
        ({"densities": (1.5,)}, "densities = .1.5,.: expected more than 0, at most 1"),
        ({"seed": -1}, "seed = -1: expected at least 0"),
    ],
)
def test_bad_options_are_refused(option, message):
    with pytest.raises(ValueError, match=message):
        resolve(PROFILES, "smoke", **option)


def test_random_supports_have_no_empty_column():
    rng = np.random.default_rng(0)
    for _ in range(20):
        supports = random_supports(rng, (2, 3), 4, 0.3)
        assert supports.left.any(axis=0).all() and supports.right.any(axis=0).all()
    with pytest.raises(ValueError, match="density = 0: expected more than 0"):
        random_supports(rng, (2, 2), 1, 0)


def test_the_exhaustive_referee_lists_every_factor_once():
    listed = fibres(only(SupportPair([[1, 0]], [[1, 1]])), prime=5)
    assert sum(map(len, listed)) == 5**3
    for fibre in listed:
        products = {(int(X[0] @ Y[0]) % 5) for X, Y in fibre}
        assert len(products) == 1
    with pytest.raises(ValueError, match="factors over the field of 5 elements"):
        fibres(only(SupportPair(np.ones((3, 2)), np.ones((3, 2)))))


def test_orbits_are_equivalence_classes():
    rng = np.random.default_rng(1)
    for _ in range(50):
        X, Y = rng.integers(0, 2, (2, 3)), rng.integers(0, 2, (1, 3))
        A, B = rng.integers(0, 2, (2, 3)), rng.integers(0, 2, (1, 3))
        same = equivalence((X, Y), (A, B)).holds
        assert (orbit(X, Y) == orbit(A, B)) == same
        assert orbit(X * [2, 1, 3] % 5, Y * [3, 1, 2] % 5) == orbit(X, Y)
        assert not same or lifted_orbit(X, Y) == lifted_orbit(A, B)
