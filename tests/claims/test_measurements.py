"""What the records say about a claim: which runs count, how they are paired, and when they settle nothing."""

from dataclasses import replace
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fourmasks.claims.files import DIRECTIONS, Claim
from fourmasks.claims.measurements import Unmeasured
from fourmasks.claims.verdicts import gather

errors = st.lists(st.floats(0.01, 1.0), min_size=2, max_size=6)


def record(value, *, data="0", metric="relative_error", **parameters):
    return SimpleNamespace(
        experiment="mmf/reconstruction",
        metrics={metric: float(value)},
        parameters=parameters,
        data_sha256=data,
    )


def runs(values, **parameters):
    """One record per value, with seeds 0, 1, ..."""
    return [record(value, seed=seed, **parameters) for seed, value in enumerate(values)]


def split_runs(values, **parameters):
    """One record per value, given by split and seed."""
    return [
        record(value, split_seed=split, seed=seed, **parameters)
        for split, of_split in enumerate(values)
        for seed, value in enumerate(of_split)
    ]


def claim(form, reported=0.5, **fields):
    common = {"paper": "mmf", "id": "x", "place": "Table 3", "kind": "experiment", "protocol": "p"}
    found = {"form": form, "reported": reported, "metric": "relative_error", "match": {"method": "mmf"}}
    return Claim(**common | found | {"experiment": "mmf/reconstruction"} | fields)


VALUE = claim("value")
GAIN = claim("gain", 20.0, baselines=[{"method": "svd"}])
ORDER = claim("order", "below both", baselines=[{"method": "svd"}, {"method": "mf"}], over=["budget"])
TREND = claim("trend", "grows", dataset=("h2", "h3", "h4"), baselines=[{"method": "svd"}], over=["budget"])
BOUND = claim("bound", "at most twice", baselines=[{"method": "mf"}], over=["share"], between=[None, 2])
OPTIMUM = claim("optimum", "about 15", over=["dataset"], along="n_masks", between=[10, 20])


def gain(mmf, svd, **fields):
    """Return the estimate of GAIN."""
    return gather(replace(GAIN, **fields), [*runs(mmf, method="mmf"), *runs(svd, method="svd")]).estimate


# ---- which runs count ----


def test_of_several_configurations_the_best_mean_counts_at_every_seed():
    listed = replace(VALUE, match={"method": ["mmf-lm", "mmf-adam"]})
    adam = runs([0.1, 0.9], method="mmf-adam", n_masks=8)
    good, bad = (runs([e, e], method="mmf-lm", n_masks=k) for e, k in [(0.4, 4), (0.6, 8)])
    found = gather(listed, [*adam, *good, *bad, *runs([0.01], method="svd")])
    assert found.estimate.mean == 0.4
    assert found.records == tuple(good)
    assert found.remarks == ("best of 3 configurations: method mmf-lm, n_masks 4",)
    upward = gather(replace(listed, direction="increase"), [*adam, *good, *bad])
    assert upward.records == tuple(bad)


def test_of_configurations_that_are_equally_good_the_order_of_records_does_not_choose():
    records = [r for k, found in ((4, [0.4, 0.6]), (8, [0.5, 0.5])) for r in runs(found, method="mmf", k=k)]
    assert gather(VALUE, records).estimate == gather(VALUE, records[::-1]).estimate


def test_no_configuration_is_chosen_by_what_was_held_out():
    records = [r for rank in (8, 16) for r in runs([0.5, 0.5], method="mmf", rank=rank)]
    held_out = replace(VALUE, held_out=True)
    with pytest.raises(Unmeasured, match="2 configurations with method mmf"):
        gather(held_out, records)
    chosen = replace(held_out, match={"method": "mmf", "rank": 8})
    assert gather(chosen, records).records == tuple(records[:2])


def test_other_experiments_and_other_metrics_do_not_count():
    other = record(0.1, method="mmf", seed=0)
    other.experiment = "mmf/masks"
    records = [other, record(0.2, metric="seconds", method="mmf", seed=0)]
    with pytest.raises(Unmeasured, match="no record of mmf/reconstruction with method mmf"):
        gather(VALUE, records)


@given(errors)
def test_repeating_the_seeds_keeps_the_mean_and_narrows_the_interval(values):
    once = gather(VALUE, runs(values, method="mmf")).estimate
    twice = gather(VALUE, runs(values * 2, method="mmf")).estimate
    assert twice.mean == pytest.approx(once.mean)
    assert twice.half <= once.half
    assert twice.n_seeds == 2 * once.n_seeds


# ---- pairs ----


def test_a_deterministic_baseline_is_paired_with_every_seed():
    found = gather(GAIN, [*runs([0.4, 0.3], method="mmf"), *runs([0.5], method="svd")])
    assert found.estimate.mean == pytest.approx(30.0)
    assert found.estimate.n_seeds == 2
    assert len(set(map(id, found.records))) == 3


def test_a_single_run_of_a_baseline_that_draws_is_no_rival_of_other_seeds():
    records = [*runs([0.4, 0.3], method="mmf"), *runs([0.5], method="drawn")]
    found = gather(replace(GAIN, baselines=[{"method": "drawn"}]), records)
    assert found.estimate.n_seeds == 1 and found.estimate.half is None


def test_pairs_share_seed_and_data():
    records = [
        record(0.3, method="mmf", seed=0, data="a"),
        record(0.6, method="mmf", seed=1, data="b"),
        record(0.5, method="svd", seed=0, data="a"),
        record(0.8, method="svd", seed=1, data="b"),
    ]
    assert gather(GAIN, records).estimate.mean == pytest.approx((40 + 25) / 2)
    with pytest.raises(Unmeasured, match="no data and seed in common"):
        gather(GAIN, [records[0], records[3]])


def test_an_order_may_compare_one_dataset_with_another_seed_by_seed():
    across = replace(ORDER, match={"dataset": "s10"}, baselines=[{"dataset": "h6"}], over=["n_masks"])
    here = runs([0.3, 0.4], dataset="s10", n_masks=2, data="a")
    there = runs([0.5, 0.5], dataset="h6", n_masks=2, data="b")
    assert gather(across, here + there).estimate.mean == pytest.approx((40 + 20) / 2)


@given(errors, st.floats(0.1, 10.0))
def test_scaling_both_errors_leaves_the_gain(values, factor):
    base = [0.5] * len(values)
    plain = gain(values, base)
    scaled = gain([factor * v for v in values], [factor * b for b in base])
    assert scaled.mean == pytest.approx(plain.mean, abs=1e-9)
    assert scaled.spread == pytest.approx(plain.spread, abs=1e-9)


@given(errors)
def test_turning_the_direction_turns_the_sign(values):
    decrease, increase = (gain(values, [0.5] * len(values), direction=d).mean for d in DIRECTIONS)
    assert decrease == pytest.approx(-increase)


def test_nothing_is_relative_to_zero():
    with pytest.raises(Unmeasured, match="zero"):
        gain([0.1, 0.1], [0.0, 0.0])
    records = [r for m, e in (("mmf", 0.1), ("svd", 0.2), ("mf", 0.2)) for r in runs([e], method=m, budget=1)]
    with pytest.raises(Unmeasured, match="zero"):
        gather(replace(ORDER, rival=0.0), records)


# ---- splits ----


def test_runs_on_several_splits_count_once_per_split():
    found = gather(VALUE, split_runs([[0.4, 0.6], [0.7, 0.7]], method="mmf")).estimate
    assert (found.mean, found.n_seeds) == (pytest.approx(0.6), 2)
    alone = gather(VALUE, split_runs([[0.4, 0.6]], method="mmf")).estimate
    assert (alone.mean, alone.n_seeds) == (pytest.approx(0.5), 2)


def test_gains_are_paired_within_a_split():
    records = split_runs([[0.4, 0.4], [0.9, 0.9]], method="mmf")
    records += split_runs([[0.5], [1.0]], method="svd")  # one run per split stands for all seeds
    found = gather(GAIN, records).estimate
    assert found.mean == pytest.approx((20 + 10) / 2)
    assert found.n_seeds == 2


# ---- cells ----


def test_an_order_needs_every_baseline_at_every_budget_and_every_dataset():
    records = [r for b in (10, 20) for m in ("mmf", "svd") for r in runs([0.4], method=m, budget=b)]
    with pytest.raises(Unmeasured, match="method mf, budget 10"):
        gather(ORDER, [*records, *runs([0.6], method="mf", budget=20)])
    both = replace(ORDER, dataset=("s6", "s7"), match=ORDER.match | {"dataset": ["s6", "s7"]})
    with pytest.raises(Unmeasured, match="dataset s7"):
        gather(both, runs([0.4], method="mmf", budget=10, dataset="s6"))


def test_a_baseline_may_fix_what_makes_up_the_cell():
    first = replace(BOUND, baselines=[{"share": 0.1}], match={"method": "mmf", "share": [0.2, 0.3]})
    records = [r for share in (0.1, 0.2, 0.3) for r in runs([10 * share], share=share, method="mmf")]
    found = gather(first, records)
    assert found.estimate.mean == pytest.approx(3)
    assert found.remarks[0] == "worst of 2 at share 0.3, against share 0.1"


def test_a_baseline_may_lack_a_parameter_of_the_cell():
    times = replace(BOUND, baselines=[{"method": "mf", "share": None}])
    records = [*runs([1.5], method="mmf", share=0.1), *runs([1.8], method="mmf", share=0.2)]
    found = gather(times, [*records, *runs([1.0], method="mf")])
    assert sorted(one.mean for one in found.estimates) == [1.5, 1.8]


# ---- optimum ----


def optimum(found, **fields):
    """Gather OPTIMUM on errors per number of masks."""
    records = [r for k, values in found.items() for r in runs(values, method="mmf", dataset="s6", n_masks=k)]
    return gather(replace(OPTIMUM, **fields), records)


@given(st.dictionaries(st.integers(1, 30), st.floats(0.1, 1.0), min_size=2, max_size=8))
def test_an_optimum_is_the_value_with_the_best_metric(found):
    by_number = {k: [error] for k, error in found.items()}
    assert found[optimum(by_number).estimate.mean] == min(found.values())
    assert found[optimum(by_number, direction="increase").estimate.mean] == max(found.values())


def test_an_optimum_needs_several_values_and_common_seeds():
    with pytest.raises(Unmeasured, match="fewer than two values of n_masks"):
        optimum({15: [0.2, 0.2]})
    lone = [record(0.2, method="mmf", dataset="s6", n_masks=k, seed=k) for k in (5, 15)]
    with pytest.raises(Unmeasured, match="no seed in common"):
        gather(OPTIMUM, lone)


# ---- trend ----


def trend(mmf, svd=0.5):
    """Gather TREND on errors per data set and budget."""
    records = []
    for dataset, budgets in mmf.items():
        for budget, values in budgets.items():
            records += runs(values, method="mmf", dataset=dataset, budget=budget)
            records += runs([svd] * len(values), method="svd", dataset=dataset, budget=budget)
    return gather(TREND, records)


def test_a_trend_is_measured_by_its_smallest_step_over_the_common_budgets():
    found = trend(
        {
            "h2": {10: [0.4, 0.4], 20: [0.5, 0.5]},
            "h3": {10: [0.35, 0.35], 20: [0.45, 0.45], 30: [0.9, 0.9]},
            "h4": {10: [0.25, 0.25], 20: [0.35, 0.35]},
        }
    )
    assert [one.mean for one in found.estimates] == pytest.approx([10.0, 20.0])
    assert found.remarks[0] == "smallest of 2 steps, from h2 to h3"


def test_a_trend_needs_every_dataset_common_budgets_and_common_seeds():
    with pytest.raises(Unmeasured, match="dataset h4"):
        trend({"h2": {10: [0.4]}, "h3": {10: [0.4]}})
    with pytest.raises(Unmeasured, match="no budget common to h2, h3, h4"):
        trend({"h2": {10: [0.4]}, "h3": {20: [0.4]}, "h4": {10: [0.4]}})
    lone = [
        record(error, dataset=d, budget=10, method=m, seed=seed)
        for seed, d in enumerate(TREND.dataset)
        for m, error in [("mmf", 0.4), ("svd", 0.5)]
    ]
    with pytest.raises(Unmeasured, match="no seed in common"):
        gather(TREND, lone)


def test_a_trend_along_a_parameter_needs_two_of_its_values():
    growing = replace(TREND, dataset=(), baselines=[], over=[], along="n_masks")
    with pytest.raises(Unmeasured, match="fewer than two values of n_masks with method mmf"):
        gather(growing, runs([0.4], method="mmf", n_masks=2))
