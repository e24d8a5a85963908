"""The verdict on a claim of each form, on made-up records. What all of them have in common: test_rules.py."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

from fourmasks.claims.files import Claim
from fourmasks.claims.verdicts import LEAST_SPLITS, gather, judge, margin


def runs(values, *, metric="relative_error", **parameters):
    """One record per value, with seeds 0, 1, ..."""
    return [
        SimpleNamespace(
            experiment="mmf/reconstruction",
            metrics={metric: float(value)},
            parameters={"seed": seed, **parameters},
            data_sha256="0",
        )
        for seed, value in enumerate(values)
    ]


def claim(form, reported=0.5, **fields):
    common = {"paper": "mmf", "id": "x", "place": "Table 3", "kind": "experiment", "protocol": "p"}
    found = {"form": form, "reported": reported, "metric": "relative_error", "match": {"method": "mmf"}}
    return Claim(**common | found | {"experiment": "mmf/reconstruction"} | fields)


def judged(claim, records):
    return judge([gather(claim, records)])[0]


VALUE = claim("value")
GAIN = claim("gain", 20.0, baselines=[{"method": "svd"}])
ORDER = claim("order", "below both", baselines=[{"method": "svd"}, {"method": "mf"}], over=["budget"])
TREND = claim("trend", "grows", dataset=("h2", "h3", "h4"), baselines=[{"method": "svd"}], over=["budget"])
ALONG = claim("trend", "grows", along="n_masks", direction="increase")
BOUND = claim("bound", "at most twice", baselines=[{"method": "mf"}], over=["share"], between=[None, 2])
OPTIMUM = claim("optimum", "about 15", over=["dataset"], along="n_masks", between=[10, 20])

# Around 0, with mean 0 and a standard deviation of 1.
FIVE = [one / 0.625**0.5 for one in (-1.0, -0.5, 0.0, 0.5, 1.0)]


def around(mean, spread):
    return [mean + spread * one for one in FIVE]


# ---- value ----


@pytest.mark.parametrize(
    ("values", "verdict", "further"),
    [
        ([0.5] * 5, "reproduced", None),
        ([0.505] * 5, "reproduced", None),  # the margin is 1 %
        ([0.495] * 5, "reproduced", None),
        ([0.5051] * 5, "not reproduced", None),
        ([0.4] * 2, "not reproduced", None),
        ([0.5] * 4, "inconclusive", 1),  # five splits are needed
        ([0.5] * 2, "inconclusive", 3),
        ([0.5], "inconclusive", 4),
        ([0.9], "inconclusive", 4),
        (around(0.5, 0.004), "reproduced", None),
        (around(0.5, 0.006), "inconclusive", 1),
        (around(0.511, 0.004), "not reproduced", None),
        ([0.4999, 0.5001], "inconclusive", 3),  # settled by its spread, but of two splits
    ],
)
def test_verdicts_on_a_value(values, verdict, further):
    found = judged(VALUE, runs(values, method="mmf"))
    assert (found.verdict, found.further) == (verdict, further)


@pytest.mark.parametrize(
    ("rival", "measured", "verdict"),
    [
        (None, 0.51, "not reproduced"),
        (0.54, 0.51, "reproduced"),  # half of the distance from the rival
        (0.54, 0.519, "reproduced"),
        (0.54, 0.521, "not reproduced"),
        (0.54, 0.479, "not reproduced"),  # better than printed by too much is not the number, either
        (0.504, 0.503, "not reproduced"),  # a small effect has a small margin
    ],
)
def test_the_margin_of_a_value_is_half_of_the_distance_from_its_rival(rival, measured, verdict):
    assert judged(replace(VALUE, rival=rival), runs([measured] * 5, method="mmf")).verdict == verdict


def test_margins_are_a_share_of_the_effect_and_of_a_number_without_one():
    assert margin(VALUE) == pytest.approx(0.005)
    assert [margin(replace(VALUE, rival=rival)) for rival in (0.7, 0.3)] == pytest.approx([0.1, 0.1])
    assert margin(GAIN) == margin(replace(GAIN, reported=-20.0)) == 10.0
    assert margin(replace(GAIN, rival=0.7)) == 10.0  # a gain is an effect itself


@pytest.mark.parametrize(
    ("values", "verdict"),
    [([0.5], "reproduced"), ([0.505], "reproduced"), ([0.506], "not reproduced"), ([0.5] * 3, "reproduced")],
)
def test_one_run_is_enough_where_there_is_no_chance(values, verdict):
    found = judged(replace(VALUE, exact=True), runs(values, method="mmf"))
    assert (found.verdict, found.p_adjusted, found.further) == (verdict, None, None)


def test_an_exact_value_on_its_bound_is_outside_as_a_tested_one_is():
    at_zero = [*runs([0.5], method="mmf", budget=1), *runs([0.5], method="svd", budget=1)]
    order = replace(ORDER, baselines=[{"method": "svd"}], exact=True)
    assert judged(order, at_zero).verdict == "not reproduced"


# ---- gain ----


@pytest.mark.parametrize(
    ("mmf", "reported", "verdict"),
    [
        ([0.4] * 5, 20.0, "reproduced"),
        ([0.4] * 5, 39.9, "reproduced"),  # half of it is there
        ([0.4] * 5, 40.1, "not reproduced"),
        ([0.4] * 5, 13.4, "reproduced"),
        ([0.4] * 5, 13.3, "not reproduced"),  # more than half more
        ([0.6] * 5, 20.0, "not reproduced"),
        ([0.6] * 5, -20.0, "reproduced"),
        ([0.4] * 4, 20.0, "inconclusive"),
        (around(0.4, 0.02), 20.0, "reproduced"),
        (around(0.4, 0.08), 20.0, "inconclusive"),
        ([0.4], 20.0, "inconclusive"),
    ],
)
def test_verdicts_on_a_gain(mmf, reported, verdict):
    records = [*runs(mmf, method="mmf"), *runs([0.5] * len(mmf), method="svd")]
    assert judged(replace(GAIN, reported=reported), records).verdict == verdict


# ---- order ----


def order(mmf, svd=0.5, mf=0.6, **fields):
    """Judge ORDER on errors per budget; the baselines are the same at each."""
    records = []
    for budget, values in mmf.items():
        for method, found in {"mmf": values, "svd": [svd] * len(values), "mf": [mf] * len(values)}.items():
            records += runs(found, method=method, budget=budget)
    return judged(replace(ORDER, **fields), records)


@pytest.mark.parametrize(
    ("mmf", "verdict"),
    [
        ({10: [0.4, 0.4], 20: [0.49, 0.49]}, "reproduced"),  # two seeds may be enough
        ({10: [0.3, 0.3], 20: [0.51, 0.51]}, "not reproduced"),  # one cell that surely fails
        ({10: [0.3, 0.3], 20: [0.5, 0.5]}, "not reproduced"),  # as good as the rival is not better
        ({10: [0.3, 0.3], 20: [0.40, 0.49]}, "inconclusive"),  # better, but not beyond doubt
        ({10: [0.3, 0.3], 20: [0.49, 0.53]}, "inconclusive"),  # worse, but not beyond doubt
        ({10: [0.3], 20: [0.3]}, "inconclusive"),
        ({10: [0.3, 0.3], 20: [0.3]}, "inconclusive"),
    ],
)
def test_verdicts_on_an_order(mmf, verdict):
    assert order(mmf).verdict == verdict


def test_an_order_is_shown_by_its_smallest_gain_over_the_best_baseline():
    found = order({10: [0.4, 0.4], 20: [0.45, 0.45], 30: [0.2, 0.2]}).evidence
    assert found.estimate.mean == pytest.approx(10.0)
    assert found.remarks[0] == "smallest of 3 at budget 20, against method svd"
    assert len(found.records) == 3 * 2 * 2


@pytest.mark.parametrize(
    ("rival", "verdict", "against"),
    [
        (None, "reproduced", "method svd"),
        (0.45, "reproduced", "the printed 0.45"),
        (0.39, "not reproduced", "the printed 0.39"),
        (0.7, "reproduced", "method svd"),  # what we ran is better, so that it counts
    ],
)
def test_an_order_is_against_the_printed_rival_where_none_of_ours_is_better(rival, verdict, against):
    found = order({10: [0.4, 0.4]}, rival=rival)
    assert found.verdict == verdict
    assert found.evidence.remarks[0] == f"at budget 10, against {against}"
    mirrored = order({10: [0.7, 0.7]}, direction="increase", rival=rival and 1.1 - rival)
    assert mirrored.verdict == verdict


# ---- several cells ----


def test_one_cell_that_fails_is_enough_after_bonferroni():
    """A cell whose p-value is 0.03 against: surely outside alone, but not as the worst of two."""
    failing = [0.5 + 0.01 * one for one in around(0.116, 0.1)]  # t = -1.16 sqrt(5) = -2.6: p = 0.03
    alone = order({10: failing})
    assert alone.verdict == "not reproduced"
    assert alone.p_against == pytest.approx(0.03, abs=0.002)
    of_two = order({10: failing, 20: [0.3] * 5})
    assert of_two.verdict == "inconclusive"
    assert of_two.p_against == pytest.approx(2 * alone.p_against)
    surely = [0.5 + 0.01 * one for one in around(0.2, 0.1)]
    assert order({10: surely, 20: [0.3] * 5}).verdict == "not reproduced"


def test_all_cells_must_hold_and_their_number_makes_that_no_harder():
    """Intersection-union: the claim's p-value is that of its worst cell, whatever the others are."""
    good = [0.5 - 0.01 * one for one in around(0.116, 0.1)]
    alone, of_three = order({10: good}), order({10: good, 20: [0.3] * 5, 30: [0.2] * 5})
    assert alone.verdict == of_three.verdict == "reproduced"
    assert alone.p_adjusted == of_three.p_adjusted


def test_further_counts_for_the_cell_that_needs_most_or_fails_soonest():
    doubtful, worse = around(0.48, 0.03), around(0.48, 0.05)
    one, other, both = order({10: doubtful}), order({10: worse}), order({10: doubtful, 20: worse})
    assert 0 < one.further < other.further == both.further
    failing = order({10: worse, 20: around(0.52, 0.03)})
    alone = order({20: around(0.52, 0.03)})
    assert alone.further <= failing.further < other.further


# ---- bound ----


def bound(times, mf=1.0, **fields):
    """Judge BOUND on times per share of masks, in units of matrix factorization's."""
    records = []
    for share, found in times.items():
        records += runs(found, method="mmf", share=share) + runs([mf] * len(found), method="mf", share=share)
    return judged(replace(BOUND, **fields), records)


@pytest.mark.parametrize(
    ("times", "between", "verdict"),
    [
        ({0.1: [1.5, 1.5], 0.2: [1.9, 1.9]}, [None, 2], "reproduced"),
        ({0.1: [1.5, 1.5], 0.2: [1.6, 2.2]}, [None, 2], "inconclusive"),
        ({0.1: [1.5, 1.5], 0.2: [2.1, 2.1]}, [None, 2], "not reproduced"),
        ({0.1: [2.0, 2.0]}, [None, 2], "not reproduced"),  # the bound itself is outside
        ({0.1: [1.5], 0.2: [1.6]}, [None, 2], "inconclusive"),
        ({0.1: [2.5, 2.5], 0.2: [3.0, 3.0]}, [2, None], "reproduced"),
        ({0.1: [2.5, 2.5], 0.2: [1.9, 1.9]}, [2, None], "not reproduced"),
        ({0.1: [2.5] * 5, 0.2: [3.5] * 5}, [2, 4], "reproduced"),
        ({0.1: [2.5] * 4, 0.2: [3.5] * 4}, [2, 4], "inconclusive"),  # two ends need five splits
        ({0.1: [2.5, 2.5], 0.2: [4.2, 4.2]}, [2, 4], "not reproduced"),
    ],
)
def test_verdicts_on_a_bound(times, between, verdict):
    assert bound(times, between=between).verdict == verdict


def test_a_bound_shows_the_cell_that_is_worst_of_all():
    found = bound({0.1: [1.5, 1.7], 0.2: [1.8, 1.9], 0.3: [1.2, 1.2]}).evidence
    assert found.estimate.mean == pytest.approx(1.85)
    assert found.remarks[:2] == ("worst of 3 at share 0.2, against method mf", "expected below 2")
    lower = bound({0.1: [2.5, 2.5], 0.2: [2.2, 2.4], 0.3: [9.0, 9.0]}, between=[2, None]).evidence
    assert lower.estimate.mean == pytest.approx(2.3)


def test_a_bound_without_baselines_is_on_the_metric_itself():
    alone = replace(BOUND, baselines=[], over=[], between=[0.3, 0.5])
    found = judged(alone, runs([0.4, 0.41, 0.4, 0.41, 0.4, 0.41], method="mmf"))
    assert (found.verdict, found.evidence.estimate.mean) == ("reproduced", pytest.approx(0.405))
    assert found.evidence.remarks == ("", "expected between 0.3 and 0.5", "")
    found = judged(replace(alone, between=[0.25, None]), runs([0.4, 0.41], method="mmf"))
    assert found.evidence.remarks[1] == "expected above 0.25"


# ---- optimum ----


@pytest.mark.parametrize(
    ("errors", "verdict"),
    [
        ({5: [0.3] * 5, 15: [0.2] * 5, 25: [0.4] * 5}, "reproduced"),
        ({5: [0.3] * 4, 15: [0.2] * 4, 25: [0.4] * 4}, "inconclusive"),  # two ends need five splits
        ({5: [0.1, 0.1], 15: [0.2, 0.2], 25: [0.4, 0.4]}, "not reproduced"),
        ({12: [0.2, 0.3], 18: [0.3, 0.2], 25: [0.4, 0.4]}, "inconclusive"),  # the seeds differ
        ({10: [0.2, 0.2], 15: [0.3, 0.3]}, "not reproduced"),  # the bound itself is outside
        ({5: [0.3], 15: [0.2]}, "inconclusive"),
    ],
)
def test_verdicts_on_an_optimum(errors, verdict):
    records = [r for k, found in errors.items() for r in runs(found, method="mmf", dataset="s6", n_masks=k)]
    assert judged(OPTIMUM, records).verdict == verdict


# ---- trend ----


@pytest.mark.parametrize(
    ("h3", "h4", "verdict"),
    [
        ([0.35, 0.35], [0.3, 0.3], "reproduced"),
        ([0.45, 0.45], [0.3, 0.3], "not reproduced"),  # a step back, if growth in all
        ([0.4, 0.4], [0.3, 0.3], "not reproduced"),  # a step without growth
        ([0.3, 0.38], [0.3, 0.3], "inconclusive"),
        ([0.35, 0.35], [0.4, 0.4], "not reproduced"),
    ],
)
def test_verdicts_on_a_trend(h3, h4, verdict):
    records = []
    for dataset, values in {"h2": [0.4, 0.4], "h3": h3, "h4": h4}.items():
        records += runs(values, method="mmf", dataset=dataset, budget=10)
        records += runs([0.5, 0.5], method="svd", dataset=dataset, budget=10)
    assert judged(TREND, records).verdict == verdict


@pytest.mark.parametrize(
    ("ranks", "direction", "verdict"),
    [
        ({2: [90, 92], 3: [130, 133], 10: [200, 201]}, "increase", "reproduced"),  # 10 after 3, not before 2
        ({2: [90, 92], 3: [130, 133], 10: [120, 122]}, "increase", "not reproduced"),
        ({2: [90, 92], 3: [130, 133], 10: [132, 130]}, "increase", "inconclusive"),
        ({2: [90, 92], 3: [85, 87], 10: [80, 81]}, "increase", "not reproduced"),
        ({2: [90, 92], 3: [85, 87], 10: [80, 82]}, "decrease", "reproduced"),
    ],
)
def test_a_trend_may_be_of_the_metric_along_a_parameter(ranks, direction, verdict):
    records = [r for k, values in ranks.items() for r in runs(values, method="mmf", n_masks=k)]
    assert judged(replace(ALONG, direction=direction), records).verdict == verdict


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
    fact = claim("fact", reported, match={}, decimals=decimals)
    assert judged(fact, runs([measured])).verdict == verdict


def test_a_fact_holds_in_every_run_not_on_average():
    fact, ranks = claim("fact", 0, match={}, decimals=0), runs([0.0] * 9 + [1.0])
    found = judged(fact, ranks)
    assert (found.verdict, found.evidence.remarks) == ("not reproduced", ("1 of 10 runs differ", ""))
    assert judged(fact, ranks[:9]).verdict == "reproduced"


def test_a_theorem_says_what_share_of_exceptions_its_trials_leave_possible():
    theorem = claim("fact", 0, match={}, decimals=0, instances="tried")
    tried = runs([0, 0, 0])
    for record in tried:
        record.metrics["tried"] = 1000
    assert judged(theorem, tried).evidence.remarks[1] == (
        "3000 instances: exceptions are at most 0.001 of all, at 95 %"
    )
    tried[0].metrics["relative_error"] = 1.0
    assert judged(theorem, tried).evidence.remarks == ("1 of 3 runs differ", "")  # there is an exception


def test_numbers_and_ranges_with_two_ends_need_five_splits():
    assert gather(VALUE, runs([0.5], method="mmf")).least == LEAST_SPLITS == 5
    gain = [*runs([0.4], method="mmf"), *runs([0.5], method="svd")]
    assert gather(GAIN, gain).least == 5
    assert gather(replace(BOUND, baselines=[]), runs([1.0], method="mmf")).least == 2
    two_ends = replace(BOUND, baselines=[], between=[0.5, 2])
    assert gather(two_ends, runs([1.0], method="mmf")).least == 5


def test_data_that_come_divided_say_that_trainings_are_counted():
    divided = gather(VALUE, runs([0.5] * 5, method="mmf", protocol="official"))
    assert "one test set" in divided.remarks[-1]
    assert not any("one test set" in text for text in gather(VALUE, runs([0.5] * 5, method="mmf")).remarks)
