"""Tables of the reconstruction experiment, from made-up runs."""

from types import SimpleNamespace

import pandas as pd
import pytest

from fourmasks.claims.files import load_claims
from fourmasks.mmf.reconstruction import plan, tables

RUNS = [
    ("s6", budget, method, seed, error + 0.001 * seed)
    for budget, errors in ((8, (0.8, 0.6, 0.7)), (20, (0.5, 0.3, 0.6)))
    for method, error in zip(("svd", "mmf-lm", "mmf-frozen"), errors, strict=True)
    for seed in range(3)
]
FRAME = pd.DataFrame(RUNS, columns=["dataset", "budget", "method", "seed", "relative_error"])


def test_mmf_stands_first_and_its_controls_next():
    assert list(tables.by_method(FRAME).columns) == ["mmf-lm", "mmf-frozen", "svd"]
    assert set(tables.ORDER) == set(plan.METHODS)


def test_budgets_at_which_a_baseline_is_better_are_counted():
    errors = tables.by_method(FRAME).assign(other=[0.5, 0.4])
    found = tables.below_mmf(errors, ["other", "absent"])
    assert found["other"].to_dict() == {"s6": "1 of 2", "all": "1 of 2"}


def test_the_part_of_the_gain_that_a_control_has():
    found = tables.kept_by_controls(FRAME)["mmf-frozen"]
    assert found["s6", 8] == pytest.approx(50, abs=1)
    assert found["s6", 20] == pytest.approx(-50, abs=1)
    assert tables.kept_by_controls(FRAME, largest=True).index.tolist() == ["s6"]


def test_there_is_no_part_of_a_gain_that_may_be_nothing():
    frame = FRAME.assign(
        relative_error=[e + 0.2 * (s == 2) * (m == "mmf-lm") for *_, m, s, e in FRAME.itertuples(index=False)]
    )
    assert tables.kept_by_controls(frame)["mmf-frozen"].isna().any()


def test_table_3_has_our_numbers_beside_the_papers():
    claims = list(load_claims("mmf"))
    rows = {claim.id: {"measured": 0.25, "verdict": "inconclusive"} for claim in claims}
    line = tables.table_3(claims, rows).loc[("yale-b", 60)]
    assert line["SVD"].to_list() == ["0.2436", "0.2500"]
    assert line["gain (%)"].to_list() == ["20.2", "0.2", "inconclusive"]


def test_solvers_are_compared_at_the_largest_budget():
    def record(budget, seed=0, curves=None):
        given = {"dataset": "s6", "method": "mmf-lm", "budget": budget, "seed": seed}
        curves = curves or {"seconds": [1], "relative_error": [0.9]}
        metrics = {"n_iter": 4, "relative_error": 0.5}
        return SimpleNamespace(experiment=plan.EXPERIMENT, parameters=given, curves=curves, metrics=metrics)

    timed = tables.solvers([record(8), record(20), record(20, seed=1), record(30, curves={"no": [1]})])
    assert list(timed) == [("s6", "mmf-lm")]
    assert tables.ends(timed).loc[("s6", "mmf-lm")].to_list() == [4, 0.9, 0.5]
