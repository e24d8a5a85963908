"""Statements of the paper's Section 2: which fail, that trials see wrong code, referees by brute force."""

from itertools import product

import numpy as np
import pytest
import torch
from torch.nn.functional import leaky_relu, softplus

from fourmasks.experiments.profiles import resolve
from fourmasks.lunet.flows.activations import LeakyBend, LeakySoftplus
from fourmasks.lunet.flows.factorization import Factors
from fourmasks.lunet.flows.flow import Flow
from fourmasks.lunet.flows.layers import LULayer
from fourmasks.lunet.models.losses import HybridLoss, Losses
from fourmasks.lunet.theory import run as trials
from fourmasks.lunet.theory.instances import GRID
from fourmasks.lunet.theory.plan import EXPERIMENT, PROFILES, run
from fourmasks.lunet.theory.referees import exact_determinant, exact_factors, printed_2_9, solutions
from fourmasks.lunet.theory.run import CHECKS
from fourmasks.lunet.theory.run import run as run_checks
from fourmasks.records.store import load_records

pytestmark = pytest.mark.usefixtures("one_thread")
FALSE = {"existence", "equation-2.2", "equation-2.9", "equation-2.9-gradient", "equation-2.13"}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FOURMASKS_RECORDS", str(tmp_path_factory.mktemp("records")))
        yield run(resolve(PROFILES, "smoke", instances=40), "paper"), load_records(EXPERIMENT)


def metrics(statement, instances=20, **settings):
    return run_checks(statement, instances, 0, **settings)["metrics"]


def test_the_known_ones_fail_and_no_others(made):
    records, kept = made
    assert {r.key for r in records} == {r.key for r in kept} and len(records) == len(CHECKS) + 1
    assert {r.parameters["statement"] for r in records if r.metrics["failures"]} == FALSE
    assert {r.parameters["statement"] for r in records if "corrected_failures" in r.metrics} == FALSE
    assert sum(r.metrics.get("corrected_failures", 0) for r in records) == 0
    assert max(r.metrics.get("worst_error", 0) for r in records) < 1e-9


def test_the_general_form_by_beta():
    """Every value once for β > 0 and β < -1; none below zero at 0 and -1; two or none in between."""
    targets = np.array([-4.0, -1.0, 4.0])
    for beta, times in (
        (0.5, [1, 1, 1]),
        (0, [0, 0, 1]),
        (-0.5, [0, 0, 2]),
        (-1, [0, 0, 1]),
        (-1.5, [1, 1, 1]),
    ):
        assert solutions(printed_2_9(GRID, 0.5, beta), targets).tolist() == times


def ternary(size):
    """Return all matrices with entries -1, 0 and 1."""
    for entries in product((-1, 0, 1), repeat=size**2):
        yield np.array(entries).reshape(size, size)


def test_the_share_without_an_lu_against_all_matrices():
    for size, counted in ((2, (12, 48)), (3, None)):
        regular = [matrix for matrix in ternary(size) if round(np.linalg.det(matrix))]
        without = sum(exact_factors(matrix) is None for matrix in regular)
        assert counted in (None, (without, len(regular)))
        share = without / len(regular)
        found = metrics("existence", 400, size=size)["failures"] / 400
        assert abs(found - share) < 4 * np.sqrt(share * (1 - share) / 400)


def test_factors_against_all_pairs_of_triangles():
    """Of the products of all small triangles each has one pair, the one that elimination finds."""
    pairs = {}
    for below, above, *diagonal in product((-2, -1, 0, 1, 2), (-1, 0, 1), (-2, -1, 1, 2), (-2, -1, 1, 2)):
        lower, upper = np.array([[1, 0], [below, 1]]), np.array([[diagonal[0], above], [0, diagonal[1]]])
        pairs.setdefault((lower @ upper).tobytes(), []).append((lower, upper))
    assert len(pairs) == 5 * 3 * 16 and {len(found) for found in pairs.values()} == {1}
    for [(lower, upper)] in pairs.values():
        found = exact_factors(lower @ upper)
        assert (found[0] == lower).all() and (found[1] == upper).all()


def test_exact_elimination_against_numpy():
    rng = np.random.default_rng(0)
    for _ in range(60):
        matrix = rng.integers(-1, 2, (5, 5))
        assert exact_determinant(matrix) == round(np.linalg.det(matrix))
        factors = exact_factors(matrix)
        if factors is None:
            assert not all(round(np.linalg.det(matrix[:k, :k])) for k in range(1, 6))
        else:
            assert (factors[0] @ factors[1] == matrix).all() and factors[1].diagonal().all()


def inverse_as_printed(layer, z):
    """Eq. (2.2)."""
    y = z - layer.bias
    return layer.solve(y if layer.activation is None else layer.activation.inverse(y))


def inverse_in_order(flow, z):
    """Eq. (2.8) without the reversal."""
    for layer in flow.layers:
        z = layer.inverse(z)
    return z


def loss_of_ratings(loss, outputs, ratings):
    """Eq. (2.13) with the ratings in place of ones."""
    values = torch.zeros(len(outputs)).double()
    values[: len(ratings)] = ratings
    entropy = (softplus(outputs[:, 0]) - values * outputs[:, 0]).sum()
    return Losses(torch.tensor(0.0), entropy), None


WRONG = {
    "existence": (trials, "factorize", lambda matrix: None, "corrected_failures"),
    "uniqueness": (trials, "factorize", lambda a: Factors(a.tril(), a.triu()), "failures"),
    "equation-2.2": (LULayer, "inverse", inverse_as_printed, "corrected_failures"),
    "equation-2.4": (LULayer, "log_abs_det", lambda layer: layer.diagonal().sum(), "failures"),
    "log-determinant": (LeakyBend, "derivative", lambda bend, x: torch.ones_like(x), "failures"),
    "equation-2.8": (Flow, "inverse", inverse_in_order, "failures"),
    "classical-activations": (LeakySoftplus, "forward", lambda bend, x: leaky_relu(x), "failures"),
    "equation-2.6": (LeakyBend, "inverse", lambda bend, y: y, "failures"),
    "equation-2.9": (trials, "accepted", lambda *settings: True, "corrected_failures"),
    "equation-2.9-units": (LeakySoftplus, "forward", lambda bend, x: leaky_relu(x), "failures"),
    "equation-2.13": (HybridLoss, "with_gradient", loss_of_ratings, "corrected_failures"),
}


@pytest.mark.parametrize("statement", WRONG)
def test_a_trial_sees_code_that_is_wrong(statement, monkeypatch):
    settings = {"size": 4} if statement == "existence" else {}
    place, name, wrong, metric = WRONG[statement]
    assert metrics(statement, **settings)[metric] == 0
    monkeypatch.setattr(place, name, wrong)
    assert metrics(statement, **settings)[metric] >= 3


def test_a_wrong_inverse_of_the_general_form_is_seen(monkeypatch):
    monkeypatch.setattr(LeakyBend, "inverse", lambda bend, y: y)
    assert metrics("equation-2.9")["corrected_failures"] >= 5


def test_the_general_form_has_no_failures_where_beta_is_positive(monkeypatch):
    monkeypatch.setattr(trials, "random_beta", lambda rng: int(rng.integers(1, 21)) / 10)
    for statement in ("equation-2.9", "equation-2.9-gradient"):
        assert metrics(statement)["failures"] == metrics(statement)["corrected_failures"] == 0


def test_a_trial_is_repeated_to_the_bit():
    assert metrics("equation-2.8", 5) == metrics("equation-2.8", 5)


def test_an_unknown_statement_is_named():
    with pytest.raises(ValueError, match="'equation-2.3'.*Did you mean"):
        resolve(PROFILES, "smoke", statements="equation-2.3")
