"""Densities of LU flows: the control in closed form, integrals against samples, and the experiment."""

import math
from collections import Counter

import numpy as np
import pytest
import torch
from scipy.stats import multivariate_normal, norm

from fourmasks.experiments.profiles import resolve
from fourmasks.lunet.density import plan, tables
from fourmasks.lunet.density.checks import (
    box_integral,
    check_integrals,
    integral,
    projection_distance,
    share_inside,
    whole_line,
)
from fourmasks.lunet.density.run import (
    FLOWS,
    METHODS,
    Parts,
    embeddings,
    fit_density,
    gaussian_flow,
    make_flow,
    run,
    split_points,
    state_of,
    with_state,
)
from fourmasks.lunet.density.toy_points import TOYS, draw_toy

NAME = "simulated-small"
QUICK = {"alpha": 0.3, "spread": 1.0, "steps": 8, "starts": 1, "batch_size": 100, "learning_rate": 0.06}


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch, one_thread):
    monkeypatch.setenv("FOURMASKS_RECORDS", str(tmp_path))


def correlated(n, seed, width=3):
    rng = np.random.default_rng(seed)
    mixing = np.tril(rng.standard_normal((width, width))) + 2 * np.eye(width)
    return rng.standard_normal((n, width)) @ mixing.T + rng.standard_normal(width)


def normal_log_prob(points):
    return multivariate_normal(np.zeros(2)).logpdf(points)


def smoke(**settings):
    return plan.run(resolve(plan.PROFILES, "smoke", **settings), "smoke")


# The control


@pytest.mark.parametrize("width", [2, 5])
def test_one_normal_distribution_is_a_flow_of_one_layer(width):
    points, others = correlated(400, 0, width), correlated(50, 1, width)
    flow = gaussian_flow(points)
    expected = multivariate_normal(points.mean(axis=0), np.cov(points.T, bias=True))
    with torch.no_grad():
        np.testing.assert_allclose(flow.log_prob(torch.from_numpy(others)), expected.logpdf(others))
    assert len(flow.layers) == 1 and flow.layers[0].activation is None


def test_training_one_layer_leads_to_it():
    parts = split_points("moons", 0, 300)
    settings = QUICK | {"steps": 80, "batch_size": 300, "n_layers": 1}
    found = fit_density("lu", parts, 0, **settings).log_prob(parts.test).mean()
    best = multivariate_normal(parts.train.mean(axis=0), np.cov(parts.train.T, bias=True))
    assert found == pytest.approx(best.logpdf(parts.test).mean(), abs=0.01)


def test_bends_make_skewed_points_likelier_than_one_normal_distribution():
    drawn = np.exp(0.8 * np.random.default_rng(0).standard_normal((900, 2)))
    parts = Parts(*np.split(drawn / drawn.std(axis=0), [300, 500]))
    settings = QUICK | {"steps": 120, "batch_size": 300, "n_layers": 2}
    bent, straight = fit_density("lu", parts, 0, **settings), fit_density("gaussian", parts, 0)
    assert bent.log_prob(parts.test).mean() > straight.log_prob(parts.test).mean() + 0.1


# Integrals


def test_integrals_of_a_normal_density_are_its_probabilities():
    assert integral(normal_log_prob, whole_line(), whole_line()) == pytest.approx(1, abs=1e-12)
    low, high = np.array([-1.0, 0.0]), np.array([0.5, 2.0])
    expected = np.prod(norm.cdf(high) - norm.cdf(low))
    assert box_integral(normal_log_prob, low, high) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("method", FLOWS)
def test_integrals_of_a_flow_are_shares_of_its_samples(method):
    parts = split_points("spiral", 1, 200)
    density = fit_density(method, parts, 1, n_layers=3, **QUICK | {"steps": 40})
    found = check_integrals(density.log_prob, density.sample(20_000, 2), 3)
    assert found["plane_integral"] == pytest.approx(1, abs=1e-4) and found["grid_error"] < 1e-4
    assert 0.96 < found["rectangle_share"] < 0.99
    assert found["integral_error"] < 4 * found["share_deviation"]
    assert found["largest_box_deviations"] < 4.5


def test_a_density_that_is_not_that_of_the_samples_is_found_out():
    samples = np.random.default_rng(0).standard_normal((20_000, 2))
    right = check_integrals(normal_log_prob, samples, 0)
    wrong = check_integrals(lambda x: normal_log_prob(x / 1.1) - 2 * math.log(1.1), samples, 0)
    doubled = check_integrals(lambda x: normal_log_prob(x) + math.log(2), samples, 0)
    assert right["largest_box_deviations"] < 4 < wrong["largest_box_deviations"]
    assert wrong["plane_error"] < 1e-9 and doubled["plane_error"] == pytest.approx(1)


def test_distances_of_samples():
    rng = np.random.default_rng(0)
    one, other = rng.standard_normal((2, 2000, 5))
    assert projection_distance(one, one, 0) == 0
    near, far = projection_distance(one, other, 0), projection_distance(one, 2 * other, 0)
    assert near < 0.04 < 0.1 < far
    assert share_inside(np.array([[0.5, 0.5], [2.0, 0.5]]), np.zeros(2), np.ones(2)) == 0.5


# Points and methods


def test_points_are_standardized_by_those_to_fit():
    parts = split_points("moons", 0, 200)
    assert [len(part) for part in parts] == [200, 100, 400]
    np.testing.assert_allclose(parts.train.mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(parts.train.std(axis=0), 1)
    assert not np.array_equal(parts.validation, parts.train[:100])
    for name in TOYS:
        assert draw_toy(name, 30, 0).shape == (30, 2)
        assert np.array_equal(draw_toy(name, 30, 0), draw_toy(name, 30, 0))
        assert not np.array_equal(draw_toy(name, 30, 0), draw_toy(name, 30, 1))


def test_embeddings_are_split_into_disjoint_parts():
    settings = {"dimension": 4, "epochs": 1, "batch_size": 512}
    all_of_them = embeddings(NAME, **settings)
    assert {side: points.shape[1] for side, points in all_of_them.items()} == {"items": 2, "users": 2}
    parts = split_points(NAME, 0, 1, "items", **settings)
    whole = np.concatenate(parts)
    assert len(np.unique(whole, axis=0)) == len(whole) == len(all_of_them["items"])


@pytest.mark.parametrize("method", METHODS)
def test_the_same_seed_gives_the_same_bits(method):
    settings = QUICK | {"n_layers": 2} if method in FLOWS else {}
    runs = [run("ring", method, 3, 60, 200, **settings) for _ in range(2)]
    assert runs[0] == runs[1]
    assert runs[0]["metrics"] != run("ring", method, 4, 60, 200, **settings)["metrics"]


@pytest.mark.parametrize("method", ["gaussian", "mixture"])
def test_samples_of_baselines_follow_their_density(method):
    density = fit_density(method, split_points("moons", 0, 200), 0)
    found = check_integrals(density.log_prob, density.sample(2000, 1), 0)
    assert found["plane_error"] < 1e-3 and found["largest_box_deviations"] < 4.5


def test_a_flow_is_given_its_numbers_back():
    points = torch.randn(20, 2, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    for method in FLOWS:
        one, other = (
            make_flow(method, 2, 3, 0.3, 1.0, torch.Generator().manual_seed(seed)) for seed in (0, 1)
        )
        assert not torch.equal(one(points), other(points))
        assert torch.equal(with_state(other, state_of(one))(points), one(points))


# The experiment


@pytest.fixture(scope="module")
def records(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FOURMASKS_RECORDS", str(tmp_path_factory.mktemp("records")))
        return smoke(dimensions=4)


def test_every_method_meets_all_points():
    made = list(plan.plan(plan.PROFILES["smoke"]))
    fits = [run.parameters for run in made if run.experiment == plan.EXPERIMENT]
    met = Counter((tables.points_of(own), own["method"], own.get("n_layers")) for own in fits)
    points = {"ring", f"{NAME} items, 2-D", f"{NAME} items, 16-D"}
    flows = {("lu", 1), ("lu", 2), ("coupling", 2)}
    methods = flows | {("gaussian", None), ("mixture", None), ("kernel", None)}
    assert met == {(name, *method): 1 for name in points for method in methods}
    described = [tables.points_of(run.parameters) for run in made if run.experiment == plan.POINTS]
    assert sorted(described) == sorted(points)


def test_flows_in_the_plane_are_kept_and_checked(records):
    frame = tables.runs(records)
    assert (
        len(frame) == 12 and frame["plane_error"].notna().sum() == 8
    )  # of flows; one normal distribution is
    points = {
        tables.points_of(r.parameters): torch.tensor([r.curves["x"], r.curves["y"]], dtype=torch.float64).T
        for r in records
        if r.experiment == plan.POINTS and "x" in r.curves
    }
    kept = [record for record in records if "state" in record.curves]
    assert len(kept) == 6
    for record in kept:
        with torch.no_grad():
            again = tables.rebuilt(record).log_prob(points[tables.points_of(record.parameters)]).mean()
        assert float(again) == pytest.approx(record.metrics["test_log_likelihood"], abs=1e-3)


def test_a_record_without_a_flow_in_the_plane_is_refused(records):
    other = next(r for r in records if r.parameters.get("method") == "kernel")
    with pytest.raises(ValueError, match="expected one of a flow in the plane"):
        tables.rebuilt(other)


def test_an_odd_dimension_and_an_unknown_toy_set_are_named():
    for settings, message in (
        ({"dataset": "moon"}, "Did you mean 'moons'"),
        ({"dimensions": 5}, "even number"),
    ):
        with pytest.raises(ValueError, match=message):
            smoke(**settings)


def test_bad_points_are_named():
    for call, message in (
        (lambda: draw_toy("moon", 5, 0), "Did you mean 'moons'"),
        (lambda: draw_toy("moons", 0, 0), "n = 0"),
        (lambda: split_points("moons", 0, 5, "items"), "side = 'items': expected None"),
        (lambda: split_points(NAME, 0, 5, "item", dimension=4, epochs=1), "Did you mean 'items'"),
        (lambda: fit_density("lunet", None, 0), "unknown method 'lunet'"),
    ):
        with pytest.raises(ValueError, match=message):
            call()
