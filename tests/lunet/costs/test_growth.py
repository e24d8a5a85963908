"""What is read from records of costs, made by hand: slopes beside the count, gains, and judgements."""

from types import SimpleNamespace

import pytest

from fourmasks.claims.measurements import Estimate
from fourmasks.lunet.costs import growth
from fourmasks.lunet.costs.counts import multiplications, ratios
from fourmasks.lunet.costs.run import slopes_of


def made_up(batch, seed, constant):
    """Return a record whose seconds are a constant and what the counts take at a billion a second."""
    sizes = [64, 128, 256]
    counts = {size: multiplications(size, batch) for size in sizes}
    table = {
        size: {name: constant + 1e-9 * counts[size].get(name, size) for name in growth.OPERATIONS}
        for size in sizes
    }
    metrics, curves = {}, {"dimension": sizes}
    for name in growth.OPERATIONS:
        curves[name] = [table[size][name] for size in sizes]
        curves[f"bytes_{name}"] = [8 * size**2 for size in sizes]
        metrics[f"slope_{name}"], metrics[f"last_slope_{name}"] = slopes_of(table, name)
    return SimpleNamespace(parameters={"batch": batch, "seed": seed}, metrics=metrics, curves=curves)


def test_where_time_is_what_is_counted_the_report_says_so():
    timed = [made_up(n, seed, 0.0) for n in (16, 32) for seed in (0, 1)]
    seconds, slopes = growth.medians(timed), growth.slopes(timed, 16)
    assert slopes["last"].tolist() == pytest.approx(slopes["counted_last"].tolist())
    assert slopes.loc["inverse_lu", "last"] == pytest.approx(2)
    assert slopes["half"].tolist() == pytest.approx([0] * len(slopes))
    assert set(slopes["grows"]) == {"as counted"} and set(slopes["half_explained"]) == {64}
    assert growth.medians(timed, "bytes_").loc[(16, 128), "step_lu"] == 8 * 128**2
    shares = growth.explained(seconds.loc[16].T, "step_dense", 16)
    assert list(shares.values()) == pytest.approx([1, 1, 1])
    gain = {n: ratios(dict(seconds.loc[n, 64]))["at_once"] for n in (16, 32)}
    assert growth.crossing(gain, 2) == "22"  # counted are 21: it is interpolated


def test_where_calls_take_the_time_the_report_says_so():
    slopes = growth.slopes([made_up(1, seed, 1.0) for seed in (0, 1)], 1)
    assert set(slopes["grows"]) == {"more slowly"}
    assert slopes.loc["inverse_lu", "last"] == pytest.approx(0, abs=1e-3)
    assert slopes.loc["inverse_lu", "half_explained"] == 256


def test_one_measurement_tells_nothing_of_the_growth():
    slopes = growth.slopes([made_up(1, 0, 0.0)], 1)
    assert slopes["half"].isna().all() and set(slopes["grows"]) == {"cannot be told"}


def test_gains_that_cross_a_level_elsewhere_are_said_to():
    gain = {4: 9.0, 16: 3.0, 64: 1.0}
    assert [growth.crossing(gain, level) for level in (10, 3, 0.5)] == ["< 4", "16", "> 64"]
    assert growth.crossing(gain, 27**0.5) == "8"  # halfway, on logarithmic axes


@pytest.mark.parametrize(
    ("mean", "half", "expected"),
    [
        (2.1, 0.14, "as counted"),
        (1.9, 0.05, "as counted"),  # though 2 is outside of the interval: it is near
        (2.0, 0.3, "cannot be told"),
        (1.2, 0.9, "cannot be told"),
        (1.7, 0.1, "more slowly"),
        (2.4, 0.3, "faster"),
        (2.0, None, "cannot be told"),
    ],
)
def test_growth_is_judged_by_the_interval(mean, half, expected):
    assert growth.growth(Estimate(mean, 0.0, 3, half), 2.0) == expected


@pytest.mark.parametrize(
    ("mean", "half", "expected"),
    [(1.3, 0.2, "cheaper"), (0.9, 0.05, "dearer"), (1.3, 0.4, "undecided"), (5.0, None, "undecided")],
)
def test_lu_is_cheaper_or_dearer_beyond_the_interval(mean, half, expected):
    assert growth.cheaper(Estimate(mean, 0.0, 3, half)) == expected


def against_coupling(batch, seed, inverse, logdet, step):
    """Return a record in which coupling takes so many times the seconds of LU at the largest size."""
    record = made_up(batch, seed, 0.0)
    for name, ratio in (("inverse", inverse), ("logdet", logdet), ("step", step)):
        record.curves[f"{name}_coupling"][-1] = ratio * record.curves[f"{name}_lu"][-1]
    return record


def test_lu_is_compared_with_coupling_at_the_largest_dimension():
    timed = [against_coupling(1, seed, 3.0, 9.0 + seed, 0.25 + 0.01 * seed) for seed in (0, 1, 2)]
    found = growth.at_largest(timed, 1, "coupling")
    assert {name: one.mean for name, one in found.items()} == pytest.approx(
        {"inverse": 3.0, "log-determinant": 10.0, "both": found["both"].mean, "step": 0.26}
    )
    assert found["step"].half == pytest.approx(4.3027 * 0.01 / 3**0.5, rel=1e-4)  # Student's, of three values
    assert [growth.cheaper(found[name]) for name in ("inverse", "step")] == ["cheaper", "dearer"]


def test_both_are_had_at_once():
    values = {"inverse_lu": 2.0, "logdet_lu": 1.0, "step_lu": 1.0, "at_once_dense": 9.0}
    values |= {
        f"{name}_{kind}": 6.0 for name in ("inverse", "logdet", "step") for kind in ("dense", "coupling")
    }
    assert growth.over_lu("dense", values) == {
        "inverse": 3.0,
        "log-determinant": 6.0,
        "both": 3.0,
        "step": 6.0,
    }
    assert growth.over_lu("coupling", values)["both"] == 2.0


def test_without_records_tables_are_empty():
    assert growth.medians([]).empty and growth.slopes([], 1).empty
