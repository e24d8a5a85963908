"""Models compared over data sets: places, probabilities, and who is dominated."""

import itertools

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from fourmasks.four import across
from fourmasks.records.store import load_records
from fourmasks.system.paths import data_folder


def frame(**methods):
    """Return two runs for each method on data sets a, b, ...: the value, a little less and a little more."""
    return pd.DataFrame(
        [
            {"dataset": dataset, "method": method, "error": value + shift, "seconds": len(method)}
            for method, values in methods.items()
            for dataset, value in zip("abcd", values, strict=False)
            for shift in (-0.01, 0.01)
        ]
    )


def test_places_are_by_means_and_only_of_models_on_all_data_sets():
    found = across.ranks(frame(x=(1, 2), yy=(2, 1), zzz=(3, 3), w=(0,)), "error", "lower")
    assert found.to_dict("index") == {
        "x": {"a": 1, "b": 2, "mean rank": 1.5},
        "yy": {"a": 2, "b": 1, "mean rank": 1.5},
        "zzz": {"a": 3, "b": 3, "mean rank": 3},
    }
    assert list(across.ranks(frame(x=(1, 2), yy=(2, 3)), "error", "higher").index) == ["yy", "x"]


def test_probabilities_follow_the_signs_and_swap_with_the_names():
    data = frame(x=(1.0, 1.0, 1.0), yy=(2.0, 2.0, 2.0), same=(1.0, 1.0, 1.0))
    pairs = [("x", "yy"), ("yy", "x"), ("x", "same"), ("x", "no such")]
    found = across.chances(data, "error", pairs, rope=0.5, better="lower")
    assert found.index.tolist() == pairs[:3] and found["data sets"].tolist() == [3, 3, 3]
    assert found.loc[("x", "yy"), "better"] > 0.8 and found.loc[("x", "yy"), "worse"] == 0
    assert found.loc[("yy", "x"), "worse"] == pytest.approx(found.loc[("x", "yy"), "better"], abs=0.02)
    assert found.loc[("x", "same"), "as good"] == 1
    np.testing.assert_allclose(found[["better", "as good", "worse"]].sum(axis=1), 1)
    higher = across.chances(data, "error", pairs[:1], rope=0.5, better="higher")
    assert higher.loc[("x", "yy"), "worse"] > 0.8


def test_few_data_sets_cannot_say_much():
    limits = [across.most(n, rope=0.5) for n in (1, 2, 4, 16)]
    assert limits == sorted(limits) and limits[0] < 0.9 < limits[-1] <= 1
    agree = across.chances(frame(x=(1.0,) * 4, yy=(2.0,) * 4), "error", [("x", "yy")], 0.5, "lower")
    assert agree["better"].item() == pytest.approx(limits[2])


@pytest.mark.parametrize("better", ["lower", "higher"])
def test_dominated_is_what_a_cheaper_one_beats_surely(better):
    rng = np.random.default_rng(3)
    errors, seconds = rng.integers(0, 5, 12) + rng.normal(0, 0.5, (4, 12)), rng.integers(0, 5, 12)
    rows = [
        {
            "dataset": "a",
            "method": f"m{n}",
            "split_seed": split,
            "error": errors[split, n],
            "seconds": seconds[n],
        }
        for n in range(12)
        for split in range(4)
    ]
    sign = 1 if better == "lower" else -1
    expected = {
        f"m{one}"
        for one, other in itertools.permutations(range(12), 2)
        if seconds[other] < seconds[one]
        and stats.ttest_rel(sign * errors[:, one], sign * errors[:, other], alternative="greater").pvalue
        < 0.025
    }
    found = across.dominated(pd.DataFrame(rows), "error", "seconds", better, {})
    assert set(found["method"]) == expected and 0 < len(expected) < 12
    assert (found["by"] != found["method"]).all()


def test_the_price_is_of_one_place_with_its_whole_search():
    records = load_records("lunet/ranking", data_folder() / "records")
    records += load_records("lunet/ranking-search", data_folder() / "records")
    order = ["lu-net", "ease", "lu-net-stated", "nobody"]
    found = across.price(records, "lunet/ranking", {"dataset": "ml-100k"}, order)
    assert list(found.index) == order[:-1]
    trials = [
        record.metrics["training_seconds"]
        for record in records
        if record.experiment == "lunet/ranking-search"
        and record.parameters["dataset"] == "ml-100k"
        and record.parameters["method"] == "lu-net"
    ]
    assert found.loc["lu-net", "trials"] == len(trials) > 0
    assert found.loc["lu-net", "search"] == pytest.approx(sum(trials))
    assert found.loc["ease", "training_seconds"] > 0 and pd.isna(found.loc["lu-net-stated", "trials"])
    assert across.price([], "lunet/ranking", {}, order).empty


def test_there_may_be_no_runs():
    empty = pd.DataFrame(columns=["dataset", "method", "error", "seconds"])
    assert across.ranks(empty, "error", "lower").empty
    assert across.chances(empty, "error", [("x", "y")], 0.5, "lower").empty
    assert across.dominated(empty.assign(split_seed=[]), "error", "seconds", "lower", {}).empty
