"""Tables that experiments share: each run once, differences as in scipy and in the ledger, what was found."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

from fourmasks.claims.files import load_claims, overlaps
from fourmasks.claims.ledger import ledger
from fourmasks.claims.measurements import estimate
from fourmasks.pages import tables
from fourmasks.pages.tables import (
    compared,
    differences,
    interval,
    missing,
    plus_minus,
    run_rows,
    searched,
    share,
    signed,
    spread,
)
from fourmasks.records.store import load_records, records_directory

VALUES = st.floats(-10, 10)


def record(experiment="lunet/ratings", error=0.0, **parameters):
    return SimpleNamespace(experiment=experiment, parameters=parameters, metrics={"error": error})


def run(seed, error, experiment="lunet/ratings"):
    return record(experiment, error, method="mlp", seed=seed, rank=4)


def test_an_interval_is_written_with_half_of_it():
    # Student's interval of two values: 12.706 times the standard error.
    assert interval(estimate([0.1, 0.3])) == plus_minus("0.2000", f"{12.7062 * 0.1:.4f}")
    assert interval(estimate([0.1, 0.3]), 1, "+") == plus_minus("+0.2", "1.3")
    assert interval(estimate([-0.25]), 2, "+") == "-0.25"
    assert interval(estimate([-0.00001]), sign="+") == "+0.0000"


def test_a_spread_is_the_standard_deviation_of_a_sample():
    assert spread(pd.Series([1.0, 2.0, 3.0]), 2) == plus_minus("2.00", "1.00")
    assert spread(pd.Series([0.25]), 2) == "0.25"
    assert spread(pd.Series([-0.001]), 2) == "0.00"


def test_rows_are_those_of_the_experiment_and_each_run_is_there_once():
    records = [run(0, 0.9), run(1, 0.8), run(0, 0.1, "lunet/sweeps")]
    rows = run_rows(records, "lunet/ratings", ("method", "seed", "share"))
    assert rows.to_dict("records") == [
        {"method": "mlp", "seed": seed, "share": None, "error": error} for seed, error in ((0, 0.9), (1, 0.8))
    ]
    with pytest.raises(ValueError, match="two runs of method mlp, seed 0: expected one; remove"):
        run_rows([*records, run(0, 0.7)], "lunet/ratings", ("method", "seed"))


def test_runs_are_told_apart_by_lists_too():
    records = [record(sizes=sizes) for sizes in ([1, 2], [2, 1])]
    assert run_rows(records, "lunet/ratings", ("sizes",))["sizes"].tolist() == [[1, 2], [2, 1]]
    with pytest.raises(ValueError, match=r"two runs of sizes \[1, 2\]"):
        run_rows([*records, record(sizes=[1, 2])], "lunet/ratings", ("sizes",))


def test_without_runs_there_are_the_columns():
    assert run_rows([], "lunet/ratings", ("method", "seed")).columns.tolist() == ["method", "seed"]


def frame(**methods):
    """Return runs on data set "a": by method a mapping of split to value."""
    return pd.DataFrame(
        [("a", method, split, value) for method, found in methods.items() for split, value in found.items()],
        columns=["dataset", "method", "split_seed", "ndcg"],
    )


def test_what_is_planned_and_not_there_is_missing():
    runs = frame(x={0: 1.0, 1: 1.0}, y={0: 1.0}).assign(seed=[0, 1, 0])
    planned = [(dataset, method, seed) for dataset in "ab" for method in "xyz" for seed in range(2)]
    assert missing(runs, planned).to_dict() == {
        "a": {"x": "", "y": "1 of 2", "z": "2 of 2"},
        "b": {"x": "2 of 2", "y": "2 of 2", "z": "2 of 2"},
    }
    assert missing(runs, planned[:2]).empty
    assert missing(frame(x={}).assign(seed=[]), planned[:2]).to_dict() == {"a": {"x": "2 of 2"}}


@given(st.lists(st.tuples(VALUES, VALUES), min_size=2, max_size=6), st.randoms(use_true_random=False))
def test_differences_are_paired_by_split_with_student_s_interval(values, random):
    """In whatever order the runs come, and with a split more of either method, which pairs with none."""
    ours, theirs = zip(*values, strict=True)
    runs = frame(x=dict(enumerate(ours)) | {90: 1.0}, y=dict(enumerate(theirs)) | {91: 2.0})
    runs = runs.sample(frac=1, random_state=random.randint(0, 99))
    (found,) = differences(runs, "ndcg", [("x", "y")], {}).to_dict("records")
    paired = np.subtract(ours, theirs)
    low, high = scipy.stats.ttest_1samp(paired, 0).confidence_interval(0.95) if np.ptp(paired) else paired[:2]
    assert found["difference"] == pytest.approx(paired.mean(), abs=1e-12)
    assert found["half"] == pytest.approx((high - low) / 2, rel=1e-6, abs=1e-12)
    assert (found["dataset"], found["method"], found["baseline"]) == ("a", "x", "y")
    assert found["splits"] == len(values)


def test_differences_go_through_all_pairs_on_each_data_set():
    runs = frame(x={0: 3.0}, y={0: 1.0}, z={1: 9.0})
    runs = pd.concat([runs.assign(dataset="b"), runs])
    found = differences(runs, "ndcg", iter([("x", "y"), ("x", "z"), ("y", "x"), ("x", "w")]), {})
    assert found[["dataset", "method", "baseline", "difference", "splits"]].values.tolist() == [
        [dataset, *rest] for dataset in "ba" for rest in (["x", "y", 2.0, 1], ["y", "x", -2.0, 1])
    ]
    assert found["half"].isna().all()
    assert differences(runs, "ndcg", [], {}).empty


def test_differences_pair_by_the_column_that_is_named():
    runs = frame(x={0: 3.0, 1: 4.0}, y={1: 1.0}).rename(columns={"split_seed": "seed"})
    assert differences(runs, "ndcg", [("x", "y")], {}, split="seed")["difference"].tolist() == [3.0]


def test_differences_are_wider_where_splits_overlap():
    """By the root of n (1/n + overlap), and on the data set alone that has it."""
    runs = frame(x={0: 3.0, 1: 5.0}, y={0: 1.0, 1: 1.0})
    plain, corrected = (differences(runs, "ndcg", [("x", "y")], found) for found in ({"b": 0.5}, {"a": 0.5}))
    assert corrected["half"].item() == pytest.approx(2**0.5 * plain["half"].item())
    assert corrected["difference"].item() == plain["difference"].item()


def test_differences_are_judged_by_their_interval():
    runs = frame(x={0: 0.5, 1: 0.6, 2: 0.7}, y={0: 0.61, 1: 0.70, 2: 0.79}, z={0: 0.5, 1: 0.7, 2: 0.6})
    pairs = [("x", "y"), ("x", "z")]
    found = compared(runs, "lunet/ratings", "ndcg", pairs, "lower").loc["a", "x"]
    assert found["judged"].tolist() == ["better", "no difference"]
    assert found.loc["y", "difference"].startswith("-0.1000")


def test_a_single_run_has_no_interval():
    found = pd.DataFrame({"difference": [0.1, -0.2], "half": [float("nan"), 0.05]})
    assert signed(found) == ["+0.1000", "-0.2000\N{NO-BREAK SPACE}±\N{NO-BREAK SPACE}0.0500"]


def test_differences_in_percent_are_of_the_baseline_on_the_same_split():
    runs = frame(x={0: 3.0, 1: 5.0}, y={0: 2.0, 1: 4.0})
    assert differences(runs, "ndcg", [("x", "y")], {}, percent=True)["difference"].tolist() == [37.5]


def test_a_share_is_of_what_is_surely_not_zero():
    assert share(0.5, 2.0, 1.9) == share(-0.5, -2.0, 0.0) == 0.25
    assert share(0.5, 0.0, 0.0) is None
    assert share(0.5, 2.0, 2.0) is None and share(0.5, -2.0, 2.1) is None
    assert share(0.5, 2.0, None) is None and share(0.5, 2.0, np.nan) is None  # one run


# Claims that compare two methods on splits that overlap, each on another page.
COMPARED = {
    "pia-table1-ml-1m-ndcg100-multi-vae-improved": ("multi-vae+pia", "multi-vae"),
    "pia-figure2-ml-1m-diffuse": ("multi-vae", "multi-vae-clean"),
    "mmf-table4-ml-100k-learned-below-biasmf": ("mmf-learned", "mf-tuned"),
    "mmf-table5-ndcg10-sgl-above-mmf": ("sgl", "mmf"),
    "lunet-section4-ml-100k-below-mlp-stopped": ("lu-net-stopped", "mlp-stopped"),
}


@pytest.mark.parametrize("name", COMPARED)
def test_a_page_has_the_ledger_s_interval(name):
    paper = name.partition("-")[0]
    (claim,) = (claim for claim in load_claims(paper) if claim.id == name)
    records = load_records(claim.experiment, records_directory(claim.experiment, "paper"))
    runs = run_rows(records, claim.experiment, ["dataset", "method", "split_seed", "seed"])
    overlap, split = overlaps(claim.experiment), "seed" if claim.experiment == "pia/latent" else "split_seed"
    found = differences(runs, claim.metric, [COMPARED[name]], overlap, split, percent=True)
    found = found.set_index("dataset").loc[claim.dataset[0]]
    (row,) = (row for row in ledger(paper, records=records) if row["id"] == name)
    sign = 1 if claim.direction == "increase" else -1
    ends = sorted(sign * (found["difference"] + side * found["half"]) for side in (-1, 1))
    assert found["splits"] == row["n_seeds"] > 1
    assert ends == pytest.approx(row["interval"])


def test_searches_are_told_by_their_best_trial():
    trials = [
        record("demo/search", error, dataset=dataset, method=method, rank=rank, rate=0.1)
        for dataset, method, rank, error in [
            ("b", "x", 1, 0.5), ("a", "y", 2, 0.4), ("a", "x", 3, 0.3), ("a", "x", 4, 0.2), ("a", "x", 5, 0.6)
        ]
    ]  # fmt: skip
    drawn = {"y": ("rate",), "x": ("rank", "rate"), "untried": ("rank",)}
    records = [*trials, record("demo/final", 0.0, dataset="a", method="x", rank=9, rate=0.1)]
    found = searched(records, "demo/search", drawn, "error", lowest=True)
    assert found.reset_index().values.tolist() == [
        ["a", "y", 1, 0.4, "rate 0.1"],
        ["a", "x", 3, 0.2, "rank 4, rate 0.1"],
        ["b", "x", 1, 0.5, "rank 1, rate 0.1"],
    ]
    assert searched(trials, "demo/search", drawn, "error").loc[("a", "x"), "settings"] == "rank 5, rate 0.1"
    assert searched([], "demo/search", drawn, "error").empty


def test_methods_are_measured_ordered_and_their_effort_is_told_in_the_order_asked_for():
    runs = frame(x={0: 0.1, 1: 0.3}, y={0: 0.4}, z={0: 0.3}).assign(best_epoch=[1, 4, 2, 3])
    found = tables.measured(runs.rename(columns={"ndcg": "ndcg_at_10"}), "a", ["y", "x", "w"], ["ndcg_at_10"])
    assert found["NDCG@10"].to_dict() == {"y": "0.4000", "x": plus_minus("0.2000", "0.1414")}
    assert tables.order(runs, "a", ["x", "y", "w"], "ndcg") == "y > x"
    effort = tables.effort(runs, "a", ["z", "x", "w"])
    assert effort["best_epoch"].to_dict() == {"z": 3.0, "x": 2.5}
    assert effort["training_seconds"].isna().all()


def claim(**changed):
    row = {
        "dataset": "ml-1m",
        "reported": 0.83,
        "measured": 0.841,
        "interval": [0.839, 0.843],
        "verdict": "x",
    }
    return row | changed


def test_our_number_stands_beside_the_papers_with_half_of_its_interval():
    rows = [claim(), claim(dataset="douban", interval=None), claim(dataset="flixster", measured=None)]
    found = tables.beside(rows, ["dataset"], digits=3)
    assert list(found.columns) == ["paper", "ours", "verdict"]
    assert found.loc["ml-1m"].tolist() == ["0.83", plus_minus("0.841", "0.002"), "x"]
    assert found["ours"].tolist()[1:] == ["0.841", "–"]


def test_what_runs_took_is_added_up_and_parts_without_runs_are_left_out():
    runs = [SimpleNamespace(seconds=s, peak_memory_mb=m) for s, m in ((1800, 512), (5400, 1024))]
    found = tables.cost({"final": runs, "trials": []})
    assert found.index.tolist() == ["final"]
    assert found.loc["final"].tolist() == [2, "2.0 h", "90.0 min", "1.0"]
