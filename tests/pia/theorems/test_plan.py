"""The experiment on the theorems: what its trials count, that they notice what is wrong, and the verdicts."""

import numpy as np
import pytest
import torch

from fourmasks.claims.files import load_claims
from fourmasks.claims.verdicts import gather, judge
from fourmasks.experiments.profiles import resolve
from fourmasks.pia.theorems import masking_trials, posterior_trials, sharing_trials
from fourmasks.pia.theorems.checks import count, identity, inequality
from fourmasks.pia.theorems.plan import EXPERIMENT, PROFILES, VARIANTS, run
from fourmasks.pia.theorems.run import run as trial
from fourmasks.pia.theory.divergences import Gaussian
from fourmasks.pia.theory.sharing import expected_gradient
from fourmasks.records.store import load_records


@pytest.fixture(scope="module")
def made(tmp_path_factory, one_thread):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FOURMASKS_RECORDS", str(tmp_path_factory.mktemp("records")))
        return run(resolve(PROFILES, "book", instances=40), "book"), load_records(EXPERIMENT)


def test_every_trial_is_kept_as_a_record(made):
    records, kept = made
    assert {r.key for r in records} == {r.key for r in kept} and len(records) == sum(
        map(len, VARIANTS.values())
    )


def test_the_verdicts_follow(made):
    records, _ = made
    found = {
        c.id: judge([gather(c, records)])[0].verdict for c in load_claims("pia") if c.experiment == EXPERIMENT
    }
    refuted = {
        "pia-result1-restricted",
        "pia-theorem25-minimum",
        "pia-theorem25-equality",
        "pia-proposition32",
        "pia-algorithm1",
    }
    assert {name for name, verdict in found.items() if verdict != "reproduced"} == refuted
    assert len(found) == 21


def test_every_check_had_cases_and_a_bound_that_holds_is_reached_at_most(made):
    records, _ = made
    for metrics in (record.metrics for record in records):
        for name in (metric.removesuffix("_cases") for metric in metrics if metric.endswith("_cases")):
            assert metrics[f"{name}_cases"] > 0
            assert metrics[f"{name}_violations"] <= metrics[f"{name}_cases"]
            if f"{name}_median" in metrics and not metrics[f"{name}_violations"]:
                assert metrics[f"{name}_median"] <= metrics[f"{name}_largest"] <= 1 + 1e-8


def test_what_is_known_of_single_statements_is_found(made):
    records, _ = made
    found = {(r.parameters["statement"], r.parameters.get("decoder", r.parameters.get("reading"))): r.metrics
             for r in records}  # fmt: skip
    for tail in ("contraction", "expansion"):
        assert found["distance", None][f"{tail}_largest"] > 0.999  # sharp at h = 0, s = 0
    assert found["slope", "linear"]["growth"] == pytest.approx(100, rel=0.5)
    assert found["growth", "printed"]["growing"] == 1


def test_an_inequality_is_counted_with_its_tolerance():
    found = inequality("x", [1.0, 2.0, 3.0 + 1e-12], [2.0, 1.0, 3.0])
    assert found == {"x_cases": 3, "x_violations": 1, "x_median": pytest.approx(1), "x_largest": 2}
    assert inequality("x", [1e-9], [0.0]) == {"x_cases": 1, "x_violations": 1}
    assert inequality("x", [1e-9], [0.0], tolerance=1e-8, scale=1.0)["x_violations"] == 0
    assert identity("y", [0.1, 0.3], 0.2) == {"y_cases": 2, "y_violations": 1, "y_error": 0.3}
    assert count("z", []) == {"z_cases": 0, "z_violations": 0}


# A trial of a formula that is wrong by little has to say so.
WRONG = [
    (sharing_trials, "tanh_lipschitz", lambda f: lambda *a: f(*a) / 100, "sharing", 0, "change"),
    (sharing_trials, "tanh_lipschitz", lambda f: lambda *a: f(*a) / 100, "slope", 0, "constant"),
    (posterior_trials, "lipschitz_constant", lambda f: lambda *a: 0.7 * f(*a), "lemma", 0, "lemma"),
    (posterior_trials, "compromise_gap", lambda f: lambda *a: 1.01 * f(*a), "overlap", 1, "equation"),
    (posterior_trials, "transport_bound", lambda f: lambda *a: 0.95 * f(*a), "transport", 0, "transport"),
    (posterior_trials, "kl_to_normal", lambda f: lambda *a: 1.001 * f(*a), "information", 1, "decomposition"),
    (masking_trials, "distance_law", lambda f: lambda h, s, k: f(h, s, 0.9 * k), "distance", 0, "law"),
    (masking_trials, "distance_law", lambda f: lambda h, s, k: f(h, s, 0.9 * k), "distance", 0, "expansion"),
    (masking_trials, "alignment", lambda f: lambda *a: f(*a)._replace(variance=0.0), "alignment", 0, "terms"),
    (masking_trials, "aligned", lambda f: lambda *a: f(*a) + 1e-6, "surrogate", 0, "minimiser"),
    (masking_trials, "contraction_factor", lambda f: lambda *a: 0.9 * f(*a), "surrogate", 1, "norm"),
]


@pytest.mark.parametrize(("module", "name", "spoil", "statement", "variant", "check"), WRONG)
def test_a_wrong_formula_is_noticed(module, name, spoil, statement, variant, check, monkeypatch, one_thread):
    sizes = {"most": 4, "draws": 5000} if statement == "distance" else {}
    parameters = VARIANTS[statement][variant] | sizes | {"instances": 12, "seed": 1}
    assert trial(statement, **parameters)["metrics"][f"{check}_violations"] == 0
    monkeypatch.setattr(module, name, spoil(getattr(module, name)))
    assert trial(statement, **parameters)["metrics"][f"{check}_violations"] > 0


def test_drawn_masks_are_as_far_from_the_law_as_chance_puts_them():
    found = masking_trials.distance_trial(most=2, draws=1000, instances=200, seed=0)["metrics"]
    assert found["law_deviation"] == pytest.approx(1, abs=0.15)  # three standard errors of a root mean square


def test_the_constant_of_the_tanh_decoder_holds_between_any_two_places(one_thread):
    rng = np.random.default_rng(0)
    shares = []
    for _ in range(60):
        network, items = sharing_trials._decoder("tanh", 3, rng), sharing_trials._items(rng)
        start = 10 ** rng.uniform(-1, 2) * rng.standard_normal(3)
        end = start + 10 ** rng.uniform(-3, 1) * rng.standard_normal(3)
        ends = [expected_gradient(network, items, torch.as_tensor(z[None])) for z in (start, end)]
        slope = float((ends[0] - ends[1]).norm()) / np.linalg.norm(start - end)
        shares.append(slope / sharing_trials.tanh_lipschitz(network, items))
    assert 0.05 < max(shares) <= 1


def test_the_terms_of_eq_7_for_two_posteriors_far_apart():
    # One with a share of a quarter: the information is the entropy of the shares.
    far = Gaussian(np.array([[-40.0], [40.0]]), np.ones((2, 1)))
    information, aggregate = posterior_trials._kl_terms(far, np.array([0.25, 0.75]))
    entropy = -(0.25 * np.log(0.25) + 0.75 * np.log(0.75))
    np.testing.assert_allclose((information, aggregate), (entropy, 40**2 / 2 - entropy))


def test_when_the_weight_grows_in_each_reading():
    scores = [0.1, 0.3, 0.2, 0.2, 0.2, 0.2, 0.4]
    best = [0, 1, 1, 1, 1, 1, 6]
    grows = {name: reading(scores, best, 2) for name, reading in masking_trials.GROWTH.items()}
    assert grows["printed"] == [True] * 7
    assert grows["text"] == [False, False, False, True, True, True, False]
    assert grows["restarted"] == [False, False, False, True, False, True, False]


def test_a_trial_is_repeated_to_the_bit(one_thread):
    for statement in ("sharing", "transport", "information", "growth"):
        parameters = VARIANTS[statement][0] | {"instances": 2, "seed": 3}
        assert trial(statement, **parameters) == trial(statement, **parameters)
        assert trial(statement, **parameters) != trial(statement, **parameters | {"seed": 4})
