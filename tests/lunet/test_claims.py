"""data/claims/lunet.yaml: what the paper prints is in the ledger, and claims find the runs that they mean."""

from types import SimpleNamespace

import pytest

from fourmasks.claims.files import load_claims
from fourmasks.claims.ledger import ledger
from fourmasks.claims.verdicts import gather, judge
from fourmasks.lunet.costs import plan as cost_plan
from fourmasks.lunet.costs.run import run as run_costs
from fourmasks.lunet.density import plan as density_plan
from fourmasks.lunet.rankings import plan as ranking_plan
from fourmasks.lunet.ratings import plan as rating_plan
from fourmasks.lunet.sweeps import plan as sweep_plan
from fourmasks.lunet.theory import plan as theory_plan

TABLE_1 = """
users      943     6040
items      1682    3952
ratings    100000  1000209
density    0.0629  0.0447
"""

# Model, test MSE, embedding reconstruction error.
TABLE_2 = """
mlp             0.9200  0.0050
lu-net/ml-100k  0.8880  0.0000
lu-net/ml-1m    0.7955  0.0000
"""


@pytest.fixture(scope="module")
def lunet():
    return load_claims("lunet")


def run(experiment, metrics, **parameters):
    return SimpleNamespace(
        experiment=experiment, metrics=metrics, parameters=parameters, data_sha256=parameters.get("dataset")
    )


def judged(claim, records):
    """Return the finding on a claim that stands alone."""
    return judge([gather(claim, records)])[0]


def test_table_1(lunet):
    printed = {
        (dataset, name): float(number)
        for name, *numbers in (line.split() for line in TABLE_1.strip().splitlines())
        for dataset, number in zip(("ml-100k", "ml-1m"), numbers, strict=True)
    }
    found = [c for c in lunet if c.place == "Table 1"]
    assert {(c.dataset[0], c.metric): c.reported for c in found} == printed
    assert all(c.form == "fact" and c.decimals == (4 if c.metric == "density" else 0) for c in found)


def test_the_densities_that_the_paper_prints_are_not_those_of_its_counts():
    assert round(100_000 / (943 * 1682), 4) == 0.0630 != 0.0629
    assert round(1_000_209 / (6040 * 3706), 4) == 0.0447 != round(1_000_209 / (6040 * 3952), 4) == 0.0419


def test_table_2(lunet):
    found = [c for c in lunet if c.place == "Table 2" and not c.id.endswith("-single")]
    assert len(found) == 6
    for line in TABLE_2.strip().splitlines():
        model, error, lost = line.split()
        method, _, dataset = model.partition("/")
        of_model = [c for c in found if c.method == method and dataset in ("", *c.dataset)]
        assert sorted(c.reported for c in of_model) == sorted((float(error), float(lost)))
        assert {c.match["method"] for c in of_model if c.experiment} == {method}


def test_data_that_are_held_out_are_marked_so(lunet):
    for c in lunet:
        assert c.held_out == (c.metric in ("test_mse", "full_ndcg_at_10")), c.id


def test_claims_name_experiments_and_methods_that_exist(lunet):
    known = {
        rating_plan.DATASETS: (), rating_plan.EXPERIMENT: rating_plan.METHODS,
        ranking_plan.EXPERIMENT: ranking_plan.METHODS, sweep_plan.EXPERIMENT: ("lu-net",),
        cost_plan.EXPERIMENT: (), theory_plan.EXPERIMENT: (), density_plan.EXPERIMENT: density_plan.METHODS,
    }  # fmt: skip
    for c in lunet:
        if c.experiment is None:
            assert c.why
            continue
        for match in (c.match, *c.baselines):
            assert match.get("method", "lu-net") in (*known[c.experiment], "lu-net")


def test_claims_on_sweeps_compare_runs_that_are_made(lunet):
    paper = sweep_plan.PROFILES["paper"]
    made = [
        {"dataset": dataset} | sweep_plan.DEFAULTS | change
        for dataset in paper.dataset
        for change in sweep_plan.changes(paper.varied)
    ]
    found = [c for c in lunet if c.experiment == sweep_plan.EXPERIMENT]
    assert len(found) == 7
    for c in found:
        assert c.match in made
        for change in c.baselines:
            baseline = c.match | change
            assert baseline in made and baseline != c.match


def test_claims_on_costs_name_metrics_that_are_measured(lunet):
    found = [c for c in lunet if c.experiment == cost_plan.EXPERIMENT]
    outcome = run_costs(batch=1, seed=0, sizes=[4, 1024], rounds=1, threads=1, device="cpu")
    named = {c.metric.replace("2048", "1024") for c in found}  # the larger size takes too long here
    assert len(found) == 5 and named <= set(outcome["metrics"])


def test_without_records_nothing_is_attempted(lunet):
    for row, claim in zip(ledger("lunet", records=[]), lunet, strict=True):
        assert row["verdict"] == ("cannot be" if claim.cannot_be else "not attempted")


@pytest.mark.parametrize(
    ("errors", "verdict"),
    [
        ((0.886, 0.889, 0.888, 0.887, 0.888), "reproduced"),
        ((0.886, 0.889), "inconclusive"),
        ((0.841, 0.842), "not reproduced"),
    ],
)
def test_the_test_error_is_judged_over_splits(lunet, errors, verdict):
    (claim,) = [c for c in lunet if c.id == "lunet-table2-ml-100k-mse"]

    def one(method, error, seed):
        place = {"dataset": "ml-100k", "method": method, "seed": seed, "split_seed": seed}
        return run(claim.experiment, {"test_mse": error}, **place)

    records = [one("lu-net", error, seed) for seed, error in enumerate(errors)]
    others = [one("averages", 0.888, 0)]
    assert judged(claim, records + others).verdict == verdict


@pytest.mark.parametrize(("rounding", "verdict"), [(3e-13, "reproduced"), (2e-4, "not reproduced")])
def test_zero_is_zero_to_the_printed_decimals(lunet, rounding, verdict):
    (claim,) = [c for c in lunet if c.id == "lunet-table2-ml-1m-reconstruction"]
    record = run(claim.experiment, {claim.metric: rounding}, dataset="ml-1m", method="lu-net", seed=0)
    assert judged(claim, [record]).verdict == verdict


@pytest.mark.parametrize(("factor", "verdict"), [(1.005, "reproduced"), (1.1, "not reproduced")])
def test_the_network_is_stable_where_its_error_is_near_that_of_the_default(lunet, factor, verdict):
    (claim,) = [c for c in lunet if c.id == "lunet-section4-layers-6"]

    def one(change, seed):
        error = (0.84 + 0.01 * seed) * (factor if change.get("n_layers") == 6 else 1)
        place = {"dataset": "ml-100k", "method": "lu-net", "seed": seed, "split_seed": seed}
        return run(claim.experiment, {"test_mse": error}, **sweep_plan.DEFAULTS | change | place)

    records = [one(change, seed) for seed in range(5) for change in sweep_plan.changes(sweep_plan.VARIED)]
    found = judged(claim, records)
    assert found.verdict == verdict
    assert {r.parameters["n_layers"] for r in found.evidence.records} == {3, 6}
