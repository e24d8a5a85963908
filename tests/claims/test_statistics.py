"""Tests and intervals of a mean, against scipy, statsmodels, closed forms and simulation."""

import math
from dataclasses import asdict, replace
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.weightstats import DescrStatsW

from fourmasks.claims.statistics import (
    LEVEL,
    MOST_SPLITS,
    Estimate,
    estimate,
    further,
    holm,
    p_inside,
    p_outside,
)

INF = math.inf
# Thousandths, so that spreads are zero or well above the rounding of floats.
samples = st.lists(st.integers(-2000, 2000).map(lambda n: n / 1000), min_size=2, max_size=12)
varied = samples.filter(lambda values: len(set(values)) > 1)
overlaps = st.sampled_from([0.0, 0.01, 0.125, 0.25, 1.0])
ends = st.integers(-2500, 2500).map(lambda n: n / 1000 + 0.0005)
ranges = st.tuples(ends, ends).filter(lambda both: both[0] < both[1]) | ends.flatmap(
    lambda end: st.sampled_from([(-INF, end), (end, INF)])
)


def p_values(values, between, overlap=0.0):
    found = estimate(values, overlap)
    return p_inside(found, *between, overlap), p_outside(found, *between, overlap)


# ---- the interval ----


@given(varied)
def test_the_interval_of_disjoint_splits_is_students(values):
    found = estimate(values)
    low, high = stats.t.interval(0.95, len(values) - 1, loc=np.mean(values), scale=stats.sem(values))
    assert found.mean - found.half == pytest.approx(low)
    assert found.mean + found.half == pytest.approx(high)
    assert (found.spread, found.n_seeds) == (pytest.approx(np.std(values, ddof=1)), len(values))


@given(varied, overlaps)
def test_overlap_widens_the_interval_by_the_factor_of_nadeau_and_bengio(values, overlap):
    plain, corrected = estimate(values), estimate(values, overlap)
    assert corrected.half == pytest.approx(plain.half * math.sqrt(1 + len(values) * overlap))
    assert (corrected.mean, corrected.spread) == (plain.mean, plain.spread)


def test_the_interval_of_ten_splits_in_nine_parts_to_one():
    """Ten random splits of nine parts to one: the variance of the mean is (1/10 + 1/9) s²."""
    found = estimate([float(i) for i in range(10)], 1 / 9)
    assert found.half == pytest.approx(2.2621571628 * math.sqrt((1 / 10 + 1 / 9) * 55 / 6), rel=1e-9)


def test_one_run_has_no_interval_and_no_spread():
    assert asdict(estimate([0.3], 0.1)) == {"mean": 0.3, "spread": 0.0, "n_seeds": 1, "half": None}


# ---- the tests, against others' ----


@given(varied, ranges.filter(lambda both: math.isfinite(both[0] + both[1])))
def test_inside_is_the_test_of_equivalence_of_statsmodels(values, between):
    assert p_values(values, between)[0] == pytest.approx(
        DescrStatsW(values).ttost_mean(*between)[0], abs=1e-12
    )


@given(varied, ends)
def test_an_end_alone_is_scipys_one_sided_test(values, end):
    above = stats.ttest_1samp(values, end, alternative="greater").pvalue
    below = stats.ttest_1samp(values, end, alternative="less").pvalue
    assert p_values(values, (end, INF)) == pytest.approx((above, below), abs=1e-12)
    assert p_values(values, (-INF, end)) == pytest.approx((below, above), abs=1e-12)


@given(varied, ranges.filter(lambda both: math.isfinite(both[0] + both[1])))
def test_outside_two_ends_is_twice_the_smaller_of_scipys(values, between):
    below = stats.ttest_1samp(values, between[0], alternative="less").pvalue
    above = stats.ttest_1samp(values, between[1], alternative="greater").pvalue
    assert p_values(values, between)[1] == pytest.approx(min(1, 2 * min(below, above)), abs=1e-12)


@given(varied, ends, overlaps)
def test_overlap_divides_t_by_the_factor_of_nadeau_and_bengio(values, end, overlap):
    t = stats.ttest_1samp(values, end).statistic / math.sqrt(1 + len(values) * overlap)
    assert p_values(values, (end, INF), overlap)[0] == pytest.approx(
        stats.t.sf(t, len(values) - 1), abs=1e-12
    )


# ---- what must hold ----


@given(samples, ranges, overlaps)
def test_mirrored_values_and_ranges_give_the_same(values, between, overlap):
    mirrored = [-value for value in values], (-between[1], -between[0])
    assert p_values(*mirrored, overlap) == pytest.approx(p_values(values, between, overlap), abs=1e-12)


@given(varied, ranges, overlaps)
def test_p_values_are_probabilities_and_never_both_small(values, between, overlap):
    inside, outside = p_values(values, between, overlap)
    assert 0 <= inside <= 1 and 0 <= outside <= 1
    assert max(inside, outside) >= 0.5


@given(varied, ranges, overlaps, overlaps)
def test_more_overlap_never_makes_it_surer(values, between, one, other):
    less, more = sorted((one, other))
    mean = estimate(values).mean
    if between[0] < mean < between[1]:
        assert p_values(values, between, less)[0] <= p_values(values, between, more)[0] + 1e-12
    else:
        assert p_values(values, between, less)[1] <= p_values(values, between, more)[1] + 1e-12


@given(varied, ranges, overlaps, st.floats(0, 1))
def test_a_wider_range_is_never_harder_to_be_inside(values, between, overlap, by):
    wider = between[0] - by, between[1] + by
    assert p_values(values, wider, overlap)[0] <= p_values(values, between, overlap)[0] + 1e-12


@pytest.mark.parametrize(
    ("between", "expected"),
    [
        ((0.4, 0.6), (0.0, 1.0)),
        ((0.4, INF), (0.0, 1.0)),
        ((0.5, 0.6), (1.0, 0.0)),  # the end itself is outside
        ((-INF, 0.5), (1.0, 0.0)),
        ((0.6, 0.7), (1.0, 0.0)),
    ],
)
def test_without_spread_there_is_no_doubt(between, expected):
    assert p_values([0.5, 0.5, 0.5], between, 0.25) == expected


# ---- several claims ----

p_lists = st.lists(st.integers(0, 40).map(lambda n: n / 40), min_size=1, max_size=12)


@given(p_lists)
def test_holm_is_that_of_statsmodels(p_values):
    with patch("gc.collect"):  # statsmodels does at each call, which takes a second here
        theirs = multipletests(p_values, method="holm")[1]
    assert holm(p_values) == pytest.approx(theirs, abs=1e-12)


@given(p_lists, st.sampled_from([0.01, 0.05, 0.2]))
def test_holm_rejects_step_by_step(p_values, level):
    """From the smallest on, each of m that are left against level / m, until one is larger."""
    left = sorted(p_values)
    while left and left[0] * len(left) <= level:
        left.pop(0)
    assert sum(p <= level for p in holm(p_values)) == len(p_values) - len(left)


def test_holm_of_none_is_none():
    assert holm([]) == []


# ---- how many more ----


@settings(max_examples=50)
@given(varied, ranges, overlaps, st.sampled_from([LEVEL, LEVEL / 12]))
def test_further_is_the_least_number_that_settles_it(values, between, overlap, level):
    found = estimate(values, overlap)
    needed = further(found, *between, overlap, level)

    def settled(n):
        more = replace(found, n_seeds=n)
        return min(p(more, *between, overlap) for p in (p_inside, p_outside)) <= level

    numbers = range(len(values) + 1, MOST_SPLITS + 1)
    expected = next((n - len(values) for n in numbers if settled(n)), None)
    assert needed == expected


def test_further_knows_when_splits_of_the_same_data_are_not_enough():
    found = Estimate(0.1, 1.0, 5, None)
    assert further(found, 0.0, INF, 0.25) is None  # t is at most 0.1 / sqrt(0.25)
    needed = further(found, 0.0, INF, 0.0)
    assert needed + 5 == pytest.approx((stats.norm.ppf(0.95) / 0.1) ** 2, rel=0.02)


# ---- how often they err ----


def rejections(p, mean, between, n=6, repetitions=20_000):
    rng = np.random.default_rng(0)
    draws = rng.normal(mean, 1, (repetitions, n))
    means, spreads = draws.mean(axis=1), draws.std(axis=1, ddof=1)
    pairs = zip(means, spreads, strict=True)
    return np.mean([p(Estimate(m, s, n, None), *between) <= LEVEL for m, s in pairs])


def test_one_in_twenty_means_on_the_boundary_seems_inside():
    """The second range is so wide that its other end hardly counts."""
    for between in ((0.0, INF), (0.0, 50.0)):
        assert rejections(p_inside, 0.0, between) == pytest.approx(LEVEL, abs=0.006)


def test_one_in_twenty_means_on_the_boundary_seems_outside_at_most():
    assert rejections(p_outside, 0.0, (0.0, INF)) == pytest.approx(LEVEL, abs=0.006)
    assert rejections(p_outside, 0.0, (0.0, 50.0)) == pytest.approx(LEVEL / 2, abs=0.005)


def test_splits_that_overlap_err_too_often_without_the_correction_only():
    """Means of splits that share data move together: a common part has the variance that overlap adds."""
    rng, n, overlap = np.random.default_rng(1), 10, 0.25
    common = rng.normal(0, math.sqrt(overlap), (4000, 1))
    found = [estimate(values) for values in (common + rng.normal(0, 1, (4000, n))).tolist()]
    plain = np.mean([p_inside(one, 0.0, INF) <= LEVEL for one in found])
    corrected = np.mean([p_inside(one, 0.0, INF, overlap) <= LEVEL for one in found])
    assert plain > 0.15
    assert corrected == pytest.approx(LEVEL, abs=0.011)
