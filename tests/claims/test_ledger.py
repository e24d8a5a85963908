"""The ledger: the claims files, and the verdict of each kind of claim on made-up records."""

import json
from dataclasses import asdict, replace

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from fourmasks.claims.files import DIRECTIONS, Claim, load_claims
from fourmasks.claims.ledger import as_table, ledger, summary
from fourmasks.claims.measurements import Unmeasured, estimate
from fourmasks.claims.verdicts import VERDICTS, judge
from fourmasks.records.store import Record, code_digest

KEYS = set("id paper place dataset method metric reported measured spread n_seeds verdict why record".split())


def record(
    error=0.5, *, metrics=None, data="0" * 64, experiment="mmf/reconstruction", profile="paper", **parameters
):
    function = "fourmasks.data.readers.synthetic.random_dense"
    return Record(
        experiment=experiment,
        profile=profile,
        parameters=parameters,
        metrics={"relative_error": float(error)} if metrics is None else metrics,
        curves={},
        seconds=1.0,
        peak_memory_mb=1.0,
        device="cpu",
        threads=1,
        versions={},
        commit="unknown",
        machine={},
        function=function,
        code=code_digest(function, {}),
        confirmed={},
        data_sha256=data,
        created="2026-01-01T00:00:00+00:00",
    )


def runs(errors, **parameters):
    """One record per error, with seeds 0, 1, ..."""
    return [record(error, seed=seed, **parameters) for seed, error in enumerate(errors)]


def claim(kind, reported=0.5, **fields):
    common = {"paper": "mmf", "id": "x", "place": "Table 3", "metric": "relative_error", "protocol": "p"}
    return Claim(**common | {"kind": kind, "reported": reported, "experiment": "mmf/reconstruction"} | fields)


VALUE = claim("value", match={"method": "mmf"})
GAIN = claim("gain", 20.0, match={"method": "mmf"}, baselines=[{"method": "svd"}])
ORDER = claim(
    "order",
    "below both",
    match={"method": "mmf"},
    baselines=[{"method": "svd"}, {"method": "mf"}],
    over=["budget"],
)
TREND = claim(
    "trend",
    "grows",
    dataset=("h2", "h3", "h4"),
    match={"method": "mmf"},
    baselines=[{"method": "svd"}],
    over=["budget"],
)

BOUND = claim(
    "bound",
    "at most 2 times as long",
    metric="epoch_ms",
    match={"method": "mmf"},
    baselines=[{"method": "mf", "share": None}],
    over=["share"],
    between=[None, 2],
)
OPTIMUM = claim(
    "optimum",
    "between a quarter and half of the budget",
    match={"method": "mmf"},
    over=["dataset"],
    along="n_masks",
    between=[10, 20],
)

errors = st.lists(st.floats(0.01, 1.0), min_size=2, max_size=6)


# ---- the estimate ----


def test_interval_is_students():
    values = [0.1, 0.2, 0.4]
    found = estimate(values)
    low, _ = stats.t.interval(0.95, 2, loc=found.mean, scale=stats.sem(values))
    assert found.mean - found.half == pytest.approx(low)
    assert (found.spread, found.n_seeds) == (pytest.approx(0.15275252), 3)


def test_one_seed_has_no_interval_and_no_spread():
    assert asdict(estimate([0.3])) == {"mean": 0.3, "spread": 0.0, "n_seeds": 1, "half": None}


# ---- value ----


@pytest.mark.parametrize(
    ("measured", "verdict"),
    [
        (0.5, "reproduced"),
        (0.505, "reproduced"),
        (0.495, "reproduced"),
        (0.5051, "not reproduced"),
        (0.4, "not reproduced"),
    ],
)
def test_a_value_is_reproduced_within_one_percent(measured, verdict):
    assert judge(VALUE, runs([measured], method="mmf")).verdict == verdict


def test_a_value_is_reproduced_inside_the_interval_only_of_several_seeds():
    assert judge(VALUE, runs([0.52, 0.53], method="mmf")).verdict == "reproduced"  # of two it is wide
    assert judge(VALUE, runs([0.525], method="mmf")).verdict == "not reproduced"
    assert judge(VALUE, runs([0.525] * 9, method="mmf")).verdict == "not reproduced"


def test_of_several_configurations_the_best_mean_counts_at_every_seed():
    listed = replace(VALUE, match={"method": ["mmf-lm", "mmf-adam"]})
    adam = runs([0.1, 0.9], method="mmf-adam", n_masks=8)
    good, bad = (runs([e, e], method="mmf-lm", n_masks=k) for e, k in [(0.4, 4), (0.6, 8)])
    finding = judge(listed, [*adam, *good, *bad, *runs([0.01], method="svd")])
    assert finding.estimate.mean == 0.4
    assert finding.records == tuple(good)
    assert finding.remarks == ("best of 3 configurations: method mmf-lm, n_masks 4",)
    upward = judge(replace(listed, direction="increase"), [*adam, *good, *bad])
    assert upward.records == tuple(bad)


@given(errors)
def test_repeating_the_seeds_keeps_the_mean_and_narrows_the_interval(values):
    once = judge(VALUE, runs(values, method="mmf")).estimate
    twice = judge(VALUE, runs(values * 2, method="mmf")).estimate
    assert twice.mean == pytest.approx(once.mean)
    assert twice.half <= once.half
    assert twice.n_seeds == 2 * once.n_seeds


# ---- gain ----


def gain(mmf, svd, reported=20.0, **fields):
    records = [*runs(mmf, method="mmf"), *runs(svd, method="svd")]
    return judge(replace(GAIN, reported=reported, **fields), records)


@pytest.mark.parametrize(
    ("mmf", "reported", "verdict"),
    [
        ([0.4, 0.4], 20.0, "reproduced"),
        ([0.4, 0.4], 20.2, "reproduced"),
        ([0.4, 0.4], 20.3, "same direction"),
        ([0.3, 0.31], 20.0, "same direction"),
        ([0.3, 0.31], -20.0, "not reproduced"),
        ([0.6, 0.6], 20.0, "not reproduced"),
        ([0.6, 0.6], -10.0, "same direction"),
        ([0.49, 0.5, 0.49], 20.0, "not reproduced"),  # positive, but zero is in the interval
        ([0.3], 20.0, "not reproduced"),  # one seed cannot exclude zero
    ],
)
def test_verdicts_on_a_gain(mmf, reported, verdict):
    assert gain(mmf, [0.5] * len(mmf), reported).verdict == verdict


def test_a_gain_says_when_one_seed_is_all_there_is():
    assert "one seed gives no interval" in gain([0.3], [0.5]).remarks
    assert "one seed gives no interval" not in gain([0.3, 0.3], [0.5, 0.5]).remarks


def test_a_deterministic_baseline_is_paired_with_every_seed():
    finding = gain([0.4, 0.3], [0.5])
    assert finding.estimate.mean == pytest.approx(30.0)
    assert finding.estimate.n_seeds == 2
    assert len(set(map(id, finding.records))) == 3


def test_pairs_share_seed_and_data():
    records = [
        record(0.3, method="mmf", seed=0, data="a"),
        record(0.6, method="mmf", seed=1, data="b"),
        record(0.5, method="svd", seed=0, data="a"),
        record(0.8, method="svd", seed=1, data="b"),
    ]
    assert judge(GAIN, records).estimate.mean == pytest.approx((40 + 25) / 2)
    with pytest.raises(Unmeasured, match="no data and seed in common"):
        judge(GAIN, [records[0], records[3]])


@given(errors, st.floats(0.1, 10.0))
def test_scaling_both_errors_leaves_the_gain(values, factor):
    base = [0.5] * len(values)
    plain = gain(values, base).estimate
    scaled = gain([factor * v for v in values], [factor * b for b in base]).estimate
    assert scaled.mean == pytest.approx(plain.mean, abs=1e-9)
    assert scaled.spread == pytest.approx(plain.spread, abs=1e-9)


@given(errors)
def test_turning_the_direction_turns_the_sign(values):
    base = [0.5] * len(values)
    decrease, increase = (gain(values, base, direction=d).estimate.mean for d in DIRECTIONS)
    assert decrease == pytest.approx(-increase)


def test_a_baseline_of_zero_gives_no_gain():
    with pytest.raises(Unmeasured, match="zero"):
        gain([0.1, 0.1], [0.0, 0.0])


# ---- order ----


def order(mmf, svd=(0.5, 0.5), mf=(0.6, 0.6)):
    """Judge ORDER on errors per budget; the baselines are the same at each."""
    records = []
    for budget, values in mmf.items():
        for method, found in {"mmf": values, "svd": svd, "mf": mf}.items():
            records += runs(found, method=method, budget=budget)
    return judge(ORDER, records)


def test_an_order_is_judged_by_its_smallest_gain_over_the_best_baseline():
    finding = order({10: [0.4, 0.4], 20: [0.45, 0.45], 30: [0.2, 0.2]})
    assert finding.verdict == "reproduced"
    assert finding.estimate.mean == pytest.approx(10.0)
    assert finding.remarks[0] == "smallest of 3 at budget 20, against method svd"
    assert len(finding.records) == 3 * 2 * 2


@pytest.mark.parametrize(
    ("mmf", "verdict"),
    [
        ({10: [0.3, 0.3], 20: [0.51, 0.51]}, "same direction"),
        ({10: [0.3, 0.3], 20: [0.40, 0.49]}, "same direction"),  # better at both, but not beyond doubt
        ({10: [0.3, 0.3], 20: [0.71, 0.71]}, "not reproduced"),  # no gain on average
        ({10: [0.6, 0.6], 20: [0.55, 0.55]}, "not reproduced"),
        ({10: [0.3], 20: [0.3]}, "same direction"),  # one seed gives no interval
    ],
)
def test_verdicts_on_an_order(mmf, verdict):
    seeds = len(mmf[10])
    assert order(mmf, [0.5] * seeds, [0.6] * seeds).verdict == verdict


def test_an_order_needs_every_baseline_at_every_budget_and_every_dataset():
    records = [r for b in (10, 20) for m in ("mmf", "svd") for r in runs([0.4], method=m, budget=b)]
    with pytest.raises(Unmeasured, match="method mf, budget 10"):
        judge(ORDER, [*records, *runs([0.6], method="mf", budget=20)])
    both = replace(ORDER, dataset=("s6", "s7"), match=ORDER.match | {"dataset": ["s6", "s7"]})
    with pytest.raises(Unmeasured, match="dataset s7"):
        judge(both, runs([0.4], method="mmf", budget=10, dataset="s6"))


def test_an_order_may_compare_one_dataset_with_another_seed_by_seed():
    across = replace(ORDER, match={"dataset": "s10"}, baselines=[{"dataset": "h6"}], over=["n_masks"])
    here = runs([0.3, 0.4], dataset="s10", n_masks=2, data="a")
    there = runs([0.5, 0.5], dataset="h6", n_masks=2, data="b")
    assert judge(across, here + there).estimate.mean == pytest.approx((40 + 20) / 2)


# ---- data held out ----


def split_runs(errors, **parameters):
    """One record per error, given by split and seed."""
    return [
        record(error, split_seed=split, seed=seed, **parameters)
        for split, of_split in enumerate(errors)
        for seed, error in enumerate(of_split)
    ]


def test_runs_on_several_splits_count_once_per_split():
    finding = judge(VALUE, split_runs([[0.4, 0.6], [0.7, 0.7]], method="mmf"))
    assert (finding.estimate.mean, finding.estimate.n_seeds) == (pytest.approx(0.6), 2)
    alone = judge(VALUE, split_runs([[0.4, 0.6]], method="mmf"))
    assert (alone.estimate.mean, alone.estimate.n_seeds) == (pytest.approx(0.5), 2)


def test_gains_are_paired_within_a_split():
    records = split_runs([[0.4, 0.4], [0.9, 0.9]], method="mmf")
    records += split_runs([[0.5], [1.0]], method="svd")  # one run per split stands for all seeds
    finding = judge(GAIN, records)
    assert finding.estimate.mean == pytest.approx((20 + 10) / 2)
    assert finding.estimate.n_seeds == 2


def test_no_configuration_is_chosen_by_what_was_held_out():
    records = [r for rank in (8, 16) for r in runs([0.5, 0.5], method="mmf", rank=rank)]
    held_out = replace(VALUE, held_out=True)
    with pytest.raises(Unmeasured, match="2 configurations with method mmf"):
        judge(held_out, records)
    assert judge(replace(held_out, match={"method": "mmf", "rank": 8}), records).verdict == "reproduced"


# ---- bound ----


def bound(times, mf=(1.0, 1.0), **fields):
    """Judge BOUND on times of an epoch per share of masks."""
    records = runs_of("epoch_ms", mf, method="mf")
    for share, found in times.items():
        records += runs_of("epoch_ms", found, method="mmf", share=share)
    return judge(replace(BOUND, **fields), records)


def runs_of(metric, values, **parameters):
    """One record of another metric per value, with seeds 0, 1, ..."""
    return [record(metrics={metric: v}, seed=seed, **parameters) for seed, v in enumerate(values)]


@pytest.mark.parametrize(
    ("times", "between", "verdict"),
    [
        ({0.1: [1.5, 1.5], 0.2: [1.9, 1.9]}, [None, 2], "reproduced"),
        ({0.1: [1.5, 1.5], 0.2: [1.6, 2.2]}, [None, 2], "same direction"),  # below, but not beyond doubt
        ({0.1: [1.5, 1.5], 0.2: [2.1, 2.1]}, [None, 2], "same direction"),  # below on average
        ({0.1: [1.5, 1.5], 0.2: [2.6, 2.6]}, [None, 2], "not reproduced"),
        ({0.1: [2.0, 2.0]}, [None, 2], "not reproduced"),  # the bound itself is outside
        ({0.1: [1.5], 0.2: [1.6]}, [None, 2], "same direction"),  # one seed gives no interval
        ({0.1: [2.5, 2.5], 0.2: [3.0, 3.0]}, [2, None], "reproduced"),
        ({0.1: [2.5, 2.5], 0.2: [1.2, 1.2]}, [2, None], "not reproduced"),
        ({0.1: [2.5, 2.5], 0.2: [3.5, 3.5]}, [2, 4], "reproduced"),
        ({0.1: [2.5, 2.5], 0.2: [4.2, 4.2]}, [2, 4], "same direction"),
    ],
)
def test_verdicts_on_a_bound(times, between, verdict):
    assert bound(times, mf=[1.0] * len(times[0.1]), between=between).verdict == verdict


def test_a_bound_shows_the_cell_that_is_worst_of_all():
    finding = bound({0.1: [1.5, 1.7], 0.2: [1.8, 1.9], 0.3: [1.2, 1.2]})
    assert finding.estimate.mean == pytest.approx(1.85)
    assert finding.remarks[0] == "worst of 3 at share 0.2, against method mf"
    lower = bound({0.1: [2.5, 2.5], 0.2: [2.2, 2.4], 0.3: [9.0, 9.0]}, between=[2, None])
    assert lower.estimate.mean == pytest.approx(2.3)


def test_a_bound_without_baselines_is_on_the_metric_itself():
    alone = replace(BOUND, metric="relative_error", baselines=[], over=[], between=[0.3, 0.5])
    finding = judge(alone, runs([0.4, 0.41], method="mmf"))
    assert (finding.verdict, finding.estimate.mean) == ("reproduced", pytest.approx(0.405))
    assert finding.remarks == ("", "expected between 0.3 and 0.5", "", "")
    for between, words in (([None, 0.5], "below 0.5"), ([0.25, None], "above 0.25")):
        finding = judge(replace(alone, between=between), runs([0.4, 0.41], method="mmf"))
        assert finding.remarks[1] == f"expected {words}"


def test_a_baseline_may_fix_what_makes_up_the_cell():
    first = replace(BOUND, baselines=[{"share": 0.1}], match={"method": "mmf", "share": [0.2, 0.3]})
    shares = (0.1, 0.2, 0.3)
    finding = judge(first, [r for s in shares for r in runs_of("epoch_ms", [10 * s], share=s, method="mmf")])
    assert finding.estimate.mean == pytest.approx(3)
    assert finding.remarks[0] == "worst of 2 at share 0.3, against share 0.1"


# ---- optimum ----


def optimum(errors, **fields):
    """Judge OPTIMUM on errors per number of masks."""
    records = [r for k, found in errors.items() for r in runs(found, method="mmf", dataset="s6", n_masks=k)]
    return judge(replace(OPTIMUM, **fields), records)


@pytest.mark.parametrize(
    ("errors", "verdict"),
    [
        ({5: [0.3, 0.3], 15: [0.2, 0.2], 25: [0.4, 0.4]}, "reproduced"),
        ({5: [0.1, 0.1], 15: [0.2, 0.2], 25: [0.4, 0.4]}, "not reproduced"),
        ({12: [0.2, 0.3], 18: [0.3, 0.2], 25: [0.4, 0.4]}, "same direction"),  # the seeds differ
        ({10: [0.2, 0.2], 15: [0.3, 0.3]}, "not reproduced"),  # the bound itself is outside
        ({5: [0.3], 15: [0.2]}, "same direction"),
    ],
)
def test_verdicts_on_an_optimum(errors, verdict):
    assert optimum(errors).verdict == verdict


@given(st.dictionaries(st.integers(1, 30), st.floats(0.1, 1.0), min_size=2, max_size=8))
def test_an_optimum_is_the_value_with_the_best_metric(errors):
    found = optimum({k: [error] for k, error in errors.items()}).estimate.mean
    assert errors[found] == min(errors.values())
    found = optimum({k: [error] for k, error in errors.items()}, direction="increase").estimate.mean
    assert errors[found] == max(errors.values())


def test_an_optimum_needs_several_values_and_common_seeds():
    with pytest.raises(Unmeasured, match="fewer than two values of n_masks"):
        optimum({15: [0.2, 0.2]})
    lone = [record(0.2, method="mmf", dataset="s6", n_masks=k, seed=k) for k in (5, 15)]
    with pytest.raises(Unmeasured, match="no seed in common"):
        judge(OPTIMUM, lone)


# ---- trend ----


def trend(mmf, svd=0.5):
    """Judge TREND on errors per data set and budget."""
    records = []
    for dataset, budgets in mmf.items():
        for budget, values in budgets.items():
            records += runs(values, method="mmf", dataset=dataset, budget=budget)
            records += runs([svd] * len(values), method="svd", dataset=dataset, budget=budget)
    return judge(TREND, records)


@pytest.mark.parametrize(
    ("h3", "h4", "verdict"),
    [
        ([0.35, 0.35], [0.3, 0.3], "reproduced"),
        ([0.45, 0.45], [0.3, 0.3], "same direction"),  # a step back, but growth in all
        ([0.3, 0.38], [0.3, 0.3], "same direction"),  # growth, but not beyond doubt
        ([0.35, 0.35], [0.4, 0.4], "not reproduced"),
        ([0.35, 0.35], [0.45, 0.45], "not reproduced"),
    ],
)
def test_verdicts_on_a_trend(h3, h4, verdict):
    assert trend({"h2": {10: [0.4, 0.4]}, "h3": {10: h3}, "h4": {10: h4}}).verdict == verdict


def test_a_trend_is_measured_by_its_smallest_step_over_the_common_budgets():
    finding = trend(
        {
            "h2": {10: [0.4, 0.4], 20: [0.5, 0.5]},
            "h3": {10: [0.35, 0.35], 20: [0.45, 0.45], 30: [0.9, 0.9]},
            "h4": {10: [0.25, 0.25], 20: [0.35, 0.35]},
        }
    )
    assert finding.verdict == "reproduced"
    assert finding.estimate.mean == pytest.approx(10.0)
    assert finding.remarks[0] == "smallest of 2 steps, from h2 to h3"


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
        judge(TREND, lone)


@pytest.mark.parametrize(
    ("ranks", "direction", "verdict"),
    [
        ({2: [90, 92], 3: [130, 133], 10: [200, 201]}, "increase", "reproduced"),  # 10 after 3, not before 2
        ({2: [90, 92], 3: [130, 133], 10: [120, 121]}, "increase", "same direction"),
        ({2: [90, 92], 3: [85, 87], 10: [80, 81]}, "increase", "not reproduced"),
        ({2: [90, 92], 3: [85, 87], 10: [80, 82]}, "decrease", "reproduced"),
    ],
)
def test_a_trend_may_be_of_the_metric_along_a_parameter(ranks, direction, verdict):
    growing = replace(TREND, dataset=(), baselines=[], over=[], along="n_masks", direction=direction)
    records = [r for k, values in ranks.items() for r in runs(values, method="mmf", n_masks=k)]
    assert judge(growing, records).verdict == verdict


def test_a_trend_along_a_parameter_needs_two_of_its_values():
    growing = replace(TREND, dataset=(), baselines=[], over=[], along="n_masks")
    with pytest.raises(Unmeasured, match="fewer than two values of n_masks with method mmf"):
        judge(growing, runs([0.4], method="mmf", n_masks=2))


# ---- fact ----


@pytest.mark.parametrize(
    ("measured", "reported", "decimals", "verdict"),
    [
        (0.0071, 0.007, 3, "reproduced"),
        (0.0075, 0.007, 3, "reproduced"),
        (0.0076, 0.007, 3, "not reproduced"),
        (2016, 2016, 0, "reproduced"),
        (2015, 2016, 0, "not reproduced"),  # well within 1 %, but a count is exact
        (1 / 3, 0.3333, 4, "reproduced"),
        (0.981, 1, 1, "reproduced"),
        (0.94, 1, 1, "not reproduced"),
    ],
)
def test_a_fact_agrees_to_the_stated_decimals(measured, reported, decimals, verdict):
    fact = claim("fact", reported, metric="density", experiment="mmf/datasets", decimals=decimals)
    found = judge(fact, [record(metrics={"density": float(measured)}, experiment="mmf/datasets")])
    assert found.verdict == verdict


def test_a_fact_holds_in_every_run_not_on_average():
    fact = claim("fact", 0, metric="missing_rank", decimals=0)
    ranks = [record(metrics={"missing_rank": v}, seed=i) for i, v in enumerate([0.0] * 9 + [1.0])]
    finding = judge(fact, ranks)
    assert (finding.verdict, finding.remarks) == ("not reproduced", ("1 of 10 runs differ",))
    assert judge(fact, ranks[:9]).verdict == "reproduced"


# ---- the ledger ----


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty project: claims go to its data/claims, records to its data/records."""
    monkeypatch.setenv("FOURMASKS_ROOT", str(tmp_path))
    monkeypatch.delenv("FOURMASKS_RECORDS", raising=False)
    (tmp_path / "data/claims").mkdir(parents=True)
    return tmp_path


ENTRY = {
    "id": "one",
    "place": "Table 3",
    "kind": "value",
    "metric": "relative_error",
    "protocol": "p",
    "reported": 0.5,
    "dataset": "s6",
    "method": "mmf",
    "experiment": "mmf/reconstruction",
    "match": {"method": "mmf"},
}


def write(folder, *entries, paper="mmf", **group):
    content = {"paper": paper, "groups": [{**group, "claims": list(entries)}]}
    (folder / "data/claims" / f"{paper}.yaml").write_text(yaml.safe_dump(content), encoding="utf-8")


def test_ledger_rows_are_json_with_exactly_the_promised_keys(folder):
    write(folder, ENTRY, ENTRY | {"id": "two", "dataset": "s7"})
    one, two = ledger("mmf", records=runs([0.5, 0.5], method="mmf", dataset="s6"))
    assert one.keys() == two.keys() == KEYS
    assert json.loads(json.dumps([one, two])) == [one, two]
    assert (one["measured"], one["spread"], one["n_seeds"], one["verdict"]) == (0.5, 0.0, 2, "reproduced")
    assert (two["measured"], two["spread"], two["n_seeds"], two["record"]) == (None, None, 0, [])
    assert two["verdict"] == "not attempted"
    assert two["why"] == "no record of mmf/reconstruction with dataset s7, method mmf in profile paper"


@pytest.mark.parametrize(
    ("change", "label"),
    [
        ({}, "relative_error"),
        ({"kind": "gain", "baselines": [{}]}, "gain in relative_error (%)"),
        ({"kind": "bound", "baselines": [{}], "between": [0, 1]}, "worst ratio of relative_error"),
        ({"kind": "bound", "between": [0, 1]}, "worst relative_error"),
        ({"kind": "optimum", "along": "n_masks", "between": [0, 1]}, "n_masks of the best relative_error"),
        ({"kind": "trend", "along": "n_masks"}, "smallest step of relative_error"),
    ],
)
def test_ledger_says_what_it_measures(folder, change, label):
    words = {"reported": "words"} if change.get("kind") in ("bound", "optimum", "trend") else {}
    write(folder, ENTRY | change | words)
    assert ledger("mmf", records=[])[0]["metric"] == label


def test_ledger_counts_only_records_of_its_profile(folder):
    write(folder, ENTRY)
    quick = runs([0.5], method="mmf", dataset="s6", profile="book")
    assert ledger("mmf", records=quick)[0]["verdict"] == "not attempted"
    assert ledger("mmf", records=quick, profile="book")[0]["verdict"] == "reproduced"


def test_ledger_reads_committed_records_and_names_their_files(folder):
    write(folder, ENTRY)
    found = record(0.5, method="mmf", dataset="s6", seed=0)
    name = f"mmf-reconstruction-{found.key}.json"
    path = folder / "data/records/mmf" / name
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(asdict(found)), encoding="utf-8")
    assert ledger()[0]["record"] == [name]


def test_ledger_shows_stale_records(folder):
    write(folder, ENTRY)
    fresh, old = runs([0.5, 0.5], method="mmf", dataset="s6")
    rows = ledger("mmf", records=[fresh, replace(old, code="0" * 32)])
    assert "stale: 1 of 2 records are older than the code" in rows[0]["why"]
    assert "stale" not in ledger("mmf", records=[fresh])[0]["why"]


def test_ledger_shows_notes_and_typed_reasons(folder):
    bare = {name: value for name, value in ENTRY.items() if name not in ("experiment", "match")}
    write(
        folder,
        ENTRY | {"note": "its own columns give 0.4"},
        bare | {"id": "two", "why": "needs a week"},
        bare | {"id": "three", "why": "private traffic", "cannot_be": True},
        ENTRY | {"id": "four", "dataset": "s10", "why": "too large for 2 cores"},
    )
    one, two, three, four = ledger("mmf", records=runs([0.5], method="mmf", dataset="s6"))
    assert one["why"].startswith("reported 0.5 (its own columns give 0.4)")
    assert (two["verdict"], two["why"]) == ("not attempted", "needs a week")
    assert (three["verdict"], three["why"]) == ("cannot be", "private traffic")
    assert (four["verdict"], four["why"]) == ("not attempted", "too large for 2 cores")
    assert summary([one, two, three, four]) == dict(zip(VERDICTS, [1, 0, 0, 2, 1], strict=True))


def test_ledger_of_all_papers(folder):
    write(folder, ENTRY)
    write(folder, ENTRY | {"experiment": "pia/x"}, paper="pia")
    assert [row["paper"] for row in ledger(records=[])] == ["mmf", "pia"]


def test_ledger_refuses_unknown_names(folder):
    write(folder, ENTRY)
    with pytest.raises(ValueError, match="unknown paper 'mff'.*Did you mean 'mmf'"):
        ledger("mff")
    with pytest.raises(ValueError, match="unknown profile 'papr'.*Did you mean 'paper'"):
        ledger("mmf", profile="papr")


def test_table_shows_texts_and_no_spread_of_one_seed(folder):
    write(folder, ENTRY, ENTRY | {"id": "two", "dataset": "s7"}, ENTRY | {"id": "three", "dataset": "s8"})
    found = runs([1 / 3], method="mmf", dataset="s6") + runs([0.5, 0.5], method="mmf", dataset="s7")
    frame = as_table(ledger("mmf", records=found))
    assert list(frame.index) == ["one", "two", "three"]
    assert list(frame["measured"]) == ["0.3333", "0.5", "–"]
    assert list(frame["spread"]) == ["–", "0", "–"]
    many = as_table(ledger("mmf", records=runs([1_000_209.0], method="mmf", dataset="s6")))
    assert many.loc["one", "measured"] == "1000209"


# ---- the claims files ----


def test_a_group_shares_fields_and_joins_match(folder):
    write(folder, {"id": "one", "match": {"budget": 10}}, **{k: v for k, v in ENTRY.items() if k != "id"})
    (found,) = load_claims("mmf")
    assert found.match == {"dataset": "s6", "method": "mmf", "budget": 10}
    assert (found.dataset, found.place) == (("s6",), "Table 3")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"metrik": "x"}, "unknown field 'metrik'.*Did you mean 'metric'"),
        ({"kind": "vlaue"}, "unknown kind 'vlaue'.*Did you mean 'value'"),
        ({"dataset": "yaleb"}, "unknown dataset 'yaleb'.*Did you mean 'yale-b'"),
        ({"dataset": ["s6", "s11"]}, "unknown dataset 's11'"),
        ({"direction": "down"}, "unknown direction 'down'"),
        ({"reported": "0.5?"}, "reported is '0.5\\?': expected a number"),
        ({"reported": True}, "expected a number"),
        ({"reported": float("nan")}, "expected a number"),
        ({"kind": "order", "baselines": [{}], "over": ["budget"]}, "expected words"),
        ({"kind": "order", "reported": "below"}, "kind order needs baselines, over"),
        ({"kind": "gain"}, "kind gain needs baselines"),
        ({"kind": "gain", "baselines": [{}, {}]}, "single baseline"),
        ({"kind": "gain", "baselines": ["svd"]}, "baselines are to be mappings"),
        ({"kind": "trend", "reported": "up", "baselines": [{}], "over": ["budget"]}, "several datasets"),
        ({"kind": "fact"}, "kind fact needs decimals"),
        ({"baselines": [{}]}, "kind value has no baselines"),
        ({"kind": "bound", "reported": "below"}, "kind bound needs between"),
        ({"kind": "optimum", "reported": "half"}, "kind optimum needs along, between"),
        ({"kind": "bound", "reported": 2, "between": [None, 2]}, "expected words"),
        ({"between": [2, 1]}, "between is \\[2, 1\\]: expected two ascending numbers"),
        ({"between": [1, 1]}, "expected two ascending numbers"),
        ({"between": [None, None]}, "expected two ascending numbers"),
        ({"between": [1]}, "expected two ascending numbers"),
        ({"between": ["1", 2]}, "expected two ascending numbers"),
        ({"held_out": 1}, "held_out is 1, which is of the wrong type"),
        ({"match": ["svd"]}, "match is .* wrong type"),
        ({"place": None}, "place is None, which is of the wrong type"),
        ({"cannot_be": True}, "cannot_be goes without an experiment"),
        ({"experiment": "pia/x"}, "expected mmf/"),
    ],
)
def test_a_bad_claim_is_refused_with_file_and_id(folder, change, message):
    write(folder, ENTRY | change)
    with pytest.raises(ValueError, match=f"mmf.yaml: claim one: .*{message}"):
        load_claims("mmf")


@pytest.mark.parametrize("name", ["place", "kind", "metric", "protocol", "reported"])
def test_a_missing_field_is_named(folder, name):
    write(folder, {key: value for key, value in ENTRY.items() if key != name})
    with pytest.raises(ValueError, match=f"mmf.yaml: claim one: {name} missing"):
        load_claims("mmf")


def test_a_claim_without_experiment_needs_a_reason(folder):
    write(folder, {key: value for key, value in ENTRY.items() if key != "experiment"})
    with pytest.raises(ValueError, match="claim one: without an experiment it needs why"):
        load_claims("mmf")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("paper: mmf\ngroups: [", "not|while parsing"),
        ("paper: mmf", "expected paper and groups"),
        ("paper: pia\ngroups: []", "expected the file's name, 'mmf'"),
        ("paper: mmf\ngroups: [{place: Table 3}]", "expected a group with claims"),
        ("paper: mmf\ngroups: [{claims: [{kind: value}]}]", "a claim without id"),
        ("paper: !!python/object/apply:os.getcwd []\ngroups: []", "could not determine a constructor"),
    ],
)
def test_a_bad_file_is_refused_by_name(folder, text, message):
    (folder / "data/claims/mmf.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=f"(?s)mmf.yaml: .*({message})"):
        load_claims("mmf")


def test_ids_are_unique(folder):
    write(folder, ENTRY, ENTRY)
    with pytest.raises(ValueError, match="mmf.yaml: more than one claim has the id one"):
        load_claims("mmf")
